"""The whole cross product: every attack, as root and as an ordinary user, any two layers removed.

It takes some ten minutes, and prints a line for each set of layers and what was not in vain.
"""

import itertools
import os
import sys

import pytest

from tests.grading.hostile import test_hostile as tests

LAYERS = ("rlimits", "death_signal", "no_new_privs", "seccomp", "landlock", "namespaces", "uid")


def main() -> int:
    """Run all campaigns and return the number of attacks that were not in vain."""
    users = ["root", "user"] if os.geteuid() == 0 else ["user"]
    removed = [",".join(pair) for size in range(3) for pair in itertools.combinations(LAYERS, size)]
    count = 0
    for who, without in itertools.product(users, removed):
        which = "fast" if "," in without else "all"
        try:
            (said,) = tests.reports(who, f"{which}:{without}")
        except pytest.skip.Exception as reason:
            print(f"{who:5} without {without or 'nothing':25} skipped: {reason}")
            continue
        wrong = tests.complaints(said)
        tried, active = len(said["outcomes"]), sum(said["layers"].values())
        print(f"{who:5} without {without or 'nothing':25} {active} layers, {tried} attacks")
        for complaint in wrong:
            print(f"      {complaint}")
        count += len(wrong)
    print(f"{count} attacks were not in vain.")
    return count


if __name__ == "__main__":
    sys.exit(bool(main()))
