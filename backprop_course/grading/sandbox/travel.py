"""Functions that go along with the other arguments, instead of being asked from afar.

Each question to the grader costs two changes of process, and a gradient takes dozens of calls.
What goes along knows nothing that the learner's code could not find out by calling it.
"""

import builtins
import dis
import marshal
from functools import lru_cache
from types import CodeType, FunctionType

import numpy as np

# The name of its file, which `call` passes over when it looks for the learner's own line.
_FILE = "<frozen argument>"


@lru_cache(maxsize=256)
def packed(function) -> bytes | None:
    """Return a function as bytes, or None if it needs more than its arguments, NumPy and Python."""
    if type(function) is not FunctionType or function.__closure__ or function.__kwdefaults__:
        return None
    code = function.__code__
    if _globals(code) - {"np"} - vars(builtins).keys():
        return None
    return marshal.dumps((_renamed(code), function.__defaults__))


def unpacked(data: bytes):
    """Return the function that `packed` made these bytes of, which must come from the grader."""
    code, defaults = marshal.loads(data)
    return FunctionType(code, {"np": np}, argdefs=defaults)


def _globals(code: CodeType) -> set[str]:
    steps = dis.get_instructions(code)
    own = {step.argval for step in steps if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return own.union(*(_globals(one) for one in code.co_consts if isinstance(one, CodeType)))


def _renamed(code: CodeType) -> CodeType:
    consts = (_renamed(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=_FILE, co_consts=tuple(consts))
