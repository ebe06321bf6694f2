"""GitHub Classroom: a workflow for the students' repositories, and the result it hands over.

The reporter of GitHub Classroom (classroom-resources/autograding-grading-reporter, ``src/main.js``)
reads ``STEP_RESULTS`` from the environment: base64 of a JSON object with ``max_score`` and
``tests``, each with ``name``, ``status`` and ``score``. The workflow lies in the student's own
repository and can be changed there: use it for feedback, and grade a class with
``backprop-course grade``.
"""

import base64
import json
import os
import re
import sys
from pathlib import Path

from backprop_course.grading.reports.atomic import replacing
from backprop_course.grading.reports.text import for_student

_WORKFLOW = """\
name: Autograding Tests
on:
  - push
  - repository_dispatch
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - name: Check out the submission
        uses: actions/checkout@v4
        with:
          path: class/student_1_assignsubmission_file
      - name: Set up Python
        uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install the course
        run: pip install {course}
      - name: Grade
        id: grade
        run: |
          backprop-course grade class --out results{options} --trust-submissions
          python -m backprop_course.grading.reports.github results/results.json
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          GRADE_RESULTS: "${{{{ steps.grade.outputs.result }}}}"
        with:
          runners: grade
"""


def github_result(results: dict, record: dict) -> str:
    """Return what a step of the workflow hands to the reporter."""
    graded = record["outcome"] == "graded"
    tests = [
        {
            "name": mark["exercise"],
            "status": "pass" if mark["outcome"] == "passed" else "fail",
            "score": mark["points"] or 0,
            "message": for_student(mark["message"]),
            "test_code": "",
            "filename": "",
            "line_no": 0,
        }
        for mark in record["marks"]
    ]
    if not graded:
        reason = f"This could not be graded: {record['reason']}"
        tests = [{"name": "reading", "status": "error", "score": 0, "message": reason}]
    passed = graded and all(test["status"] == "pass" for test in tests)
    found = {
        "version": 1,
        "status": "pass" if passed else "fail" if graded else "error",
        "max_score": sum(one["points"] for one in results["exercises"]),
        "tests": tests,
    }
    return base64.b64encode(json.dumps(found).encode()).decode()


def write_workflow(path: Path, *, course: str, exercises: str | None = None) -> None:
    """Write ``classroom.yml`` for the folder ``.github/workflows`` of the assignment.

    Parameters
    ----------
    path : Path
    course : str
        What ``pip install`` is given, such as ``git+https://example.org/course.git``.
    exercises : str, optional
        What to grade, such as ``"03"``.
    """
    options = f" --exercises {_quoted(exercises)}" if exercises else ""
    with replacing(path) as file:
        file.write(_WORKFLOW.format(course=_quoted(course), options=options))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def main(arguments: list[str]) -> int:
    """Print each mark, and hand the result of a class of one to the next step."""
    results = json.loads(Path(arguments[0]).read_text("utf-8"))
    records = list(results["submissions"])
    if len(records) != 1:
        print(f"One submission was expected, and there are {len(records)}.")
        return 1
    for mark in records[0]["marks"]:
        # A line that begins so would be a command to the runner.
        message = for_student(mark["message"])
        print(re.sub(r"(?m)^(\s*)(::|##)", r"\1: ", message), end="\n\n")
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.write(f"result={github_result(results, records[0])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
