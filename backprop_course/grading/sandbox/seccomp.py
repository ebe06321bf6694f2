"""The list of system calls that learners' code may make, as a program for the kernel.

The kernel runs it at every call. What is not on the list is refused as if the right to it were
missing, so that Python raises PermissionError and goes on. libseccomp would do the same; but its
bindings need a library of the system, and the list below is all that is used of it.
"""

import errno
import os
import struct

# Name, number on x86_64, number on aarch64; None where a processor does not have it.
_ALLOWED = """
read 0 63; write 1 64; close 3 57; lseek 8 62; readv 19 65; writev 20 66; pread64 17 67
stat 4 -; fstat 5 80; lstat 6 -; newfstatat 262 79; statx 332 291; statfs 137 43; fstatfs 138 44
access 21 -; faccessat 269 48; faccessat2 439 439; readlink 89 -; readlinkat 267 78
getdents64 217 61; getcwd 79 17; fadvise64 221 223
dup 32 23; dup2 33 -; dup3 292 24; pipe 22 -; pipe2 293 59; close_range 436 436
poll 7 -; ppoll 271 73; select 23 -; pselect6 270 72
epoll_create1 291 20; epoll_ctl 233 21; epoll_wait 232 -; epoll_pwait 281 22; eventfd2 290 19
mmap 9 222; mprotect 10 226; munmap 11 215; mremap 25 216; madvise 28 233; brk 12 214
rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139; rt_sigpending 127 136
sigaltstack 131 132; rt_sigtimedwait 128 137; pause 34 -; alarm 37 -
getitimer 36 102; setitimer 38 103; restart_syscall 219 128
nanosleep 35 101; clock_nanosleep 230 115; clock_gettime 228 113; clock_getres 229 114
gettimeofday 96 169; time 201 -; times 100 153; getrusage 98 165
futex 202 98; set_robust_list 273 99; set_tid_address 218 96; rseq 334 293; membarrier 324 283
sched_yield 24 124; sched_getaffinity 204 123; getcpu 309 168
getpid 39 172; getppid 110 173; gettid 186 178; getuid 102 174; geteuid 107 175; getgid 104 176
getegid 108 177; getresuid 118 148; getresgid 120 150; getgroups 115 158; getpgid 121 155
getpgrp 111 -; getsid 124 156; uname 63 160; sysinfo 99 179; getrandom 318 278
getrlimit 97 163; getpriority 140 141; wait4 61 260
exit 60 93; exit_group 231 94
"""
_CHECKED = {
    "open": (2, None),
    "openat": (257, 56),
    "clone": (56, 220),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
}
_UNKNOWN = {"clone3": 435, "openat2": 437}  # answered as by an older kernel, which libraries expect
_NEWEST = 462  # what has a higher number is answered in the same way

_PROCESSORS = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_OTHER_MODE = 0x40000000  # the x32 calls of x86_64

# Steps of the kernel's filter language.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _PROCESSOR, _ARGUMENTS = 0, 4, 16

_THREAD = 0x10000
_DUPLICATE, _GET_FLAGS, _SET_FLAGS = (0, 1030), (1, 3), (2, 4)
_TERMINAL, _CLOSE_ON_EXEC, _BYTES_WAITING = 0x5401, (0x5450, 0x5451), 0x541B
_SET_NAME, _GET_NAME = 15, 16
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def program(machine: str, may_write: bool) -> bytes:
    """Return the filter for a processor, ready for `kernel.filter_calls`.

    Parameters
    ----------
    machine : str
        ``"x86_64"`` or ``"aarch64"``.
    may_write : bool
        Whether files may be opened for writing, because another layer decides which.
    """
    processor, column = _PROCESSORS[machine]
    steps = [
        (_LOAD, 0, 0, _PROCESSOR),
        (_EQUAL, 1, 0, processor),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _OTHER_MODE),
        (_RETURN, 0, 0, _KILL),
    ]
    for numbers in allowed().values():
        if numbers[column] is not None:
            steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ALLOW)]
    for name, check in _checks(may_write).items():
        if _CHECKED[name][column] is not None:
            steps += [(_EQUAL, 0, len(check), _CHECKED[name][column]), *check]
    for number in _UNKNOWN.values():
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    steps += [(_AT_LEAST, 0, 1, _NEWEST + 1), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    steps.append((_RETURN, 0, 0, _ERROR | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def allowed() -> dict[str, tuple[int | None, int | None]]:
    """Return the numbers, on each processor, of the calls that are allowed whatever they ask."""
    entries = (entry.split() for entry in _ALLOWED.replace("\n", ";").split(";"))
    return {
        name: tuple(None if number == "-" else int(number) for number in numbers)
        for name, *numbers in filter(None, entries)
    }


def _checks(may_write):
    """Return the steps for calls that depend on an argument; each ends in a return."""
    return {
        "open": _opens(1, may_write),
        "openat": _opens(2, may_write),
        # Threads of one's own, no processes and no namespaces.
        "clone": _if_any_bit(0, _THREAD, _ALLOW, _ERROR | errno.EPERM),
        "fcntl": _one_of(1, (*_DUPLICATE, *_GET_FLAGS, *_SET_FLAGS)),
        "ioctl": _one_of(1, (_TERMINAL, *_CLOSE_ON_EXEC, _BYTES_WAITING)),
        "prctl": _one_of(0, (_SET_NAME, _GET_NAME)),
        # Limits of this process only; they can be lowered and never raised.
        "prlimit64": _one_of(0, (0,)),
    }


def _opens(place, may_write):
    if may_write:
        return [(_RETURN, 0, 0, _ALLOW)]
    return _if_any_bit(place, _WRITES, _ERROR | errno.EACCES, _ALLOW)


def _if_any_bit(place, bits, then, otherwise):
    return [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * place),
        (_ANY_BIT, 0, 1, bits),
        (_RETURN, 0, 0, then),
        (_RETURN, 0, 0, otherwise),
    ]


def _one_of(place, values):
    steps = [(_LOAD, 0, 0, _ARGUMENTS + 8 * place)]
    for value in values:
        steps += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _ERROR | errno.EPERM)]
