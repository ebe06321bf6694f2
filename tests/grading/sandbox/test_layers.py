"""Which layers are enough, what goes with what, and what the doctor says of this host."""

import sys

import pytest

from backprop_course.grading.sandbox import Layers, available_layers, enough
from backprop_course.grading.sandbox import doctor as told
from backprop_course.grading.sandbox.layers import KEEPS_OUT, NONE, WARNING


@pytest.mark.parametrize(
    ("without", "fine"),
    [
        ((), True),
        (("namespaces",), True),
        (("landlock",), True),
        (("uid",), True),
        (("death_signal",), True),
        (("namespaces", "landlock"), False),
        (("seccomp",), False),
        (("rlimits",), False),
        (("no_new_privs",), False),
        (("server",), False),
    ],
)
def test_what_is_enough(without, fine):
    assert enough(Layers().without(*without)) is fine


def test_nothing_is_not_enough():
    assert not enough(NONE)


def test_a_layer_goes_with_those_that_need_it():
    assert Layers().without("no_new_privs").active() == (
        *("server", "rlimits", "death_signal", "namespaces", "uid"),
    )
    assert Layers().without("server").active() == ("rlimits",)


def test_both_is_what_both_have():
    a, b = Layers().without("uid"), Layers().without("seccomp")
    assert (a & b) == Layers().without("uid", "seccomp")


def test_every_layer_is_described():
    assert set(KEEPS_OUT) == set(told._NAMES) == set(Layers().names())


@pytest.mark.skipif(sys.platform != "linux", reason="the layers are parts of Linux")
def test_the_doctor_says_what_holds_here(capsys):
    held = available_layers()
    assert told.run_doctor() == (0 if enough(held) else 1)
    said = capsys.readouterr().out
    assert said.count("active") == len(held.active())
    assert "Landlock" in said and "seccomp" in said


def test_the_doctor_warns_where_there_is_no_server(capsys, monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert told.run_doctor() == 1
    said = " ".join(capsys.readouterr().out.split())
    assert WARNING in said and "--trust-submissions" in said
