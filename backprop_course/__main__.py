"""``python -m backprop_course`` is the command ``backprop-course``."""

from backprop_course.cli import app

app(prog_name="backprop-course")
