"""The few calls into the Linux kernel that Python has no name for."""

import ctypes
import os
import struct
from pathlib import Path

NEW_MOUNTS, NEW_CGROUPS, NEW_NAMES, NEW_IPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 4, 36, 38
_GET_NO_NEW_PRIVS, _SET_SECCOMP = 39, 22
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors

_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXEC = 1, 2, 4, 8
_REMOUNT, _NO_ACCESS_TIME, _NO_DIRECTORY_TIME = 0x20, 0x400, 0x800
_BIND, _RECURSIVE, _PRIVATE, _RELATIVE_TIME = 0x1000, 0x4000, 0x40000, 0x200000
# What statvfs calls the flags of a mount, and what mount calls them.
_KEPT = (
    (0x1, _READ_ONLY),
    (0x2, _NO_SUID),
    (0x4, _NO_DEVICES),
    (0x8, _NO_EXEC),
    (0x400, _NO_ACCESS_TIME),
    (0x800, _NO_DIRECTORY_TIME),
    (0x1000, _RELATIVE_TIME),
)
_DETACH = 2


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _done(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(what: str, *numbers) -> int:
    words = [ctypes.c_ulong(number) for number in (*numbers, 0, 0, 0, 0)[:5]]
    return _done(_libc().prctl(*words), what)


def die_with_parent(signal: int) -> None:
    _prctl("death signal", _SET_DEATH_SIGNAL, signal)


def hide_memory() -> None:
    """Let no process of the same user read or trace this one."""
    _prctl("dumpable", _SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    _prctl("subreaper", _SET_SUBREAPER, 1)


def gain_no_privileges() -> None:
    _prctl("no new privileges", _SET_NO_NEW_PRIVS, 1)


def gains_no_privileges() -> bool:
    return _prctl("no new privileges", _GET_NO_NEW_PRIVS) == 1


def drop_capabilities() -> None:
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _done(_libc().capset(head, (ctypes.c_uint32 * 6)()), "capabilities")


def unshare(flags: int) -> None:
    _done(_libc().unshare(ctypes.c_int(flags)), "namespaces")


def filter_calls(program: bytes) -> None:
    """Install a seccomp filter, made by `seccomp.program`."""
    steps = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    pointer = ctypes.create_string_buffer(head, len(head))
    _prctl("seccomp", _SET_SECCOMP, 2, ctypes.addressof(pointer))


# Landlock ----------------------------------------------------------------------------------------

_EXECUTE, _WRITE_FILE, READ_FILE, READ_FOLDER = 1, 2, 4, 8
_RIGHTS = (0, 0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)  # by version; the first has 13 of them
READ, READ_WRITE = READ_FILE | READ_FOLDER, READ_FILE | _WRITE_FILE


def landlock_version() -> int:
    """Return which version of Landlock the kernel has; 0 if none."""
    version = _libc().syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), 1)
    return max(version, 0)


def landlock_rules(allowed: list[tuple[Path, int]]) -> int:
    """Return a descriptor of rules that deny all files but these, TCP, and signals to others."""
    version = landlock_version()
    rights = _RIGHTS[min(version, len(_RIGHTS) - 1)]
    words = [rights]
    if version >= 4:
        words.append(3)  # TCP: neither bind nor connect
    if version >= 6:
        words.append(3)  # neither abstract sockets nor signals to the outside
    head = struct.pack(f"<{len(words)}Q", *words)
    rules = _done(
        _libc().syscall(ctypes.c_long(_CREATE_RULESET), head, ctypes.c_size_t(len(head)), 0),
        "Landlock",
    )
    for path, right in allowed:
        _allow(rules, path, right)
    return rules


def _allow(rules, path, right):
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be read either
    try:
        if not path.is_dir():
            right &= ~READ_FOLDER
        rule = struct.pack("<Qi", right, place)
        call = (ctypes.c_long(_ADD_RULE), rules, 1, rule, 0)
        _done(_libc().syscall(*call), "Landlock")
    finally:
        os.close(place)


def landlock(rules: int) -> None:
    _done(_libc().syscall(ctypes.c_long(_RESTRICT_SELF), rules, 0), "Landlock")


# A root of one's own -----------------------------------------------------------------------------


def _mount(source, target, kind, flags, data=None):
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    result = _libc().mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    _done(result, f"mount {target}")


def new_root(shown: list[Path], hidden: list[Path]) -> None:
    """See, from now on, only some files and folders, read-only, and nothing in the hidden ones.

    ``shown`` and ``hidden`` are put up in this order of their depth, so that a shown folder may lie
    in a hidden one and the other way round.
    """
    unshare(NEW_MOUNTS)
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    base = _mount_point(shown)
    _mount("none", base, "tmpfs", _NO_SUID, "size=1m,mode=755")
    for link in Path("/").iterdir():
        if link.is_symlink():
            (base / link.name).symlink_to(os.readlink(link))
    empty = []
    places = [(path, False) for path in shown] + [(path, True) for path in hidden]
    for path, is_hidden in sorted(places, key=lambda place: len(place[0].parts)):
        target = base / path.relative_to("/")
        if is_hidden and target.is_dir():
            _mount("none", target, "tmpfs", _NO_SUID | _NO_DEVICES, "size=1m,mode=755")
            empty.append(target)
        elif not is_hidden and path.exists():
            _show(path, target)
    for target in (*empty, base):
        _seal(target)
    os.chdir(base)
    _done(_libc().syscall(ctypes.c_long(_pivot_root_number()), b".", b"."), "new root")
    _done(_libc().umount2(b".", _DETACH), "new root")
    os.chdir("/")


def _mount_point(shown):
    for place in map(Path, ("/mnt", "/media", "/srv", "/opt", "/tmp", "/sys")):
        if place.is_dir() and not any(path.is_relative_to(place) for path in shown):
            return place
    raise OSError("no folder is free for the new root")


def _show(path, target):
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(path, target, None, _BIND | _RECURSIVE)
    _seal(target)


def _seal(target):
    """Make a mount read-only, keeping what it does not allow already."""
    try:
        flags = os.statvfs(target).f_flag
    except OSError:
        return
    kept = sum(own for other, own in _KEPT if flags & other)
    _mount(None, target, None, _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | kept)


def _pivot_root_number():
    return {"x86_64": 155, "aarch64": 41}[os.uname().machine]
