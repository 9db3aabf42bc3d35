"""``repsense fleet``: what it needs, and what it says of its workers."""

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from repsense.cli.fleet import _tell, _tell_json, fleet_settings
from repsense.cli.main import main
from repsense.config import read_settings
from repsense.fleet.settings import WorkerFacts
from repsense.pipeline.pipeline import Pipeline

FACTS = WorkerFacts(
    part=0,
    node="a",
    process=1,
    connected=True,
    wearers=7,
    messages=100,
    samples=1000,
    events=20,
    snapshots=7,
    restored=0,
    unacknowledged=3,
    behind_s=0.25,
    cpu_s=1.5,
)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["fleet", *words])
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_fleet_without_a_broker_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "fleet.yaml"
    config.write_text("wearers: []\n")
    words = ["--config", str(config), "--snapshots", str(tmp_path)]
    assert "set broker.host" in refusal(capsys, *words)


@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray (pip install 'repsense[cluster]')")
def test_an_address_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "fleet.yaml"
    config.write_text("broker: {host: 127.0.0.1}\n")
    words = ["--config", str(config), "--snapshots", str(tmp_path), "--address", "nowhere"]
    assert "is no address of a cluster" in refusal(capsys, *words)


def test_workers_count_as_the_configuration_says(tmp_path: Path) -> None:
    settings = read_settings("broker: {host: 127.0.0.1}\npipeline: {sets: {absence_s: 9.0}}\n")
    made = fleet_settings(settings, tmp_path, 4)
    engine = made.new_engine("anna")
    assert isinstance(engine, Pipeline)
    assert engine.parameters.sets.absence_s == 9.0
    assert made.partitions == 4


def test_what_is_said_of_the_workers(capsys: pytest.CaptureFixture[str]) -> None:
    _tell([FACTS, None])
    assert capsys.readouterr().out == (
        "7 wearers, 1 workers on 1 machines, 0.2 s behind; 1 being started\n"
    )
    _tell_json([FACTS, None])
    assert json.loads(capsys.readouterr().out) == {"workers": [asdict(FACTS), None]}
