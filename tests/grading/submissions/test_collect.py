"""A class is collected: every student once, nothing lost in silence."""

import os
import pickle

import pytest

from backprop_course.grading.submissions import (
    CannotCollect,
    Limits,
    collect_submissions,
    read_answers,
)
from tests.grading.submissions.builders import (
    RIGHT,
    STARTER,
    as_bytes,
    collect,
    pack,
    reasons,
    students,
    write,
)

FIRST = "01_chain_rule-1.ipynb"
OTHER = as_bytes("def linear_backward(dout):\n    return dout")


def only(collected):
    assert len(collected.submissions) == 1
    return collected.submissions[0]


def first(tmp_path, files, **options):
    """Return the first of two students, so that their folder is not taken for the whole class."""
    return collect(tmp_path, files | {"zoe/hw.ipynb": None}, **options).submissions[0]


def test_a_folder_of_files(tmp_path):
    found = collect(tmp_path, {"anna.ipynb": None, "ben10.py": RIGHT, "ben9.ipynb": None})
    assert students(found) == {
        "anna": ("anna.ipynb",),
        "ben9": ("ben9.ipynb",),
        "ben10": ("ben10.py",),
    }
    assert found.problems == []
    for submission in found.submissions:
        assert "return dout * (Z > 0)" in read_answers(submission).functions["relu_backward"].code


def test_a_folder_of_folders_of_lessons(tmp_path):
    files = {"anna/01.ipynb": None, "anna/b/03.ipynb": OTHER, "ben/x.ipynb": None}
    found = collect(tmp_path, files)
    assert students(found) == {
        "anna": ("anna/01.ipynb", "anna/b/03.ipynb"),
        "ben": ("ben/x.ipynb",),
    }
    answers = read_answers(found.submissions[0])
    assert set(answers.functions) == {"relu_backward", "linear_backward"}


def test_an_archive_is_read_without_unpacking(tmp_path):
    before = set(os.listdir(tmp_path))
    files = {"x_1_10_hw.ipynb": None, "y_LATE_2_11_hw.ipynb": OTHER, "z_3_12_hw.pdf": b"%PDF"}
    found = collect_submissions(pack(tmp_path / "submissions.zip", files))
    assert set(os.listdir(tmp_path)) - before == {"submissions.zip"}
    assert [(one.student, one.name, one.late, one.problem) for one in found.submissions] == [
        ("1", "x", False, ""),
        ("2", "y", True, ""),
        (
            "3",
            "z",
            False,
            "Only z_3_12_hw.pdf was handed in: no notebook (.ipynb) or Python file (.py).",
        ),
    ]
    assert found.submissions[1].notes == ("Handed in late, says the LMS.",)
    assert read_answers(found.submissions[2]).problem.startswith("Only z_3_12_hw.pdf")
    assert "linear_backward" in read_answers(found.submissions[1]).functions


def test_moodles_archive(tmp_path):
    folder = "Jane Doe_5_assignsubmission_file"
    found = collect_submissions(pack(tmp_path / "a.zip", {f"{folder}/hw.ipynb": None}))
    assert (only(found).student, only(found).name) == ("5", "Jane Doe")


def test_a_single_notebook_is_a_class_of_one(tmp_path):
    write(tmp_path, {"anna (1).ipynb": None})
    assert students(collect_submissions(tmp_path / "anna (1).ipynb")) == {
        "anna": ("anna (1).ipynb",)
    }


@pytest.mark.parametrize(
    ("files", "kept", "dropped"),
    [
        (["hw.ipynb", "hw (1).ipynb"], "hw (1).ipynb", "hw.ipynb"),
        (["hw (9).ipynb", "hw (10).ipynb"], "hw (10).ipynb", "hw (9).ipynb"),
        (["hw.ipynb", "hw-1.ipynb", "hw-2.ipynb"], "hw-2.ipynb", "hw.ipynb, anna/hw-1.ipynb"),
        (["HW.ipynb", "hw (1).IPYNB"], "hw (1).IPYNB", "HW.ipynb"),
        (["01_chain_rule-1.ipynb", "01_chain_rule-2.ipynb"], "01_chain_rule-2.ipynb", FIRST),
    ],
)
def test_the_latest_copy_is_graded_and_it_is_said(tmp_path, files, kept, dropped):
    found = first(tmp_path, {f"anna/{file}": None for file in files})
    assert found.files == (f"anna/{kept}",)
    assert found.notes == (f"anna/{kept} is graded, in place of the earlier anna/{dropped}.",)


