"""Ids are steady and every cell knows its place in the deck."""

import nbformat

from backprop_course.authoring import cells


def build(*found):
    return cells.notebook(list(found), built_from="notebooks/source/00_x.py")


def test_slides():
    notebook = build(
        cells.markdown("# Title"),
        cells.code("import numpy as np"),
        cells.markdown("## Part\n\ntext"),
        cells.code("1 + 1"),
        cells.markdown("### Detail"),
        cells.markdown("#hash"),
        cells.code("2 + 2", slideshow={"slide_type": "fragment"}),
    )
    places = [cell.metadata.slideshow.slide_type for cell in notebook.cells]
    assert places == ["slide", "skip", "slide", "-", "subslide", "-", "fragment"]


def test_ids_depend_on_text_kind_and_occurrence():
    def make():
        return build(cells.code("x"), cells.markdown("x"), cells.code("y"), cells.code("x"))

    ids = [cell.id for cell in make().cells]
    assert ids == [cell.id for cell in make().cells]
    assert len(set(ids)) == 4
    assert ids[3] == f"{ids[0]}-2"


def test_an_edit_changes_only_the_edited_id():
    before = build(cells.code("a"), cells.code("b"), cells.code("c"))
    after = build(cells.code("a"), cells.code("b + 1"), cells.code("c"))
    same = [one.id == other.id for one, other in zip(before.cells, after.cells, strict=True)]
    assert same == [True, False, True]


def test_metadata_holds_nothing_of_the_machine():
    notebook = build(cells.code("1", tags=["nbval-ignore-output"]))
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info
    assert notebook.cells[0].metadata.tags == ["nbval-ignore-output"]
