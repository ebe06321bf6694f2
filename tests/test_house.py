"""The rules of the house about who imports whom, read from the sources; each rule is tried on a
planted breach.

The rooms are in order, ground floor first: a file imports only what stands in its own room or in
one above it in this list.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ROOMS = (
    "shapes",
    "gradcheck",
    "layers",
    "losses",
    "optimizers",
    "initializers",
    "network",
    "autodiff",
    "datasets",
    "figures",
    "widgets",
    "exercises",
    "grading",
    "authoring",
    "tour",
    "backprop_course",  # the names that the package itself gives out
    "cli",
    "__main__",
)
GROUND_FLOOR = ROOMS[: ROOMS.index("figures")]
TEXTBOOK = {"gradcheck", "layers", "losses", "optimizers", "autodiff"}  # NumPy and shapes only
GELU = "backprop_course.layers.activations"  # the one place that may ask SciPy, in a function
ERROR_FUNCTION = {"scipy.special.erf", "scipy.special.erfc"}
PICTURES = {"matplotlib", "ipywidgets"}
HEAVY = (
    "matplotlib",
    "ipywidgets",
    "anywidget",
    "scipy",
    "typer",
    "rich",
    "jinja2",
    "IPython",
    "nbformat",
    "jupytext",
    "distributed",
)


# Reading the sources -------------------------------------------------------------------------


class File:
    """One module of the package: its room, and what it imports where."""

    def __init__(self, package, path):
        self.where = path.relative_to(package.parent).as_posix()
        parts = path.relative_to(package.parent).with_suffix("").parts
        self.module = ".".join(part for part in parts if part != "__init__")
        self.is_package = path.name == "__init__.py"
        self.room = parts[1] if parts[1] != "__init__" else parts[0]
        self.tree = ast.parse(path.read_text("utf-8"), str(path))
        self.imports = list(self._imports(self.tree, inside=False))

    def _imports(self, node, inside):
        """Yield (dotted name, line, whether it stands inside a function) for each import."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, child.lineno, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                origin = self._origin(child)
                for alias in child.names:
                    yield f"{origin}.{alias.name}", child.lineno, inside
            else:
                deeper = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
                yield from self._imports(child, inside or deeper)

    def _origin(self, node):
        """Return the absolute name of what a ``from`` line imports from."""
        if not node.level:
            return node.module
        up = node.level - self.is_package
        base = self.module.split(".")[: -up or None]
        return ".".join([*base, *([node.module] if node.module else [])])


def read_package(root):
    package = root / "backprop_course"
    return [File(package, path) for path in sorted(package.rglob("*.py"))]


def room_of(name):
    """Return the room of an imported name, or None for a library: `backprop_course.x.y` -> x."""
    first, *rest = name.split(".")
    if first != "backprop_course":
        return None
    return rest[0] if rest and rest[0] in ROOMS else "backprop_course"


