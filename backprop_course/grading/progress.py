"""The learner's file: best results and hints read, kept between sessions.

It is ``progress.json`` in the folder of the course, so that lessons and exercises share it; outside
of a course it lies in the working directory. The environment variable ``BACKPROP_COURSE_PROGRESS``
may name another file. A learner may delete it at any time. Trouble with it never stops a check; it
is told in one sentence.
"""

import json
import os
import tempfile
from pathlib import Path

from backprop_course.grading.result import COULD_NOT_RUN, FAILED, NOT_ATTEMPTED, PASSED, Result

_VARIABLE = "BACKPROP_COURSE_PROGRESS"
_BETTER = (NOT_ATTEMPTED, COULD_NOT_RUN, FAILED, PASSED)


class Progress:
    """What stands in the learner's file now.

    Attributes
    ----------
    trouble : str
        Why nothing can be kept, as a sentence, or ``""``.
    """

    def __init__(self):
        self._path = _learners_file()
        self._entries: dict[str, dict] = {}
        self.trouble = ""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError):
            self._complain("cannot be read")
            return
        try:
            entries = json.loads(text)["exercises"] if text.strip() else {}
            self._entries = {name: dict(entry) for name, entry in entries.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # It stays as it is: it may hold somebody's work.
            self._complain("is damaged; delete it to begin a new one")

    def outcome(self, name: str) -> str:
        """Return how the best try at an exercise ended."""
        outcome = self._entries.get(name, {}).get("outcome")
        return outcome if outcome in _BETTER else NOT_ATTEMPTED

    def hints_read(self, name: str) -> int:
        """Return how many hints of an exercise were read."""
        count = self._entries.get(name, {}).get("hints")
        return count if isinstance(count, int) and count > 0 else 0

    def keep(self, name: str, result: Result) -> None:
        """Keep a result if it is the best so far."""
        if _BETTER.index(result.outcome) > _BETTER.index(self.outcome(name)):
            self._write(name, outcome=result.outcome, points=result.points)

    def keep_hint(self, name: str, count: int) -> None:
        """Keep how many hints were read."""
        if count > self.hints_read(name):
            self._write(name, hints=count)

    def _write(self, name: str, **new) -> None:
        """Replace the file in one step, so that it is whole whatever happens."""
        # A device, as in BACKPROP_COURSE_PROGRESS=/dev/null, means: keep nothing.
        if self.trouble or (self._path.exists() and not self._path.is_file()):
            return
        self._entries[name] = self._entries.get(name, {}) | new
        text = json.dumps({"exercises": self._entries}, indent=1, sort_keys=True) + "\n"
        target = self._path.resolve()
        draft = None
        try:
            if target.exists() and not os.access(target, os.W_OK):
                raise PermissionError
            number, draft = tempfile.mkstemp(dir=target.parent, prefix=".progress-")
            with open(number, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(draft, target)
        except OSError:
            if draft is not None and os.path.exists(draft):
                os.unlink(draft)
            self._complain("cannot be written")

    def _complain(self, what: str) -> None:
        self.trouble = f"Your points are not kept: the file {self._path.name} {what}."


def _learners_file() -> Path:
    named = os.environ.get(_VARIABLE)
    if named:
        return Path(named).absolute()
    here = Path.cwd()
    # Running the solved notebooks earns no points: they keep a file of their own.
    if here.name != "solutions":
        for folder in (here, *here.parents):
            if (folder / "course.py").is_file() and (folder / "backprop_course").is_dir():
                return folder / "progress.json"
    return here / "progress.json"
