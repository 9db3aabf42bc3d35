"""A changed value changes its own place in a configuration, and not a letter more."""

import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.config import load_settings, write_pipeline
from repsense.config_text import with_value
from repsense.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
DEFAULTS = (ROOT / "config.yaml").read_text("utf-8")

VALUES = {"chains.link_cost": 0.1812, "sets.evidence_min": -0.25}

OWN = """# mine, do not touch
broker:
    host: "10.0.0.2"   # the pi
    password_file: '/etc/x'


wearers:
    - name: anna   # me
      bands:
        - {address: "F0:F1:F2:F3:F4:F5"}
pipeline:
    # found in March
    chains: {link_cost: 0.2}   # was 0.17

# that is all
"""


def difference(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode())
    write_pipeline(path, VALUES)
    pipeline = load_settings(path).pipeline
    assert pipeline.chains.link_cost == VALUES["chains.link_cost"]
    assert pipeline.sets.evidence_min == VALUES["sets.evidence_min"]
    return path.read_bytes().decode()


def test_in_the_full_file_two_lines_change(tmp_path: Path) -> None:
    assert difference(DEFAULTS, written(tmp_path, DEFAULTS)) == [
        "-     link_cost: 0.17",
        "+     link_cost: 0.1812",
        "-     evidence_min: 0.3",
        "+     evidence_min: -0.25",
    ]


def test_quotes_spaces_comments_and_braces_stay(tmp_path: Path) -> None:
    assert difference(OWN, written(tmp_path, OWN)) == [
        "-     chains: {link_cost: 0.2}   # was 0.17",
        "+     chains: {link_cost: 0.1812}   # was 0.17",
        "+     sets:",
        "+       evidence_min: -0.25",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "pipeline:\n",
        "pipeline: null  # default\n",
        "pipeline: {}\n",
        "pipeline: {chains: {}}\n",
        "pipeline:\n  sets:\n    end_pause_s: 5.0 # s\n\n# end",
        "pipeline:\n  sets:\n  chains:\n    link_cost: 0.2\ncoach:\n  cues: false\n",
        "coach: {cues: false}",
    ],
)
def test_what_is_missing_is_added_and_nothing_is_lost(tmp_path: Path, text: str) -> None:
    after = written(tmp_path, text)
    comments = [line[line.index("#") :] for line in text.splitlines() if "#" in line]
    assert all(comment in after for comment in comments)
    if "coach" in text:
        assert not load_settings(tmp_path / "config.yaml").coach.cues


def test_line_ends_and_links_and_rights_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_bytes(b"pipeline:\r\n  chains:\r\n    link_cost: 0.2\r\n")
    real.chmod(0o600)
    link = tmp_path / "config.yaml"
    link.symlink_to(real)
    write_pipeline(link, VALUES)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert real.read_bytes().count(b"\r\n") == real.read_bytes().count(b"\n") == 5


@pytest.mark.parametrize("value", [-1.0, 1e9])
def test_what_would_not_be_right_is_not_written(tmp_path: Path, value: float) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(OWN)
    with pytest.raises(ConfigError, match="link_cost"):
        write_pipeline(path, {"chains.link_cost": value})
    assert path.read_text() == OWN


@given(st.floats(0.001, 1000.0), st.sampled_from(["a: 1\n", "x:\n  b: 2\n", "x: {b: 3}\n", ""]))
def test_the_value_reads_back(value: float, text: str) -> None:
    from ruamel.yaml import YAML

    read = YAML(typ="safe").load(with_value(text, ("x", "y", "z"), value))
    assert read["x"]["y"]["z"] == value
    assert all(
        read[key] == old for key, old in (YAML(typ="safe").load(text) or {}).items() if key != "x"
    )
