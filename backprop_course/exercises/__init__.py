"""The bank of exercises: one file is one exercise."""

from backprop_course.exercises.bank import UnknownExercise, find, load_bank
from backprop_course.exercises.record import Case, Exercise, Formula, Question

__all__ = ["Case", "Exercise", "Formula", "Question", "UnknownExercise", "find", "load_bank"]
