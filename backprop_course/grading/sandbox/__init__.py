"""Runs untrusted code for class grading, out of reach of answers, files, network and machine."""

from backprop_course.grading.sandbox.box import Sandbox
from backprop_course.grading.sandbox.layers import Layers, enough
from backprop_course.grading.sandbox.lines import SandboxError
from backprop_course.grading.sandbox.probe import available_layers
from backprop_course.grading.sandbox.tasks import Limits, Task

__all__ = ["Layers", "Limits", "Sandbox", "SandboxError", "Task", "available_layers", "enough"]
