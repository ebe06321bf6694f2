"""No timing here: in tiny races we and our peers agree. Skipped where a peer is absent."""

import pytest

from benchmarks.__main__ import FAMILIES
from benchmarks.race import Claim, Race

RACES = pytest.importorskip("benchmarks.run", reason="a peer of the benchmarks is missing").RACES
TINY = [race for name in RACES if name != "import" for race in RACES[name](tiny=True)]


@pytest.mark.parametrize("race", [r for r in TINY if isinstance(r, Race)], ids=lambda r: r.what)
def test_contenders_of_a_tiny_race_agree(race):
    race.compare()
    for run in race.contenders.values():
        run()


@pytest.mark.parametrize("claim", [c for c in TINY if isinstance(c, Claim)], ids=lambda c: c.what)
def test_a_tiny_claim_is_found_out(claim):
    lines = list(claim.lines(1, 1.0))
    assert lines
    assert all(line.met in (True, False) for line in lines)


def test_every_family_can_be_asked_for():
    assert tuple(RACES) == FAMILIES
