"""Write a file so that it is whole or not there, whatever happens in between."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def replacing(path: Path, *, durable: bool = True, newline: str = "\n") -> Iterator[TextIO]:
    """Open a text file that takes the place of ``path`` when all of it is written.

    Parameters
    ----------
    path : Path
    durable : bool
        Whether to wait until the disk has it. Thousands of pages that can be made again do
        without.
    newline : str
        How a line ends in the file; ``""`` leaves it to the ``csv`` module.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(number, "w", encoding="utf-8", newline=newline) as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        # mkstemp keeps others out; results are as readable as what the teacher writes by hand.
        os.chmod(draft, 0o666 & ~_umask())
        os.replace(draft, path)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
    if durable:
        _sync_folder(path.parent)


def _umask() -> int:
    # There is no way to read it but to set it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Wait until the new name is on the disk too, where folders can be opened."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
