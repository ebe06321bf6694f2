"""The attacks: code as a hostile learner would hand it in.

Each defines ``relu_backward``, wrongly. What an attack gets hold of, it appends to ``found``. In
the text, words such as ``@GRADER@`` stand for facts of this host that an attacker would guess.
"""

from dataclasses import dataclass

# Stands before every attack. It outlives the question within one process, so that a second
# question can ask what was found.
PREAMBLE = """
import builtins, ctypes, errno, gc, os, signal, socket, struct, sys, threading, time
import numpy as np

found = builtins.__dict__.setdefault("found", [])

def attempt(deed, *args, **settings):
    try:
        result = deed(*args, **settings)
    except Exception:
        return None
    found.append(f"{getattr(deed, '__name__', deed)}{str(args)[:60]} -> {str(result)[:60]}")
    return result

def call(number, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_void_p(a) if isinstance(a, int) else a for a in args]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), "no")
    return result

def pipes():
    places = []
    for place in range(3, 64):
        try:
            os.fstat(place)
            places.append(place)
        except OSError:
            pass
    return places

def message(kind, data):
    return struct.pack("<cI", kind, len(data)) + data

def shout(data):
    for place in pipes():
        try:
            os.write(place, data)
        except OSError:
            pass

"""
WRONG = """
def relu_backward(dout, Z):
    return dout * 0.0 + 3.0
"""


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes
    ----------
    name : str
    code : str
    shields : tuple of str
        Each is a set of layers, joined by ``+``, any of which keeps the attack from finding
        anything; none means that it never finds anything. ``user`` stands for not being root.
    kinds : tuple of str
        What the first reply's crash must be, if one of these; any, if empty.
    slow : bool
        It runs into a time limit.
    mute : bool
        It spoils the question for what it found, too.
    """

    name: str
    code: str
    shields: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    slow: bool = False
    mute: bool = False


ATTACKS: list[Attack] = []
FILES = ("landlock", "namespaces")
WRITES = ("landlock", "namespaces", "seccomp")
NETWORK = ("seccomp", "namespaces")
OTHERS = ("seccomp", "landlock", "namespaces")


def attack(name, code, *, shields=(), kinds=(), slow=False, mute=False):
    if "def relu_backward" not in code:
        code += WRONG
    ATTACKS.append(Attack(name, PREAMBLE + code, shields, kinds, slow, mute))


# To be taken for right ---------------------------------------------------------------------------

attack(
    "object equal to everything",
    """
class Friend:
    shape, dtype, ndim, size = (5, 4), np.dtype(float), 2, 20
    def __eq__(self, other): return True
    def __array_function__(self, function, types, args, settings): return True
    def __array_ufunc__(self, function, method, *args, **settings): return np.array(True)
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __le__ = __lt__ = __ge__ = __gt__ = __ne__ = __sub__
    def __bool__(self): return True
    def __float__(self): return 0.0

def relu_backward(dout, Z):
    return Friend()
""",
)
attack(
    "array that agrees with everything",
    """
