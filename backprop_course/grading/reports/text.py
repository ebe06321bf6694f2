"""The message of a check, as a student may read it after grading."""

import re

_PAIR = r"\w+=[^,:()\s]+?"
_EVIDENCE = re.compile(rf"^With ({_PAIR}(?:, {_PAIR})*)(?=[ :(]|\.?(?:\s|$))", re.MULTILINE)
# A size is a capital letter, or a word with a whole number: N=5, batch_size=5.
_SIZE = re.compile(r"[A-Z]=\d+|[a-z_]{4,}=\d+")

# The texts that learners' code can choose: an error's, NumPy's complaint, the keys of a dict.
_CHOSEN = re.compile(
    r"\A(?P<verdict>could not run: .*\n)(?P<error>.*)$"
    r"|(?P<before>NumPy's first complaint (?:is|comes from your line `.*`): )(?P<complaint>.*)$"
    r"|(?P<name>has a key too many: )(?P<keys>.*)(?=\. Asked are )",
    re.MULTILINE,
)
_WORDS = (
    "axis|size|dimension|index|operand|argument|position|expected|got|from|takes|status|after|"
    "cell|line"
)
_KEPT = "|".join(
    (
        r"\A(?:In )?`[^`]*`",  # the learner's formula
        r"\((?:\d{1,5},(?: ?\d{1,5},?){0,3})\)",  # a shape
        rf"\b(?:{_WORDS})(?: is)? \d{{1,5}}\b(?!\.\d)",
        r"(?<![\w.-])\d{1,5}(?:-dim| dim| positional| required| were| was| characters| \(dim \d\))",
    )
)
_NUMBER = r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?j?(?!\w)"
_NUMBERS = re.compile(rf"(?P<kept>{_KEPT})|{_NUMBER}|\S{{61,}}", re.IGNORECASE)


def for_student(message: str) -> str:
    """Return the message without inputs that were drawn at grading.

    Evidence names sizes where inputs are arrays. Where they are single numbers, as in
    ``With x=2.577, w=1.2: dw is 3, expected 5.``, it names them, and they are taken out. Learners'
    code may also raise its inputs: of an error's text the words stay, and of its numbers those that
    are plainly sizes.
    """
    return _EVIDENCE.sub(_sizes_only, _CHOSEN.sub(_without_numbers, message))


def _sizes_only(match: re.Match) -> str:
    kept = [pair for pair in match[1].split(", ") if _SIZE.fullmatch(pair.strip())]
    return f"With {', '.join(kept)}" if kept else "In one case"


def _without_numbers(match: re.Match) -> str:
    parts = [text for text in match.groups() if text is not None]
    return parts[0] + _NUMBERS.sub(lambda number: number["kept"] or "...", parts[1])
