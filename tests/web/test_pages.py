"""The other pages in a real browser: correcting, looking back, labelling, tuning."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from repsense.recording.index import read_index
from repsense.recording.labels import labels_path, read_labels
from repsense.sinks.history import History, history_path

if TYPE_CHECKING:
    from conftest import Browser, Serve, Served

PHONE, DESKTOP = (390, 844), (1440, 900)
SWUNG = "front_raise_swing.csv.gz"
SET = "past-10-1-1"
PAGES = {
    "history": ("/history", "document.querySelector('.rs-chart svg') !== null"),
    "review": (f"/review?set={SET}", "document.querySelectorAll('.rs-chart svg').length === 2"),
    "recordings": ("/recordings", "document.querySelector('.rs-list') !== null"),
    "label": (f"/label?recording=0/{SWUNG}", "document.querySelector('[data-edge=end]') !== null"),
    "tune": (f"/tune?recording=0/{SWUNG}", "document.querySelector('.rs-chart svg') !== null"),
}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    past = str(Path(__file__).with_name("past.py"))
    subprocess.run([sys.executable, past, str(folder)], check=True, timeout=100)
    return folder


@pytest.fixture(scope="module")
def served(serve: "Serve", data_dir: Path) -> "Served":
    return serve(data_dir, "--recordings", data_dir / "recordings")


@pytest.fixture
def page(served: "Served", browser: "Browser") -> Iterator["Browser"]:
    browser.size(DESKTOP)
    yield browser
    browser.driver.get("about:blank")


def open_page(browser: "Browser", served: "Served", name: str) -> None:
    address, ready = PAGES[name]
    browser.open(served.address + address, ready)


def press(browser: "Browser", words: str) -> None:
    """Press the button whose text or label begins with these words."""
    browser.until(
        "(b => b && (b.click(), true))([...document.querySelectorAll('button')].find(b =>"
        " (b.getAttribute('aria-label') || b.innerText).startsWith(arguments[0])))",
        words,
    )


def fill(browser: "Browser", label: str, value: str) -> None:
    browser.until(
        "(i => { if (!i) return false; i.value = arguments[1];"
        " i.dispatchEvent(new Event('input', {bubbles: true}));"
        " i.dispatchEvent(new Event('change', {bubbles: true})); return true; })"
        "([...document.querySelectorAll('input')].find(i => i.ariaLabel === arguments[0]))",
        label,
        value,
    )


@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_and_nobody_is_shut_out(
    served: "Served", page: "Browser", axe: str, name: str
) -> None:
    for size in (PHONE, DESKTOP):
        page.size(size)
        open_page(page, served, name)
        page.is_clean()
    for theme in ("dark", "light"):
        page.run("window.repsense.setTheme(arguments[0])", theme)
        assert page.barriers(axe) == [], theme


def test_a_corrected_count_is_kept_beside_the_measured_one(
    served: "Served", page: "Browser", data_dir: Path
) -> None:
    open_page(page, served, "history")
    press(page, "Correct Straight-arm press back")
    page.until("document.querySelector('.rs-dialog') !== null")
    fill(page, "Reps", "9")
    fill(page, "Weight, kg", "11.5")
    press(page, "Save")
    page.until("document.body.innerText.includes('9 reps (measured 10)')")
    with closing(History(history_path(data_dir))) as history:
        stored = next(one for one in history.sets() if one.event_id == SET)
    assert (stored.reps, stored.true_reps, stored.correction.weight_kg) == (10, 9, 11.5)
    assert page.complaints() == []


def test_a_deleted_set_goes_and_its_measurement_stays(
    served: "Served", page: "Browser", data_dir: Path
) -> None:
    open_page(page, served, "history")
    before = page.run("return document.querySelectorAll('.rs-set').length")
    press(page, "Correct Front raise")
    press(page, "Delete")
    page.until("document.querySelectorAll('.rs-set').length === arguments[0]", before - 1)
    with closing(History(history_path(data_dir))) as history:
        assert len(history.sets(with_deleted=True)) == len(history.sets()) + 1


def test_the_review_draws_every_rep_and_marks_the_swings(served: "Served", page: "Browser") -> None:
    open_page(page, served, "review")
    numbers = page.run(
        "return [...document.querySelectorAll('.rs-chart')[0].querySelectorAll('text')]"
        ".filter(t => t.getAttribute('font-weight') === 'bold' ||"
        " (t.getAttribute('style') || '').includes('bold')).map(t => t.textContent)"
    )
    assert numbers == ["3", "7"]
    assert page.run("return document.querySelectorAll('.rs-table tbody tr').length") >= 10 + 6


def test_one_click_makes_corrected_counts_tuning_material(
    served: "Served", page: "Browser", data_dir: Path
) -> None:
    open_page(page, served, "review")
    press(page, "Use these counts for tuning")
    page.until("document.body.innerText.includes('repsense evaluate')")
    (row,) = read_index(data_dir / "recordings" / "index.csv")
    with closing(History(history_path(data_dir))) as history:
        stored = next(one for one in history.sets() if one.event_id == SET)
    assert row.reps_true == stored.true_reps
    assert read_labels(labels_path(row.path)).sets[0].count == stored.true_reps


def test_a_dragged_edge_is_saved_where_the_evaluator_reads_it(
    served: "Served", page: "Browser", data_dir: Path
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    path = labels_path(data_dir / "recordings" / SWUNG)
    before = read_labels(path).sets[0]
    open_page(page, served, "label")
    press(page, "Rep 4")
    page.until("document.querySelector('[data-edge=turn]').ariaLabel === 'Turn of rep 4'")
    handle = page.driver.find_element(By.CSS_SELECTOR, "[data-edge=turn]")
    ActionChains(page.driver).drag_and_drop_by_offset(handle, 12, 0).perform()
    page.until(
        "Math.abs(+document.querySelector('[data-edge=turn]').ariaValueNow - arguments[0]) > 0.1",
        before.reps[3].turn_s,
    )
    dragged = page.run("return +document.querySelector('[data-edge=turn]').ariaValueNow")
    page.until("![...document.querySelectorAll('button')].some(b => /^Save \\(/.test(b.ariaLabel))")
    press(page, "Save")
    page.until("document.body.innerText.includes('Saved front_raise_swing.labels.yaml')")
    after = read_labels(path).sets[0]
    assert after.reps[3].turn_s == pytest.approx(dragged, abs=0.002)
    assert after.reps[3].turn_s > before.reps[3].turn_s + 0.1
    assert after.reps[2].turn_s == before.reps[2].turn_s
    assert page.complaints() == []


def test_edges_move_with_the_keyboard_and_stop_at_their_neighbours(
    served: "Served", page: "Browser"
) -> None:
    open_page(page, served, "label")
    now = "+document.querySelector('[data-edge=end]').ariaValueNow"
    begun = page.run(f"return {now}")
    key = (
        "document.querySelector('[data-edge=end]').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'ArrowLeft', shiftKey: arguments[0]}))"
    )
    page.run(key, False)
    page.until(f"Math.abs({now} - arguments[0]) < 0.005", begun - 0.04)
    for _ in range(12):
        page.run(key, True)
    lowest = page.run("return +document.querySelector('[data-edge=end]').ariaValueMin")
    page.until(f"Math.abs({now} - arguments[0]) < 0.005", lowest)


def test_the_engine_s_count_can_be_taken_over(served: "Served", page: "Browser") -> None:
    open_page(page, served, "label")
    press(page, "Remove the set")
    page.until("document.body.innerText.includes('0 sets, 0 reps')")
    press(page, "Begin with the engine")
    page.until("document.body.innerText.includes('1 set, 10 reps')")


def test_a_changed_setting_shows_at_once_what_it_does(served: "Served", page: "Browser") -> None:
    open_page(page, served, "tune")
    page.until("document.querySelector('[role=status]').innerText.startsWith('1 set, 10 reps')")
    fill(page, "rep_min_s", "6")
    page.until("!document.querySelector('[role=status]').innerText.startsWith('1 set, 10 reps')")
    assert "True: 1 set, 10 reps" in page.text("[role=status]")
    assert page.text(".rs-code").split() == ["pipeline:", "chains:", "rep_min_s:", "6"]
    assert page.complaints() == []


def test_a_recording_that_is_not_there_is_said(served: "Served", page: "Browser") -> None:
    page.open(
        served.address + "/label?recording=../../etc/passwd",
        "document.querySelector('[role=alert]') !== null",
    )
    assert "no recording" in page.text("[role=alert]")


def test_the_exports_arrive_as_files(served: "Served", page: "Browser", tmp_path: Path) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    open_page(page, served, "history")
    for ending in ("csv", "json"):
        press(page, f"Export as {ending.upper()}")
    page.until("true")
    csv_file, json_file = tmp_path / "repsense-anna.csv", tmp_path / "repsense-anna.json"
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(page.driver, 60).until(lambda _: csv_file.is_file() and json_file.is_file())
    lines = csv_file.read_text("utf-8").splitlines()
    assert len(lines) - 1 == len(json.loads(json_file.read_text("utf-8")))
