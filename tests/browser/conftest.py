"""A real JupyterLab and a real browser for tests: `lab`, `chromium` and `open_notebook`.

A test hands a notebook file to `open_notebook` and gets a `Notebook` to run and to look at::

    def test_it(open_notebook, tmp_path):
        notebook = open_notebook(shutil.copy(LESSON, tmp_path))
        notebook.run_all()
        assert not notebook.errors()
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# Two cores may be busy with other things: every wait is long, and ends as soon as it can.
START, LOAD, RUN, REACT = 180, 180, 300, 60  # seconds

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def pytest_collection_modifyitems(items):
    """Let a browser test that failed try twice more; the report shows it as an R.

    What is broken fails each time. What was late, or was looked at while it was being replaced, on
    a machine that does other work, passes.
    """
    folder = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium; the test is skipped where none is found."""
    path = os.environ.get("BACKPROP_COURSE_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if path is None:
        pytest.skip(
            f"no Chromium found (looked for {', '.join(NAMES)}); "
            "install one, or name it in BACKPROP_COURSE_CHROMIUM"
        )
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(FLAGS), timeout=START * 1000
        )
        yield browser
        browser.close()


class Lab:
    """A running JupyterLab: its folder, its address and its token."""

    def __init__(self, folder, port, token):
        self.folder, self.token = folder, token
        self.address = f"http://127.0.0.1:{port}"

    def answers(self):
        request = urllib.request.Request(
            f"{self.address}/api/status", headers={"Authorization": f"token {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False


@pytest.fixture(scope="session")
def lab(tmp_path_factory, chromium):
    """A JupyterLab on this machine alone, with settings, kernels and files of its own."""
    home = tmp_path_factory.mktemp("jupyter")
    folder = tmp_path_factory.mktemp("lab")
    token = secrets.token_hex(24)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    # No questions about news, no look-ups: nothing may cover the page or leave the machine.
    settings = home / "settings" / "@jupyterlab"
    for name, content in (
        ("apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False}),
        ("extensionmanager-extension/plugin", {"enabled": False}),
    ):
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))

    environment = os.environ | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "BACKPROP_COURSE_PROGRESS": str(home / "progress.json"),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    log = home / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )  # fmt: skip
    running = Lab(folder, port, token)
    try:
        end = time.monotonic() + START
        while not running.answers():
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.3)
        yield running
    finally:
        _stop(server)


def _stop(server):
    """Stop the server, and the kernels that it started, by their process group."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=30)
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
    else:
        server.kill()
    server.wait()


class Notebook:
    """One notebook, open in the browser. ``page`` is the page of playwright."""

    def __init__(self, page):
        self.page = page
        self.page_errors = []
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))

    def open(self, lab, name):
        self.page.goto(
            f"{lab.address}/lab/tree/{name}?token={lab.token}&reset", timeout=LOAD * 1000
        )
        self._wait("() => window.jupyterapp !== undefined", LOAD)
        self.page.evaluate("() => window.jupyterapp.restored")
        self._wait(
            """name => {
                const panel = window.jupyterapp.shell.currentWidget;
                const kernel = panel?.sessionContext?.session?.kernel;
                return panel?.context?.path === name && panel.context.isReady
                    && kernel?.status === 'idle';
            }""",
            LOAD,
            name,
        )

    def run_all(self):
        """Run every cell and wait until the last one is done."""
        self.command("notebook:run-all-cells", wait=False)
        self._wait(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const cells = Array.from(panel.content.model.cells).filter(
                    cell => cell.type === 'code');
                return cells.every(cell => cell.executionCount !== null)
                    && window.courseRunIsOver === true
                    && panel.sessionContext.session.kernel.status === 'idle';
            }""",
            RUN,
        )

    def command(self, name, arguments=None, *, wait=True):
        """Run a command of JupyterLab, as its menus do."""
        self.page.evaluate(
            """([name, arguments_, wait]) => {
                window.courseRunIsOver = false;
                const done = window.jupyterapp.commands.execute(name, arguments_).then(
                    () => { window.courseRunIsOver = true; });
                return wait ? done : null;
            }""",
            [name, arguments or {}, wait],
        )

    def clear_outputs(self):
        self.command("notebook:clear-all-cell-outputs")

    def cells(self):
        """Return all cells with their present outputs, as the notebook format writes them."""
        return self.page.evaluate(
            """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
                .map(cell => cell.toJSON())"""
        )

    def errors(self):
        """Return what went wrong in cells: exceptions, warnings, and all else on stderr."""
        found = []
        for number, cell in enumerate(self.cells(), start=1):
            for output in cell.get("outputs", ()):
                if output["output_type"] == "error":
                    found.append(f"cell {number}: {output['ename']}: {output['evalue']}")
                elif output.get("name") == "stderr":
                    found.append(f"cell {number}: {''.join(output['text'])}")
        return found

    def show(self, text):
        """Scroll to the first cell whose source holds the text, and return its number from 0."""
        number = next(k for k, cell in enumerate(self.cells()) if text in "".join(cell["source"]))
        self.page.evaluate(
            """async number => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = number;
                await notebook.scrollToItem(number, 'start');
            }""",
            number,
        )
        return number

    def use_theme(self, name):
        self.command("apputils:change-theme", {"theme": name})
        light = "false" if "Dark" in name else "true"
        self.page.wait_for_selector(
            f'body[data-jp-theme-light="{light}"]', timeout=REACT * 1000, state="attached"
        )

    def wait_for_text(self, selector, text):
        """Wait until an element shows a text."""
        self._wait(
            """([selector, text]) => Array.from(document.querySelectorAll(selector)).some(
                element => element.textContent.includes(text))""",
            REACT,
            [selector, text],
        )

    def _wait(self, script, seconds, argument=None):
        self.page.wait_for_function(script, arg=argument, timeout=seconds * 1000, polling=200)


@pytest.fixture
def open_notebook(lab, chromium):
    """A function that opens a copy of a notebook file in JupyterLab and returns a `Notebook`."""
    contexts = []

    def open_(file, *, width=1280, height=960):
        file = Path(file)
        shutil.copy(file, lab.folder / file.name)
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.set_default_timeout(REACT * 1000)
        notebook = Notebook(context.new_page())
        notebook.open(lab, file.name)
        return notebook

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def screenshots(tmp_path):
    """Where pictures of the page go: BACKPROP_COURSE_SCREENSHOTS, or a temporary folder."""
    folder = Path(os.environ.get("BACKPROP_COURSE_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
