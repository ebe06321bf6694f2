"""The way in: course.py, the lists of packages, and the files that call them."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """course.py as a module, at home in an empty folder with a blank in its name."""
    spec = importlib.util.spec_from_file_location("course", ROOT / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    home = tmp_path / "my course"
    home.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        (home / name).write_text(f"# {name}\n")
    venv = home / ".venv"
    monkeypatch.setattr(module, "ROOT", str(home))
    monkeypatch.setattr(module, "VENV", str(venv))
    monkeypatch.setattr(module, "PYTHON", str(venv / "python"))
    monkeypatch.setattr(module, "STAMP", str(venv / "course.json"))
    monkeypatch.setattr(module, "LOG", str(venv / "install.log"))
    return module


@pytest.fixture
def machine(course, monkeypatch):
    """A pretended machine: what its programs would do is written down in ``machine.calls``."""

    machine = SimpleNamespace(
        calls=[],
        answer=None,  # what an installation returns: None is success
        venv_version=(3, 12),
        modules=("venv", "ensurepip", "pip"),
        uv=None,
    )

    def run_quietly(command):
        machine.calls.append(command)
        if "venv" in command:
            Path(course.VENV).mkdir(exist_ok=True)
            machine.venv_version = (3, 12)
        return machine.answer if "install" in command else None

    def ask_python(command):
        if command == [course.PYTHON]:
            return (course.PYTHON, machine.venv_version) if machine.venv_version else None
        return command[0], (3, 12)

    monkeypatch.setattr(course, "run_quietly", run_quietly)
    monkeypatch.setattr(course, "ask_python", ask_python)
    monkeypatch.setattr(course, "has", lambda python, *names: set(names) <= set(machine.modules))
    monkeypatch.setattr(course.shutil, "which", lambda name: machine.uv if name == "uv" else None)
    return machine


# course.py on any Python ---------------------------------------------------------------------


def test_course_py_can_be_read_by_python_3_6():
    source = (ROOT / "course.py").read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    imported = {alias.name for node in imports for alias in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert imported <= sys.stdlib_module_names
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert not keywords & {"capture_output", "text", "dirs_exist_ok", "missing_ok"}


@pytest.mark.parametrize(
    ("current", "others", "chosen"),
    [
        ((3, 11), [], "this"),
        ((3, 14), [(3, 12)], "this"),
        ((3, 8), [(3, 10), (3, 12), (3, 11)], "3.12"),
        ((3, 15), [(3, 14)], "3.14"),
        ((3, 15), [(3, 10)], "this"),
    ],
)
def test_a_fitting_python_is_chosen(course, current, others, chosen):
    candidates = [(".".join(map(str, version)), version) for version in others]
    assert course.choose_python(("this", current), candidates) == chosen


@pytest.mark.parametrize("others", [[], [("old", (3, 10))]])
def test_without_a_fitting_python_the_message_says_both_versions(course, others):
    with pytest.raises(course.Problem, match=r"Python 3\.11 or newer is needed, this is 3\.8"):
        course.choose_python(("this", (3, 8)), others)


def test_a_program_that_is_no_python_is_passed_over(course):
    assert course.ask_python([sys.executable])[1] == sys.version_info[:2]
    assert course.ask_python(["no such program"]) is None
    assert course.ask_python([sys.executable, "-c", "print('hello')"]) is None


# Making the environment ----------------------------------------------------------------------


def test_the_first_call_makes_and_fills_the_environment_and_the_second_does_nothing(
    course, machine
):
    course.ensure_environment(["test"])
    make, install = machine.calls
    assert make[1:] == ["-m", "venv", "--clear", course.VENV]
    assert install[:4] == [course.PYTHON, "-m", "pip", "install"]
    assert install[-4:] == ["--constraint", "constraints.txt", "--editable", ".[test]"]
    machine.calls.clear()
    course.ensure_environment(["test"])
    course.ensure_environment([])
    assert machine.calls == []


def test_uv_is_used_where_it_is_installed(course, machine):
    machine.uv, machine.modules = "/bin/uv", ()
    course.ensure_environment([])
    make, install = machine.calls
    assert make[:2] == ["/bin/uv", "venv"]
    assert install[:5] == ["/bin/uv", "pip", "install", "--python", course.PYTHON]
    assert install[-1] == "."


def test_more_extras_are_added_to_those_that_are_there(course, machine):
    course.ensure_environment(["test"])
    course.ensure_environment(["authoring"])
    assert machine.calls[-1][-1] == ".[authoring,test]"
    machine.calls.clear()
    course.ensure_environment(["test", "authoring"])
    assert machine.calls == []


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_list_is_installed_again(course, machine, name):
    course.ensure_environment([])
    machine.calls.clear()
    Path(course.ROOT, name).write_text("changed")
    course.ensure_environment([])
    assert ["install" in command for command in machine.calls] == [True]


@pytest.mark.parametrize(
    ("version", "said"),
    [(None, "does not start"), ((3, 9), "made by Python 3.9"), ((3, 13), "replaced")],
)
def test_an_unusable_environment_is_named_and_made_anew(course, machine, capsys, version, said):
    course.ensure_environment([])
    machine.calls.clear()
    machine.venv_version = version
    course.ensure_environment([])
    assert said in capsys.readouterr().out
    assert "venv" in machine.calls[0]


def test_a_moved_folder_gets_a_new_environment(course, machine, capsys):
    course.ensure_environment([])
    stamp = json.loads(Path(course.STAMP).read_text("utf-8"))
    Path(course.STAMP).write_text(json.dumps(stamp | {"folder": "elsewhere"}), "utf-8")
    course.ensure_environment([])
    assert "made in another folder" in capsys.readouterr().out


def test_an_environment_that_somebody_else_made_is_filled_not_cleared(course, machine):
    Path(course.VENV).mkdir()
    course.ensure_environment([])
    assert ["venv" in command for command in machine.calls] == [False]


def test_without_venv_the_message_gives_the_line_for_apt(course, machine):
    machine.modules = ("venv",)
    with pytest.raises(course.Problem, match=r"sudo apt install python3\.12-venv"):
        course.ensure_environment([])
    assert machine.calls == []


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: Retrying ... Failed to establish a new connection: [Errno -2] Name or service\n",
        "  Caused by: dns error: failed to lookup address information\n",
        "ERROR: [Errno 8] nodename nor servname provided, or not known\n",
    ],
)
def test_without_a_network_the_message_says_so(course, machine, line):
    machine.answer = [line, "ERROR: No matching distribution found for hatchling\n"]
    with pytest.raises(course.Problem, match="no way to the package index"):
        course.ensure_environment([])
    assert line in Path(course.LOG).read_text("utf-8")
    assert course.read_stamp() == {}


def test_another_failure_shows_the_end_of_what_was_said(course, machine):
    machine.answer = [*(f"line {number}\n" for number in range(50)), "\n", "no space left\n"]
    with pytest.raises(course.Problem) as caught:
        course.ensure_environment([])
    assert "line 49\n    no space left" in str(caught.value)
    assert "line 40" not in str(caught.value)


def test_an_installation_that_is_broken_off_is_done_again(course, machine):
    course.ensure_environment([])
    Path(course.ROOT, "constraints.txt").write_text("changed")
    machine.answer = ["stopped\n"]
    with pytest.raises(course.Problem):
        course.ensure_environment([])
    Path(course.ROOT, "constraints.txt").write_text("# constraints.txt\n")  # as it was
    machine.answer = None
    machine.calls.clear()
    course.ensure_environment([])
    assert len(machine.calls) == 1


def test_jupyterlab_asks_nothing_about_news(course, machine):
    course.ensure_environment([])
    path = Path(course.VENV, "share/jupyter/lab/settings/overrides.json")
    (settings,) = json.loads(path.read_text("utf-8")).values()
    assert settings == {"fetchNews": "false", "checkForUpdates": False}


def test_output_is_kept_only_of_commands_that_fail(course):
    assert course.run_quietly([sys.executable, "-c", "print('fine')"]) is None
    failed = course.run_quietly([sys.executable, "-c", "print('why'); raise SystemExit(3)"])
    assert [line.strip() for line in failed] == ["why"]


def test_the_exit_code_and_the_variables_go_through(course, monkeypatch):
    monkeypatch.setattr(course, "PYTHON", sys.executable)
    code = "import os; raise SystemExit(int(os.environ['CODE']))"
    assert course.wait_for(["-c", code], {**os.environ, "CODE": "3"}) == 3


# The commands --------------------------------------------------------------------------------


def test_an_unknown_command_and_a_problem_end_in_one_line(course, machine, capsys, monkeypatch):
    assert course.main(["labs"]) == 2
    assert "there are lab, test, notebooks, tour" in capsys.readouterr().err
    machine.modules = ()
    assert course.main(["tour"]) == 1
    assert capsys.readouterr().err.startswith("course: Python 3.12 is here")
    assert course.main([]) == 0
    assert "python3 course.py lab" in capsys.readouterr().out


def test_lab_opens_the_welcome_lesson_and_passes_words_on(course, monkeypatch):
    seen = {}
    monkeypatch.setattr(course, "become", lambda words, env: seen.update(words=words, env=env))
    monkeypatch.setattr(course.subprocess, "Popen", lambda words, **_: seen.update(trusted=words))
    lessons = Path(course.ROOT, "notebooks")
    lessons.mkdir()
    (lessons / "00_welcome.ipynb").touch()
    course.lab(["--no-browser", "--allow-root"])
    assert seen["trusted"][1:] == ["-m", "nbformat.sign", "00_welcome.ipynb"]
    assert seen["words"][:2] == ["-m", "jupyterlab"]
    assert seen["words"][-2:] == ["--no-browser", "--allow-root"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_welcome.ipynb" in seen["words"]
    assert (ROOT / "notebooks" / "00_welcome.ipynb").exists()
    assert seen["env"]["PATH"].split(os.pathsep)[0] == course.BIN


def test_the_test_command_compares_every_notebook_and_spares_the_progress(course, monkeypatch):
    seen = {}

    def wait_for(words, env):
        seen.update(command=words, env=env)
        return 1

    monkeypatch.setattr(course, "wait_for", wait_for)
    assert course.test([]) == 1
    assert {"--nbval", "--nbval-current-env", "--nbval-sanitize-with"} <= set(seen["command"])
    assert "--nbval-lax" not in seen["command"]
    folders = ["tests", "backprop_course", "notebooks", "exercises", "solutions"]
    assert seen["command"][-5:] == folders
    assert all((ROOT / folder).is_dir() for folder in folders)
    assert course.ROOT not in seen["env"]["BACKPROP_COURSE_PROGRESS"]
    course.test(["tests/test_setup.py", "-x"])
    assert seen["command"][-2:] == ["tests/test_setup.py", "-x"]


# The lists and the files that call course.py -------------------------------------------------


def requirements(*extras):
    """Return the project's requirements, with those of the extras, its own name left out."""
    texts = list(PROJECT["dependencies"])
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    return [Requirement(text) for text in texts if not text.startswith(PROJECT["name"])]


