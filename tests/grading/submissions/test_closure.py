"""A function is taken with all it needs, and nothing else."""

import numpy as np
import pytest

from tests.grading.submissions.builders import RIGHT, STARTER, answers, code, run

NUMPY = "import numpy as np"


def test_only_what_is_needed_is_taken_in_the_order_of_the_notebook():
    taken = code(
        "import matplotlib.pyplot as plt\nimport numpy as np",
        "SLOPE = 1.0",
        "def mask(Z):\n    return np.where(Z > 0, SLOPE, 0.0)",
        "def unused(Z):\n    return plt",
        "def relu_backward(dout, Z):\n    return dout * mask(Z)",
        "print(relu_backward(1, 2))\nplt.plot([1])\nfor i in range(10**9):\n    pass",
        "check(relu_backward)",
    )
    assert taken == (
        "import numpy as np\n"
        "SLOPE = 1.0\n"
        "def mask(Z):\n    return np.where(Z > 0, SLOPE, 0.0)\n"
        "def relu_backward(dout, Z):\n    return dout * mask(Z)\n"
    )


def test_imports_are_taken_one_by_one():
    taken = code(
        "import os\nimport numpy as np; import sys", "relu_backward = lambda d, Z: np.sign(d)"
    )
    assert taken == "import numpy as np\nrelu_backward = lambda d, Z: np.sign(d)\n"


USES_X = "def relu_backward(d, Z):\n    return d * (Z > x)"
ALONE = {
    "import": ("import numpy", "def relu_backward(d, Z):\n    return numpy.where(Z > 0, d, 0)"),
    "alias": (
        "from numpy import where as w",
        "def relu_backward(d, Z):\n    return w(Z > 0, d, 0)",
    ),
    "submodule": ("import numpy.fft", "relu_backward = lambda d, Z: numpy.where(Z > 0, d, 0)"),
    "star": ("from numpy import *", "def relu_backward(d, Z):\n    return where(Z > 0, d, 0)"),
    "future": (
        "from __future__ import annotations",
        "def relu_backward(d: Nothing, Z):\n    return d * (Z > 0)",
    ),
    "lambda": (NUMPY, "relu_backward = lambda d, Z: np.where(Z > 0, d, 0)"),
    "other name": ("def mine(d, Z):\n    return d * (Z > 0)", "relu_backward = mine"),
    "two names": ("relu_backward = mine = lambda d, Z: d * (Z > 0)",),
    "made": ("def make():\n    return lambda d, Z: d * (Z > 0)", "relu_backward = make()"),
    "method": (
        "class A:\n    def f(self, d, Z):\n        return d * (Z > 0)",
        "class B(A):\n    pass",
        "relu_backward = B().f",
    ),
    "class": (
        "class A:\n    x = 0\n    def f(self, d, Z):\n        return d * (Z > self.x)",
        "def relu_backward(d, Z):\n    return A().f(d, Z)",
    ),
    "attribute": ("class x:\n    pass", "x.y = 0", USES_X.replace("> x", "> x.y")),
    "tuple": ("y, x = 1, 0", USES_X),
    "star target": ("[x, *rest], (y, z) = [0, 5], (1, 2)", USES_X),
    "augmented": ("x = 5", "x -= 2; x -= 3", USES_X),
    "from itself": ("x = 1", "x = x - 1", USES_X),
    "entry": ("x = {}", "x['y'] = 0", USES_X.replace("> x", "> x['y']")),
    "update": ("x = {}", "x.update(y=0)", USES_X.replace("> x", "> x['y']")),
    "append": ("x = []", "x.append(0)", "print(x)", USES_X.replace("> x", "> x[0]")),
    "if": ("if True:\n    x = 0\nelse:\n    x = 1", USES_X),
    "try": ("try:\n    import nowhere as x\nexcept ImportError:\n    x = 0", USES_X),
    "with": ("import contextlib", "with contextlib.suppress(OSError):\n    x = 0", USES_X),
    "for": ("x = 3", "for i in range(3):\n    x -= 1", USES_X),
    "while": ("x = 3", "while x:\n    x = x - 1", USES_X),
    "match": ("match 3:\n    case 4:\n        x = 1\n    case y:\n        x = 0", USES_X),
    "walrus": ("print(x := 0)", USES_X),
    "annotated": ("x: float = 0", USES_X),
    "global": ("def f():\n    global x\n    x = 0", "f()", USES_X),
    "global again": ("x = 7", "def f():\n    global x\n    x = 0", "y = f()", USES_X),
    "entry by a call": (
        "x = {}",
        "def f(y):\n    x['y'] = y\n    y.z = 1",
        "class Y:\n    pass",
        "f(0) if False else x.update(y=0)",
        "try:\n    f(0)\nexcept AttributeError:\n    pass",
        USES_X.replace("> x", "> x['y']"),
    ),
    "memory": (
        "x = {}",
        "def relu_backward(d, Z):\n    x['y'] = 0\n    x['z'] = 1\n    return d * (Z > x['y'])",
    ),
    "maybe": ("x = 0", "if False:\n    x = 1", USES_X),
    "walrus inside": ("[x := 0 for _ in range(1)]", USES_X),
    "comprehension": ("x = [0 for i in range(1)][0]", USES_X),
    "decorator": ("def same(f):\n    return f", f"@same\n{USES_X}", "x = 0"),
    "cached": (
        "from functools import lru_cache",
        "@lru_cache(None)\ndef f():\n    return 0",
        "x = f()",
        USES_X,
    ),
    "recursion": (
        "def relu_backward(d, Z, n=3):\n"
        "    return relu_backward(d, Z, n - 1) if n else d * (Z > 0)",
    ),
    "inner function": (
        "def relu_backward(d, Z):\n    x = 0\n    def f():\n"
        "        return d * (Z > x)\n    return f()",
    ),
    "await elsewhere": ("async def other():\n    return await 1", "x = 0", USES_X),
}


