"""What the controls of all explorers have in common."""


def in_line(control):
    """Return a control after giving it the look of a slider: its words on its left, in one row.

    ipywidgets 8.1.9 forgets to do so for toggle buttons and for sliders over a list.

    Parameters
    ----------
    control : ipywidgets widget with a description
    """
    control.add_class("jupyter-widgets")
    control.add_class("widget-inline-hbox")
    return control
