"""Things to drag and step through in a notebook."""

from backprop_course.widgets.neuron import NeuronExplorer, neuron_explorer
from backprop_course.widgets.neuron_picture import NeuronValues, neuron_svg, neuron_values

__all__ = ["NeuronExplorer", "NeuronValues", "neuron_explorer", "neuron_svg", "neuron_values"]