def constraints():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [line.partition("==")[::2] for line in lines]


def test_constraints_are_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.]*", line)]
    assert odd == []
    names = [name for name, _ in constraints()]
    assert names == sorted(set(names))


def test_constraints_hold_every_requirement_at_a_version_that_is_allowed():
    pinned = dict(constraints())
    # Peers in benchmarks are what the reader has; PyTorch differs from machine to machine anyway.
    pinned_extras = set(PROJECT["optional-dependencies"]) - {"benchmarks"}
    for requirement in requirements(*pinned_extras):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} against {version}"


def test_environment_yml_is_in_step_with_the_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *packages, pip, by_pip = environment["dependencies"]
    assert (pip, by_pip) == ("pip", {"pip": ["-e ."]})
    python, *packages = map(Requirement, packages)
    assert (python.name, str(python.specifier)) == ("python", PROJECT["requires-python"])
    assert sorted(map(str, packages)) == sorted(map(str, requirements()))
    assert environment["channels"] == ["conda-forge"]


def test_oldest_and_newest_python_are_the_same_everywhere(course):
    oldest, newest = course.dotted(course.OLDEST), course.dotted(course.NEWEST)
    assert PROJECT["requires-python"] == f">={oldest}"
    assert SpecifierSet(PROJECT["requires-python"]).contains(newest)
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == [oldest, newest]
    systems = {name.split("-")[0] for name in job["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    assert job["steps"][-1] == {"run": "python course.py test"}


def test_make_knows_the_commands_of_course_py(course):
    text = (ROOT / "Makefile").read_text("utf-8")
    assert f"\n{' '.join(course.COMMANDS)}:\n" in text
    assert text.count("\t") == 2


@pytest.mark.skipif(os.name == "nt", reason="the file mode and bash belong to Linux and macOS")
def test_continuous_integration_calls_make_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").splitlines()[-1].endswith(" test")
    subprocess.run(["bash", "-n", script], check=True)


# The pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_pages_lead_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(
        r'(?:src|href)="([^"]+)"', text
    )
    missing = [to for to in targets if "://" not in to and not (ROOT / to).exists()]
    assert missing == []


def test_the_map_says_which_lessons_are_here():
    rows = re.findall(
        r"^\| (\d\d) \| [^|]+ \| [^|]+ \| (here|later) \|$",
        (ROOT / "README.md").read_text("utf-8"),
        re.M,
    )
    assert [number for number, _ in rows] == [f"{number:02}" for number in range(9)]
    for number, state in rows:
        found = bool(list((ROOT / "notebooks").glob(f"{number}_*.ipynb")))
        assert (number, found) == (number, state == "here")


def test_the_version_stands_in_the_changelog():
    newest = re.search(r"^## \[([\d.]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest.group(1) == PROJECT["version"]


def test_the_licence_names_code_text_and_digits():
    text = (ROOT / "LICENSE").read_text("utf-8")
    for words in ("MIT License", "CC BY 4.0", "creativecommons.org/licenses/by/4.0", "Kaynak"):
        assert words in text
