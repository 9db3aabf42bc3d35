"""The configuration: every setting is in the file, and whatever cannot be right is refused."""

import dataclasses
import math
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import annotated_types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import repsense
from repsense.binding import Binder
from repsense.bundled import PLACES, bundled_path
from repsense.cli.main import main
from repsense.config import (
    Settings,
    as_yaml,
    coaching_of,
    find_config,
    load_settings,
    read_settings,
)
from repsense.errors import ConfigError

TREE = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def no_configuration_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_settings(text)
    return str(caught.value).splitlines()


# --- the file at the top of the tree ---------------------------------------------------------


def test_config_yaml_holds_every_setting_at_its_default() -> None:
    written = YAML(typ="safe", pure=True).load(bundled_path("config.yaml"))
    assert written == plain(dataclasses.asdict(Settings()))


def plain(value: Any) -> Any:  # noqa: ANN401 - any setting
    """Return a value the way YAML gives it: lists for tuples."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def test_config_yaml_explains_every_setting() -> None:
    lines = bundled_path("config.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for before, line in pairwise(lines) if not explained(before, line)] == []


def explained(before: str, line: str) -> bool:
    """Say whether a setting has a remark above it, or shares its neighbour's."""
    if not line.strip() or line.lstrip().startswith("#"):
        return True
    return before.lstrip().startswith("#") or (
        before.strip() != "" and indent(before) == indent(line)
    )


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def test_config_yaml_loads_as_the_defaults() -> None:
    assert load_settings(bundled_path("config.yaml")) == Settings()


# --- what is refused ------------------------------------------------------------------------


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    assert problems_of("broker:\n  host: null\n  prot: 1884\n") == [
        "config.yaml, line 3, broker: unknown key 'prot'. Did you mean 'port'?"
    ]


def test_an_unknown_section_is_refused() -> None:
    (problem,) = problems_of("brokers:\n  host: null\n")
    assert problem == "config.yaml, line 1: unknown key 'brokers'. Did you mean 'broker'?"


def test_a_key_like_no_other_is_answered_with_the_known_ones() -> None:
    (problem,) = problems_of("demo:\n  zzzzzz: 1\n")
    assert problem.endswith("unknown key 'zzzzzz'. Known are: wearer, speed.")


