"""A small lesson for tests, with everything in it that a deck has to cope with."""

from nbformat import v4

from backprop_course.authoring import cells
from backprop_course.authoring.lecture.notes import Section
from backprop_course.widgets.film import Reel, film_html

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NOTES = [
    Section("Lesson 42. A sample", 0, "**0 min.** Two minutes. Ask who has seen $x^2$."),
    Section("See `W`", 2, "**2 min.** Point at the *dot*."),
]


def notebook():
    """Return a notebook of six cells with outputs, and an import cell that is skipped."""
    found = [
        cells.markdown("# Lesson 42. A sample\n\n**You need** nothing. **Time:** 3 minutes."),
        cells.code("import numpy as np"),
        cells.markdown(
            "## See `W`\n\nA line $W_{01}$, and [a file](../exercises/x.ipynb), and "
            "[a page](https://example.org/page).\n\n$$dW = X^\\top dZ \\tag{5}$$\n\n"
            "<details><summary>Answer</summary>\n\nIt is $14$.\n\n</details>"
        ),
        cells.code("plt.show()"),
        cells.markdown("**Figure.** The *dot* of `W` and $W_0$.\n\nMore."),
        cells.code('check_answer("42.q1", ...)', slideshow={"slide_type": "fragment"}),
        cells.markdown("### Below"),
        cells.code("print(inspect.getsource(f))"),
        cells.code("Explorer()"),
    ]
    built = cells.notebook(found, built_from="sample")
    reel = Reel("x", ["0", "1"], ["<svg><text>zero</text></svg>", "<svg><text>one</text></svg>"])
    source = (
        'def f(x):\n    """Return x.\n\n    Parameters\n    ----------\n    """\n    return x\n'
    )
    built.cells[3].outputs = [v4.new_output("display_data", {"image/png": DOT, "text/plain": "F"})]
    built.cells[5].outputs = [
        v4.new_output(
            "execute_result",
            execution_count=1,
            data={"text/plain": "not attempted: 42.q1, 0 of 1 point"},
        )
    ]
    built.cells[7].outputs = [v4.new_output("stream", name="stdout", text=source)]
    built.cells[8].outputs = [
        v4.new_output(
            "execute_result",
            execution_count=2,
            data={"text/plain": "Explorer(x=0)", "text/html": film_html([reel])},
        )
    ]
    return built