class Friend(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_finalize__(self, whole): pass
    def __array_ufunc__(self, *args, **settings): return np.zeros(self.shape)
    def __array_function__(self, *args, **settings): return True
    def __array__(self, *args, **settings): return self
    def tobytes(self, *args): return b""
    def __len__(self): return 0

def relu_backward(dout, Z):
    return np.full(dout.shape, 3.0).view(Friend)
""",
)
attack(
    "replaced comparisons",
    """
for name in ("allclose", "array_equal", "isclose", "abs", "subtract", "isfinite", "asarray"):
    setattr(np, name, lambda *args, **settings: True)
np.testing = None
""",
)
attack(
    "friendly numbers and texts",
    """
class Number(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __hash__ = float.__hash__
class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
class Pair(tuple):
    def __len__(self): return 1
    def __iter__(self): return iter(())
class Key(int):
    def __hash__(self): raise KeyboardInterrupt

def relu_backward(dout, Z):
    return Pair([Number(3), Text("x"), {Text("a"): Number(2)}])
""",
)
attack(
    "patched runner",
    """
for thing in gc.get_objects():
    name = getattr(thing, "__name__", "")
    if isinstance(thing, type(sys)) and "sandbox" in name + str(getattr(thing, "__file__", "")):
        for word in list(vars(thing)):
            if word in ("pack", "_packed", "ask", "_answers", "_plain", "_crash"):
                setattr(thing, word, lambda *args, **settings: b"N")
builtins.exec = builtins.compile = lambda *args, **settings: None
builtins.isinstance = lambda *args: True
""",
    mute=True,
)
attack(
    "walked frames",
    """
def relu_backward(dout, Z):
    frame = sys._getframe()
    while frame:
        for name, value in list(frame.f_locals.items()):
            if any(word in name for word in ("expected", "target", "exercise", "seed", "solution")):
                found.append(name)
            if type(value).__name__ == "Reply" or "reply" in name.lower():
                frame.f_locals[name] = True
            if type(value).__name__ == "Pipe":
                value.send(b"R", b"passed")
        frame = frame.f_back
    return dout
""",
    kinds=("Tampered",),
)
attack(
    "references in memory",
    """
for thing in gc.get_objects():
    module = str(getattr(thing, "__module__", "") or getattr(thing, "__name__", ""))
    if any(word in module for word in ("exercises", "judge", "diagnose", "trial", "lesson_")):
        found.append(module)
    if isinstance(thing, dict) and {"seed", "wrong_answers", "solve"} & set(map(str, thing)):
        if "random" not in str(thing.get("__name__", "")):
            found.append(str(sorted(map(str, thing)))[:80])
for name in sys.modules:
    if "exercises" in name or "judge" in name:
        found.append(name)
""",
)
attack(
    "imports of the course",
    """
import importlib, importlib.util
for name in ("exercises.bank", "exercises.record", "grading.judge", "layers", "grading.compare"):
    attempt(importlib.import_module, "backprop_course." + name)
    attempt(importlib.reload, sys.modules["backprop_course"])
sys.modules.pop("backprop_course")
sys.meta_path[:] = [one for one in sys.meta_path if "Doorkeeper" not in type(one).__name__]
sys.path_importer_cache.clear()
sys.path.insert(0, "@ROOT@")
for name in ("exercises.bank", "layers"):
    attempt(importlib.import_module, "backprop_course." + name)
""",
    shields=FILES,
)

# Files -------------------------------------------------------------------------------------------

attack(
    "read solutions and tests",
    """
for path in ("@SOLUTION@", "@TESTS@", "@ROOT@/README.md", "@GRADEBOOK@"):
    attempt(lambda path=path: open(path).read())
    attempt(os.open, path, os.O_RDONLY)
attempt(lambda: os.listdir("@ROOT@/backprop_course/exercises") or 1 / 0)
""",
    shields=FILES,
)
attack(
    "read the host",
    """
for path in ("/etc/passwd", "/etc/hostname", "/proc/1/environ", "/proc/version", "/proc/self/maps",
             "/proc/@GRADER@/environ", "/proc/@GRADER@/cmdline", "/sys/kernel/mm/ksm/run"):
    attempt(lambda path=path: open(path).read())
for folder in ("/home", "/proc", "/tmp"):
    # The folder that Python itself lies in must have a name inside as well.
    on_the_way = {path[len(folder) + 1 :].split("/")[0] for path in sys.path}
    attempt(lambda: sorted(set(os.listdir(folder)) - on_the_way)[0])
""",
    shields=FILES,
)
attack(
    "read the environment",
    """
for name, value in os.environ.items():
    if name not in ("LC_ALL", "PYTHONHASHSEED", "LD_LIBRARY_PATH") and "THREADS" not in name:
        found.append(name)
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
attempt(lambda: libc.getenv(b"HOSTILE_SECRET").decode())
""",
)
attack(
    "open descriptors",
    """
if len(pipes()) != 1:
    found.append(str(pipes()))
for place in pipes():
    attempt(os.listdir, place)
    attempt(os.lseek, place, 0, 0)
for place in range(3):
    attempt(lambda place=place: os.read(place, 10) or 1 / 0)
""",
)
attack(
    "write files",
    """
for folder in ("/tmp", "/dev/shm", "/var/tmp", ".", "@FOLDER@", "@ROOT@", "@HOME@", "/"):
    attempt(open, folder + "/@MARK@", "w")
    attempt(os.mkdir, folder + "/@MARK@_folder")
    attempt(os.symlink, "/etc/passwd", folder + "/@MARK@_link")
    attempt(os.mkfifo, folder + "/@MARK@_fifo")
""",
    shields=WRITES,
)
attack(
    "write the gradebook",
    """
attempt(lambda: open("@GRADEBOOK@", "a").write("mallory,100"))
attempt(lambda: open("@GRADEBOOK@", "w").write("mallory,100"))
attempt(os.open, "@GRADEBOOK@", os.O_RDWR)
attempt(os.open, "@GRADEBOOK@", os.O_RDONLY | os.O_TRUNC)
attempt(os.truncate, "@GRADEBOOK@", 0)
attempt(os.rename, "@GRADEBOOK@", "@GRADEBOOK@.@MARK@")
attempt(os.unlink, "@GRADEBOOK@")
attempt(os.link, "@GRADEBOOK@", "@FOLDER@/@MARK@_hard")
""",
    shields=WRITES,
)
attack(
    "rights and times of the gradebook",
    """
attempt(os.chmod, "@GRADEBOOK@", 0)
attempt(os.chown, "@GRADEBOOK@", os.getuid(), os.getgid())
attempt(os.utime, "@GRADEBOOK@", (0, 0))
attempt(os.setxattr, "@GRADEBOOK@", "user.mark", b"100")
""",
    shields=("namespaces", "seccomp"),  # Landlock does not know these
)
attack(
    "fifty megabytes in fifty files",
    """
for number in range(50):
    with open(f"@FOLDER@/@MARK@{number}", "wb") as file:
        file.write(b"x" * 1_000_000)
    found.append(file.name)
""",
    shields=WRITES,
)

# Processes and memory of others ------------------------------------------------------------------

attack(
    "signals to the grader",
    """
attempt(os.kill, @GRADER@, 0)
attempt(lambda: os.killpg(os.getpgid(@GRADER@), 0))
attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(@GRADER@), 0))
""",
    shields=OTHERS,
)
attack(
    "kill everything in sight",
    """
