"""The filter, run by a small interpreter of the kernel's language, on both processors."""

import errno
import os
import struct
import subprocess
import sys

import pytest

from backprop_course.grading.sandbox import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}


def decide(machine, number, args=(), processor=None, may_write=True):
    """Return what the filter says to a call, as the kernel would find out."""
    program = seccomp.program(machine, may_write)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    words = [*args, *[0] * (6 - len(args))]
    processor = MACHINES[machine][0] if processor is None else processor
    data = struct.pack("<IIQ6Q", number, processor, 0, *words)
    at = loaded = 0
    while True:
        code, yes, no, k = steps[at]
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack_from("<I", data, k)
        elif code == 0x06:
            return k
        else:
            true = {0x15: loaded == k, 0x35: loaded >= k, 0x45: bool(loaded & k)}[code]
            at += yes if true else no


def refused(answer, number=errno.EPERM):
    return answer == 0x00050000 | number


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


def number(machine, name):
    table = seccomp.allowed() | seccomp._CHECKED
    return table[name][MACHINES[machine][1]]


def test_what_is_on_the_list_is_allowed(machine):
    for name, numbers in seccomp.allowed().items():
        if numbers[MACHINES[machine][1]] is not None:
            assert decide(machine, number(machine, name)) == ALLOW, name


def test_everything_else_is_refused(machine):
    column = MACHINES[machine][1]
    known = {numbers[column] for numbers in (seccomp.allowed() | seccomp._CHECKED).values()}
    for one in set(range(463)) - known - {435, 437}:
        assert refused(decide(machine, one)), one


def test_unknown_calls_are_answered_as_by_an_older_kernel(machine):
    for one in (435, 437, 463, 5000):
        assert refused(decide(machine, one), errno.ENOSYS)


def test_another_processor_and_another_mode_are_the_end(machine):
    assert decide(machine, 0, processor=0x40000003) == KILL
    assert decide(machine, 0x40000000 + 39) == KILL
    assert decide(machine, 0xFFFFFFFF) == KILL


@pytest.mark.parametrize(
    ("name", "args", "fine"),
    [
        ("clone", (0x3D0F00,), True),  # what the C library asks for when it starts a thread
        ("clone", (17,), False),
        ("clone", (0x10000000 | 17,), False),
        ("fcntl", (3, 3), True),
        ("fcntl", (3, 8, 1), False),  # F_SETOWN sends signals
        ("ioctl", (0, 0x5401), True),
        ("ioctl", (0, 0x5412), False),  # TIOCSTI types into terminals
        ("prctl", (15,), True),
        ("prctl", (1, 0), False),
        ("prctl", (22, 2), False),
        ("prlimit64", (0, 7), True),
        ("prlimit64", (1, 7), False),
    ],
)
def test_some_calls_depend_on_what_they_ask(machine, name, args, fine):
    answer = decide(machine, number(machine, name), args)
    assert answer == ALLOW if fine else refused(answer)


@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC])
def test_files_are_opened_for_reading_only_where_no_other_layer_guards_them(machine, flags):
    call = number(machine, "openat")
    assert refused(decide(machine, call, (0, 0, flags), may_write=False), errno.EACCES)
    assert decide(machine, call, (0, 0, flags), may_write=True) == ALLOW
    assert decide(machine, call, (0, 0, os.O_RDONLY | os.O_CLOEXEC), may_write=False) == ALLOW


def test_the_numbers_are_those_of_the_kernel_s_own_headers():
    """Only where the headers are installed; the numbers never change."""
    places = {
        "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "aarch64": "/usr/include/asm-generic/unistd.h",
    }
    found = {name: path for name, path in places.items() if os.path.exists(path)}
    if not found:
        pytest.skip("the kernel's headers are not installed (linux-libc-dev)")
    for machine, path in found.items():
        numbers = _defined(path)
        for name in seccomp.allowed() | seccomp._CHECKED:
            if (due := number(machine, name)) is not None:
                assert due in numbers[name], (machine, name)


def _defined(path):
    numbers = {}
    with open(path) as file:
        for line in file:
            words = line.split()
            if len(words) == 3 and words[0] == "#define" and words[2].isdigit():
                name = words[1].removeprefix("__NR_").removeprefix("__NR3264_")
                numbers.setdefault("newfstatat" if name == "fstatat" else name, set()).add(
                    int(words[2])
                )
    return numbers


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is a part of Linux")
def test_the_kernel_takes_the_program():
    code = """
import os, platform, socket, threading
from backprop_course.grading.sandbox import kernel, seccomp
program = seccomp.program(platform.machine(), may_write=True)
kernel.gain_no_privileges()
kernel.filter_calls(program)
thread = threading.Thread(target=print, args=("thread",))
thread.start()
thread.join()
for deed in (os.fork, socket.socket, lambda: os.kill(os.getpid(), 0)):
    try:
        deed()
        print("done")
    except PermissionError:
        print("refused")
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert said.stdout.split() == ["thread", "refused", "refused", "refused"], said.stderr