def resolve(name, modules):
    """Return the module of the package that an imported dotted name stands for, or None."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


# The rules -----------------------------------------------------------------------------------


def order_of_rooms(files):
    for file in files:
        if file.room not in ROOMS:
            yield f"{file.where}: the room {file.room!r} has no place in the order yet"
            continue
        for name, line, _ in file.imports:
            room = room_of(name)
            if room and ROOMS.index(room) > ROOMS.index(file.room):
                yield f"{file.where}:{line} imports {name}, which stands below it"


def textbook_knows_only_numpy_and_shapes(files):
    for file in files:
        if file.room not in TEXTBOOK:
            continue
        for name, line, inside in file.imports:
            library = name.split(".")[0]
            if library in sys.stdlib_module_names or library == "numpy":
                continue
            if room_of(name) in {"shapes", file.room}:
                continue
            if inside and file.module == GELU and name in ERROR_FUNCTION:
                continue
            yield f"{file.where}:{line} imports {name}; the textbook knows only NumPy and shapes"


def no_pictures_or_graders_on_the_ground_floor(files):
    for file in files:
        if file.room not in GROUND_FLOOR:
            continue
        for name, line, _ in file.imports:
            if name.split(".")[0] in PICTURES or room_of(name) in {"grading", "authoring"}:
                yield f"{file.where}:{line} imports {name} on the ground floor"


def pictures_are_imported_where_they_are_drawn(files):
    for file in files:
        for name, line, inside in file.imports:
            library = name.split(".")[0]
            allowed = inside or (library == "ipywidgets" and file.room == "widgets")
            if library in PICTURES and not allowed:
                yield f"{file.where}:{line} imports {name} at the top, not where it is used"


def no_circles(files):
    modules = {file.module for file in files}
    edges = {file.module: set() for file in files}
    for file in files:
        for name, _, _ in file.imports:
            target = resolve(name, modules)
            if target and target != file.module:
                edges[file.module].add(target)
    done, path = set(), []

    def visit(module):
        if module in path:
            yield " -> ".join([*path[path.index(module) :], module]) + " is a circle of imports"
        elif module not in done:
            path.append(module)
            for target in sorted(edges[module]):
                yield from visit(target)
            done.add(path.pop())

    for module in sorted(edges):
        yield from visit(module)


def no_star_imports(files):
    for file in files:
        for name, line, _ in file.imports:
            if name.endswith(".*"):
                yield f"{file.where}:{line} imports {name}"


def no_edits_of_sys_path(files):
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Assign):
                changed = node.targets
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
                changed = [node.target]
            elif isinstance(node, ast.Delete):
                changed = node.targets
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                # Every method of a list that is worth calling on sys.path changes it.
                changed = [node.func.value]
                if ast.unparse(node.func) == "site.addsitedir":
                    yield f"{file.where}:{node.lineno} edits sys.path"
            else:
                continue
            for target in changed:
                place = target.value if isinstance(target, ast.Subscript) else target
                if ast.unparse(place) == "sys.path":
                    yield f"{file.where}:{node.lineno} edits sys.path"
        yield from (
            f"{file.where}:{line} imports {name}, a way to edit it unseen"
            for name, line, _ in file.imports
            if name == "sys.path"
        )


def no_hidden_global_state(files):
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Global):
                yield f"{file.where}:{node.lineno} says global {', '.join(node.names)}"
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in {"np.random.seed", "numpy.random.seed", "random.seed"}:
                    yield f"{file.where}:{node.lineno} calls {name}; pass a generator instead"


RULES = (
    order_of_rooms,
    textbook_knows_only_numpy_and_shapes,
    no_pictures_or_graders_on_the_ground_floor,
    pictures_are_imported_where_they_are_drawn,
    no_circles,
    no_star_imports,
    no_edits_of_sys_path,
    no_hidden_global_state,
)


# The house as it stands ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def house():
    return read_package(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule, house):
    assert len(house) > 20
    assert list(rule(house)) == []


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "notebooks/source"])
def test_other_python_files_import_no_stars_and_leave_sys_path_alone(folder):
    files = [File(ROOT / folder, path) for path in sorted((ROOT / folder).rglob("*.py"))]
    assert [*no_star_imports(files), *no_edits_of_sys_path(files)] == []


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, backprop_course; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == ""


def test_the_guide_for_contributors_lists_the_same_rooms():
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    listed = re.search(r"a house of rooms:(.*?)\. A file", guide, re.DOTALL).group(1)
    inner = [room for room in ROOMS if room not in {"backprop_course", "__main__"}]
    assert re.findall(r"`(\w+)`", listed) == inner


# Planted breaches ----------------------------------------------------------------------------

FINE = {
    "__init__.py": "def __getattr__(name):\n    from backprop_course.grading import notebook\n",
    "shapes.py": "import numpy as np\n",
    "layers/__init__.py": "from backprop_course.layers.linear import linear_forward\n",
    "layers/linear.py": "from ..shapes import expect\nfrom .activations import relu_forward\n",
    "layers/activations.py": "def gelu_forward(Z):\n    from scipy.special import erf\n",
    "network.py": "from backprop_course import layers as pairs\n",
    "figures/loss.py": "def draw():\n    import matplotlib.pyplot as plt\n",
    "widgets/neuron.py": "import ipywidgets\nfrom backprop_course.figures import loss\n",
    "grading/__init__.py": "",
    "grading/notebook.py": "import sys\nprint(sys.path)\n",
    "cli.py": "import typer\nfrom backprop_course import __version__\n",
}

BREACHES = [
    (order_of_rooms, "shapes.py", "from backprop_course.network import Layer"),
    (order_of_rooms, "shapes.py", "from backprop_course import network"),
    (order_of_rooms, "layers/linear.py", "from ..network import Layer"),
    (order_of_rooms, "grading/notebook.py", "def f():\n    import backprop_course.authoring.build"),
    (order_of_rooms, "grading/notebook.py", "from backprop_course import check"),
    (order_of_rooms, "attic/boxes.py", "import numpy"),
    (textbook_knows_only_numpy_and_shapes, "losses.py", "import scipy.special"),
    (textbook_knows_only_numpy_and_shapes, "losses.py", "from . import layers"),
    (textbook_knows_only_numpy_and_shapes, "optimizers.py", "def f():\n    import torch"),
    (
        textbook_knows_only_numpy_and_shapes,
        "layers/activations.py",
        "from scipy.special import erf",
    ),
    (
        textbook_knows_only_numpy_and_shapes,
        "layers/linear.py",
        "def f():\n    from scipy.special import erf",
    ),
    (
        no_pictures_or_graders_on_the_ground_floor,
        "network.py",
        "def f():\n    import matplotlib.pyplot as plt",
    ),
    (no_pictures_or_graders_on_the_ground_floor, "datasets.py", "import ipywidgets as widgets"),
    (
        no_pictures_or_graders_on_the_ground_floor,
        "network.py",
        "def f():\n    from .grading import judge",
    ),
    (pictures_are_imported_where_they_are_drawn, "figures/loss.py", "from matplotlib import cm"),
    (pictures_are_imported_where_they_are_drawn, "figures/loss.py", "import ipywidgets"),
    (
        pictures_are_imported_where_they_are_drawn,
        "widgets/neuron.py",
        "class A:\n    import matplotlib",
    ),
    (no_circles, "layers/activations.py", "from backprop_course.layers.linear import x"),
    (no_circles, "layers/activations.py", "def f():\n    from .linear import x"),
    (no_circles, "shapes.py", "from backprop_course.network import Layer"),
    (no_star_imports, "cli.py", "from backprop_course.layers import *"),
    (no_star_imports, "cli.py", "from .layers import *"),
    (no_edits_of_sys_path, "cli.py", "import sys\nsys.path.insert(0, '.')"),
    (no_edits_of_sys_path, "cli.py", "import sys\nsys.path += ['.']"),
    (no_edits_of_sys_path, "cli.py", "import sys\nsys.path[:0] = ['.']"),
    (no_edits_of_sys_path, "cli.py", "import sys\nsys.path = []"),
    (no_edits_of_sys_path, "cli.py", "from sys import path\npath.append('.')"),
    (no_edits_of_sys_path, "cli.py", "import site\nsite.addsitedir('.')"),
    (no_hidden_global_state, "network.py", "def f():\n    global counter\n    counter = 1"),
    (no_hidden_global_state, "network.py", "import numpy as np\nnp.random.seed(0)"),
]


def write_house(folder, files):
    for name, text in files.items():
        path = folder / "backprop_course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return read_package(folder)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_house_in_order_breaks_no_rule(rule, tmp_path):
    assert list(rule(write_house(tmp_path, FINE))) == []


@pytest.mark.parametrize(
    ("rule", "name", "line"),
    BREACHES,
    ids=[f"{rule.__name__}-{name}" for rule, name, _ in BREACHES],
)
def test_a_planted_breach_is_caught(rule, name, line, tmp_path):
    files = write_house(tmp_path, FINE | {name: FINE.get(name, "") + line + "\n"})
    found = list(rule(files))
    assert len(found) >= 1
    assert all(name in breach or "circle" in breach for breach in found)


def test_every_rule_has_a_planted_breach():
    assert {rule for rule, _, _ in BREACHES} == set(RULES)
