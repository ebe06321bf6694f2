"""Things to drag and to step through in a lesson.

Names are imported when they are first used: the stepper needs neither ipywidgets nor NumPy.
"""

__all__ = ["neuron_explorer"]


def __getattr__(name):
    if name in __all__:
        from backprop_course.widgets import neuron

        return getattr(neuron, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
