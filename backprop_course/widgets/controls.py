"""What the controls of all explorers have in common."""

from numbers import Real


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


def in_range(name, value, low, high):
    """Return the number that a slider starts with, if the slider reaches it.

    ipywidgets moves a number that is out of reach to the end of the slider without a word; the
    rest of an explorer would go on with the number that was given.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> in_range("hidden units", 100, 2, 32)
    Traceback (most recent call last):
    ValueError: 'hidden units' goes from 2 to 32, and 100 is not in between.
    """
    if not (isinstance(value, Real) and low <= value <= high):
        raise ValueError(
            f"'{name}' goes from {low:g} to {high:g}, and {value!r} is not in between."
        )
    return value


def one_of(name, value, options):
    """Return what a control over a list starts with, if the list has it.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> one_of("activation", "relu", ["ReLU", "tanh"])
    Traceback (most recent call last):
    ValueError: 'activation' is one of 'ReLU', 'tanh', and not 'relu'.
    """
    if value not in options:
        names = ", ".join(map(repr, options))
        raise ValueError(f"'{name}' is one of {names}, and not {value!r}.")
    return value
