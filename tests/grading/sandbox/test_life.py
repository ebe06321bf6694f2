"""The server outlives its children, ends with the grader, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backprop_course.grading.sandbox import Limits, Sandbox, SandboxError, Task

pytestmark = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="the fork server needs Linux 5.3 or newer"
)
GOOD = Task("f", "def f(x):\n    return x + 1", "f", [(1,)], ("x",))
ROOT = Path(__file__).resolve().parents[3]


def task(code):
    return Task("f", code, "f", [(1,)], ("x",))


def children(process):
    places = Path(f"/proc/{process}/task").glob("*/children")
    return [number for place in places for number in map(int, place.read_text().split())]


def descendants(process, besides=()):
    """Return all processes below one, parents first, except some children and what is below."""
    found = []
    for child in children(process):
        if child not in besides:
            found += [child, *descendants(child)]
    return found


@pytest.fixture
def born():
    """A function that returns all processes that this one has got since the test began.

    Tests that ran before may have left some that are none of ours to count or to kill: a browser.
    """
    others = children(os.getpid())
    return lambda: descendants(os.getpid(), others)


def alive(processes):
    return [number for number in processes if _state(number) not in ("", "Z")]


def _state(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def wait_until(true, seconds=5.0):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_nothing_is_left_after_the_end(born):
    with Sandbox() as box:
        box.run([GOOD])
        ours = born()
        assert len(ours) >= 2
    assert alive(ours) == []
    assert born() == []


def test_two_sandboxes_do_not_hold_each_other_open(born):
    with Sandbox() as one:
        with Sandbox() as other:
            assert other.run([GOOD])[0][0].value == 2
            ours = born()
        assert len(alive(ours)) == len(ours) - 2
        assert one.run([GOOD])[0][0].value == 2


def test_no_child_outlives_its_submission(born):
    with Sandbox() as box:
        before = len(born())
        for _ in range(5):
            box.run([GOOD, task("import os\nos._exit(0)"), GOOD])
        assert wait_until(lambda: len(born()) == before)


def test_a_daemon_dies_where_no_layer_forbids_it(born):
    from backprop_course.grading.sandbox import Layers

    daemon = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(600)\n    os._exit(0)\ndef f(x):\n    return x + 1"
    )
    for without in (("seccomp",), ("seccomp", "namespaces", "landlock")):
        with Sandbox(layers=Layers().without(*without)) as box:
            before = len(born())
            assert box.run([task(daemon)])[0][0].value == 2
            assert wait_until(lambda n=before: len(born()) == n)


def test_a_dead_server_is_noticed_and_started_anew(born):
    with Sandbox() as box:
        box.run([GOOD])
        for number in born():
            os.kill(number, signal.SIGKILL)
        (replies,) = box.run([GOOD])
        assert replies[0].value == 2
        assert box.notes == ["The sandbox's server ended unexpectedly and was started anew."]
        assert box.run([GOOD])[0][0].value == 2 and len(box.notes) == 1


def test_a_server_that_dies_in_a_question_costs_nothing(born):
    slow = "import time\ndef f(x):\n    time.sleep(1.0)\n    return x + 1"
    killer = (
        "import os, signal, sys, time\ntime.sleep(0.4)\n"
        "[os.kill(int(number), signal.SIGKILL) for number in sys.argv[1:]]"
    )
    with Sandbox(Limits(seconds=3)) as box:
        box.run([GOOD])
        numbers = map(str, born())
        with subprocess.Popen([sys.executable, "-c", killer, *numbers]):
            replies = box.run([task(slow), GOOD])
        assert [one[0].value for one in replies] == [2, 2] and len(box.notes) == 1


SCRIPT = """
import os, sys, time
from backprop_course.grading.sandbox import Limits, Sandbox, Task
task = Task("f", "import time\\ndef f(x):\\n    time.sleep(60)", "f", [(1,)], ("x",))
with Sandbox(Limits(seconds=60, wall=90)) as box:
    print("ready", flush=True)
    box.run([task])
"""


def grader():
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    assert wait_until(lambda: len(descendants(process.pid)) >= 3)
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_ends_with_the_grader(number):
    with grader() as process:
        ours = descendants(process.pid)
        process.send_signal(number)
        process.wait(10)
    assert wait_until(lambda: alive(ours) == [])


def test_an_interrupt_in_the_terminal_reaches_the_grader_only():
    with grader() as process:
        own = os.getpgid(process.pid)
        assert all(os.getpgid(number) != own for number in descendants(process.pid))
        process.kill()


def test_an_interrupted_sandbox_can_go_on():
    def ring(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with Sandbox(Limits(seconds=30, wall=60)) as box:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with pytest.raises(KeyboardInterrupt):
                box.run([task("import time\ndef f(x):\n    time.sleep(20)")])
            assert box.run([GOOD])[0][0].value == 2 and box.notes == []
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_copy_of_the_process_does_not_take_the_sandbox_along():
    with Sandbox() as box:
        child = os.fork()
        if not child:
            try:
                box.run([GOOD])
            except SandboxError:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert box.run([GOOD])[0][0].value == 2


def test_it_works_from_a_thread_that_ends():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        box = pool.submit(lambda: Sandbox().__enter__()).result()
    try:
        assert box.run([GOOD])[0][0].value == 2 and box.notes == []
    finally:
        box.close()


def test_memory_and_descriptors_stay_as_they_are(born):
    with Sandbox() as box:
        # The server proper is the one whose parent, the keeper, is our child.
        server = next(one for keeper in born() for one in descendants(keeper))
        hard = [GOOD, task("import os\nos._exit(0)"), GOOD]
        for _ in range(20):
            box.run(hard)
        before = [_memory(number) for number in (os.getpid(), server)]
        places = [len(os.listdir(f"/proc/{number}/fd")) for number in (os.getpid(), server)]
        for _ in range(150):
            box.run(hard)
        after = [_memory(number) for number in (os.getpid(), server)]
        assert [len(os.listdir(f"/proc/{n}/fd")) for n in (os.getpid(), server)] == places
        assert all(new - old < 1 << 20 for old, new in zip(before, after, strict=True))


def _memory(number):
    return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
