"""Archives that mean harm, or were made by odd programs."""

import io
import struct
import zipfile
import zlib

import pytest

from backprop_course.grading.submissions import (
    CannotCollect,
    Limits,
    collect_submissions,
    read_answers,
)
from backprop_course.grading.submissions.places import find_in_archive, shown
from tests.grading.submissions.builders import (
    RIGHT,
    as_bytes,
    encrypt,
    overlap,
    pack,
    pack_links,
    reasons,
    students,
)

GOOD = as_bytes(RIGHT)


def problems(path, **limits):
    return {
        one.file: one.reason for one in collect_submissions(path, limits=Limits(**limits)).problems
    }


def edited(path, old: bytes, new: bytes, count=-1):
    """Change bytes of an archive, as a hostile program would."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, count))
    return path


def test_entries_that_point_outside_are_refused(tmp_path):
    names = ["../evil.ipynb", "a/../../evil.ipynb", "/etc/evil.ipynb", "C:\\evil.ipynb", "ok.ipynb"]
    path = pack(tmp_path / "a.zip", dict.fromkeys(names))
    outside = "points outside of the archive, and was refused."
    assert problems(path) == {
        "../evil.ipynb": outside,
        "a/../../evil.ipynb": outside,
        "/etc/evil.ipynb": outside,
        "C:/evil.ipynb": outside,
    }
    assert students(collect_submissions(path)) == {"ok": ("ok.ipynb",)}


def test_an_entry_without_a_name_stops_nobody(tmp_path):
    path = pack(tmp_path / "a.zip", {".": None, "anna.ipynb": None})
    assert problems(path) == {".": "has no name, and was left out."}
    assert students(collect_submissions(path)) == {"anna": ("anna.ipynb",)}


def test_links_in_archives_are_refused(tmp_path):
    link = "is a link, and links are not followed."
    path = pack_links(pack(tmp_path / "a.zip", {"ben.ipynb": None}), ["anna.ipynb", "cleo"])
    found = collect_submissions(path)
    assert reasons(found) == {"anna": f"anna.ipynb {link}", "cleo": f"cleo {link}"}
    assert students(found)["ben"] == ("ben.ipynb",) and found.problems == []
    assert reasons(collect_submissions(pack_links(tmp_path / "b.zip", ["dora"]))) == {
        "dora": f"dora {link}"
    }


def test_encrypted_entries_are_refused(tmp_path):
    path = encrypt(pack(tmp_path / "a.zip", {"anna.ipynb": None, "ben.ipynb": None}))
    assert reasons(collect_submissions(path)) == {
        "anna": "anna.ipynb is encrypted; pack the archive again without a password."
    }


def test_other_methods_of_packing_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("anna.ipynb", GOOD)
    found = collect_submissions(tmp_path / "a.zip")
    assert "packed by a method" in reasons(found)["anna"]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    path = pack(
        tmp_path / "a.zip", {"anna.ipynb": b" " * 9_000_000, "ben.ipynb": b" " * 30_000_000}
    )
    monkeypatch.delattr(zlib, "decompressobj")
    # Files that are refused take no part in the sum of all sizes: they stop nobody else.
    found = collect_submissions(path, limits=Limits(total_bytes=1_000))
    assert reasons(found) == {
        "anna": "anna.ipynb would grow more than 200 times when unpacked, and was refused.",
        "ben": "ben.ipynb is larger than 16 MB, the most a file may have.",
    }
    assert len({one.digest for one in found.submissions}) == 2


def test_a_bomb_that_lies_about_its_size_is_damaged(tmp_path):
    path = pack(tmp_path / "a.zip", {"anna.ipynb": b" " * 9_000_000})
    edited(path, struct.pack("<I", 9_000_000), struct.pack("<I", 5_000))
    anna = collect_submissions(path).submissions[0]
    assert read_answers(anna).problem == "anna.ipynb is damaged in the archive."


def test_entries_that_share_their_bytes_are_refused(tmp_path):
    files = dict.fromkeys(["anna.ipynb", "benn.ipynb", "cleo.ipynb"])
    found = collect_submissions(overlap(pack(tmp_path / "a.zip", files)))
    shared = "shares its bytes with another entry of the archive, as in a zip bomb."
    assert reasons(found) == {"anna": f"anna.ipynb {shared}", "benn": f"benn.ipynb {shared}"}
    assert students(found)["cleo"] == ("cleo.ipynb",)


def test_archives_in_archives_are_not_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("hw.ipynb", GOOD)
    path = pack(tmp_path / "a.zip", {"doe_1_2_hw.zip": inner.getvalue(), "x_2_3_hw.ipynb": None})
    found = collect_submissions(path)
    assert found.problems[0].reason == (
        "is an archive in the submission and was not opened; unpack it first."
    )
    assert [one.problem for one in found.submissions] == [
        "Only doe_1_2_hw.zip was handed in: no notebook (.ipynb) or Python file (.py).",
        "",
    ]


def test_a_damaged_entry_is_one_row(tmp_path):
    path = pack(tmp_path / "a.zip", {"anna.ipynb": None, "ben.ipynb": None})
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("ben.ipynb").header_offset
    content = bytearray(path.read_bytes())
    content[start + 45 : start + 60] = b"\xff" * 15
    path.write_bytes(content)
    anna, ben = collect_submissions(path).submissions
    assert read_answers(anna).problem == ""
    assert read_answers(ben).problem == "ben.ipynb is damaged in the archive."
    path.write_bytes(b"PK")
    assert read_answers(anna).problem == "anna.ipynb is damaged in the archive."
    path.unlink()
    assert read_answers(anna).problem.startswith("anna.ipynb cannot be read: No such file")


def test_one_flipped_bit_is_seen(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("anna.ipynb", as_bytes("x = 1"))
    path = edited(tmp_path / "a.zip", b"x = 1", b"x = 2")
    anna = collect_submissions(path).submissions[0]
    assert read_answers(anna).problem == "anna.ipynb is damaged in the archive."


def test_names_in_other_alphabets(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("zoë.ipynb", GOOD)
        archive.writestr("??.ipynb", GOOD)
        archive.writestr("bad\x1b[31m.ipynb", GOOD)
    # UTF-8 that does not say so, as some programs write it, and two bytes of Windows.
    path = edited(tmp_path / "a.zip", b"??.ipynb", b"\xc3\xa9.ipynb")
    assert set(students(collect_submissions(path))) == {"zoë", "é", "bad\ufffd[31m"}
    edited(path, b"\xc3\xa9.ipynb", b"\x81\xfc.ipynb")
    assert len(students(collect_submissions(path))) == 3


def test_backslashes_of_windows_are_folders(tmp_path):
    path = pack(tmp_path / "a.zip", {"anna\\hw.ipynb": None, "ben\\x\\hw.ipynb": None})
    assert set(students(collect_submissions(path))) == {"anna", "ben"}


def test_stored_entries_and_comments_are_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.comment = b"from the LMS"
        entry = zipfile.ZipInfo("anna.ipynb")
        entry.comment, entry.extra = b"hello", b"\x01\x00\x02\x00ab"
        archive.writestr(entry, GOOD)
    anna = collect_submissions(tmp_path / "a.zip").submissions[0]
    assert anna.read() == [GOOD]


def test_an_archive_behind_other_bytes_is_read(tmp_path):
    path = pack(tmp_path / "a.zip", {"anna.ipynb": None})
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert collect_submissions(path).submissions[0].read() == [GOOD]


def test_limits_of_an_archive(tmp_path):
    path = pack(tmp_path / "a.zip", {f"{i}.ipynb": None for i in range(9)})
    with pytest.raises(CannotCollect, match="more than 8 entries"):
        find_in_archive(path, Limits(entries=8))
    with pytest.raises(CannotCollect, match="holds more entries than a class has files"):
        find_in_archive(path, Limits(directory_bytes=100))
    long = "y" * 1_000
    files = ["a/b/c/d.ipynb", "b/" * 9 + "e.ipynb", "x.ipynb", f"{long}.ipynb", f"z/{long}.ipynb"]
    deep = pack(tmp_path / "b.zip", dict.fromkeys(files))
    too_deep = "lies more than 2 folders deep, and was left out."
    too_long = "has a name of more than 1,000 letters, and was left out."
    cut = f"{'y' * 100}...{'y' * 44}"
    assert reasons(collect_submissions(deep, limits=Limits(depth=2))) == {
        "a": f"a/b/.../d.ipynb {too_deep}",
        "b": f"b/b/.../e.ipynb {too_deep}",
        cut: f"{cut}.ipynb {too_long}",
        "z": f"z/{cut}.ipynb {too_long}",
    }


def test_what_is_shown_is_printable():
    assert shown("a\tb\u202ec\udcff") == "a\ufffdb\ufffdc\ufffd"
    assert shown("u\u0308") == "ü"
    assert shown("a\u00a0b\ud800") == "a b\ufffd"
