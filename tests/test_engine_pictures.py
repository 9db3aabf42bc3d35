"""The pictures of docs/engine.md can still be drawn, and show what the engine holds."""

import importlib.util
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from repsense.events import SetFinished
from repsense.pipeline.links import weights_of
from repsense.pipeline.pipeline import Pipeline
from repsense.simulator import Simulated, simulate_set

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "make_engine_pictures"
REPS = 5


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulate_set("lat_pulldown", reps=REPS, seed=1)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    loader = SourceFileLoader("make_engine_pictures", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_picture_of_the_page_is_drawn(
    script: ModuleType, made: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = script.Stages().play(made)
    # One short set stands in for the longer ones, and for the search for a set with two parts.
    monkeypatch.setattr(script, "simulate_set", lambda *_, **__: made)
    monkeypatch.setattr(script, "two_sets", lambda: made)
    monkeypatch.setattr(script, "two_parts", lambda _: (made, played, played.last_open.cycles))

    script.draw_all(tmp_path)

    page = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    wanted = set(re.findall(r"images/(engine_\w+\.svg)", page))
    assert {path.name for path in tmp_path.iterdir()} == wanted
    texts = {
        name: "\n".join(ElementTree.parse(tmp_path / name).getroot().itertext()) for name in wanted
    }
    assert "a rep: a candidate" in texts["engine_cycle.svg"]
    assert "putting the weight away: no candidate" in texts["engine_cycle.svg"]
    assert "earned" in texts["engine_links.svg"]
    assert texts["engine_edges.svg"].count("part") == 2


def test_the_stages_say_what_the_pipeline_says(script: ModuleType, made: Simulated) -> None:
    pipeline = Pipeline()
    said = [event for block in made.block.cut(10) for event in pipeline.push(block)]
    said += pipeline.flush()

    played = script.Stages().play(made).events

    def finished(events: list[object]) -> list[tuple[int, float]]:
        return [(one.reps, one.end_s) for one in events if isinstance(one, SetFinished)]

    assert finished(played) == finished(said)
    assert [reps for reps, _ in finished(played)] == [REPS]


def test_a_chains_links_add_up_to_what_it_earned(script: ModuleType, made: Simulated) -> None:
    stages = script.Stages()
    over_s = made.labels.sets[0].end_s + 3.0
    cells = stages.steps(made)
    while stages.time_s(next(cells)) < over_s:
        pass
    weights = weights_of(stages.search.parameters, armed=False, turn_max_g=0.0, open_max_g=0.0)

    leading = stages.search.leading()
    links = {chain: script.links_of(stages, chain) for chain in leading}

    assert max(map(len, links.values())) == REPS
    assert stages.best_total == pytest.approx(
        sum(link.earned for found in links.values() for link in found), abs=1e-4
    )
    for chain, (first, *others) in links.items():
        earned = first.earned + sum(link.earned for link in others)
        assert earned == pytest.approx(chain.score - weights.start_cost, abs=1e-4)
        prices = [weights.first_link_cost, *[weights.link_cost] * len(others)]
        for link, price in zip(others, prices, strict=False):
            own = link.similarity - price - link.earned  # what its own form and its changes cost
            assert own >= 0.0
            assert own < 0.2 or len(others) + 1 < REPS, "reps are alike, steps need not be"
