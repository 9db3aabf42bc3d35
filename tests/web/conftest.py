"""A real Chromium, and the dashboard served in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nicegui", reason="the extra 'dashboard' is not installed")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
WAIT_S = 60
Json = Any


class Served:
    """The dashboard in its own process; see serving.py for what it understands."""

    def __init__(self, *words: str) -> None:
        script = str(Path(__file__).with_name("serving.py"))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", script, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        first = self.hear()
        self.address: str = first["address"].rstrip("/")
        self.pairing: str | None = first["pairing"]

    def order(self, **fields: Json) -> None:
        assert self._process.stdin is not None
        print(json.dumps(fields), file=self._process.stdin, flush=True)

    def hear(self) -> dict[str, Any]:
        """Return the next line that the process says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the dashboard's process ended"
        heard: dict[str, Any] = json.loads(line)
        return heard

    def ask(self, **fields: Json) -> dict[str, Any]:
        self.order(**fields)
        return self.hear()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        assert self._process.wait(WAIT_S) == 0
        self._process.stdout.close()


class Browser:
    """Chromium, with what tests ask of it."""

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def size(self, size: tuple[int, int]) -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", metrics | {"mobile": width < 600}
        )

    def open(self, address: str, ready: str) -> None:
        """Open a page and wait until a script says that it is there."""
        self.driver.get(address)
        self.until(ready)

    def run(self, script: str, *arguments: Json) -> Json:
        return self.driver.execute_script(script, *arguments)

    def until(self, script: str, *arguments: Json) -> Json:
        """Wait until the script returns something true, and return that."""
        wait = WebDriverWait(self.driver, WAIT_S, poll_frequency=0.02)
        return wait.until(lambda _: self.run(f"return {script}", *arguments), script)

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def complaints(self) -> list[str]:
        """Return what the console says against the page since the last time asked."""
        # Selenium states no types for it.
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [line["message"] for line in log if line["level"] in {"SEVERE", "WARNING"}]

    def barriers(self, axe: str) -> list[str]:
        """Return what axe finds serious or critical on the page that is open."""
        self.run(axe)
        self.driver.set_script_timeout(WAIT_S)
        found = self.driver.execute_async_script(AXE_RUN)
        bad = {"serious", "critical"}
        return [f"{id_}: {nodes}" for impact, id_, nodes in found if impact in bad]

    def is_clean(self) -> None:
        """Check that nothing sticks out, nothing is cut short and the console is silent."""
        assert self.complaints() == []
        assert self.overflowing() == []

    def overflowing(self) -> list[str]:
        """Return what sticks out of the window, or is cut short."""
        found: list[str] = self.run(OVERFLOWING)
        return found


AXE_RUN = """
const done = arguments[0];
axe.run(document, {resultTypes: ["violations"]}).then(result => done(
  result.violations.map(v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html)])));
"""

# Elements with text that is wider than the window or than the element itself.
OVERFLOWING = """
const wide = document.documentElement.clientWidth + 1;
return [...document.querySelectorAll("body *")].filter(e => {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const box = e.getBoundingClientRect();
  const style = getComputedStyle(e);
  if (!own || !box.width || style.visibility === "hidden") return false;
  if (e.closest(".rs-hidden, .q-table__middle, .rs-scroll")) return false;
  const hides = style.overflowX !== "visible" && style.display !== "inline";
  const cut = hides && e.scrollWidth > e.clientWidth + 1;
  return box.right > wide || box.left < -1 || cut;
}).map(e => e.className + ": " + e.textContent.trim().slice(0, 60));
"""


def chromium(profile: Path) -> WebDriver:
    """Start Chromium with a folder of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("Chromium and its driver are not installed (apt: chromium chromium-driver)")
    driver = chromium(tmp_path_factory.mktemp("chromium"))
    yield Browser(driver)
    driver.quit()


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Return what serves a dashboard until the module's tests are done."""
    open_ones: list[Served] = []

    def start(*words: str | Path) -> Served:
        served = Served(*map(str, words))
        open_ones.append(served)
        return served

    yield start
    for served in open_ones:
        served.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the text of axe-core, which finds what shuts people out."""
    named = os.environ.get("AXE_CORE")  # a newer one than the package has
    if named:
        return Path(named).read_text("utf-8")
    return (resources.files("axe_core_python") / "axe.min.js").read_text("utf-8")
