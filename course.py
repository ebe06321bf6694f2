"""Set the course up and open it, in one command.

    python3 course.py lab          open JupyterLab on the welcome lesson
    python3 course.py test         run every test of the course
    python3 course.py notebooks    build the notebooks from their sources
    python3 course.py slides       make the decks for the lecture hall, in the folder slides
    python3 course.py handout      print the lessons as PDF files, in the folder handouts
    python3 course.py tour         see the course in thirty seconds, in the terminal
    python3 course.py benchmark    measure the layers beside other libraries (installs PyTorch)

The first call makes a virtual environment in the folder .venv beside this file and installs the
course into it; later calls find it there. Words after the command are passed on, for example
`python3 course.py lab --no-browser`. On Windows write `py course.py lab`.
"""

# This one file must run on old Pythons (3.6 and newer), to say politely that they are too old;
# so it uses the standard library only, and none of the language's newer forms.

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
STAMP = os.path.join(VENV, "course.json")
LOG = os.path.join(VENV, "install.log")

WELCOME = "/lab/tree/notebooks/00_welcome.ipynb"

OLDEST = (3, 11)
NEWEST = (3, 14)
EXTRAS = {
    "lab": [],
    "tour": [],
    "notebooks": ["authoring"],
    "slides": ["authoring"],
    "handout": ["authoring", "handout"],
    "test": ["test"],
    "benchmark": ["benchmarks"],
}

NO_NETWORK = (
    "name resolution",
    "name or service not known",
    "nodename nor servname",
    "getaddrinfo failed",
    "dns error",
    "network is unreachable",
    "failed to establish a new connection",
    "connection refused",
    "error sending request",
    "connect timeout",
    "read timed out",
)


class Problem(Exception):
    """Something that the person at the keyboard can mend; its text says what and how."""


def say(text):
    print("course: " + text, flush=True)


def dotted(version):
    return ".".join(str(part) for part in version[:2])


# Finding a Python ------------------------------------------------------------------------------


def ask_python(command):
    """Return (path, version) of the Python that `command` starts, or None if it starts none."""
    # JSON is plain ASCII, whatever letters the path holds and whatever encoding a pipe has here.
    question = "import json, sys; print(json.dumps([sys.executable, sys.version_info[:2]]))"
    try:
        answer = subprocess.check_output([*command, "-c", question], stderr=subprocess.DEVNULL)
        path, version = json.loads(answer.decode("ascii"))
        return path, tuple(version)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def other_pythons():
    """Yield (path, version) for each Python that can be found on this machine, best first."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    commands = [[f"python3.{minor}"] for minor in minors]
    if os.name == "nt":
        commands += [["py", f"-3.{minor}"] for minor in minors]
    for command in [*commands, ["python3"], ["python"]]:
        program = shutil.which(command[0])
        found = program and ask_python([program, *command[1:]])
        if found:
            yield found


def is_known(version):
    return OLDEST <= version <= NEWEST


def choose_python(current, candidates):
    """Return the path of a Python for the course: the running one, else one that is known to fit.

    Parameters
    ----------
    current : (path, version) of the Python that runs this file
    candidates : iterable of (path, version)
    """
    path, version = current
    if is_known(version):
        return path
    for other, other_version in candidates:
        if is_known(other_version):
            say(f"This is Python {dotted(version)}; going on with Python {dotted(other_version)}.")
            return other
    if version > NEWEST:
        say(f"Python {dotted(version)} is newer than this course knows ({dotted(NEWEST)}).")
        return path
    raise Problem(
        f"Python {dotted(OLDEST)} or newer is needed, this is {dotted(version)}, and no newer one "
        "was found on the PATH.\nInstall one from python.org (or from your system's packages), "
        "then run the same command again."
    )


# Making the environment ------------------------------------------------------------------------


def wanted(extras):
    """Return what the environment must match: this folder, the two lists, the extras."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return {"folder": ROOT, "lists": digest.hexdigest(), "extras": sorted(extras)}


