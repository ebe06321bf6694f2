"""Write the results of a class in the forms that teachers and their systems read.

``docs/results.md`` describes all of them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from backprop_course.grading.reports.gradescope import write_gradescope_json
from backprop_course.grading.reports.pages import write_html
from backprop_course.grading.reports.results import SCHEMA, VERSION, write_results_json
from backprop_course.grading.reports.tables import write_canvas_csv, write_gradebook_csv

__all__ = [
    "SCHEMA",
    "VERSION",
    "write_all",
    "write_canvas_csv",
    "write_gradebook_csv",
    "write_gradescope_json",
    "write_html",
    "write_results_json",
]


def write_all(results: dict, records: Callable[[], Iterator[dict]], folder: Path) -> None:
    """Write everything that a teacher gets into one folder.

    Parameters
    ----------
    results : dict
        The class without its submissions; see ``docs/results.md``.
    records : callable
        Begins a new pass over the submissions each time, so that they are never all in memory.
    folder : Path
    """
    folder = Path(folder)
    for write, name in (
        (write_results_json, "results.json"),
        (write_gradebook_csv, "gradebook.csv"),
        (write_canvas_csv, "canvas.csv"),
        (write_html, ""),
    ):
        write({**results, "submissions": records()}, folder / name)
