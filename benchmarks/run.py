"""Run families of races one after the other, with a progress bar."""

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import (
    cross_entropy,
    epoch,
    frames,
    gradient_check,
    imports,
    layers,
    machine,
    mlp,
    table,
    xor,
)

RACES = {
    "mlp": mlp.races,
    "epoch": epoch.races,
    "conv": layers.convolution,
    "attention": layers.attention,
    "layers": layers.races,
    "gradcheck": gradient_check.races,
    "cross-entropy": cross_entropy.races,
    "import": imports.races,
    "frames": frames.races,
    "xor": xor.races,
}


def run(names, rounds, seconds, save):
    """Measure, print the table and, if asked to, save it."""
    machine.settle()
    load, lines = machine.load(), []
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, transient=True) as progress:
        families = progress.add_task("all", total=len(names))
        current = progress.add_task("", total=1.0)
        for name in names:
            for race in RACES[name]():
                progress.reset(current, total=1.0, description=race.what)
                lines += race.lines(
                    rounds, seconds, lambda done: progress.update(current, completed=done)
                )
                load = max(load, machine.load())
            progress.advance(families)
    table.show(lines)
    if save:
        table.save(table.markdown(lines, machine.versions(), load))