def read_stamp():
    """Return what the last successful installation wrote down, or an empty dict."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def fits(stamp, need):
    """Tell whether an environment with this stamp serves this need."""
    same = all(stamp.get(key) == need[key] for key in ("folder", "lists"))
    return same and set(need["extras"]) <= set(stamp.get("extras", []))


def fault_of_environment(stamp, uv):
    """Return why the environment in .venv cannot be used, or None if it can."""
    found = ask_python([PYTHON])
    if found is None:
        return "its Python does not start"
    if found[1] < OLDEST:
        return f"it was made by Python {dotted(found[1])}"
    if stamp and stamp.get("folder") != ROOT:
        return "it was made in another folder"
    if stamp and stamp.get("python") != dotted(found[1]):
        return "its Python has been replaced by another one"
    if not uv and not fits(stamp, wanted([])) and not has(PYTHON, "pip"):
        return "it holds no pip"
    return None


def has(python, *modules):
    """Tell whether this Python can import all these modules."""
    command = [python, "-c", "import " + ", ".join(modules)]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def make_environment(uv):
    """Make .venv anew, with uv or with the venv module."""
    # Started by .venv's own Python, the environment must be made by the Python beneath it.
    this = getattr(sys, "_base_executable", None) or sys.executable
    python = choose_python((this, tuple(sys.version_info[:2])), other_pythons())
    version = dotted(ask_python([python])[1])
    if uv:
        command = [uv, "venv", "--quiet", "--clear", "--python", python, VENV]
    elif has(python, "venv", "ensurepip"):
        command = [python, "-m", "venv", "--clear", VENV]
    else:
        raise Problem(
            f"Python {version} is here, but its module venv is not. On Debian and Ubuntu that is a "
            f"package of its own:\n    sudo apt install python{version}-venv\n"
            "Install it (or uv), then run the same command again."
        )
    say(f"Making the environment .venv with Python {version}.")
    lines = run_quietly(command)
    if lines is not None:
        raise Problem("The environment .venv could not be made:\n" + ending(lines))


def install(uv, extras):
    """Install the course, editable, with its dependencies at the versions of constraints.txt."""
    if uv:
        command = [uv, "pip", "install", "--python", PYTHON]
    else:
        command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    course = f".[{','.join(extras)}]" if extras else "."
    lines = run_quietly([*command, "--constraint", "constraints.txt", "--editable", course])
    if lines is None:
        return
    with open(LOG, "w", encoding="utf-8") as file:
        file.writelines(lines)
    text = "".join(lines).lower()
    if any(sign in text for sign in NO_NETWORK):
        raise Problem(
            "The packages could not be fetched: this machine has no way to the package index.\n"
            "Connect it to the network (behind a proxy, set HTTPS_PROXY), then run the same "
            "command again. All that was said is in .venv/install.log."
        )
    raise Problem(
        "The installation failed. All that was said is in .venv/install.log; it ends with:\n"
        + ending(lines)
    )


def run_quietly(command):
    """Run a command with one moving line in a terminal; return None, or its output if it failed."""
    moving = sys.stdout.isatty()
    lines = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout:
            lines.append(line)
            if moving and line.strip():
                print(f"\r    {line.strip():70.70}", end="", flush=True)
    if moving and lines:
        print("\r" + " " * 74 + "\r", end="", flush=True)
    return lines if process.returncode else None


def ending(lines):
    """Return the last few lines that hold anything, indented."""
    return "".join("    " + line for line in [x for x in lines if x.strip()][-6:]).rstrip()


def no_announcements():
    """Tell this environment's JupyterLab not to ask about news, nor to look for updates."""
    folder = os.path.join(VENV, "share", "jupyter", "lab", "settings")
    os.makedirs(folder, exist_ok=True)
    settings = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        }
    }
    with open(os.path.join(folder, "overrides.json"), "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)


def ensure_environment(extras):
    """Make and fill .venv unless it already holds what is needed."""
    begin = time.time()
    uv = shutil.which("uv")
    stamp = read_stamp()
    if os.path.lexists(VENV):
        fault = fault_of_environment(stamp, uv)
        if fault:
            say(f"The environment .venv cannot be used: {fault}. It is made anew.")
    else:
        fault = "there is none"
    if fault:
        stamp = {}
        make_environment(uv)
    if fits(stamp, wanted(extras)):
        return
    need = wanted(set(extras) | set(stamp.get("extras", [])))
    tool = "uv" if uv else "pip"
    if stamp:
        say(f"Bringing the environment up to date with {tool}.")
        os.remove(STAMP)  # an installation that is broken off must not look complete
    else:
        say(f"Installing the course with {tool}: about 600 MB, this once.")
    install(uv, need["extras"])
    no_announcements()
    need["python"] = dotted(ask_python([PYTHON])[1])
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump(need, file, indent=2)
    say(f"Ready after {time.time() - begin:.0f} seconds.")


# The commands ----------------------------------------------------------------------------------


def environment():
    """Return the variables for the commands: .venv first on the path."""
    variables = dict(os.environ)
    variables["VIRTUAL_ENV"] = VENV
    variables["PATH"] = BIN + os.pathsep + variables.get("PATH", "")
    variables.pop("PYTHONHOME", None)
    return variables


def become(arguments, variables):
    """Replace this process by the environment's Python (Windows: wait for it)."""
    if os.name == "nt":
        return wait_for(arguments, variables)
    os.chdir(ROOT)
    os.execve(PYTHON, [PYTHON, *arguments], variables)


def wait_for(arguments, variables):
    """Run the environment's Python to its end and return its exit code."""
    process = subprocess.Popen([PYTHON, *arguments], cwd=ROOT, env=variables)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # it went to the other process as well, which ends in its own way


def trust_lessons(variables):
    """Sign the lessons beside the start of JupyterLab, which hides stored pictures in others."""
    folder = os.path.join(ROOT, "notebooks")
    lessons = [name for name in sorted(os.listdir(folder)) if name.endswith(".ipynb")]
    command = [PYTHON, "-m", "nbformat.sign", *lessons]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, cwd=folder, env=variables, stdout=quiet, stderr=quiet)


