"""Build the notebooks: lessons from their sources, exercises and solutions from the bank."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from backprop_course.authoring import cells, pages, rules
from backprop_course.authoring.lessons import Lesson, find_lessons, lesson_notebook
from backprop_course.authoring.validate import validate_bank
from backprop_course.exercises.record import Record

ROOT = Path(__file__).parents[2]
FOLDERS = ("notebooks", "exercises", "solutions")

# A cell that takes longer, in seconds, counts as hanging.
TIMEOUT = 300


class BuildError(Exception):
    """The course cannot be built; the text says why in one sentence."""


@dataclass
class Page:
    """One notebook to build.

    Attributes
    ----------
    path : Path
        Where it goes.
    notebook : NotebookNode
        What is in it; `build` adds the outputs.
    breaches : list of str
        Rules for authors that the built notebook breaks (`backprop_course.authoring.rules`).
    changed : bool
        Whether `build` changed the file.
    seconds : float
        How long it ran, kernel start included.
    """

    path: Path
    notebook: NotebookNode = field(repr=False)
    breaches: list[str] = field(default_factory=list)
    changed: bool = False
    seconds: float = 0.0


def plan(
    names: Iterable[str] = (), *, root: Path = ROOT, bank: dict[str, Record] | None = None
) -> list[Page]:
    """Return the notebooks that sources and bank ask for, without outputs.

    Parameters
    ----------
    names : iterable of str
        Lessons by number or name (``"03"``, ``"03_matrix_gradients"``); none means all.
    root : Path
        Folder that holds ``notebooks``, ``exercises`` and ``solutions``.
    bank : dict of str to Record, optional
        The exercises by name; by default the course's own bank.

    Raises
    ------
    BuildError
        A name means no lesson, or an exercise is refused; one sentence for each.
    """
    names = list(names)
    lessons = find_lessons(root / "notebooks" / "source")
    if not lessons:
        raise BuildError("There is no lesson in notebooks/source: build in a clone of the course.")
    chosen = choose(lessons, names)
    bank = _load_bank() if bank is None else bank
    numbers = {lesson.number for lesson in chosen}
    records = [record for record in bank.values() if record.lesson in numbers]
    problems = validate_bank(records if names else list(bank.values()))
    if problems:
        raise BuildError("\n".join(problems))
    found = []
    for lesson in chosen:
        found.append(Page(root / "notebooks" / f"{lesson.name}.ipynb", lesson_notebook(lesson)))
        own = [record for record in records if record.lesson == lesson.number]
        if not own:
            continue
        following = next((other for other in lessons if other.number > lesson.number), None)
        for folder, solved in (("exercises", False), ("solutions", True)):
            page = pages.exercise_notebook(lesson, own, following=following, solved=solved)
            found.append(Page(root / folder / f"{lesson.name}.ipynb", page))
    return found


def choose(lessons: list[Lesson], names: list[str]) -> list[Lesson]:
    """Return the lessons that the names mean, in their order."""
    chosen = set()
    for name in names:
        stem = Path(name).stem
        matching = {one for one in lessons if stem in (one.name, one.number, str(int(one.number)))}
        if not matching:
            there = ", ".join(lesson.name for lesson in lessons)
            raise BuildError(f"No lesson is called {name}. The lessons are: {there}.")
        chosen |= matching
    return [lesson for lesson in lessons if lesson in chosen] if names else lessons


def _load_bank() -> dict[str, Record]:
    from backprop_course.exercises.bank import load_bank

    try:
        return load_bank()
    except ValueError as error:
        raise BuildError(str(error)) from error


def without_lesson(*, root: Path = ROOT, bank: dict[str, Record] | None = None) -> list[str]:
    """Return a sentence for each folder of the bank whose lesson is not written yet.

    Its exercises can be checked, but no notebook is built from them.
    """
    bank = _load_bank() if bank is None else bank
    there = {lesson.number for lesson in find_lessons(root / "notebooks" / "source")}
    return [
        f"exercises/lesson_{number} waits for its lesson, notebooks/source/{number}_name.py."
        for number in sorted({record.lesson for record in bank.values()} - there)
    ]


def build(
    names: Iterable[str] = (),
    *,
    root: Path = ROOT,
    bank: dict[str, Record] | None = None,
    jobs: int = 1,
    report: Callable[[Page, bool], None] = lambda page, done: None,
) -> list[Page]:
    """Run and write the notebooks that `plan` lists, and return them with their outputs.

    Parameters
    ----------
    names, root, bank
        As in `plan`.
    jobs : int
        How many notebooks to run at the same time.
    report : callable
        Called as ``report(page, False)`` when a notebook begins to run, and as
        ``report(page, True)`` when it has been written.

    Raises
    ------
    BuildError
        A source is refused, or cells fail; one sentence for each. A notebook that fails stays
        as it was, the others are built.
    """
    found = plan(names, root=root, bank=bank)
    _build_font_cache()
    problems: list[str] = []

    def make(page: Page) -> None:
        report(page, False)
        began = time.perf_counter()
        try:
            execute(page.notebook, page.path)
        except BuildError as error:
            problems.append(str(error))
            return
        page.seconds = time.perf_counter() - began
        _keep_measured(page)
        page.changed = write(page.notebook, page.path)
        page.breaches = rules.breaches(page.notebook, page.path.parent.name)
        report(page, True)

    pool = ThreadPoolExecutor(jobs)
    try:
        for _ in pool.map(make, found):
            pass
    finally:
        pool.shutdown(cancel_futures=True)
    if problems:
        raise BuildError("\n".join(problems))
    return found


def _build_font_cache() -> None:
    """Let matplotlib look for fonts now: in a cell it would say so, and the output would differ."""
    import matplotlib.font_manager  # noqa: F401


def execute(notebook: NotebookNode, path: Path) -> None:
    """Run a notebook in a fresh kernel, in the folder where it will lie, and keep its outputs."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="backprop_course_") as folder:
        client = NotebookClient(
            notebook,
            kernel_manager_class=_kernel_manager_class(),
            # A kernel on this machine alone warns that it does not encrypt what it sends.
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(path.parent)}},
            timeout=TIMEOUT,
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
        )
        try:
            # Unlike client.execute this closes its loop; zmq wants a selector one on Windows.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(client.async_execute(env=kernel_environment(Path(folder))))
        except CellExecutionError as error:
            number, cell = _failing_cell(notebook)
            raise BuildError(
                f"{path.parent.name}/{path.name}: cell {number} ({_first_line(cell)}) fails: "
                f"{error.ename}: {_last_line(error.evalue)}"
            ) from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise BuildError(f"{path.parent.name}/{path.name}: {_last_line(str(error))}") from None
    _tidy(notebook)


