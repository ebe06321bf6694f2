"""Gradescope: the results of one student, and an ``autograder.zip`` that makes them there.

The form of both is described in https://gradescope-autograders.readthedocs.io/en/latest/specs/.
The archive brings the course along, so that what grades there is what was tested here.
"""

import json
import zipfile
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from backprop_course.grading.reports.atomic import replacing
from backprop_course.grading.reports.text import for_student

_LIBRARIES = ("numpy>=2.0", "scipy>=1.13", "jinja2>=3.1", "rich>=13.9", "typer>=0.15")
_DATE = (2020, 1, 1, 0, 0, 0)

_SETUP = """\
#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image.
set -euo pipefail

apt-get update
apt-get install -y python3 python3-pip python3-venv
cd /autograder/source
if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python3 -m venv environment
    environment/bin/pip install {libraries}
else
    # The image is older than the course; uv brings a newer Python along.
    python3 -m pip install uv
    python3 -m uv venv --python 3.12 environment
    python3 -m uv pip install --python environment/bin/python {libraries}
fi
# Whoever a submission runs as may use the libraries and read nothing else of the autograder.
chmod -R go-rwx run_autograder setup.sh
"""

_RUN = """\
#!/usr/bin/env bash
# Runs once for each submission. What is printed is seen by teachers only.
set -uo pipefail

export PYTHONPATH=/autograder/source/course
python=/autograder/source/environment/bin/python
results=$(mktemp -d)
class=$(mktemp -d)
# The folder's name says that all files are one student's.
cp -R --no-dereference /autograder/submission "$class/student_1_assignsubmission_file"

"$python" -m backprop_course.cli grade "$class" --out "$results"{options}
"$python" -c 'import sys; from backprop_course.grading.reports import gradescope
sys.exit(gradescope.main(sys.argv[1:]))' "$results/results.json" /autograder/results/results.json
"""

_FAILED = "The autograder could not run. Please tell your teacher; this is not your fault."


def gradescope_results(results: dict, record: dict) -> dict:
    """Return the results of one student in Gradescope's form.

    Parameters
    ----------
    results : dict
        The class, for the titles of the exercises.
    record : dict
        The student's submission.
    """
    if record["outcome"] != "graded":
        # No "score": Gradescope then says that the autograder failed, and keeps no points.
        return _ungraded(f"This could not be graded: {record['reason']}")
    titles = {one["name"]: f"{one['lesson']} {one['title']}" for one in results["exercises"]}
    tests = [
        {
            "name": f"{titles.get(mark['exercise'], '')}: {mark['exercise']}".lstrip(": "),
            "number": str(number),
            "score": mark["points"] or 0,
            "max_score": mark["max_points"],
            "status": "passed" if mark["outcome"] == "passed" else "failed",
            "output": for_student(mark["message"]),
            "tags": list(mark["mistakes"]),
            "visibility": "visible",
        }
        for number, mark in enumerate(record["marks"], start=1)
    ]
    return {
        "score": record["points"],
        "output": "\n".join(record["notes"]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"course_version": results["course_version"], "digest": record["digest"]},
        "tests": tests,
    }


def write_gradescope_json(results: dict, path: Path) -> None:
    """Write Gradescope's ``results.json`` for a class of one student."""
    records = list(results["submissions"])
    if len(records) == 1:
        found = gradescope_results(results, records[0])
    elif records:
        found = _ungraded(f"One submission was expected, and there are {len(records)}.")
    else:
        found = _ungraded("There is no notebook (.ipynb) or Python file (.py) in the submission.")
    with replacing(path) as file:
        json.dump(found, file, indent=1, ensure_ascii=True)
        file.write("\n")


def write_autograder(
    path: Path, *, exercises: str | None = None, seconds: float = 2.0, trust: bool = False
) -> None:
    """Write an ``autograder.zip`` to be uploaded to Gradescope.

    Parameters
    ----------
    path : Path
    exercises : str, optional
        What to grade, as for ``backprop-course grade``: ``"03"``, ``"01-04"``.
    seconds : float
        The time limit of one call.
    trust : bool
        Whether to grade although the container cannot lock a submission in.
    """
    options = f" --time-limit {seconds:g}"
    if exercises:
        options += f" --exercises '{exercises}'"
    if trust:
        options += " --trust-submissions"
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            libraries = " ".join(f"'{library}'" for library in _LIBRARIES)
            _add(archive, "setup.sh", _SETUP.format(libraries=libraries).encode(), 0o755)
            _add(archive, "run_autograder", _RUN.format(options=options).encode(), 0o755)
            for name, content in _course():
                _add(archive, f"course/{name}", content, 0o644)
            _add(archive, *_metadata(), 0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _course():
    """Yield the files of the package that grading needs, by their paths."""
    root = resources.files("backprop_course")
    unused = {"__pycache__", "widgets", "figures", "authoring"}
    waiting = [(root, "backprop_course")]
    while waiting:
        folder, path = waiting.pop()
        for item in sorted(folder.iterdir(), key=lambda item: item.name, reverse=True):
            name = f"{path}/{item.name}"
            if item.is_dir():
                if item.name not in unused:
                    waiting.append((item, name))
            elif not item.name.endswith((".pyc", ".so")):
                yield name, item.read_bytes()


def _metadata() -> tuple[str, bytes]:
    """Return what tells the version of the course where it is not installed, and its path."""
    number = version("backprop-course")
    text = f"Metadata-Version: 2.1\nName: backprop-course\nVersion: {number}\n"
    return f"course/backprop_course-{number}.dist-info/METADATA", text.encode()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    # The same files make the same archive, whenever it is made.
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _ungraded(reason: str) -> dict:
    return {"output": reason, "output_format": "text", "stdout_visibility": "hidden"}


def main(arguments: list[str]) -> int:
    """Turn ``results.json`` of a class of one into Gradescope's; run inside of the container."""
    source, target = map(Path, arguments)
    try:
        results = json.loads(source.read_text("utf-8"))
    except (OSError, ValueError):
        with replacing(target) as file:
            json.dump(_ungraded(_FAILED), file)
        return 1
    write_gradescope_json(results, target)
    return 0