@pytest.mark.parametrize("title", ALONE)
def test_it_works_by_itself(title):
    relu_backward = run(*ALONE[title])
    Z = np.array([-1.0, 2.0, 0.0, 3.0])
    np.testing.assert_array_equal(relu_backward(np.full(4, 2.0), Z), [0.0, 2.0, 0.0, 2.0])


def test_parameters_and_variables_of_functions_need_nothing():
    taken = code(
        "Z = open('big.csv').read()",
        "dout, mask, i, n, e, c, k = [slow() for _ in range(9)]",
        "def relu_backward(dout, Z):\n"
        "    mask = [i for i in Z]\n"
        "    for n in mask:\n        pass\n"
        "    try:\n        pass\n    except OSError as e:\n        print(e)\n"
        "    with open('x') as c:\n        c\n"
        "    return (lambda k: k)(mask) and (k := 3)",
    )
    assert taken.startswith("def relu_backward") and "slow" not in taken


def test_the_last_definition_counts():
    assert run(RIGHT, "def relu_backward(dout, Z):\n    return 5")(1, 2) == 5


def test_a_helper_means_what_it_meant_in_the_end():
    assert run("k = 1", "def relu_backward(d, Z):\n    return k", "k = 2")(1, 2) == 2
    assert code("k = 1", "def relu_backward(d, Z):\n    return k", "k = 2").count("k =") == 1


def test_what_is_executed_at_once_means_what_it_meant_there():
    cells = [
        "k = 1",
        "def f():\n    return k",
        "K = f()",
        "k = 2",
        "def relu_backward(d, Z):\n    return K, k",
    ]
    assert run(*cells)(0, 0) == (1, 2)


def test_a_lambda_that_is_called_at_once_means_what_it_meant_there():
    cells = ["k = 1", "K = max([1, 2], key=lambda i: i * k)", "k = -1"]
    assert run(*cells, "def relu_backward(d, Z):\n    return K")(0, 0) == 2


def test_a_default_is_taken_when_the_function_is_defined():
    assert run("k = 1", "def relu_backward(d, Z, k=k):\n    return k", "k = 2")(0, 0) == 1


def test_a_missing_import_is_left_missing():
    with pytest.raises(NameError, match="np"):
        run("def relu_backward(d, Z):\n    return np.where(Z > 0, d, 0)")(1, 2)


