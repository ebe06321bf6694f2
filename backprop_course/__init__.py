"""Learn backpropagation from the ground up.

The ground floor is the textbook: ``layers``, ``losses``, ``optimizers``, ``network`` and
``gradcheck`` are written to be read. What a learner calls in a notebook is here:

    from backprop_course import check, hint, progress, check_formula, check_answer

These names are imported when they are first used, so that ``import backprop_course`` costs nothing.
"""

__version__ = "0.1.0"

__all__ = ["Result", "check", "check_answer", "check_formula", "hint", "progress"]


def __getattr__(name):
    if name in __all__:
        from backprop_course.grading import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
