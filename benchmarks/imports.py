"""Row 14: what the first line of a notebook costs, in fresh Python processes."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.race import Claim, Line, duration, ratio

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "import backprop_course"
GROUND_FLOOR = "import backprop_course.network"
NUMPY = "import numpy"
PLOTS = "import numpy, matplotlib.pyplot, ipywidgets"


def races(tiny=False):
    yield Claim("import", lambda tick: imports(2 if tiny else 15, tick))


def imports(rounds, tick):
    lines = (PACKAGE, GROUND_FLOOR, NUMPY, PLOTS)
    for line in lines:
        seconds(line)  # writes the byte code and fills the file cache
    times = []
    for number in range(rounds):
        turn = number % len(lines)
        times.append({line: seconds(line) for line in lines[turn:] + lines[:turn]})
        tick((number + 1) / rounds)
    goals = {(PACKAGE, NUMPY): 1.1, (PACKAGE, PLOTS): 0.2}
    for ours in (PACKAGE, GROUND_FLOOR):
        for peer in (NUMPY, PLOTS):
            goal = goals.get((ours, peer))
            share = median(one[ours] / one[peer] for one in times)
            mine, theirs = (duration(median(one[line] for one in times)) for line in (ours, peer))
            what, label = ours.replace("import ", ""), peer.replace("import ", "")
            yield Line(
                "14",
                f"import {what}",
                mine,
                label,
                theirs,
                "",
                ratio(share),
                "" if goal is None else f"<= {ratio(goal)}",
                None if goal is None else share <= goal,
            )


def seconds(line):
    """Return the CPU time of a fresh Python that runs one line; wall time where there is none."""
    before = _children()
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", line], cwd=ROOT, check=True)
    wall = time.perf_counter() - start
    return wall if before is None else _children() - before


def _children():
    try:
        import resource
    except ImportError:  # Windows
        return None
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