def lab(rest):
    say("Opening JupyterLab on the welcome lesson. Stop it with Ctrl-C, twice.")
    options = ["--ServerApp.root_dir=" + ROOT, "--LabApp.default_url=" + WELCOME]
    variables = environment()
    trust_lessons(variables)
    return become(["-m", "jupyterlab", *options, *rest], variables)


def test(rest):
    """Run pytest with doctests, and nbval over every notebook, in one go."""
    chosen = rest or ["tests", "backprop_course", "notebooks", "exercises", "solutions"]
    command = ["-m", "pytest", "-n", "2", "--dist", "loadfile"]
    command += ["--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", os.path.join("tests", "nbval_sanitize.cfg")]
    variables = environment()
    with tempfile.TemporaryDirectory(prefix="course-test-") as folder:
        # A test must neither see nor change what the learner has earned.
        variables["BACKPROP_COURSE_PROGRESS"] = os.path.join(folder, "progress.json")
        variables["MPLBACKEND"] = "agg"  # figures without windows; notebooks choose their own
        variables["OPENBLAS_NUM_THREADS"] = "1"  # two workers share the machine
        return wait_for(command + chosen, variables)


def notebooks(rest):
    return become(["-m", "backprop_course.cli", "build", *rest], environment())


def slides(rest):
    return become(["-m", "backprop_course.cli", "slides", *rest], environment())


def handout(rest):
    return become(["-m", "backprop_course.cli", "handout", *rest], environment())


def tour(rest):
    return become(["-m", "backprop_course.cli", "tour", *rest], environment())


def benchmark(rest):
    return become(["-m", "benchmarks", *rest], environment())


COMMANDS = {
    "lab": lab,
    "test": test,
    "notebooks": notebooks,
    "tour": tour,
    "slides": slides,
    "handout": handout,
    "benchmark": benchmark,
}


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        print(f"course: no command {name!r}; there are {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        ensure_environment(EXTRAS[name])
        return COMMANDS[name](rest)
    except Problem as problem:
        print(f"course: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncourse: stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