def test_every_problem_is_told_in_the_order_of_the_file() -> None:
    problems = problems_of(
        "broker:\n  port: many\n  tsl: true\ndemo:\n  speed: 0\n  wearer: [a]\nhistory: 3\n"
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "config.yaml, line 2, broker.port",
        "config.yaml, line 3, broker",
        "config.yaml, line 6, demo.wearer",
        "config.yaml, line 7, history",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "broker:\n  port: many\n",
            "line 2, broker.port: 'many' is not possible here; allowed is a whole number or null.",
        ),
        (
            "broker:\n  port: 18.5\n",
            "line 2, broker.port: 18.5 is not possible here; allowed is a whole number or null.",
        ),
        (
            "broker:\n  tls: 1\n",
            "line 2, broker.tls: 1 is not possible here; allowed is true or false.",
        ),
        (
            "demo:\n  speed: fast\n",
            "line 2, demo.speed: 'fast' is not possible here; allowed is a number.",
        ),
        (
            "demo:\n  speed: .inf\n",
            "line 2, demo.speed: inf is not possible here; it should be a finite number.",
        ),
        (
            "demo:\n  wearer: null\n",
            "line 2, demo.wearer: null is not possible here; allowed is text.",
        ),
        (
            "demo:\n  wearer: {a: 1}\n",
            "line 2, demo.wearer: a group of settings is not possible here; allowed is text.",
        ),
        ("broker: here\n", "line 1, broker: 'here' stands where settings are needed, one a line"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_what_is_allowed(
    text: str, expected: str
) -> None:
    assert problems_of(text) == [f"config.yaml, {expected}"]


def test_a_value_out_of_range_is_blamed_on_its_own_line() -> None:
    (problem,) = problems_of("broker:\n  host: box\n  port: 70000\n")
    assert problem.startswith("config.yaml, line 3, broker.port: ")
    assert "70000" in problem
    assert "1 to 65535" in problem


def test_values_that_do_not_fit_together_are_blamed_on_a_line_and_section() -> None:
    (problem,) = problems_of("demo:\n  speed: 2\nbroker:\n  tls: false\n  ca_file: ca.pem\n")
    assert problem.startswith("config.yaml, line 5, broker.ca_file: ")


@pytest.mark.parametrize("value", ["-0.1", "0", "720", "1e300"])
def test_a_number_of_the_engine_far_from_its_default_is_refused(value: str) -> None:
    (problem,) = problems_of(f"pipeline:\n  chains:\n    rep_min_s: {value}\n")
    assert problem.startswith("config.yaml, line 3, pipeline.chains.rep_min_s: ")
    assert "allowed is more than 0, up to 7.2 (the default is 0.72)." in problem


def test_an_unknown_key_in_the_engine_is_refused_with_its_path() -> None:
    assert problems_of("pipeline:\n  chains:\n    rep_min_secs: 1\n") == [
        "config.yaml, line 3, pipeline.chains: unknown key 'rep_min_secs'. "
        "Did you mean 'rep_min_s'?"
    ]


def test_a_number_of_the_engine_counts() -> None:
    settings = read_settings("pipeline:\n  form:\n    swing_momentum: 0.7\n")
    assert settings.pipeline.form.swing_momentum == 0.7
    assert settings.pipeline.chains == Settings().pipeline.chains


@pytest.mark.parametrize("value", ["true", "false"])
@pytest.mark.parametrize(
    "at", ["sets: {provisional", "sets: {announce_at_top", "form: {count_partials"]
)
def test_every_switch_of_the_engine_may_be_on_or_off(at: str, value: str) -> None:
    section, name = at.split(": {")
    settings = read_settings(f"pipeline:\n  {at}: {value}}}\n")
    assert getattr(getattr(settings.pipeline, section), name) is (value == "true")


def test_every_number_of_the_engine_may_be_a_tenth_or_ten_times_its_default() -> None:
    defaults = dataclasses.asdict(Settings().pipeline)
    for group, numbers in defaults.items():
        for key, default in numbers.items():
            if isinstance(default, bool):
                continue
            for value in (default / 10, default * 10, default):
                read_settings(f"pipeline: {{{group}: {{{key}: {value!r}}}}}")


@pytest.mark.parametrize("value", [-19.0, 0.0, 19.0])
def test_log_odds_may_be_anything_that_leaves_a_doubt(value: float) -> None:
    settings = read_settings(f"pipeline: {{sets: {{evidence_min: {value}}}}}")
    assert settings.pipeline.sets.evidence_min == value


@pytest.mark.parametrize("value", [-21.0, 300.0])
def test_log_odds_without_a_doubt_are_refused_with_the_range(value: float) -> None:
    (problem,) = problems_of(f"pipeline: {{sets: {{live_evidence_min: {value}}}}}")
    assert "allowed is -20 to 20 (the default is -1)" in problem


def test_a_base_topic_that_mqtt_cannot_carry_is_refused() -> None:
    (problem,) = problems_of("broker:\n  base_topic: a+b\n")
    assert "'+'" in problem


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("broker:\n  host: [1\n", 3),
        ("broker:\n  host: a\n  host: b\n", 3),
        ("broker:\n\thost: a\n", 2),
        ("broker:\n  host: a\n port: 3\n", 3),
    ],
)
def test_what_is_not_yaml_is_told_on_one_line(text: str, line: int) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"config.yaml, line {line}: this is not valid YAML (")


def test_a_file_that_is_a_list_is_refused() -> None:
    (problem,) = problems_of("- broker\n")
    assert problem.startswith("config.yaml, line 1: settings are needed")


@given(st.text(max_size=60))
def test_any_text_makes_settings_or_a_configuration_error(text: str) -> None:
    try:
        settings = read_settings(text)
    except ConfigError as error:
        assert all(line.startswith("config.yaml") for line in str(error).splitlines())  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(settings, Settings)


# --- exercises of one's own -----------------------------------------------------------------

CURL = "exercises:\n  curl:\n    name: Curl\n    tempo: {lift_s: 1.5, hold_s: 0, lower_s: 2}\n"


def test_own_exercises_are_read_and_survive_the_way_through_yaml() -> None:
    settings = read_settings(CURL + "    arms: per_side\n    reps: [6, 8]\n")
    assert settings.exercises["curl"].exercise("curl").reps_max == 8
    assert read_settings(as_yaml(settings)) == settings


def test_what_is_wrong_with_an_own_exercise_is_told_with_line_and_key() -> None:
    assert problems_of(CURL + "    arms: three\n  two words:\n    name: x\n") == [
        "config.yaml, line 5, exercises.curl.arms: 'three' is not possible here; allowed is one "
        "of both, alternating, per_side.",
        "config.yaml, line 6, exercises.two words: an exercise is named by letters, digits and "
        "'_', as in goblet_curl.",
        "config.yaml, line 6, exercises.two words: the key 'tempo' is missing",
    ]
    assert problems_of("exercises: [curl]\n") == [
        "config.yaml, line 1, exercises: a list stands where settings are needed, one a line"
    ]


# --- the plan and the coach -----------------------------------------------------------------

