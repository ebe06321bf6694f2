"""``results.json``: everything that is known about a class, one submission a line.

``docs/results.md`` describes it.
"""

import json
from pathlib import Path

from backprop_course.grading.reports.atomic import replacing

SCHEMA = "backprop-course-results"
VERSION = 1


def write_results_json(results: dict, path: Path) -> None:
    """Write the results of a class as JSON. The submissions may be any iterable.

    Parameters
    ----------
    results : dict
        See ``docs/results.md``.
    path : Path
    """
    head = {key: value for key, value in results.items() if key != "submissions"}
    with replacing(path) as file:
        for key, value in head.items():
            file.write(f"{'{' if key == next(iter(head)) else ' '}{_text(key)}: {_text(value)},\n")
        file.write(' "submissions": [')
        separator = "\n"
        for record in results["submissions"]:
            file.write(separator + _text(record))
            separator = ",\n"
        file.write("\n]}\n")


def _text(value) -> str:
    # Not a number is no JSON; no value of ours may be one.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # Half a character, from a submission; as an escape it can be stored.
        text = json.dumps(value, allow_nan=False)
    return text
