"""The fork server: a clean process with NumPy in it, whose children run learners' code.

It is started with an environment of its own, imports neither the bank nor anything that knows an
answer, and is two processes: a keeper, which ends the other when the grader ends, and the server
proper, which lives in namespaces of its own where the host allows it.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import platform
import resource
import select
import signal
import socket
import sysconfig
from pathlib import Path

from backprop_course.grading.sandbox import kernel, seccomp

CAPTION = 65_536  # bytes of a message between grader and server
FORK, STOP, SCIPY = b"F", b"K", b"S"
_BROKEN = 70  # exit status of a child whose layers could not be set up
_TRANSIENT_USERS = range(61184, 65520)  # numbers that systemd keeps for users of a moment
_NOBODY = 65534


def main(control: int, settings: str) -> None:
    """Be the keeper, and start the server proper."""
    wish = json.loads(settings)
    grader = os.pidfd_open(os.getppid())
    line = socket.socket(fileno=control)
    if wish["layers"]["namespaces"]:
        try:
            _enter_namespaces()
        except OSError as error:
            _tell(line, failed="namespaces", why=str(error))
            return
    server = os.fork()
    if not server:
        _serve(line, wish, grader)
        os._exit(0)
    line.close()
    watched = select.poll()
    watched.register(grader, select.POLLIN)
    watched.register(os.pidfd_open(server), select.POLLIN)
    watched.poll()
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)


def _enter_namespaces():
    user, group = os.geteuid(), os.getegid()
    flags = kernel.NEW_PROCESSES | kernel.NEW_NETWORK | kernel.NEW_IPC | kernel.NEW_NAMES
    if user == 0:
        # Root stays root out here, so that children can become a user without any rights.
        kernel.unshare(flags)
        return
    kernel.unshare(flags | kernel.NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _tell(line, **what):
    line.send(json.dumps(what).encode())


class _Setup:
    """What the server prepares once, for all its children.

    Attributes
    ----------
    layers : dict of str to bool
        The layers that children get.
    """

    def __init__(self, wish):
        self.layers = wish["layers"]
        self.limits = wish["limits"]
        self.why = {}
        self.rules = -1
        self.user = os.geteuid()
        self.program = b""
        # It stays open, since later this process sees no /proc any more.
        self.size = os.open("/proc/self/statm", os.O_RDONLY)
        for layer in ("landlock", "seccomp", "uid"):
            if self.layers[layer]:
                try:
                    getattr(self, f"_prepare_{layer}")()
                except (OSError, KeyError) as error:
                    self.drop(layer, str(error))

    def drop(self, layer, why):
        self.layers[layer] = False
        self.why[layer] = why

    def _prepare_landlock(self):
        if not kernel.landlock_version():
            raise OSError("this kernel does not have it, or it is switched off")
        self.rules = kernel.landlock_rules(readable())

    def _prepare_seccomp(self):
        machine = platform.machine()
        if machine not in ("x86_64", "aarch64") or ctypes.sizeof(ctypes.c_void_p) != 8:
            raise OSError(f"there is no list of calls for {machine}")
        others = self.layers["landlock"] or self.layers["namespaces"]
        self.program = seccomp.program(machine, may_write=others)

    def _prepare_uid(self):
        if self.user != 0:
            raise OSError("only root can become another user; you are an ordinary one already")
        places = len(_TRANSIENT_USERS)
        self.user = _TRANSIENT_USERS[int.from_bytes(os.urandom(4), "big") % places]

    def confine(self):
        """Put the calling process behind all layers, for ever."""
        if self.layers["rlimits"]:
            self._limit()
        os.close(self.size)
        if self.layers["uid"]:
            self._become_nobody()
        elif self.layers["namespaces"]:
            kernel.drop_capabilities()
        if self.layers["death_signal"]:
            # Only now: to become another user cancels it.
            kernel.die_with_parent(signal.SIGKILL)
        if self.layers["no_new_privs"]:
            kernel.gain_no_privileges()
        if self.layers["landlock"]:
            kernel.landlock(self.rules)
        if self.rules >= 0:
            os.close(self.rules)
        if self.layers["seccomp"]:
            kernel.filter_calls(self.program)

    def _limit(self):
        seconds = int(self.limits["wall"]) + 2
        taken = int(os.pread(self.size, 100, 0).split()[0]) * resource.getpagesize()
        room = taken + self.limits["memory"]
        limits = {
            resource.RLIMIT_AS: room,
            resource.RLIMIT_DATA: room,
            resource.RLIMIT_CPU: seconds,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_NOFILE: self.limits["files"],
            resource.RLIMIT_NPROC: self.limits["processes"],
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
        if self.user != 0 and not self.layers["namespaces"] and not self.layers["uid"]:
            # The user's other processes count as well.
            limits[resource.RLIMIT_NPROC] += _processes_of(self.user)
        for kind, limit in limits.items():
            hard = resource.getrlimit(kind)[1]
            if hard != resource.RLIM_INFINITY:
                limit = min(limit, hard)
            resource.setrlimit(kind, (limit, limit))

    def _become_nobody(self):
        os.setgroups([])
        os.setresgid(self.user, self.user, self.user)
        os.setresuid(self.user, self.user, self.user)


def _processes_of(user) -> int:
    """Return how many processes and threads a user has."""
    count = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if folder.stat().st_uid == user:
                    count += len(list((folder / "task").iterdir()))
            except OSError:
                continue
    return count


# What may be read --------------------------------------------------------------------------------


def _libraries() -> list[Path]:
    """Return NumPy, SciPy and what belongs to them."""
    import numpy

    packages = Path(numpy.__file__).parents[1]
    names = ("numpy", "numpy.libs", "scipy", "scipy.libs")
    return [packages / name for name in names if (packages / name).exists()]


def _standard_library() -> list[Path]:
    return list({Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})


def _loaded_folders() -> list[Path]:
    """Return the folders of the shared libraries of this process that belong to the system."""
    own = (*_libraries(), *_standard_library())
    folders = set()
    for entry in Path("/proc/self/maps").read_text().splitlines():
        path = Path(entry.split(maxsplit=5)[-1])
        if ".so" in path.name and not any(path.is_relative_to(one) for one in own):
            folders.add(path.parent)
    return sorted(folders)


_DEVICES = (Path("/dev/null"), Path("/dev/zero"), Path("/dev/urandom"), Path("/dev/random"))
_LOADER = Path("/etc/ld.so.cache")
_PACKAGES = ("site-packages", "dist-packages")


def readable() -> list[tuple[Path, int]]:
    """Return the files and folders that learners' code may read, for Landlock.

    Packages may lie within the folder of the standard library, and the course among them, so that
    folder is taken apart.
    """
    allowed = [(path, kernel.READ) for path in (*_libraries(), _LOADER)]
    for folder in _standard_library():
        allowed.append((folder, kernel.READ_FOLDER))
        allowed += [(path, kernel.READ) for path in folder.iterdir() if path.name not in _PACKAGES]
    for folder in _loaded_folders():
        if not any(path.is_relative_to(folder) for path in _hidden()):
            allowed.append((folder, kernel.READ))
            continue
        allowed.append((folder, kernel.READ_FOLDER))
        allowed += [(path, kernel.READ_FILE) for path in folder.glob("*.so*") if path.is_file()]
    null, *others = _DEVICES
    return [*allowed, (null, kernel.READ_WRITE), *((path, kernel.READ_FILE) for path in others)]


def _hidden() -> list[Path]:
    """Return the folders of packages, where the course may be, and of the course itself."""
    packages = [folder / name for folder in _standard_library() for name in _PACKAGES]
    return [*packages, *(path.parent for path in _libraries()), Path(__file__).parents[3]]


def _build_root():
    shown = [*_libraries(), *_standard_library(), *_loaded_folders(), _LOADER, *_DEVICES]
    kernel.new_root(list(dict.fromkeys(shown)), list(dict.fromkeys(_hidden())))


# The server proper -------------------------------------------------------------------------------


def _serve(line, wish, grader):
    """Fork a child for each request until the grader hangs up."""
    # NumPy comes with it, which takes a tenth of a second that the keeper need not spend.
    from backprop_course.grading.sandbox import runner

    kernel.die_with_parent(signal.SIGKILL)
    _load_more()
    setup = _Setup(wish)
    if setup.layers["namespaces"]:
        try:
            _build_root()
        except OSError as error:
            _tell(line, failed="namespaces", why=str(error))
            return
    kernel.hide_memory()
    kernel.adopt_orphans()
    runner.furnish()
    runner.rehearse()
    gc.collect()
    gc.freeze()
    _prove(setup)
    _tell(line, ready=setup.layers, why=setup.why)
    try:
        _attend(line, grader, setup, runner)
    finally:
        for child in _children():
            _kill(child)


def _attend(line, grader, setup, runner):
    """Do what the grader says until it hangs up or ends."""
    child, watch = 0, -1
    watched = select.poll()
    watched.register(line, select.POLLIN)
    watched.register(grader, select.POLLIN)
    while True:
        events = dict(watched.poll())
        if grader in events:
            return
        if watch in events:
            watched.unregister(watch)
            os.close(watch)
            _tell(line, ended=_clear_away(child))
            child, watch = 0, -1
        if line.fileno() in events:
            what, places, _, _ = socket.recv_fds(line, CAPTION, 1)
            if not what:
                return
            if what == SCIPY:
                _load_scipy()
            elif what == STOP and child:
                _kill(child)
            elif what == FORK and places and not child:
                child = _fork(setup, runner, places[0])
                os.close(places[0])
                watch = os.pidfd_open(child)
                watched.register(watch, select.POLLIN)


def _load_more():
    """Load what learners' code is likely to ask for, while all doors are open."""
    for name in ("numpy.fft", "numpy.linalg", "numpy.random", "bz2", "lzma"):
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # a Python may have been built without it
    for name in ("libstdc++.so.6", "libgcc_s.so.1", "libm.so.6"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue


def _load_scipy():
    """Load what takes each child half a second otherwise, now that somebody asks for it."""
    try:
        import scipy.special  # noqa: F401
    except ImportError:
        return
    gc.collect()
    gc.freeze()


def _fork(setup, runner, place) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _be_child(setup, runner, place)
    except BaseException:
        os._exit(_BROKEN)
    os._exit(0)


def _be_child(setup, runner, place):
    kept = {place, setup.size, setup.rules}
    for descriptor in range(3, max(kept)):
        if descriptor not in kept:
            _close(descriptor)
    os.closerange(max(kept) + 1, 65_536)
    setup.confine()
    runner.run(runner.Pipe(place, place))


def _close(descriptor):
    with contextlib.suppress(OSError):
        os.close(descriptor)


def _clear_away(child) -> int:
    """Wait for a child, end what it left behind, return its exit status or minus a signal."""
    _, status = os.waitpid(child, 0)
    while True:
        if os.getpid() == 1:
            _kill(-1)  # all that is in this namespace, except this process
        else:
            for orphan in _children():
                _kill(orphan)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return os.waitstatus_to_exitcode(status)


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _children():
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(number) for number in own.read_text().split()] if own.exists() else []