for process in (os.getppid(), 1, 2, 3):
    if process not in (0, os.getpid()) and (process != 1 or os.getppid() == 1):
        try:
            os.kill(process, signal.SIGKILL)
            os.kill(process, signal.SIGSTOP)
        except OSError:
            pass
""",
    shields=OTHERS,
)
attack(
    "limits and priorities of the server",
    """
import resource
parent = os.getppid()
if parent:
    attempt(resource.prlimit, parent, resource.RLIMIT_NOFILE, (0, 0))
    attempt(os.setpriority, os.PRIO_PROCESS, parent, 19)
    attempt(os.sched_setaffinity, parent, {0})
""",
    shields=("seccomp", "uid"),
)
attack(
    "memory of the grader",
    """
buffer = ctypes.create_string_buffer(64)
here = struct.pack("=QQ", ctypes.addressof(buffer), 64)
there = struct.pack("=QQ", 0x400000, 64)
for process in (@GRADER@, os.getppid()):
    attempt(call, @ptrace@, 0x4206, process, 0, 0)  # PTRACE_SEIZE, which stops nobody
    attempt(call, @process_vm_readv@, process, here, 1, there, 1, 0)  # process_vm_readv
    attempt(call, 438, process, 3, 0)  # pidfd_getfd
    attempt(os.open, f"/proc/{process}/mem", os.O_RDONLY)
    attempt(os.listdir, f"/proc/{process}/fd")
""",
    shields=FILES,
)
attack(
    "a daemon that stays",
    """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b"@MARK@", 0, 0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
""",
)
attack(
    "fork bomb",
    """
born = 0
try:
    for _ in range(300):
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"@MARK@", 0, 0, 0)
            time.sleep(600)
        born += 1
except OSError:
    pass
if born > 100:
    found.append(f"{born} processes")
""",
    shields=("seccomp", "rlimits+uid", "rlimits+user"),
)
attack(
    "thread bomb",
    """
threads = []
try:
    for _ in range(300):
        threads.append(threading.Thread(target=time.sleep, args=(600,), daemon=True))
        threads[-1].start()
except RuntimeError:
    threads.pop()
if len(threads) > 100:
    found.append(f"{len(threads)} threads")
""",
    shields=("rlimits+uid", "rlimits+user"),
)
attack(
    "other programs",
    """
import subprocess
attempt(lambda: os.system("true") and 1 / 0)
attempt(subprocess.check_output, ["/bin/true"])
attempt(os.posix_spawn, "/bin/true", ["true"], {})
attempt(subprocess.check_output, [sys.executable, "-c", ""])
""",
    shields=OTHERS,
)
attack("a new program in its place", 'os.execv("/bin/true", ["true"])')

# Network -----------------------------------------------------------------------------------------

attack(
    "connections out",
    """
