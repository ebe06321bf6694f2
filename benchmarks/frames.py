"""Row 15: how long the kernel needs for a frame of each explorer, all its drawing included."""

import time
from statistics import median

from backprop_course.widgets.activation import ActivationExplorer
from backprop_course.widgets.cost import CostExplorer
from backprop_course.widgets.neuron import neuron_explorer
from backprop_course.widgets.softmax import SoftmaxExplorer
from backprop_course.widgets.spirals import SpiralsExplorer
from backprop_course.widgets.step_size import StepSizeExplorer
from benchmarks.race import Claim, Line, duration

GOAL = 0.015  # seconds
EXPLORERS = {
    "neuron": (neuron_explorer, "w"),
    "activation": (lambda: ActivationExplorer("GELU"), "z"),
    "softmax": (SoftmaxExplorer, "temperature"),
    "step of a gradient check": (StepSizeExplorer, "x"),
    "cost": (CostExplorer, "N"),
    "spirals, training included": (SpiralsExplorer, "frame"),
}


def races(tiny=False):
    yield Claim("frames", lambda tick: frames(3 if tiny else 60, tick))


def frames(count, tick):
    for number, (name, (make, control)) in enumerate(EXPLORERS.items(), start=1):
        slider = getattr(make(), control)
        times = []
        for value in places(slider, count):
            start = time.perf_counter()
            slider.value = value
            times.append(time.perf_counter() - start)
        tick(number / len(EXPLORERS))
        seconds = median(times)
        goal = f"<= {duration(GOAL)}"
        yield Line("15", f"frame: {name}", duration(seconds), "", "", "", "", goal, seconds <= GOAL)


def places(slider, count):
    """Return values of a slider that differ from one to the next."""
    if hasattr(slider, "options"):
        options = [one[1] if isinstance(one, tuple) else one for one in slider.options]
        return [options[(k + 1) % len(options)] for k in range(count)]
    whole = isinstance(slider.value, int)
    step = (slider.max - slider.min) / (count + 1)
    values = (slider.min + (k + 1) * step for k in range(count))
    return [slider.min + k + 1 if whole else value for k, value in enumerate(values)]
