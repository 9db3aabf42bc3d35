"""The way a band sits on the arm: from the configuration to whoever names exercises."""

import json
from pathlib import Path

import called
import pytest
from fake_radio import FakeRadio
from hypothesis import assume, given
from hypothesis import strategies as st

from repsense.cli.fleet import fleet_settings
from repsense.cli.serving import band_jobs, worn_by
from repsense.config import load_settings
from repsense.errors import ConfigError
from repsense.events import SetFinished
from repsense.pipeline.orders import Engine
from repsense.recording.format import WORN, Recording, write_recording
from repsense.samples import Axis, Worn, Wrist
from repsense.simulator import Simulated, Wearer, simulate_set
from repsense.sources.settings import BandSettings, Side


def configured(folder: Path, band: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(
        f"broker: {{host: 127.0.0.1}}\nwearers:\n  - name: anna\n    bands: [{band}]\n",
        encoding="utf-8",
    )
    return path


RIGHTLY, WRONGLY = "right,-x,+z", "right,+x,+z"


@pytest.fixture(scope="module")
def made() -> Simulated:
    """Return a set with the band strapped on the other way round."""
    wearer = Wearer(wrist=Wrist.RIGHT, reversed=True)
    assert str(wearer.told()) == RIGHTLY
    return simulate_set("lat_pulldown", reps=8, seed=4_000_004, wearer=wearer, surroundings=False)


@pytest.fixture(scope="module")
def recording(made: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worn") / "set.csv"
    write_recording(
        path, Recording(path=path, block=made.block, metadata={WORN: str(made.wearer.told())})
    )
    return path


def sureness(engine: Engine, made: Simulated) -> float:
    """Return how surely the exercise is named rightly, 0 where it is not."""
    events = [*engine.push(made.block), *engine.flush()]
    done = max((e for e in events if isinstance(e, SetFinished)), key=lambda one: one.reps)
    return done.exercise_confidence if done.exercise == "lat_pulldown" else 0.0


def band_of(worn: str) -> str:
    wrist, along, out = worn.split(",")
    return f'{{side: {wrist}, along: "{along}", out: "{out}"}}'


@pytest.mark.parametrize("fleet", [False, True])
def test_the_exercise_is_named_by_what_the_configuration_says_of_the_band(
    tmp_path: Path, made: Simulated, *, fleet: bool
) -> None:
    def engine(worn: str) -> Engine:
        settings = load_settings(configured(tmp_path, band_of(worn)))
        if fleet:
            return fleet_settings(settings, tmp_path, 1).new_engine("anna")
        jobs, _ = band_jobs(settings, settings.wearers, FakeRadio([]), origin_s=0.0)
        return jobs[0].pipeline

    assert sureness(engine(RIGHTLY), made) > 0.9
    assert sureness(engine(WRONGLY), made) < 0.5


def replayed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> float:
    assert called.exit_code("replay", *words, "--events", "-") == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    done = max((e for e in said if e["event"] == "set_finished"), key=lambda one: one["reps"])
    return float(done["exercise_confidence"]) if done["exercise"] == "lat_pulldown" else 0.0


def test_a_replay_goes_by_the_recording_unless_told_otherwise(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(capsys, recording) > 0.9
    assert replayed(capsys, recording, "--worn", WRONGLY) < 0.5


def test_a_way_that_cannot_be_is_refused(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called.exit_code("replay", recording, "--worn", "left,+x") == 2
    assert "like left,+x,+z" in capsys.readouterr().err
    bad = recording.with_name("bad.csv")
    bad.write_text(recording.read_text().replace(RIGHTLY, "right,+x,-x"))
    assert called.exit_code("replay", bad) == 2
    assert "bad.csv, the line '# worn': A sensor cannot have" in capsys.readouterr().err


@given(along=st.sampled_from(Axis), out=st.sampled_from(Axis), wrist=st.sampled_from(Wrist))
def test_every_way_is_written_and_read_again(along: Axis, out: Axis, wrist: Wrist) -> None:
    assume(along[1] != out[1])
    worn = Worn(along=along, out=out, wrist=wrist)
    assert Worn.parse(str(worn)) == worn


def test_bands_go_by_the_names_of_their_samples(tmp_path: Path) -> None:
    other = f"{band_of(RIGHTLY)}, {{side: left}}"
    settings = load_settings(configured(tmp_path, other))
    assert worn_by(settings) == {"anna": Worn.parse(RIGHTLY)}
    settings = load_settings(configured(tmp_path, f"{{side: left}}, {band_of(RIGHTLY)}"))
    assert worn_by(settings) == {"anna-right": Worn.parse(RIGHTLY)}


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
    assert "line 4" in str(caught.value)
