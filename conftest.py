"""What the notebooks need under pytest: a clean place to run in, the same on every machine.

``pytest --nbval`` runs each notebook in its own kernel and compares all outputs with the stored.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

# Lesson sources are notebooks in another form: importing one would run the lesson.
collect_ignore = ["notebooks/source"]


# Where the kernels of this process keep what they write.
SCRATCH = pytest.StashKey[Path]()


def pytest_sessionstart(session):
    config = session.config
    if not config.getoption("nbval", False):
        return
    config.stash[SCRATCH] = Path(tempfile.mkdtemp(prefix="backprop_course_"))
    # matplotlib looks for fonts once, and a cell would say so in its output. With xdist the first
    # process does it, before it starts the others.
    if not hasattr(config, "workerinput"):
        import matplotlib.font_manager  # noqa: F401


def pytest_sessionfinish(session):
    if SCRATCH in session.config.stash:
        shutil.rmtree(session.config.stash[SCRATCH], ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    """Start a notebook's kernel in the environment that the builder uses.

    Each notebook keeps its own progress file, so no notebook sees the points of another.
    """
    notebook = item.parent
    if type(notebook).__name__ != "IPyNbFile" or notebook.kernel is not None:
        return (yield)

    from backprop_course.authoring.build import kernel_environment

    folder = Path(tempfile.mkdtemp(dir=item.config.stash[SCRATCH]))
    # Another order of sets than the builder's shows an output that depends on it.
    with _environment(kernel_environment(folder, hash_seed=1)):
        return (yield)


@contextmanager
def _environment(values):
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