def test_the_number_counts_more_than_the_time(tmp_path):
    folder = write(tmp_path / "class", {"anna (2).ipynb": None, "anna (1).ipynb": OTHER})
    os.utime(folder / "anna (2).ipynb", (1, 1))
    assert only(collect_submissions(folder)).files == ("anna (2).ipynb",)


def test_of_the_same_name_the_later_counts(tmp_path):
    # The same name twice in one archive, as a tool may write it.
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, pytest.warns(UserWarning):
        for hour, text in ((9, RIGHT), (23, STARTER), (11, STARTER)):
            info = zipfile.ZipInfo("c/anna.ipynb", (2025, 5, 5, hour, 0, 0))
            archive.writestr(info, as_bytes(text if hour != 23 else RIGHT + "\n# last"))
    found = only(collect_submissions(tmp_path / "a.zip"))
    assert b"# last" in found.read()[0]


def test_parts_are_no_copies(tmp_path):
    found = first(tmp_path, {"anna/part-1.ipynb": None, "anna/part-2.ipynb": OTHER})
    assert found.files == ("anna/part-1.ipynb", "anna/part-2.ipynb")
    assert found.notes == ()


def test_of_several_files_an_answer_goes_before_a_starter(tmp_path):
    files = {"a/b.ipynb": None, "a/c.ipynb": as_bytes(STARTER), "a/d.ipynb": b"{"}
    answers = read_answers(first(tmp_path, files))
    assert "return dout * (Z > 0)" in answers.functions["relu_backward"].code
    assert answers.problem == ""
    assert answers.notes == ("a/d.ipynb ends in the middle: it was saved or sent only in part.",)


def test_of_several_files_the_lessons_own_goes_first(tmp_path):
    copy = as_bytes(RIGHT + "\n    # a copy", 'check_answer("04.q1", 1)')
    own = as_bytes(RIGHT + "\n    # mine\n    pass", 'check_answer("04.q1", 2)')
    files = {"a/04_activations.ipynb": own, "a/07_networks.ipynb": copy}
    answers = read_answers(first(tmp_path, files))
    assert "# mine" in answers.functions["relu_backward"].code
    assert answers.questions["04.q1"].value == 2


def test_what_no_one_wrote_is_passed_over(tmp_path):
    files = {
        ".DS_Store": b"x",
        "Thumbs.db": b"x",
        "__MACOSX/._anna.ipynb": b"x",
        ".ipynb_checkpoints/anna-checkpoint.ipynb": b"x",
        "anna/.ipynb_checkpoints/hw-checkpoint.ipynb": b"x",
        "anna/__pycache__/hw.pyc": b"x",
        "anna/hw.ipynb": None,
        "~$x.docx": b"x",
    }
    for found in (
        collect(tmp_path, files),
        collect_submissions(pack(tmp_path / "a.zip", files)),
    ):
        assert found.problems == []
        assert [one.files for one in found.submissions] == [("anna/hw.ipynb",)]