attempt(socket.create_connection, ("127.0.0.1", @TCP@), 0.2)
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", @UDP@)))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("@UNIX@"))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("\\0@MARK@"))
attempt(lambda: socket.socket(socket.AF_INET6).connect(("::1", @TCP@)))
""",
    shields=NETWORK,
)
attack(
    "a server of its own",
    """
attempt(lambda: socket.create_server(("127.0.0.1", 0)))
attempt(lambda: socket.socket(socket.AF_UNIX).bind("\\0@MARK@_other"))
""",
    shields=("seccomp",),
)
attack(
    "sockets through the pipe",
    """
for place in pipes():
    line = attempt(socket.socket, fileno=os.dup(place))
    attempt(lambda: socket.send_fds(line, [b"x"], [0]))
    attempt(line.shutdown, socket.SHUT_RDWR)
""",
    shields=("seccomp",),
)

# Doors into the kernel ---------------------------------------------------------------------------

attack(
    "namespaces, mounts, roots",
    """
attempt(call, @unshare@, 0x10000000)
attempt(call, @unshare@, 0x20000)
attempt(call, @mount@, b"none", b"/tmp", b"tmpfs", 0, None)
attempt(call, @chroot@, b"/tmp")
attempt(call, @pivot_root@, b".", b".")
attempt(call, @setns@, 0, 0)
attempt(call, @fsopen@, b"tmpfs", 0)
attempt(call, @open_tree@, 0, b"/", 0)
attempt(os.setuid, 0)
""",
    shields=("seccomp",),
)
attack(
    "seldom used calls",
    """
attempt(call, @io_uring_setup@, 8, ctypes.create_string_buffer(256))
attempt(call, @bpf@, 0, ctypes.create_string_buffer(128), 128)
attempt(call, @perf_event_open@, ctypes.create_string_buffer(128), 0, 0, 0, 0)
attempt(call, @userfaultfd@, 1)
attempt(call, @keyctl@, 0, -3, 1)
attempt(call, @add_key@, b"user", b"x", b"y", 1, -2)
attempt(call, @memfd_create@, b"x", 0)
attempt(call, @name_to_handle_at@, -100, b"/", ctypes.create_string_buffer(256), buffer, 0)
attempt(call, @personality@, 0x0040000)
attempt(call, @shmget@, 4242, 4096, 0o1666)
attempt(call, @mq_open@, b"@MARK@", 0o102, 0o666, None)
if attempt(call, @clone3@, ctypes.create_string_buffer(88), 88) == 0:
    os._exit(0)
attempt(call, @openat2@, -100, b"/dev/null", ctypes.create_string_buffer(24), 24)
""".replace("buffer, 0)", "ctypes.create_string_buffer(8), 0)"),
    shields=("seccomp",),
)
attack(
    "undoing the layers",
    """
import resource
for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_AS):
    attempt(resource.setrlimit, kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
attempt(os.setuid, 0)
attempt(os.setresuid, 0, 0, 0)
attempt(lambda: ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) and 1 / 0)  # no death signal
attempt(lambda: ctypes.CDLL(None).prctl(4, 1, 0, 0, 0) and 1 / 0)  # dumpable
attempt(os.open, "/dev/tty", os.O_RDWR)
""",
    shields=("rlimits+seccomp",),
)
attack(
    "calls of another mode",
    """
# getpid as an x32 call, which a list of numbers alone does not know.
if os.uname().machine == "x86_64":
    attempt(call, 0x40000000 + 39)
""",
    shields=("seccomp",),
)

# Time and memory ---------------------------------------------------------------------------------

attack("loop", "while True:\n    pass", kinds=("TimeUp",), slow=True)
attack(
    "loop in the function",
    "def relu_backward(dout, Z):\n    while True:\n        pass",
    kinds=("TimeUp",),
    slow=True,
)
attack(
    "loop deaf to signals",
    """
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""",
    kinds=("TimeUp",),
    slow=True,
)
attack("sleep", "time.sleep(600)", kinds=("TimeUp",), slow=True)
attack(
    "sleep that does not wake",
    """
while True:
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
        time.sleep(600)
    except BaseException:
        pass
