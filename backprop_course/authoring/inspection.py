"""What ``backprop-course exercises`` shows: the bank as a table, or the proof of one exercise."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backprop_course.authoring.pages import label
from backprop_course.authoring.verify import Proof, prove
from backprop_course.exercises.bank import UnknownExercise, find, load_bank
from backprop_course.exercises.record import Formula, Question, Record


def run_exercises(name: str | None, *, verify: bool, seeds: int) -> int:
    """List the bank, or prove one exercise; return the exit code."""
    console = Console(highlight=False, markup=False, soft_wrap=name is not None)
    try:
        if name is None:
            records = list(load_bank().values())
            if not verify:
                console.print(_bank_table(records))
                console.print("wrong and right: listed wrong answers, and right variants")
                return 0
        else:
            records = [find(name)]
            if not verify:
                console.print(_description(records[0]))
                return 0
        return max([_verified(record, seeds, console) for record in records], default=0)
    except (UnknownExercise, ValueError) as error:
        console.print(str(error))
        return 1


def kind_of(record: Record) -> str:
    if isinstance(record, Formula):
        return "formula"
    return "question" if isinstance(record, Question) else "function"


def _bank_table(records: list[Record]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("number")
    table.add_column("name", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    for head in ("points", "wrong", "right", "hints"):
        table.add_column(head, justify="right")
    lesson = ""
    for record in records:
        if lesson and record.lesson != lesson:
            table.add_row()
        lesson = record.lesson
        table.add_row(label(record), record.name, kind_of(record), *map(str, _counts(record)))
    table.add_row()
    sums = [sum(column) for column in zip(*map(_counts, records), strict=True)]
    table.add_row("", f"{len(records)} exercises", "", *map(str, sums))
    return table


def _counts(record: Record) -> tuple[int, int, int, int]:
    wrong, right = len(record.wrong_answers), len(record.right_answers)
    return record.points, wrong, right, len(record.hints)


def _description(record: Record) -> Text:
    points, wrong, right, hints = _counts(record)
    lines = [
        f"{label(record)} {record.name}: {record.title}",
        f"{kind_of(record)}, {_many(points, 'point')}, {_many(wrong, 'wrong answer')}, "
        f"{_many(right, 'right variant')}, {_many(hints, 'hint')}",
        "",
        *(f"  {one.mistake}" for one in record.wrong_answers),
        "",
        f"backprop-course exercises {record.name} --verify proves it.",
    ]
    return Text("\n".join(lines))


def _verified(record: Record, seeds: int, console: Console) -> int:
    proof = prove(record, range(seeds))
    for line in report(proof, seeds):
        console.print(line)
    return 1 if proof.holes else 0


def report(proof: Proof, seeds: int) -> list[str]:
    """Return the lines that tell an author what holds and what does not."""
    name = f"{label(proof.record)} {proof.record.name}"
    tried = ", ".join(_many(count, what) for what, count in proof.tried.items() if count)
    if not isinstance(proof.record, Question):
        tried += f", {_many(seeds, 'draw')}"
    if not proof.holes:
        lines = [f"holds: {name}, {tried}"]
    else:
        lines = [f"{_many(len(proof.holes), 'hole')}: {name}, {tried}"]
        for hole in proof.holes:
            lines += ["", *str(hole).split("\n")]
        lines.append("")
    if proof.altered:
        killed = proof.altered - len(proof.survivors)
        lines.append(f"  {killed} of {proof.altered} changed solutions are rejected.")
    if proof.survivors:
        lines.append("  These pass. Either they change no value, or a case is missing:")
        lines += [f"    {one.where}" for one in proof.survivors]
    return lines


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")
