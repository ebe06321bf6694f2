"""Runs a command of root's as an ordinary user, on a machine where Python may live in root's home.

In a mount namespace of its own, a folder that others may not enter is covered by an empty one,
into which only Python and this project are put back. Nothing outside that namespace changes.
"""

import os
import subprocess
import sys
from pathlib import Path

from backprop_course.grading.sandbox import kernel

ROOT = Path(__file__).resolve().parents[3]
USER = 64_999  # owns nothing and runs nothing


def run(words: list[str], **settings) -> subprocess.CompletedProcess:
    """Run Python with these words as an ordinary user; needs root."""
    return subprocess.run(
        [sys.executable, *words],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=become_ordinary,
        capture_output=True,
        text=True,
        **settings,
    )


def become_ordinary() -> None:
    """Be another user from now on, who can still read Python and this project."""
    needed = {Path(sys.prefix), Path(sys.base_prefix), ROOT}
    closed = {top for path in needed if (top := _closed(path))}
    kernel.unshare(kernel.NEW_MOUNTS)
    kernel._mount("none", "/", None, kernel._RECURSIVE | kernel._PRIVATE)
    for top in closed:
        inside = {path: os.open(path, os.O_PATH) for path in needed if path.is_relative_to(top)}
        kernel._mount("none", top, "tmpfs", 0, "mode=755")
        for path, place in inside.items():
            path.mkdir(parents=True, exist_ok=True)
            kernel._mount(f"/proc/self/fd/{place}", path, None, kernel._BIND | kernel._RECURSIVE)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def _closed(path: Path) -> Path | None:
    """Return the outermost folder on the way to a path that others may not enter."""
    ways = reversed(path.resolve().parents)
    return next((folder for folder in ways if not folder.stat().st_mode & 0o001), None)


if __name__ == "__main__":
    done = run(sys.argv[1:])
    print(done.stdout + done.stderr, end="")
    sys.exit(done.returncode)
