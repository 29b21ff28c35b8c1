"""JupyterLab in a browser, as these tests drive it: open a chapter, run cells, read what the page shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, Response

LONGEST_S = 90
LONGEST_MS = LONGEST_S * 1000
# Cells out of sight would not be in the page; a chapter is compared and photographed as a whole.
OVERRIDES = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
DARK = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}


@dataclass
class Server:
    """A JupyterLab of its own, with settings and kernels of its own.

    Attributes:
        world: file of the emulated Azure that its kernels open.
    """

    url: str
    world: Path
    foreign: list[str] = field(default_factory=list)

    def kernels(self) -> list[dict[str, object]]:
        """Its kernels; none while it is busy with starting one, when it may answer 500."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/kernels?token=lab", timeout=5) as answer:
                return list(json.load(answer))
        except OSError:
            return []


@contextmanager
def served(folder: Path, notebooks: Path, *, dark: bool = False) -> Iterator[Server]:
    """Serve notebooks until the block ends; `folder` gets everything that is written."""
    settings, world, runtime = folder / "settings", folder / "world.db", folder / "jupyter_runtime_dir"
    settings.mkdir(parents=True)
    overrides = {**OVERRIDES, **(DARK if dark else {})}
    (settings / "overrides.json").write_text(json.dumps(overrides), "utf-8")
    own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = {**os.environ, **{name: str(folder / name.lower()) for name in own}}
    environment |= {"ACRLAB_WORLD": str(world), "ACRLAB_HOME": str(folder / "home")}
    environment.pop("ACRLAB_WIDGETS", None)
    words = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1"),
        *("--IdentityProvider.token=lab", f"--ServerApp.root_dir={notebooks}", "--ServerApp.log_level=WARN"),
        *(f"--LabApp.app_settings_dir={settings}", "--LabApp.news_url=None"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",  # cells are run one by one, without a word typed
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(words, env=environment, cwd=notebooks, stdout=log, stderr=log)
        try:
            yield Server(_address(process, runtime, folder / "server.log"), world)
        finally:
            process.terminate()
            process.wait(30)


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Wait for the server, which picks a port and writes it down."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until and process.poll() is None:
        for written in runtime.glob("jpserver-*.json"):
            with suppress(OSError, ValueError):  # half of it may be written, and it writes before it listens
                url = f"http://127.0.0.1:{json.loads(written.read_text('utf-8'))['port']}"
                urllib.request.urlopen(f"{url}/api/status?token=lab", timeout=2).close()
                return url
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not come up:\n{log.read_text('utf-8', 'replace')[-2000:]}")


class LabPage:
    """One notebook, opened in the browser."""

    def __init__(self, page: Page, server: Server, name: str) -> None:
        self.page, self._server, self._at = page, server, 0
        page.on("response", self._came)
        page.goto(f"{server.url}/lab/tree/{name}.ipynb?token=lab&reset")
        self.notebook = page.locator(".jp-NotebookPanel:visible")
        self.notebook.locator(".jp-Cell").first.wait_for(timeout=LONGEST_MS)
        self.menu("View", "File Browser")  # out of the picture
        self._wait_for_kernel()

    def _came(self, response: Response) -> None:
        if not response.url.startswith((self._server.url, "data:", "blob:")):
            self._server.foreign.append(response.url)

    def _wait_for_kernel(self) -> None:
        """The page's own sign says idle before there is a kernel: the server is asked, and the status bar."""
        until = time.monotonic() + LONGEST_S
        while not any(k["execution_state"] == "idle" and k["connections"] for k in self._server.kernels()):
            assert time.monotonic() < until, "no kernel came up"
            self.page.wait_for_timeout(100)
        self.page.locator("text=/ipykernel\\) \\| Idle/").wait_for(timeout=LONGEST_MS)

    def menu(self, *words: str) -> None:
        """Click through a menu."""
        self.page.locator(f'.lm-MenuBar-itemLabel:text-is("{words[0]}")').click()
        for word in words[1:]:
            self.page.locator(f'.lm-Menu-itemLabel:text-is("{word}")').click()

    def run_all(self) -> None:
        """Run every cell, and wait until the last one has ended."""
        self.menu("Run", "Run All Cells")
        self.settle()

    def run_to(self, text: str) -> Locator:
        """Run on from where the last such run ended, to the cell whose source has this text. Returns: its outputs."""
        cells = self.notebook.locator(".jp-Notebook-cell").all()
        place = self.cell(text).element_handle()
        end = next(at for at, one in enumerate(cells) if one.evaluate("(cell, found) => cell === found", place))
        self._run(self._at, end + 1)
        return self.output(text)

    def run_the_rest(self) -> None:
        """Run on from there to the end."""
        self._run(self._at, self.notebook.locator(".jp-Notebook-cell").count())

    def _run(self, start: int, end: int) -> None:
        self._at = end
        self.page.evaluate(
            """async ([start, end]) => {
                const notebook = jupyterapp.shell.currentWidget.content;
                for (let at = start; at < end; at += 1) {
                    notebook.deselectAll();
                    notebook.activeCellIndex = at;
                    await jupyterapp.commands.execute("notebook:run-cell");
                }
            }""",
            [start, end],
        )
        self.settle()

    def dress(self, theme: str, width: int) -> None:
        """Change the theme, `light` or `dark`, and the width of the page, in pixels."""
        name = f"JupyterLab {theme.title()}"
        self.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        self.page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached", timeout=LONGEST_MS)
        self.page.set_viewport_size({"width": width, "height": 1000})
        self.page.wait_for_timeout(100)  # the browser lays out anew

    def settle(self) -> None:
        """Wait until every code cell has a number, and none runs."""
        self.page.wait_for_function(
            """() => {
                const cells = [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')];
                const marks = cells.map((cell) => cell.querySelector('.jp-InputPrompt')?.textContent ?? '');
                const failed = document.querySelector('[data-mime-type*="error"], [data-mime-type*="stderr"]');
                return cells.length > 0 && (failed || marks.every((mark) => /\\[\\d+\\]/.test(mark)));
            }""",
            timeout=LONGEST_MS,
        )

    def cell(self, text: str) -> Locator:
        """The code cell whose source has this text."""
        return self.notebook.locator(".jp-CodeCell", has=self.page.locator(".jp-InputArea", has_text=text)).first

    def output(self, text: str) -> Locator:
        """The outputs of that cell."""
        return self.cell(text).locator(".jp-OutputArea").first

    def errors(self) -> list[str]:
        """What went wrong in cells."""
        shown = self.notebook.locator('.jp-RenderedText[data-mime-type*="error"], [data-mime-type*="stderr"]')
        return shown.all_inner_texts()

    def photograph(self, path: Path) -> None:
        """Keep the whole chapter as one picture."""
        path.parent.mkdir(parents=True, exist_ok=True)
        height = self.page.evaluate(
            "() => document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer').scrollHeight + 140"
        )
        size: Mapping[str, int] = self.page.viewport_size or {"width": 1280, "height": 1000}
        self.page.set_viewport_size({"width": size["width"], "height": min(int(height), 16000)})
        self.page.evaluate("() => document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer').scrollTo(0, 0)")
        self.page.wait_for_timeout(300)  # the browser lays out anew
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": size["width"], "height": size["height"]})

    def close(self) -> None:
        """Stop the kernel, so that the next chapter has the VM to itself."""
        for kernel in self._server.kernels():
            request = urllib.request.Request(
                f"{self._server.url}/api/kernels/{kernel['id']}?token=lab", method="DELETE"
            )
            urllib.request.urlopen(request, timeout=20).close()
        self.page.close()
