"""Step through a computational graph: values on the way out, gradients on the way back.

``Graph`` and its pictures are plain Python. ``Stepper`` is a widget: anywidget is imported when it
is first asked for.
"""

from backprop_course.widgets.stepper.graph import Graph

__all__ = ["Graph", "Stepper"]


def __getattr__(name):
    if name == "Stepper":
        from backprop_course.widgets.stepper.widget import Stepper

        return Stepper
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
