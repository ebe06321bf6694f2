"""No attack gains marks, leaves a trace, or touches the next submission.

All attacks as root and as an ordinary user with all layers; then, without those that only wait for
a time limit, with one layer at a time removed. ``python -m tests.grading.hostile`` tries the rest.
"""

import json
import os
import platform
import subprocess
import sys

import pytest

from backprop_course.grading.sandbox import Layers, Sandbox, Task, available_layers, enough
from tests.grading.hostile import attacks, campaign, ordinary

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="only Linux on x86_64 or aarch64 has the layers: NOTHING was tried here",
)
BY_NAME = {attack.name: attack for attack in attacks.ATTACKS}
REMOVED = {
    "root": ("namespaces", "landlock"),
    "user": ("namespaces", "landlock", "seccomp"),
}


def reports(who, *campaigns):
    """Yield what each campaign said, run as root or as an ordinary user."""
    held = available_layers()
    if not enough(held):
        pytest.skip(f"this host has too few layers ({held.active()}): NOTHING was tried here")
    if who == "root" and os.geteuid() != 0:
        pytest.skip("only root can try this as root: run the tests as root once more")
    words = ["-m", "tests.grading.hostile.campaign", *campaigns]
    if who == "user" and os.geteuid() == 0:
        done = ordinary.run(words)
    else:
        words = [sys.executable, *words]
        done = subprocess.run(words, cwd=ordinary.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for words, line in zip(campaigns, done.stdout.splitlines(), strict=True):
        said = json.loads(line)
        asked = Layers().without(*filter(None, words.partition(":")[2].split(",")))
        missing = {name for name in (asked & held).active() if not said["layers"][name]}
        # Root's layer is not the user's, and may need the namespaces where Python is in its home.
        assert missing <= {"uid"}, f"without {words} these did not hold: {missing}"
        yield said


def complaints(said):
    return [
        complaint
        for name, outcome in said["outcomes"].items()
        for complaint in campaign.complaints(BY_NAME[name], campaign.Outcome(**outcome))
    ]


@pytest.mark.parametrize("who", ["root", "user"])
def test_every_attack_is_in_vain(who):
    (said,) = reports(who, "all:")
    assert complaints(said) == []
    assert len(said["outcomes"]) == len(BY_NAME) or not available_layers().namespaces


@pytest.mark.parametrize("who", ["root", "user"])
def test_attacks_are_in_vain_with_a_layer_removed(who):
    layers = [layer for layer in REMOVED[who] if getattr(available_layers(), layer)]
    for layer, said in zip(layers, reports(who, *(f"fast:{one}" for one in layers)), strict=True):
        assert complaints(said) == [], f"without {layer}"
        assert not said["layers"][layer] and len(said["outcomes"]) > 50


def test_the_attacks_see_what_is_there_to_be_seen(tmp_path):
    """The same code finds something where nothing stops it, so that its silence means something."""
    chosen = ("read solutions and tests", "read the host", "signals to the grader")
    world = campaign.World(tmp_path)
    report = Task("", campaign._REPORT, "report", [()], ())
    bare = Layers().without("seccomp", "landlock", "namespaces", "uid")
    with Sandbox(campaign.LIMITS, bare) as box:
        for name in chosen:
            code = world.fill(BY_NAME[name].code)
            task = Task("f", code, "relu_backward", [(1.0, 2.0)], ("dout", "Z"))
            assert box.run([task, report])[1][0].value, name
    world.close()


def test_every_attack_has_a_name_of_its_own():
    assert len(BY_NAME) == len(attacks.ATTACKS) >= 80
