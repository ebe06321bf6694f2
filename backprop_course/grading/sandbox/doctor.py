"""What ``backprop-course doctor`` says: which layers stand between learners' code and this host."""

from backprop_course.grading.sandbox.layers import KEEPS_OUT, WARNING, Layers, enough
from backprop_course.grading.sandbox.lines import SandboxError
from backprop_course.grading.sandbox.probe import probe

_NAMES = {
    "server": "fork server",
    "rlimits": "resource limits",
    "death_signal": "death signal",
    "no_new_privs": "no new privileges",
    "seccomp": "seccomp filter",
    "landlock": "Landlock",
    "namespaces": "namespaces",
    "uid": "user without rights",
}
ENOUGH = "This host can grade code that you do not trust."
NOT_ENOUGH = (
    "Too few layers for code that you do not trust: `grade` asks for --trust-submissions here. "
    "Grade on a recent Linux, in a container or in CI instead, or only code that you have read."
)


def run_doctor() -> int:
    """Print which layers hold on this host, and a verdict. Return 0 if they are enough, else 1."""
    from rich.console import Console

    console = Console()
    try:
        layers, why = probe()
    except SandboxError as error:
        console.print(f"Learners' code cannot be run here at all: {error}.")
        return 1
    console.print(table(layers, why))
    if not layers.server:
        console.print(WARNING)
    console.print(verdict(layers))
    return 0 if enough(layers) else 1


def verdict(layers: Layers) -> str:
    return ENOUGH if enough(layers) else NOT_ENOUGH


def table(layers: Layers, why: dict[str, str]):
    """Return the layers as a table for a terminal."""
    from rich.table import Table

    rows = Table(title="What stands between learners' code and this machine", title_justify="left")
    rows.add_column("layer")
    rows.add_column("here")
    rows.add_column("keeps out, or why not")
    for name in layers.names():
        active = getattr(layers, name)
        reason = KEEPS_OUT[name] if active else why.get(name, "not asked for")
        rows.add_row(_NAMES[name], "active" if active else "no", reason)
    return rows
