"""What the controls of all explorers have in common."""

from ipywidgets import ToggleButtons

from backprop_course.widgets.controls import in_line


def test_a_control_gets_the_look_of_a_slider_and_keeps_its_own_classes():
    buttons = ToggleButtons(options=["mean", "sum"], description="gradient")
    buttons.add_class("own")
    assert in_line(buttons) is buttons
    assert set(buttons._dom_classes) == {"own", "jupyter-widgets", "widget-inline-hbox"}
