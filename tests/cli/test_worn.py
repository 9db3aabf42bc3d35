"""The way a band sits on the arm: from the configuration to whoever names exercises."""

from pathlib import Path

import pytest
from fake_radio import FakeRadio

from repsense.cli.serving import band_jobs
from repsense.config import load_settings
from repsense.errors import ConfigError
from repsense.events import SetFinished
from repsense.samples import Axis, Worn, Wrist
from repsense.simulator import Wearer, simulate_set
from repsense.sources.settings import BandSettings, Side


def configured(folder: Path, band: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(f"wearers:\n  - name: anna\n    bands: [{band}]\n", encoding="utf-8")
    return path


def test_the_exercise_is_named_by_what_the_configuration_says_of_the_band(tmp_path: Path) -> None:
    # Strapped on the other way round: who takes the usual one for granted is wrong.
    wearer = Wearer(wrist=Wrist.RIGHT, reversed=True)
    made = simulate_set("lat_pulldown", reps=8, seed=4_000_004, wearer=wearer, surroundings=False)
    confidence = {}
    for band in ('{side: right, along: "-x", out: "+z"}', '{side: right, along: "+x", out: "+z"}'):
        settings = load_settings(configured(tmp_path, band))
        jobs, _ = band_jobs(settings, settings.wearers, FakeRadio([]), origin_s=0.0)
        pipeline = jobs[0].pipeline
        events = [*pipeline.push(made.block), *pipeline.flush()]
        done = max((e for e in events if isinstance(e, SetFinished)), key=lambda one: one.reps)
        confidence[band] = done.exercise_confidence if done.exercise == "lat_pulldown" else 0.0
    right, wrong = confidence.values()
    assert right > 0.9
    assert wrong < 0.5


def test_nothing_is_known_where_nothing_is_said() -> None:
    assert BandSettings().worn() is None


def test_the_wrist_is_the_side() -> None:
    band = BandSettings(side=Side.RIGHT, along=Axis.MINUS_Y, out=Axis.PLUS_Z)
    assert band.worn() == Worn(along=Axis.MINUS_Y, out=Axis.PLUS_Z, wrist=Wrist.RIGHT)


@pytest.mark.parametrize(
    ("band", "why"),
    [
        ('{along: "+x", out: "-x"}', "one line"),
        ('{along: "+x"}', "'out' is missing"),
        ('{out: "+z"}', "'along' is missing"),
        ('{along: "x", out: "+z"}', "allowed is one of"),
    ],
)
def test_axes_that_cannot_be_are_refused_with_the_line(tmp_path: Path, band: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        load_settings(configured(tmp_path, band))
    assert "line 3" in str(caught.value)
