"""``repsense plan``: what is planned, what is next, the week, and the sheet to print."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import called
import pytest

from repsense.config import coaching_of, load_settings
from repsense.events import SetFinished
from repsense.exercises import load_catalogue
from repsense.sinks.base import Notice
from repsense.sinks.history import History, history_path

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "plans").glob("*.yaml"))
PLAN = (
    "plan:\n  name: Mine\n  days_a_week: [2, 3]\n  rest_s: 1800\n  exercises:\n"
    "    - {exercise: front_raise, sets: 2}\n    - {exercise: one_arm_row, sets: 1}\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "config.yaml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def run(*words: str) -> int:
    return called.exit_code("plan", *words)


def plan(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run("--json", *words) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def keep(exercise: str, ago: timedelta, reps: int = 10, wearer: str = "anna") -> None:
    event = SetFinished(
        set=1, reps=reps, start_s=0.0, end_s=40.0, announced_s=46.0, exercise=exercise
    )
    history = History(history_path())
    at_utc = datetime.now(UTC) - ago
    history.add(Notice(wearer=wearer, event=event, at_utc=at_utc, event_id=str(at_utc)))
    history.close()


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_without_a_history_the_first_set_is_next(capsys: pytest.CaptureFixture[str]) -> None:
    said = plan(capsys)
    assert said["sets_done"] == 0
    assert [(one["exercise"], one["number"], one["side"]) for one in said["sets"]] == [
        ("front_raise", 1, "both"),
        ("front_raise", 2, "both"),
        ("one_arm_row", 1, "worn"),
        ("one_arm_row", 1, "other"),
    ]
    assert said["next"] == said["sets"][0]
    assert said["week"]["days"] == []
    assert not history_path().exists()


def test_a_set_of_this_workout_brings_the_next_one(capsys: pytest.CaptureFixture[str]) -> None:
    keep("front_raise", minutes(0.05))
    assert run() == 0
    said = capsys.readouterr().out
    assert "1 of 4 sets done" in said
    assert re.search(
        r"Next: Front raise, set 2 of 2: 8 to 12 reps, after 1\d{3} s more of rest", said
    )
    assert "This week: 1 of 2 to 3 days" in said


def test_another_wearer_s_set_does_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    keep("front_raise", minutes(0.05), wearer="ben")
    assert plan(capsys, "--wearer", "anna")["sets_done"] == 0
    assert plan(capsys, "--wearer", "ben")["sets_done"] == 1


def test_a_workout_of_long_ago_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    keep("front_raise", timedelta(hours=3))
    assert plan(capsys)["sets_done"] == 0


def test_without_a_plan_it_is_said_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.yaml").write_text("", encoding="utf-8")
    assert run() == 2
    said = capsys.readouterr()
    assert said.err.startswith("repsense: There is no plan in config.yaml")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_plans(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    follower = coaching_of(load_settings(path)).follower
    assert follower is not None
    assert follower.plan.days_a_week == (2, 3)
    assert run("--config", str(path)) == 0
    assert follower.plan.name in capsys.readouterr().out


def test_the_examples_have_all_ten_exercises() -> None:
    plans = [load_settings(path).plan for path in EXAMPLES]
    planned = {one.exercise for plan in plans for one in plan.exercises}
    assert planned == set(load_catalogue())
    assert len(plans) == 2


# --- the sheet -------------------------------------------------------------------------------


class Page(HTMLParser):
    """Gathers what a page has and whether its tags are in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert all(name not in {"src", "href"} for name, _ in attrs), "the page needs a file"
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_html_sheet_has_every_exercise_drawn_twice_and_needs_no_other_file(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--config", str(path), "--print", "sheet.html") == 0
    page = Page()
    page.feed(Path("sheet.html").read_text(encoding="utf-8"))
    planned = load_settings(path).plan.exercises
    assert page.open == []
    assert page.tags.count("svg") == 2 * len(planned)
    assert page.tags.count("section") == len(planned)
    for one in planned:
        assert load_catalogue()[one.exercise].name in page.words
    assert capsys.readouterr().out == "Wrote sheet.html.\n"


def test_what_a_person_writes_cannot_break_the_page() -> None:
    Path("config.yaml").write_text(
        "exercises:\n  odd:\n    name: A <b> & co\n    tempo: {lift_s: 1, hold_s: 0, lower_s: 1}\n"
        "plan:\n  name: <script>\n  exercises:\n    - exercise: odd\n",
        encoding="utf-8",
    )
    assert run("--print", "sheet.html") == 0
    page = Page()
    page.feed(Path("sheet.html").read_text(encoding="utf-8"))
    assert "A <b> & co" in page.words
    assert "script" not in page.tags
    assert "svg" not in page.tags


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_pdf_sheet_is_one_page_and_the_same_each_time(path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the PDF is drawn with matplotlib")
    for name in ("one.pdf", "two.pdf"):
        assert run("--config", str(path), "--print", name) == 0
    made = Path("one.pdf").read_bytes()
    assert made.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", made)) == 1
    assert made == Path("two.pdf").read_bytes()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_on_the_page_overlaps_or_leaves_it(path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the page is drawn with matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from repsense.cli.sheet import make_sheet
    from repsense.cli.sheet_pdf import draw_page
    from repsense.exercises.phrases import Phrases

    settings = load_settings(path)
    follower = coaching_of(settings).follower
    assert follower is not None
    page = draw_page(make_sheet(settings.plan, follower.left, Phrases()))
    renderer = FigureCanvasAgg(page).get_renderer()
    paper, *drawings = page.axes
    texts = [text.get_window_extent(renderer) for text in paper.texts]
    boxes = [patch.get_window_extent(renderer) for patch in paper.patches]
    frames = [axes.get_window_extent(renderer) for axes in drawings]
    for number, text in enumerate(texts):
        assert page.bbox.x0 < text.x0 < text.x1 < page.bbox.x1
        assert page.bbox.y0 < text.y0 < text.y1 < page.bbox.y1
        others = [*boxes, *frames]
        assert not any(text.overlaps(other) for other in others), paper.texts[number].get_text()
        for other in texts[number + 1 :]:
            assert not text.shrunk(0.9, 0.7).overlaps(other.shrunk(0.9, 0.7))


def test_another_ending_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--print", "sheet.docx") == 2
    assert "end the name with .html or .pdf" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--print", "nowhere/sheet.html") == 2
    assert "check that its folder exists" in capsys.readouterr().err


def test_without_matplotlib_the_pdf_is_refused_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "repsense.cli.sheet_pdf", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    assert run("--print", "sheet.pdf") == 2
    assert "pip install 'repsense[plot]'" in capsys.readouterr().err
