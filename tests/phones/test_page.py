"""The page in a real browser: pressed, moved, and its samples counted."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from listening import Seen, recorded_set, replayed_reps

pytest.importorskip("selenium", reason="selenium is not installed")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from repsense.samples import SampleBlock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
)
G = 9.80665
# Play is the fixture `phone_of` of conftest.py, Opened its helper.
Opened = Any
Play = Callable[..., Seen]

# What a phone's sensor would make the browser do; the recorded times stand in for the events' own.
MOVE = """
for (const [t, x, y, z] of arguments[0]) {
  const event = new DeviceMotionEvent("devicemotion",
    {accelerationIncludingGravity: {x, y, z}, interval: 20});
  Object.defineProperty(event, "timeStamp", {value: t});
  window.dispatchEvent(event);
}
"""


# A browser that lets the person onto the page, but opens no stream to its certificate.
NO_STREAMS = """
window.WebSocket = class {
  static OPEN = 1;
  constructor() { this.readyState = 3; setTimeout(() => this.onclose(), 0); }
};
"""


@contextmanager
def browser_on(address: str, profile: Path, before: str = "") -> Iterator[webdriver.Chrome]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("Chromium and its driver are not installed (apt: chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.accept_insecure_certs = True  # what the person does who goes on to the page
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        script = {"source": before}
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
        driver.get(address)
        driver.execute_script("document.getElementById('start').click()")
        yield driver
    finally:
        # While the server still listens, so that it sees the connections end.
        driver.quit()


def events_of(block: SampleBlock) -> list[list[float]]:
    return [
        [1000.0 * t, *(G * accel).tolist()]
        for t, accel in zip(block.t_s, block.accel_g, strict=True)
    ]


def move(
    address: str, profile: Path, events: list[list[float]], before: str = ""
) -> dict[str, Any]:
    """Start the page, move the phone, and return what is to be seen when all is sent.

    ``before`` is a script that runs before the page's own.
    """
    with browser_on(address, profile, before) as browser:
        wait = WebDriverWait(browser, 60, poll_frequency=0.02)
        sent = "return Number(document.getElementById('sent').innerText)"
        for first in range(0, len(events), 1000):
            browser.execute_script(MOVE, events[first : first + 1000])
            due = min(first + 1000, len(events))
            wait.until(lambda _, due=due: browser.execute_script(sent) == due)
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return {
            "state": browser.execute_script("return document.getElementById('state').innerText"),
            "too_wide": browser.execute_script(wide),
            "complaints": [e for e in browser.get_log("browser") if e["level"] == "SEVERE"],
        }


def test_a_set_done_with_the_phone_counts_as_its_replay(phone_of: Play, tmp_path: Path) -> None:
    recorded = recorded_set()
    events = events_of(recorded)
    shown: dict[str, Any] = {}

    async def use(opened: Opened, seen: Seen) -> None:
        address, profile = opened.address("anna"), tmp_path / "profile"
        shown.update(await asyncio.to_thread(move, address, profile, events))
        await seen.until(lambda now: now.samples == len(recorded))

    seen = phone_of("anna", use)
    assert shown == {"state": "Measuring.", "too_wide": 0, "complaints": []}
    assert seen.reps == replayed_reps()
    assert seen.lost == 0


def test_a_browser_that_refuses_the_stream_posts_instead(phone_of: Play, tmp_path: Path) -> None:
    recorded = recorded_set().part(0, 500)

    async def use(opened: Opened, seen: Seen) -> None:
        address, profile = opened.address("anna"), tmp_path / "profile"
        shown = await asyncio.to_thread(move, address, profile, events_of(recorded), NO_STREAMS)
        assert shown["state"] == "Measuring."
        await seen.until(lambda now: now.samples == 500)

    assert phone_of("anna", use).lost == 0


def said_at_rest(address: str, profile: Path) -> str:
    with browser_on(address, profile) as browser:
        wait = WebDriverWait(browser, 60, poll_frequency=0.05)
        look = (
            "return document.getElementById('state').innerText.match(/measures no motion.*/)?.[0]"
        )
        return str(wait.until(lambda _: browser.execute_script(look)))


def test_a_browser_without_motion_is_told(phone_of: Play, tmp_path: Path) -> None:
    async def use(opened: Opened, seen: Seen) -> None:
        del seen
        address, profile = opened.address("anna"), tmp_path / "profile"
        assert "Allow motion sensors" in await asyncio.to_thread(said_at_rest, address, profile)

    phone_of("anna", use)
