"""The starter is cut where the marks say, and a file that leaves a doubt is refused."""

import textwrap

import pytest

from backprop_course.authoring import marks

GOOD = textwrap.dedent(
    '''\
    """Text for the learner."""

    import math

    import numpy as np
    from scipy.special import erf, expit

    from backprop_course.exercises.record import Case, Exercise

    exercise = Exercise(title="A line")


    @exercise.solution
    def line(x, w, b=0.0):
        """Return ``w x + b``.

        The words # BEGIN SOLUTION in a docstring are no mark.
        """
        # BEGIN SOLUTION
        # Multiply first.
        out = np.multiply(x, w) + erf(b)

        return out
        # so far
        # END SOLUTION


    @exercise.cases
    def cases(rng):
        yield Case((1.0, 2.0))
    '''
)


def test_head_and_body():
    pieces = marks.cut(GOOD, "line.py")
    assert pieces.name == "line"
    assert pieces.head.startswith("def line(x, w, b=0.0):\n")
    assert pieces.head.endswith('are no mark.\n    """')
    assert pieces.body.splitlines() == [
        "    # Multiply first.",
        "    out = np.multiply(x, w) + erf(b)",
        "",
        "    return out",
        "    # so far",
    ]


def test_starter_raises_its_label():
    starter = marks.cut(GOOD, "line.py").starter("03.2")
    space = {}
    exec(starter, space)
    with pytest.raises(NotImplementedError, match=r"03\.2 line"):
        space["line"](1.0, 2.0)
    assert "np.multiply" not in starter


def test_solved_runs_with_its_imports():
    pieces = marks.cut(GOOD, "line.py")
    assert pieces.imports == ("import numpy as np", "from scipy.special import erf")
    space = {}
    exec("\n".join([*pieces.imports, pieces.solved]), space)
    assert space["line"](3.0, 2.0) == 6.0
    assert "SOLUTION\n" not in pieces.solved
    assert "exercise" not in pieces.solved


BEGIN, END = "    # BEGIN SOLUTION\n", "    # END SOLUTION\n"

BAD = {
    "no begin": (GOOD.replace(BEGIN, ""), "line.py:24: '# END SOLUTION' comes before"),
    "no marks": (GOOD.replace(BEGIN, "").replace(END, ""), "line.py: the mark '# BEGIN SOLUTION'"),
    "no end": (GOOD.replace(END, ""), "line.py: '# BEGIN SOLUTION' in line 19 is never closed"),
    "begin twice": (GOOD.replace(BEGIN, BEGIN * 2), "line.py:20: a second '# BEGIN SOLUTION'"),
    "end twice": (GOOD.replace(END, END * 2), "line.py:26: a second '# END SOLUTION'"),
    "nested": (GOOD.replace("\n    return out", BEGIN + "    return out"), "line.py:22: a second"),
    "misspelt": (GOOD.replace("# END SOLUTION", "# END SOLUTIONS"), "line.py:25: this looks like"),
    "lower case": (GOOD.replace(BEGIN, "    # begin solution\n"), "line.py:19: this looks like"),
    "beside code": (
        GOOD.replace("    return out\n", "    return out  # END SOLUTION\n").replace(END, ""),
        "line.py:23: this looks like a mark",
    ),
    "indented otherwise": (
        GOOD.replace(END, "# END SOLUTION\n"),
        "line.py:25: indent the mark like the code of line (4 spaces)",
    ),
    "code before begin": (
        GOOD.replace(BEGIN, "    w = 2 * w\n" + BEGIN),
        "line.py:20: '# BEGIN SOLUTION' must stand in line, right after the docstring",
    ),
    "code after end": (
        GOOD.replace("    # so far\n" + END, END + "    return w\n"),
        "line.py:24: '# END SOLUTION' must stand in line, right after the last line",
    ),
    "end in another function": (
        GOOD.replace(END, "") + END,
        "line.py:30: '# END SOLUTION' must stand in line",
    ),
    "begin above the function": (
        GOOD.replace(BEGIN, "").replace(
            "@exercise.solution", "# BEGIN SOLUTION\n@exercise.solution"
        ),
        "line.py:13: '# BEGIN SOLUTION' must stand in line",
    ),
    "no docstring": (
        GOOD.replace('"""Return', '"" + """Return'),
        "line.py:14: line has no docstring",
    ),
    "nothing but the docstring": (
        GOOD.replace("    out = np.multiply(x, w) + erf(b)\n\n    return out\n", ""),
        "line.py:19: there is no code between the marks",
    ),
    "no solution": (
        GOOD.replace("@exercise.solution\n", ""),
        "line.py: no function has the line '@exercise.solution'",
    ),
    "two solutions": (
        GOOD.replace("@exercise.cases", "@exercise.solution"),
        "line.py:29: line and cases both have '@exercise.solution'",
    ),
    "no Python": (GOOD.replace("def line(", "def line"), "line.py:14: Python cannot read this"),
    "a helper of the file": (
        GOOD.replace("erf(b)", "erf(cases(b))"),
        "line.py:14: the solution uses cases from this file",
    ),
    "a constant of the file": (
        GOOD.replace("@exercise.solution", "SLOPE = 0.1\n\n\n@exercise.solution").replace(
            "erf(b)", "SLOPE"
        ),
        "the solution uses SLOPE from this file",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_doubt_is_refused_with_file_and_line(fault):
    text, sentence = BAD[fault]
    assert text != GOOD
    with pytest.raises(marks.MarkError) as caught:
        marks.cut(text, "line.py")
    assert str(caught.value).startswith(sentence) or sentence in str(caught.value)
    assert str(caught.value).endswith(".")


def test_marks_in_a_recursive_function_with_inner_names():
    text = GOOD.replace(
        "    return out\n",
        "    def inner(k):\n        return [i for i in range(k)]\n\n    return line(inner(2), w)\n",
    )
    assert marks.cut(text, "line.py").name == "line"


def test_tokens_are_blind_to_spaces_and_backticks():
    assert marks.tokens("dW=X.T@dout") == marks.tokens("`dW = X.T @ dout`")
    assert marks.contains("then `dW = X.T@dout`, at last", marks.tokens("dW = X.T @ dout"))
    assert not marks.contains("adW = X.T @ doutput", marks.tokens("dW = X.T @ dout"))


def test_telling_lines():
    text = GOOD.replace(
        "    return out\n", "    error = x - w\n    total = len(x)\n    return out, w\n"
    )
    lines = marks.telling_lines(marks.cut(text, "line.py"))
    assert "out = np.multiply(x, w) + erf(b)" in lines
    assert "np.multiply(x, w) + erf(b)" in lines
    assert "error = x - w" in lines
    assert "x - w" not in lines  # any hint may compare two names
    assert not any(line.startswith("return") for line in lines)
