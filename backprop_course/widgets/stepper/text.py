"""Numbers as text: short, and the same on every machine."""

import re

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
PARTIAL = "\N{PARTIAL DIFFERENTIAL}"

_RAISED = str.maketrans("0123456789-" + MINUS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def number(value):
    """Return a number with four significant digits and a real minus sign.

    Whole numbers and numbers from ten thousand to a million are written without an exponent.

    Examples
    --------
    >>> number(0.1 + 0.2), number(7.0), number(100000), number(1234.56), number(0.00001234)
    ('0.3', '7', '100000', '1235', '1.234e−5')
    """
    if abs(value) < 1e6 and (value == int(value) or abs(value) >= 1e4):
        text = f"{value:.0f}"
    else:
        text = re.sub(r"e([+-])0*", lambda sign: "e" + sign[1].strip("+"), f"{value:.4g}")
    return "0" if text == "-0" else text.replace("-", MINUS)


def bracket(text):
    """Put brackets around a number with a sign, for a place that a sign cannot follow."""
    return f"({text})" if text.startswith(MINUS) else text


def power(base, exponent):
    """Write a power: small raised digits for a whole exponent, a caret for another."""
    raised = exponent.translate(_RAISED)
    whole = exponent.strip(MINUS).isdigit()
    return bracket(base) + (raised if whole else f"^{bracket(exponent)}")


def product(first, second):
    """Write a product of two texts.

    Examples
    --------
    >>> product("−3", "−0.5")
    '−3 × (−0.5)'
    """
    return f"{first} {TIMES} {bracket(second)}"


def total(values):
    """Write a sum of numbers with its signs between the terms.

    Examples
    --------
    >>> total([-3.0, 2.0, -0.5])
    '−3 + 2 − 0.5'
    """
    first, *rest = (number(value) for value in values)
    signs = (f"{MINUS} {term[1:]}" if term.startswith(MINUS) else f"+ {term}" for term in rest)
    return " ".join([first, *signs])


def listed(words):
    """Join words with commas and a last "and"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