def test_what_is_no_notebook_is_said(tmp_path):
    found = collect(tmp_path, {"anna.ipynb": None, "ben.docx": b"x", "cleo.zip": b"PK"})
    assert [(one.file, one.reason) for one in found.problems] == [
        ("ben.docx", "is neither a notebook (.ipynb) nor a Python file (.py), and was not graded."),
        ("cleo.zip", "is an archive in the submission and was not opened; unpack it first."),
    ]
    found = collect(tmp_path / "2", {"anna/x.zip": b"PK", "anna/a.png": b"", "ben/x.ipynb": None})
    assert found.submissions[0].problem == (
        "Only a.png and 1 more was handed in: no notebook (.ipynb) or Python file (.py)."
    )
    assert [one.file for one in found.problems] == ["anna/x.zip"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
def test_links_and_pipes_are_refused(tmp_path):
    folder = write(tmp_path / "class", {"anna.ipynb": None, "ben/hw.ipynb": None})
    secret = write(tmp_path, {"secret.ipynb": None}) / "secret.ipynb"
    os.symlink(secret, folder / "cleo.ipynb")
    os.symlink(tmp_path, folder / "dora")
    os.symlink("/nowhere", folder / "ben" / "x.ipynb")
    os.mkfifo(folder / "fred.ipynb")
    found = collect_submissions(folder)
    assert students(found) == {
        "anna": ("anna.ipynb",),
        "ben": ("ben/hw.ipynb", "ben/x.ipynb"),
        "cleo": ("cleo.ipynb",),
        "dora": ("dora",),
        "fred": ("fred.ipynb",),
    }
    link = "is a link, and links are not followed."
    assert reasons(found) == {
        "cleo": f"cleo.ipynb {link}",
        "dora": f"dora {link}",
        "fred": "fred.ipynb is not a regular file.",
    }
    assert read_answers(found.submissions[1]).notes == (f"ben/x.ipynb {link}",)
    assert found.problems == []
    # The file becomes a link after it was found.
    anna = found.submissions[0]
    os.unlink(folder / "anna.ipynb")
    os.symlink(secret, folder / "anna.ipynb")
    assert read_answers(anna).problem == f"anna.ipynb {link}"
    os.unlink(folder / "anna.ipynb")
    os.mkfifo(folder / "anna.ipynb")
    assert read_answers(anna).problem == "anna.ipynb is not a regular file."
    os.unlink(folder / "anna.ipynb")
    assert read_answers(anna).problem == "anna.ipynb is not there any more."


def test_a_file_that_is_too_large_is_one_row(tmp_path):
    # It stops nobody else, however large it is.
    limits = Limits(file_bytes=1 << 20, total_bytes=2 << 20)
    large = {"ben.ipynb": b" " * (1 << 20) + b"{}", "film.mp4": b" " * (2 << 20)}
    found = collect(tmp_path, {"anna.ipynb": None} | large, limits=limits)
    assert students(found) == {"anna": ("anna.ipynb",), "ben": ("ben.ipynb",)}
    assert reasons(found) == {"ben": "ben.ipynb is larger than 1 MB, the most a file may have."}


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_of_several_copies_one_that_can_be_read_goes_first(tmp_path):
    folder = write(tmp_path / "class", {"anna/hw.ipynb": None, "anna/hw (1).ipynb": OTHER})
    write(folder, {"ben/01.ipynb": None, "ben/02.ipynb": OTHER})
    for name in ("anna/hw (2).ipynb", "ben/00.ipynb", "cleo.ipynb", "cleo (1).ipynb"):
        os.symlink("/nowhere", folder / name)
    found = collect_submissions(folder, limits=Limits(student_files=2))
    assert students(found) == {
        "anna": ("anna/hw (1).ipynb",),
        "ben": ("ben/01.ipynb", "ben/02.ipynb"),
        "cleo": ("cleo (1).ipynb",),
    }
    link = "is a link, and links are not followed."
    anna, ben, cleo = found.submissions
    assert anna.notes == (
        "anna/hw (1).ipynb is graded, in place of the earlier anna/hw.ipynb.",
        f"anna/hw (2).ipynb {link} anna/hw (1).ipynb is graded instead.",
    )
    assert "only the first 2 were read" in ben.notes[0]
    assert cleo.notes == (f"cleo.ipynb {link}",)
    assert reasons(found) == {"cleo": f"cleo (1).ipynb {link}"}


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_a_file_that_is_refused_does_not_hide_whose_the_others_are(tmp_path):
    files = {"class/anna/hw.ipynb": None, "class/ben/a.ipynb": None, "class/ben/b.ipynb": None}
    folder = write(tmp_path / "1", files)
    os.symlink("/nowhere", folder / "class" / "cleo")
    os.symlink("/nowhere", folder / "class" / "ben" / "picture.png")
    found = collect_submissions(folder)
    assert set(students(found)) == {"anna", "ben", "cleo"} and found.problems == []
    # Links alone, and links to what is no notebook.
    (tmp_path / "2").mkdir()
    os.symlink("/nowhere", tmp_path / "2" / "dora")
    os.symlink("/nowhere", tmp_path / "2" / "picture.png")
    found = collect_submissions(tmp_path / "2")
    assert students(found) == {"dora": ("dora",)}
    assert [one.file for one in found.problems] == ["picture.png"]
    text = "student,name,file\n7,Dora,dora\n"
    (tmp_path / "roster.csv").write_text(text)
    found = collect_submissions(tmp_path / "2", tmp_path / "roster.csv")
    assert (only(found).student, only(found).files) == ("7", ("dora",))


def test_limits_of_a_folder(tmp_path):
    folder = write(tmp_path / "class", {f"{i}.ipynb": None for i in range(5)})
    with pytest.raises(CannotCollect, match="holds more than 4 files; give one class"):
        collect_submissions(folder, limits=Limits(entries=4))
    with pytest.raises(CannotCollect, match="holds more than 0 GB"):
        collect_submissions(folder, limits=Limits(total_bytes=100))
    found = collect(tmp_path, {"a/b/c/d/e.ipynb": None}, limits=Limits(depth=2))
    assert reasons(found) == {"a": "a/b/c lies more than 2 folders deep, and was left out."}
    many = {f"anna/{i}.ipynb": None for i in range(5)}
    anna = first(tmp_path / "3", many, limits=Limits(student_files=2))
    assert anna.files == ("anna/0.ipynb", "anna/1.ipynb")
    assert "only the first 2 were read" in anna.notes[0]


def test_bad_places_have_one_sentence(tmp_path):
    def says(path):
        with pytest.raises(CannotCollect) as caught:
            collect_submissions(path)
        return str(caught.value).replace(str(tmp_path), "HERE")

    write(tmp_path, {"x.docx": b"", "bad.zip": b"no zip", "cut.zip": b"PK\x05\x06"})
    pack(tmp_path / "empty.zip", {})
    (tmp_path / "empty").mkdir()
    nothing = "holds no submissions: no notebook (.ipynb) or Python file (.py)."
    assert says(tmp_path / "nowhere") == "There is no HERE/nowhere."
    assert says(tmp_path / "nowhere.zip") == "There is no HERE/nowhere.zip."
    assert says(tmp_path / "empty") == f"HERE/empty {nothing}"
    assert says(tmp_path / "empty.zip") == f"HERE/empty.zip {nothing}"
    assert says(tmp_path / "x.docx") == (
        "HERE/x.docx is neither a folder, nor a .zip archive, nor a notebook."
    )
    for name in ("bad.zip", "cut.zip"):
        assert says(tmp_path / name) == (
            f"{name} is damaged, or is not a zip archive; download it again."
        )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path):
    folder = write(tmp_path / "class", {"anna.ipynb": None, "ben/x.ipynb": None})
    os.chmod(folder / "anna.ipynb", 0)
    os.chmod(folder / "ben", 0)
    found = collect_submissions(folder)
    os.chmod(folder / "ben", 0o700)
    assert reasons(found) == {
        "anna": "anna.ipynb may not be read: permission is denied.",
        "ben": "ben cannot be opened: Permission denied.",
    }


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_text_can_be_shown_and_stored(tmp_path):
    folder = write(tmp_path / "class", {"anna.ipynb": None})
    raw = os.fsencode(folder) + b"/b\xff\n\x1bn.ipynb"
    with open(raw, "wb") as file:
        file.write(as_bytes(RIGHT))
    found = collect_submissions(folder)
    assert [one.student for one in found.submissions] == ["anna", "b\ufffd\ufffd\ufffdn"]
    assert read_answers(found.submissions[1]).functions["relu_backward"].code
    found.submissions[1].digest.encode("ascii")


