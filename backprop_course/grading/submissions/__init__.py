"""Collect what a class hands in, and read the answers from it without running any of it."""

from backprop_course.grading.submissions.collect import collect_submissions
from backprop_course.grading.submissions.reading import read_answers, read_source
from backprop_course.grading.submissions.records import (
    Answers,
    CannotCollect,
    CannotRead,
    Collected,
    FunctionAnswer,
    GivenAnswer,
    Limits,
    Problem,
    Submission,
)
from backprop_course.grading.submissions.roster import Entry, read_roster

__all__ = [
    "Answers",
    "CannotCollect",
    "CannotRead",
    "Collected",
    "Entry",
    "FunctionAnswer",
    "GivenAnswer",
    "Limits",
    "Problem",
    "Submission",
    "collect_submissions",
    "read_answers",
    "read_roster",
    "read_source",
]