""",
    kinds=("TimeUp",),
    slow=True,
)
attack("long call", "sum(range(10**13))", kinds=("TimeUp",), slow=True)
attack("long power", "x = 10 ** (10 ** 9)", kinds=("TimeUp", "MemoryError"), slow=True)
attack(
    "text of an error that never ends",
    """
class Endless(Exception):
    def __str__(self):
        while True:
            pass

def relu_backward(dout, Z):
    raise Endless()
""",
    kinds=("TimeUp",),
    slow=True,
)
attack(
    "three gigabytes",
    """
def relu_backward(dout, Z):
    pile = np.ones(400_000_000)
    found.append("3.2 GB")
    return pile
""",
    shields=("rlimits",),
)
attack(
    "three gigabytes in small pieces",
    """
def relu_backward(dout, Z):
    pile = [bytearray(1 << 20) for _ in range(3000)]
    found.append("3 GB")
""",
    shields=("rlimits",),
)
attack(
    "a hundred megabytes of text",
    """
print("x" * 100_000_000)
for _ in range(100):
    os.write(1, b"x" * 1_000_000)
    os.write(2, b"x" * 1_000_000)
""",
)
attack("recursion", "def relu_backward(dout, Z):\n    return relu_backward(Z, dout)")
attack(
    "recursion without end",
    """
sys.setrecursionlimit(10**9)
def deeper(x):
    return [deeper(x)]
def relu_backward(dout, Z):
    return sorted([1], key=lambda x: relu_backward(dout, Z))
""",
)

# Ends --------------------------------------------------------------------------------------------

attack("exit at once", "os._exit(0)", kinds=("Killed",))
attack("exit in the function", "def relu_backward(dout, Z):\n    os._exit(3)", kinds=("Killed",))
attack("sys.exit", "sys.exit('done')", kinds=("SystemExit",))
attack("segmentation fault", "ctypes.string_at(0)", kinds=("Killed",))
attack(
    "segmentation fault in the function",
    "def relu_backward(dout, Z):\n    ctypes.memset(8, 0, 8)",
    kinds=("Killed",),
)
attack("abort", "os.abort()", kinds=("Killed",))
attack("illegal instruction", "signal.raise_signal(signal.SIGILL)\nos.abort()")
attack("interrupt", "raise KeyboardInterrupt", kinds=("KeyboardInterrupt",))
attack(
    "interrupt in the function",
    "def relu_backward(dout, Z):\n    raise KeyboardInterrupt",
    kinds=("KeyboardInterrupt",),
)
attack("generator's end", "def relu_backward(dout, Z):\n    raise GeneratorExit")
attack(
    "work after the end",
    """
import atexit, weakref
class Last:
    def __del__(self):
        found.append("deleted")
        shout(b"R" * 100)
keep = Last()
atexit.register(shout, b"R" * 100)
weakref.finalize(Last(), shout, b"R")
found.clear()
""",
)
attack(
    "closed streams",
    """
sys.stdout.close() if sys.stdout else None
sys.stderr = sys.__stdout__ = None
for place in range(3):
    os.close(place)
""",
)
attack("closed pipe", "os.closerange(0, 256)", kinds=("Killed",))

# What comes back ---------------------------------------------------------------------------------

attack(
    "forged lines", 'shout(b\'{"relu_backward": "passed", "points": 100}\\n\')', kinds=("Tampered",)
)
attack("four gigabytes announced", 'shout(b"R" + b"\\xff" * 4)', kinds=("Tampered",))
attack(
    "brackets",
    'shout(message(b"R", b"l\\x01\\0\\0\\0" * 100_000 + b"N"))',
    kinds=("Tampered",),
)
attack(
    "more items than bytes", 'shout(message(b"R", b"l\\xff\\xff\\xff\\xff"))', kinds=("Tampered",)
)
attack("no such dtype", 'shout(message(b"R", b"a\\xc8\\x01\\x01\\0\\0\\0x"))', kinds=("Tampered",))
attack(
    "huge shape",
    'shout(message(b"R", b"a\\x0b\\x04" + b"\\xff\\xff\\xff\\xff" * 4))',
    kinds=("Tampered",),
)
attack("no text", 'shout(message(b"R", b"s\\x02\\0\\0\\0\\xff\\xfe"))', kinds=("Tampered",))
attack("pickle", 'import pickle\nshout(message(b"R", pickle.dumps(print)))', kinds=("Tampered",))
attack("a function in return", 'shout(message(b"R", b"p\\0\\0\\0\\0"))', kinds=("Tampered",))
attack("done before it began", 'shout(message(b"E", b"N"))', kinds=("Tampered",))
attack("questions to nobody", 'shout(message(b"Q", b"t\\x02\\0\\0\\0N"))', kinds=("Tampered",))
attack("noise", "shout(os.urandom(4096))", kinds=("Tampered", "TimeUp"))
attack(
    "pieces that never end",
    """