PLAN = "plan:\n  exercises:\n    - exercise: front_raise\n      sets: 2\n"


def test_a_plan_is_read_with_own_exercises_and_survives_the_way_through_yaml() -> None:
    settings = read_settings(PLAN + "    - {exercise: curl, reps: failure, rest_s: 30}\n" + CURL)
    first, second = settings.plan.exercises
    assert (first.exercise, first.sets, first.reps) == ("front_raise", 2, None)
    assert (second.reps, second.rest_s) == ("failure", 30.0)
    assert read_settings(as_yaml(settings)) == settings
    coaching = coaching_of(settings)
    assert coaching.follower is not None
    assert [step.exercise.id for step in coaching.follower.left] == ["front_raise"] * 2 + [
        "curl"
    ] * 3


def test_what_is_wrong_with_a_plan_is_told_with_line_and_key() -> None:
    assert problems_of(
        PLAN + "    - exercise: front_rise\n      reps: many\n    - sets: 0\n  days_week: 3\n"
    ) == [
        "config.yaml, line 5, plan.exercises.2.exercise: 'front_rise' is not possible here; "
        "Unknown exercise 'front_rise'. Did you mean 'front_raise'?",
        "config.yaml, line 6, plan.exercises.2.reps: 'many' is not possible here; allowed is a "
        "list of 2, each a whole number or one of failure or null.",
        "config.yaml, line 7, plan.exercises.3: the key 'exercise' is missing",
        "config.yaml, line 8, plan: unknown key 'days_week'. Did you mean 'days_a_week'?",
    ]
    (problem,) = problems_of("plan:\n  exercises: 3\n")
    assert "line 2, plan.exercises: 3 is not possible here" in problem


def test_a_language_that_nobody_has_translated_is_refused() -> None:
    (problem,) = problems_of("coach:\n  gap_s: 3\n  language: tlh\n")
    assert problem.startswith("config.yaml, line 3, coach.language: There are no cues in")
    assert coaching_of(read_settings("coach: {language: de}")).phrases.workout(
        "exactly", most=8
    ) == ("8 Wiederholungen")


# --- what is accepted -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing\n", "broker:\n", "broker: {}\ndemo:\n"])
def test_what_is_left_out_keeps_its_default(text: str) -> None:
    assert read_settings(text) == Settings()


def test_what_is_given_counts() -> None:
    settings = read_settings("broker:\n  host: box\n  port: 1884\ndemo:\n  speed: 4\n")
    assert (settings.broker.host, settings.broker.port, settings.demo.speed) == ("box", 1884, 4.0)


def test_settings_survive_the_way_through_yaml() -> None:
    settings = read_settings("broker:\n  host: box\ndemo:\n  speed: 2.5\n")
    shown = as_yaml(settings)
    assert read_settings(shown) == settings
    assert "speed: 2.5 # default: 1.0" in " ".join(shown.split())


class Kind(StrEnum):
    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    size_s: Annotated[float, annotated_types.Gt(0)] = 1.0
    kind: Kind = Kind.A
    edges_hz: tuple[float, ...] = (1.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    inner: Inner = field(default_factory=Inner)


def bind(section: dict[str, Any]) -> tuple[Outer | None, list[str]]:
    binder = Binder("f.yaml", lambda _section, _key: 7)
    return binder.bind(Outer, section), [problem for _, problem in binder.problems]


def test_annotated_ranges_choices_and_lists_are_read() -> None:
    made, problems = bind({"inner": {"size_s": 2, "kind": "b", "edges_hz": [3, 4.5]}})
    assert problems == []
    assert made == Outer(inner=Inner(size_s=2.0, kind=Kind.B, edges_hz=(3.0, 4.5)))


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ({"size_s": -1}, "f.yaml, line 7, inner.size_s: -1 is not possible here; "
         "it should be greater than 0."),
        ({"kind": "c"}, "f.yaml, line 7, inner.kind: 'c' is not possible here; "
         "allowed is one of a, b."),
        ({"edges_hz": ["x"]}, "f.yaml, line 7, inner.edges_hz: a list is not possible here; "
         "allowed is a list, each entry a number."),
    ],
)  # fmt: skip
def test_ranges_choices_and_lists_are_refused_in_words(
    inner: dict[str, Any], expected: str
) -> None:
    assert bind({"inner": inner}) == (None, [expected])


@given(st.floats())
def test_no_setting_is_ever_a_number_that_is_not_finite(value: float) -> None:
    made, problems = bind({"inner": {"size_s": value}})
    assert (made is None) == bool(problems) == (not math.isfinite(value) or value <= 0)


# --- which file counts ----------------------------------------------------------------------