def test_imports_below_are_put_in_front():
    cells = ["ZERO = np.float64(0)", "def relu_backward(d, Z):\n    return d * (Z > ZERO)", NUMPY]
    assert run(*cells)(2.0, 1.0) == 2.0
    assert code(*cells).startswith(NUMPY)


def test_a_starter_never_hides_an_answer():
    assert run(RIGHT, STARTER)(2.0, 1.0) == 2.0
    assert run(STARTER, RIGHT)(2.0, 1.0) == 2.0
    with pytest.raises(NotImplementedError):
        run(STARTER, "check(relu_backward)", STARTER)(2.0, 1.0)


def test_an_import_is_no_answer_and_hides_none():
    answer = answers("from backprop_course.layers import relu_backward", "check(relu_backward)")
    assert answer.functions["relu_backward"].code == ""
    assert answer.functions["relu_backward"].problem == (
        "is imported from backprop_course.layers, and not written in the notebook."
    )
    assert run(RIGHT, "from backprop_course.layers import relu_backward")(2.0, 1.0) == 2.0


def test_an_answer_of_another_name_is_found_by_its_check():
    mine = "def mine(d, Z):\n    return d * (Z > 0)"
    assert run(STARTER, mine, 'check(mine, "relu_backward")')(2.0, 1.0) == 2.0
    assert run(mine, 'backprop_course.check(mine, name="relu_backward")')(2.0, 1.0) == 2.0
    assert (
        run(RIGHT, "def bad(d, Z):\n    return 0", 'check(bad, "relu_backward")')(2.0, 1.0) == 2.0
    )


def test_a_broken_cell_is_one_problem_of_its_functions():
    cells = [
        "x = 1",
        "import numpy as np\n\ndef linear_backward(dout, X):\n    return dout @@ X",
        RIGHT,
    ]
    found = answers(*cells)
    assert found.functions["relu_backward"].problem == ""
    assert found.functions["linear_backward"].code == ""
    assert found.functions["linear_backward"].problem == (
        "could not be read: cell 2, line 4: SyntaxError: invalid syntax"
    )


def test_a_broken_cell_does_not_hide_an_answer_that_ran_before():
    assert run(RIGHT, "def relu_backward(dout, Z):\n    return dout *")(2.0, 1.0) == 2.0
    found = answers(STARTER, "def relu_backward(dout, Z):\n    return dout *")
    assert found.functions["relu_backward"].problem.startswith("could not be read: cell 2, line 2")


@pytest.mark.parametrize("name", ["# def relu_backward(", "x = 'def relu_backward(' +"])
def test_only_a_definition_is_a_broken_definition(name):
    assert answers(f"{name}\n1 +").functions == {}


def test_what_nobody_wrote_is_left_out():
    assert answers("x = 1").functions == {}
    assert answers("relu_backward: int").functions == {}
    assert answers("del relu_backward").functions == {}


def test_statements_that_share_a_line_are_taken_apart():
    taken = code("é = 'ü'; k = 'ö'; print(k)  # why", "def relu_backward(d, Z): return k")
    assert taken == "k = 'ö'\ndef relu_backward(d, Z): return k\n"


def test_texts_over_several_lines_stay_as_they_are():
    text = 'k = """a\n   b; c\x0c\n\u2028d"""'
    assert run(text, "def relu_backward(d, Z):\n    return k")(0, 0) == "a\n   b; c\x0c\n\u2028d"


def test_a_tangle_is_refused_and_not_waited_for():
    cells = [f"def f{i}():\n    return f{i + 1}()\nx{i} = f{i}()" for i in range(400)]
    cells.append("def f400():\n    return " + " + ".join(f"x{i}" for i in range(400)))
    cells.append("def relu_backward(d, Z):\n    return f0()")
    found = answers(*cells)
    assert found.functions["relu_backward"].problem == (
        "could not be read: it depends on more than a notebook can hold."
    )


def test_a_long_chain_is_no_tangle():
    cells = ["x = 0"] + ["x = x + 1"] * 3_000 + ["def relu_backward(d, Z):\n    return x"]
    assert run(*cells)(0, 0) == 3_000