shout(b"R" + struct.pack("<I", 10_000_000))
while True:
    shout(b"x")
    time.sleep(0.01)
""",
    kinds=("TimeUp",),
    slow=True,
)
attack(
    "twice the answers",
    """
again = lambda: [shout(b"R\\x01\\0\\0\\0N") for _ in range(10)]
threading.Thread(target=again, daemon=True).start()
""",
)
attack(
    "collections too deep",
    """
def relu_backward(dout, Z):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
""",
)
attack(
    "a list in itself",
    """
def relu_backward(dout, Z):
    ring = [1]
    ring.append(ring)
    array = np.empty(2, object)
    array[0] = array[1] = array
    return ring, {"a": ring}, array
""",
)
attack(
    "too much of everything",
    """
def relu_backward(dout, Z):
    return [10 ** 100_000, "x" * 50_000_000, list(range(1_000_000)), np.zeros(9_000_000),
            {number: number for number in range(100_000)}]
""",
)
attack(
    "arrays of odd kinds",
    """
def relu_backward(dout, Z):
    return [np.array([Z, "x", None], object), np.zeros(3, "datetime64[s]"), np.zeros(2, "V8"),
            np.zeros(2, [("a", float), ("b", "O")]), np.ma.masked_array([1.0], [True]),
            np.broadcast_to(1.0, (10**4, 10**4)), np.matrix([[1.0]]), np.float16(3),
            np.zeros((0, 9)),
            np.frombuffer(b"\\x02\\x03", bool), np.array("text"), np.longdouble(1), Z[::-1].T]
""",
)
attack(
    "endless generator",
    """
def relu_backward(dout, Z):
    while True:
        yield dout
""",
)
attack(
    "keys of all kinds",
    """
class Odd:
    def __hash__(self): return 1
    def __eq__(self, other): raise SystemExit
    def __repr__(self): raise SystemExit
def relu_backward(dout, Z):
    return {Odd(): 1, (1, (2, frozenset())): 2, None: 3, float("nan"): 4, "dZ": dout}
""",
)
attack(
    "errors that lie",
    """
class Meta(type):
    __name__ = property(lambda kind: "\\x1b[2J\\x1b]0;pwned\\x07" * 1000)
    def mro(kind): return [kind, *Exception.__mro__]
class Error(Exception, metaclass=Meta):
    def __str__(self): raise SystemExit("no")
    __repr__ = __str__
def relu_backward(dout, Z):
    raise Error
""",
)
attack(
    "errors for the terminal",
    """
def relu_backward(dout, Z):
    kind = type("\\x1b[31mPassed\\x1b[0m\\u202e", (Exception,), {})
    raise kind("\\x1b]52;c;cm0gLXJm\\x07 =HYPERLINK() <script>alert(1)</script>\\n" * 100)
""",
)
attack(
    "listening in",
    """
def watch(frame, event, value):
    for name in frame.f_locals:
        if "expected" in name or "seed" in name:
            found.append(name)
    return watch
sys.settrace(watch)
sys.setprofile(watch)
sys.addaudithook(lambda event, args: None)
""",
)

# What stays behind -------------------------------------------------------------------------------

attack(
    "poisoned NumPy",
    """
np.dot = np.matmul = np.where = np.maximum = np.sum = lambda *args, **settings: 42
np.ndarray = object
np.float64 = int
sys.modules["numpy"] = None
sys.modules["math"] = None
builtins.len = lambda thing: 3
builtins.print = None
""",
)
attack(
    "poisoned memory",
    """
# Small numbers are shared by everything in one process.
ctypes.memset(id(7) + 24, 5, 1)
builtins.leftover = "left"
import linecache
linecache.cache.clear()
""",
)
attack(
    "poisoned settings",
    """
np.seterr(all="raise")
np.random.seed(0)
sys.setrecursionlimit(100)
signal.signal(signal.SIGALRM, lambda *args: None)
gc.disable()
os.environ["PATH"] = "/tmp"
attempt.__globals__.clear()
""",
)