def test_without_any_file_the_defaults_count() -> None:
    assert find_config() is None
    assert load_settings() == Settings()


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    home = tmp_path / "xdg" / "repsense" / "config.yaml"
    home.parent.mkdir(parents=True)
    home.write_text("demo: {speed: 2}\n", encoding="utf-8")
    assert load_settings().demo.speed == 2
    Path("config.yaml").write_text("demo: {speed: 3}\n", encoding="utf-8")
    assert load_settings().demo.speed == 3
    Path("mine.yaml").write_text("demo: {speed: 4}\n", encoding="utf-8")
    assert load_settings(Path("mine.yaml")).demo.speed == 4


def test_a_file_asked_for_must_exist() -> None:
    with pytest.raises(ConfigError, match="repsense config init"):
        load_settings(Path("absent.yaml"))


def test_a_folder_and_a_binary_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "binary.yaml"):
        with pytest.raises(ConfigError, match=path.name):
            load_settings(path)


# --- the command ----------------------------------------------------------------------------


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(words)
    return int(caught.value.code or 0)


def test_check_says_fine_and_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.yaml").write_text("broker:\n  host: box\n", encoding="utf-8")
    assert run("config", "check") == 0
    assert capsys.readouterr().out == "config.yaml is fine.\n"


def test_check_lists_every_problem_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.yaml").write_text("brker: 1\ndemo: {speed: x}\n", encoding="utf-8")
    assert run("config", "check", "my.yaml") == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "my.yaml, line 1: unknown key 'brker'" in errors[0]
    assert "my.yaml, line 2, demo.speed: 'x'" in errors[1]


def test_init_writes_the_commented_file_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("config", "init") == 0
    assert Path("config.yaml").read_bytes() == bundled_path("config.yaml").read_bytes()
    Path("config.yaml").write_text("# mine\n", encoding="utf-8")
    assert run("config", "init") == 2
    assert Path("config.yaml").read_text(encoding="utf-8") == "# mine\n"
    assert "exists already" in capsys.readouterr().err


def test_show_prints_what_can_be_read_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("config", "show") == 0
    assert read_settings(capsys.readouterr().out) == Settings()


# --- what travels with the package ----------------------------------------------------------


@pytest.mark.parametrize("name", PLACES)
def test_the_installed_copy_is_the_tree_s_own(name: str) -> None:
    installed = Path(repsense.__file__).parent / "bundled" / name
    if not installed.exists():
        pytest.skip("RepSense runs from its source tree here: nothing is installed")
    assert installed.read_bytes() == (TREE / PLACES[name]).read_bytes()


def test_a_file_that_is_missing_is_told_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match="force-reinstall"):
        bundled_path("absent.gz")


@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling, the builder, is not here")
def test_the_wheel_holds_the_package_and_its_data(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            *["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w"],
            tmp_path,
            TREE,
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        timeout=100,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if "dist-info" not in name}
    expected = {
        path.relative_to(TREE).as_posix(): path.read_bytes()
        for path in (TREE / "repsense").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    } | {f"repsense/bundled/{name}": (TREE / place).read_bytes() for name, place in PLACES.items()}
    assert held.keys() == expected.keys()
    assert held == expected


# --- wearers and their bands ------------------------------------------------------------------


TWO_WEARERS = """\
wearers:
  - name: anna
    bands:
      - address: "F0:F1:F2:F3:F4:F5"
  - name: ben
    bands:
      - {address: "A0:9E:1A:00:00:01", side: left}
      - {address: "A0:9E:1A:00:00:02", side: right, driver: polar_verity}
"""


def test_wearers_with_one_and_two_bands_are_read_and_written_back() -> None:
    settings = read_settings(TWO_WEARERS)
    anna, ben = settings.wearers
    assert (anna.name, [band.address for band in anna.bands]) == ("anna", ["F0:F1:F2:F3:F4:F5"])
    assert [(band.side, band.driver) for band in ben.bands] == [
        ("left", None),
        ("right", "polar_verity"),
    ]
    assert read_settings(as_yaml(settings)) == settings


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("polar_verity", "polar_veriti", "Did you mean 'polar_verity'?"),
        ("side: right", "side: left", "two on one side"),
        ("side: right", "side: up", "one of left, right"),
        ("ben", "anna", "The wearer 'anna' stands twice"),
        ("A0:9E:1A:00:00:02", "a0:9e:1a:00:00:01", "'a0:9e:1a:00:00:01' stands twice"),
        ("ben", "a/b", "which an MQTT topic cannot carry"),
        ("- name: anna", "- nam: anna", "the key 'name' is missing"),
    ],
)
def test_wearers_that_cannot_be_are_refused(before: str, after: str, problem: str) -> None:
    (said, *_) = problems_of(TWO_WEARERS.replace(before, after))
    assert problem in said
