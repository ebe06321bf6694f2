"""Things to drag and to step through in a lesson.

Names are imported when they are first used: the stepper needs neither ipywidgets nor NumPy.
"""

from importlib import import_module

_PLACES = {
    "NeuronExplorer": "neuron",
    "neuron_explorer": "neuron",
    "NeuronValues": "neuron_picture",
    "neuron_svg": "neuron_picture",
    "neuron_values": "neuron_picture",
}
__all__ = list(_PLACES)


def __getattr__(name):
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
