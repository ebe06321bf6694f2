"""The message of a check, as a student may read it after grading."""

import re

_PAIR = r"\w+=[^,:()\s]+?"
_EVIDENCE = re.compile(rf"^With ({_PAIR}(?:, {_PAIR})*)(?=[ :(]|\.?(?:\s|$))", re.MULTILINE)
# A size is a capital letter, or a word with a whole number: N=5, batch_size=5.
_SIZE = re.compile(r"[A-Z]=\d+|[a-z_]{4,}=\d+")


def for_student(message: str) -> str:
    """Return the message without inputs that were drawn at grading.

    Evidence names sizes where inputs are arrays. Where they are single numbers, as in
    ``With x=2.577, w=1.2: dw is 3, expected 5.``, it names them, and they are taken out.
    """
    return _EVIDENCE.sub(_sizes_only, message)


def _sizes_only(match: re.Match) -> str:
    kept = [pair for pair in match[1].split(", ") if _SIZE.fullmatch(pair.strip())]
    return f"With {', '.join(kept)}" if kept else "In one case"