def test_the_digest_follows_names_and_contents(tmp_path):
    one = only(collect(tmp_path / "1", {"anna.ipynb": None}))
    same = only(collect(tmp_path / "2", {"anna.ipynb": None}))
    renamed = only(collect(tmp_path / "3", {"ben.ipynb": None}))
    other = only(collect(tmp_path / "4", {"anna.ipynb": OTHER}))
    assert len(one.digest) == 64
    assert one.digest == same.digest
    assert len({one.digest, renamed.digest, other.digest}) == 3
    os.unlink(tmp_path / "4/class/anna.ipynb")
    assert len(only(collect(tmp_path / "5", {"anna/x.pdf": b""})).digest) == 64


def test_the_digest_follows_what_is_said_of_a_student(tmp_path):
    names = "student,name\nanna,{}\n"
    digests = set()
    for place, files in enumerate(({}, {"anna (1).pdf": b""}, {"anna (0).ipynb": None})):
        folder = write(tmp_path / str(place), {"anna (1).ipynb": OTHER} | files)
        digests.add(only(collect_submissions(folder)).digest)
    assert len(digests) == 2
    for name in ("Anna", "Anna B", "Anna"):
        (tmp_path / "roster.csv").write_text(names.format(name))
        digests.add(only(collect_submissions(folder, tmp_path / "roster.csv")).digest)
    assert len(digests) == 4


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_the_digest_of_a_file_that_is_refused_is_that_of_its_reason(tmp_path):
    limits = Limits(file_bytes=10)
    seen = {}
    for place in ("first", "second"):
        folder = write(tmp_path / place, {"large.ipynb": place * 20})
        os.symlink(f"/nowhere/{place}", folder / "link.ipynb")
        for one in collect_submissions(folder, limits=limits).submissions:
            seen.setdefault(one.student, set()).add(one.digest)
    assert {student: len(digests) for student, digests in seen.items()} == {"large": 1, "link": 1}
    assert seen["large"] != seen["link"]


def test_a_submission_travels_without_its_contents(tmp_path):
    big = as_bytes(RIGHT, "x = '" + "y" * 200_000 + "'")
    archive = pack(tmp_path / "a.zip", {"class/anna.ipynb": big})
    for found in (collect(tmp_path, {"anna.ipynb": big}), collect_submissions(archive)):
        travelled = pickle.dumps(only(found))
        assert len(travelled) < 2_000
        assert pickle.loads(travelled).read() == [big]
