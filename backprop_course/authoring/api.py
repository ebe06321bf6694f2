"""The page docs/api.md: every pair with its shapes and formula, read from the docstrings."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from backprop_course import layers

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_PLAIN = {  # modules without pairs, and what to show of them
    "backprop_course.optimizers": "Optimizers",
    "backprop_course.initializers": "Initialisers",
    "backprop_course.gradcheck": "Gradient checks",
}


def page() -> str:
    """Return the text of the page."""
    parts = [
        "# The pairs\n",
        "Made from the docstrings by `backprop-course api`; change those, not this page.\n",
        "`out, cache = NAME_forward(...)` computes and remembers; `NAME_backward(dout, cache)` "
        "returns one gradient for each input, in the same order. Arguments after `*` are settings.",
    ]
    families = [f"{layers.__name__}.{module.name}" for module in iter_modules(layers.__path__)]
    for name in [*families, "backprop_course.losses"]:
        parts.append(_family(import_module(name)))
    for name, title in _PLAIN.items():
        parts.append(_table(import_module(name), title))
    return "\n".join(parts) + "\n"


def write() -> bool:
    """Write the page and return whether that changed it."""
    text = page()
    changed = not PAGE.exists() or PAGE.read_text("utf-8") != text
    if changed:
        PAGE.write_text(text, "utf-8", newline="\n")
    return changed


def _family(module) -> str:
    title = module.__name__.rpartition(".")[2].capitalize()
    lines = [f"\n## {title}\n", _markdown(inspect.getdoc(module)), ""]
    for name, forward in _public(module):
        if not name.endswith("_forward"):
            continue
        pair = name.removesuffix("_forward")
        backward = getattr(module, f"{pair}_backward")
        lines += [f"### {pair}\n", f"`{name}{inspect.signature(forward)}`\n", _text(forward)]
        lines += ["\n| name | what |\n|---|---|"]
        lines += [f"| `{given}` | {shape} |" for given, shape in _shapes(forward)]
        lines += [f"\n`{pair}_backward{inspect.signature(backward)}`\n", _text(backward), ""]
    return "\n".join(lines)


def _table(module, title) -> str:
    rows = [
        f"| `{name}` | {_first_sentence(thing)} |"
        for name, thing in _public(module)
        if not (inspect.isclass(thing) and issubclass(thing, Exception))
    ]
    head = [f"\n## {title}\n", _markdown(inspect.getdoc(module)), "\n| name | what |\n|---|---|"]
    return "\n".join([*head, *rows])


def _public(module):
    """Yield the functions and classes that a module defines, in their order."""
    found = [
        (name, thing)
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__
    ]
    return sorted(found, key=lambda pair: inspect.getsourcelines(pair[1])[1])


def _first_sentence(thing) -> str:
    return _markdown(inspect.getdoc(thing).split("\n\n")[0])


def _shapes(forward):
    """Yield each argument and result with what its docstring says, such as its shape."""
    section = re.compile(r"^(Parameters|Returns)\n-+\n(.*?)(?=^\w[^\n]*\n---|\Z)", re.M | re.S)
    for _, body in section.findall(inspect.getdoc(forward)):
        for name, what in re.findall(r"^(\S[^:\n]*) : (.+)$", body, re.M):
            if name != "cache":
                yield name, _markdown(what)


def _text(function) -> str:
    """Return the paragraphs of a docstring before its first section."""
    head = re.split(r"^\w[^\n]*\n---", inspect.getdoc(function), maxsplit=1, flags=re.M)[0]
    return _markdown(head.strip())


def _markdown(text: str) -> str:
    """Return docstring markup as Markdown."""
    text = re.sub(
        r"\.\. math::(.*?)(?=\n\n|\Z)",
        lambda found: f"$${' '.join(found[1].split())}$$",
        text,
        flags=re.S,
    )
    text = re.sub(r":math:`([^`]+)`", lambda found: f"${' '.join(found[1].split())}$", text)
    return text.replace("``", "`")