def kernel_environment(folder: Path, *, hash_seed: int = 0) -> dict[str, str]:
    """Return the environment in which a notebook gives the same outputs everywhere.

    Parameters
    ----------
    folder : Path
        An empty folder for this run alone; the learner's progress goes there, not into the
        repository.
    hash_seed : int
        Order of sets of strings. Tests use another one than the build, so that an output which
        depends on it is found.
    """
    environment = dict(os.environ)
    # Settings of the author's own machine must not show in the course.
    for name in ("MPLBACKEND", "MATPLOTLIBRC", "PYTHONWARNINGS", "PYTHONSTARTUP"):
        environment.pop(name, None)
    paths = [str(ROOT), environment.get("PYTHONPATH", "")]
    return environment | {
        "BACKPROP_COURSE_PROGRESS": str(folder / "progress.json"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        # One thread adds in one order, on every machine.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _kernel_manager_class():
    """Return a manager for kernels of this very Python, whatever ``python3`` means here."""
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(AsyncKernelManager):
        @property
        def kernel_spec(self):
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    return ThisPython


def _failing_cell(notebook: NotebookNode) -> tuple[int, NotebookNode]:
    for number, cell in enumerate(notebook.cells, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            return number, cell
    raise AssertionError("nbclient reports a failing cell but no cell has an error")


def _first_line(cell: NotebookNode) -> str:
    return cell.source.strip().splitlines()[0]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def _tidy(notebook: NotebookNode) -> None:
    """Remove what differs from run to run: the Python version, and the ids of live widgets.

    A stored widget has no kernel behind it; without its id a reader sees its text or picture.
    """
    notebook.metadata.kernelspec = NotebookNode(cells.KERNEL)
    notebook.metadata.language_info = NotebookNode(cells.LANGUAGE)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def _keep_measured(page: Page) -> None:
    """Put back the stored outputs of cells that are not compared, while no code has changed.

    Times differ in every run, and would change the file in every build. Who wants them measured
    anew removes the built notebook first.
    """
    try:
        stored = nbformat.read(page.path, as_version=4)
        unchanged = _code(stored) == _code(page.notebook)
    except (OSError, ValueError, AttributeError, nbformat.ValidationError):
        return
    if not unchanged:
        return
    for old, new in zip(_code_cells(stored), _code_cells(page.notebook), strict=True):
        if "nbval-ignore-output" in new.metadata.get("tags", ()):
            new.outputs = old.outputs


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _code(notebook: NotebookNode) -> list[tuple]:
    return [(cell.source, cell.metadata.get("tags", [])) for cell in _code_cells(notebook)]


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write a notebook in one step, and only if its bytes change; say whether they did."""
    new = (nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n").encode()
    if path.exists() and path.read_bytes() == new:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return True


def stale(
    names: Iterable[str] = (), *, root: Path = ROOT, bank: dict[str, Record] | None = None
) -> list[str]:
    """Return one sentence for each built notebook that does not match its source.

    Nothing is run: cells are compared by id, kind, text and metadata, not by outputs. Without
    names, notebooks that no source asks for are reported too.
    """
    names = list(names)
    found = plan(names, root=root, bank=bank)
    problems = []
    for page in found:
        where = page.path.relative_to(root).as_posix()
        again = f"run 'backprop-course build {page.path.stem}'."
        if not page.path.exists():
            problems.append(f"{where} is missing: {again}")
        elif not _matches(page):
            built_from = page.notebook.metadata["backprop_course"]["built_from"]
            problems.append(f"{where} is stale, {built_from} says something else: {again}")
    if not names:
        wanted = {page.path for page in found}
        there = (path for folder in FOLDERS for path in sorted((root / folder).glob("*.ipynb")))
        problems += [
            f"{path.relative_to(root).as_posix()} has no source: remove it, or name its source so."
            for path in there
            if path not in wanted
        ]
    return problems


def _matches(page: Page) -> bool:
    try:
        stored = nbformat.read(page.path, as_version=4)
        return _essence(stored) == _essence(page.notebook)
    except (ValueError, AttributeError, nbformat.ValidationError):
        # Not a notebook at all, after a merge for instance.
        return False


def _essence(notebook: NotebookNode) -> tuple:
    """Return all of a notebook that its source determines."""
    parts = [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    return notebook.metadata, parts
