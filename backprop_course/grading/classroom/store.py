"""What was graded so far: one SQLite file, complete after every submission.

SQLite writes a transaction wholly or not at all, also when the process is killed in the middle, so
whatever stands in the file is true and the rest is graded again.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "grades.sqlite"
VERSION = 1


class StoreError(Exception):
    """The folder of results cannot be used; the text says why and what to do."""


class Store:
    """The grades of a class, in one file of the folder of results."""

    def __init__(self, folder: Path):
        self.path = folder / FILE
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(self.path, timeout=1)
        try:
            with _explained(folder):
                self._prepare()
        except StoreError:
            self.close()
            raise

    def _prepare(self) -> None:
        # Nobody else may write until this run ends.
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._file.execute("PRAGMA journal_mode = WAL")
        # The newest rows may be lost with the power, never the file.
        self._file.execute("PRAGMA synchronous = NORMAL")
        version = self._file.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise StoreError(
                f"{self.path} was written by another version of the course (format {version}, "
                f"this one writes {VERSION}): choose another folder with --out."
            )
        self._file.execute("CREATE TABLE IF NOT EXISTS plan (text TEXT NOT NULL)")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS grades "
            "(student TEXT PRIMARY KEY, digest TEXT NOT NULL, record TEXT NOT NULL)"
        )
        self._file.execute(f"PRAGMA user_version = {VERSION}")
        self._file.commit()

    @property
    def plan(self) -> dict | None:
        """What the submissions in the file were graded by, if any plan was kept."""
        with _explained(self.path.parent):
            row = self._file.execute("SELECT text FROM plan").fetchone()
        return json.loads(row[0]) if row else None

    def keep_plan(self, plan: dict) -> None:
        with _explained(self.path.parent), self._file:
            self._file.execute("DELETE FROM plan")
            self._file.execute("INSERT INTO plan VALUES (?)", (json.dumps(plan),))

    def digests(self) -> dict[str, str]:
        """Return the digest of what was graded, for each student."""
        with _explained(self.path.parent):
            return dict(self._file.execute("SELECT student, digest FROM grades"))

    def keep(self, records: list[dict]) -> None:
        """Write the records of some submissions, all or none."""
        rows = [
            (one["student"], one["digest"], json.dumps(one, ensure_ascii=False)) for one in records
        ]
        with _explained(self.path.parent), self._file:
            self._file.executemany("INSERT OR REPLACE INTO grades VALUES (?, ?, ?)", rows)

    def forget_others(self, students: set[str]) -> None:
        """Remove who is no longer among the submissions."""
        gone = [(student,) for student in self.digests().keys() - students]
        with _explained(self.path.parent), self._file:
            self._file.executemany("DELETE FROM grades WHERE student = ?", gone)

    def records(self) -> Iterator[dict]:
        """Yield the records in the order of the students' names."""
        with _explained(self.path.parent):
            for (text,) in self._file.execute("SELECT record FROM grades ORDER BY student"):
                yield json.loads(text)

    def close(self) -> None:
        self._file.close()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: Exception) -> StoreError:
    said = str(error)
    if "locked" in said:
        return StoreError(f"Another grading run is writing into {folder}: wait until it is done.")
    if "full" in said or "No space" in said:
        return StoreError(
            f"The disk of {folder} is full. What was graded is kept: make room, then run the same "
            "command again."
        )
    if "not a database" in said or "malformed" in said:
        return StoreError(
            f"{folder / FILE} is damaged or is no file of ours ({said}): choose another folder "
            "with --out."
        )
    return StoreError(f"The folder of results {folder} cannot be used: {said}.")