# What a layer must do before it counts -----------------------------------------------------------


def _prove(setup):
    """Try the layers on a child, and drop those that do not hold."""
    for _ in range(4):
        failed = _first_failure(setup)
        if failed is None:
            return
        setup.drop(*failed)
    raise OSError("no set of layers holds")


def _first_failure(setup):
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writes, json.dumps(_try(setup)).encode())
        finally:
            os._exit(0)
    os.close(writes)
    said = os.read(reads, CAPTION)
    os.close(reads)
    os.waitpid(child, 0)
    return json.loads(said) if said else ("seccomp", "a child with it ends at once")


def _try(setup):
    """Be a child, and return the first layer that does not hold, and why."""
    try:
        setup.confine()
    except OSError as error:
        what = str(error)
        names = {"Landlock": "landlock", "seccomp": "seccomp", "no new": "no_new_privs"}
        return next(((names[n], what) for n in names if n in what), ("uid", what))
    needed = [*_libraries(), *_standard_library()]
    if setup.layers["uid"] and not all(os.access(path, os.R_OK | os.X_OK) for path in needed):
        return "uid", "another user cannot read Python or NumPy where they are installed"
    if setup.layers["seccomp"] and _succeeds(socket.socket):
        return "seccomp", "the kernel does not keep to it"
    if setup.layers["landlock"] and _succeeds(lambda: os.listdir("/")):
        return "landlock", "the kernel does not keep to it"
    return None


def _succeeds(deed) -> bool:
    try:
        deed()
    except OSError:
        return False
    return True
