"""Equal seeds, equal winners: whoever counts, and however often the search is killed."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from some_people import example, write_curls

from repsense.errors import ClusterError, ConfigError, StudyError
from repsense.pipeline.pipeline import PipelineParameters
from repsense.tuning.attempt import run_trial
from repsense.tuning.evaluation import Conditions
from repsense.tuning.runners import here
from repsense.tuning.search import (
    GENERATION,
    Progress,
    hopeless_below,
    search,
    task_of,
)
from repsense.tuning.space import ranges
from repsense.tuning.study import Line, Study
from repsense.tuning.trial import Material, Outcome, Trial, engine_version

pytest.importorskip("optuna", reason="the extra 'tune' is not installed")

PARAMETERS = PipelineParameters()
SEARCHED = ranges(PARAMETERS)
TRIALS = 21
SEED = 4


class KilledError(Exception):
    """The search's process is no more."""


def examples_of(people: str = "ab", each: int = 4) -> Material:
    return Material(
        examples=tuple(example(name, number) for name in people for number in range(each)),
        parameters=PARAMETERS,
        conditions=Conditions(),
    )


MATERIAL = examples_of()


def outcome_of(trial: Trial) -> Outcome:
    """Return a made-up outcome: settings are the better the smaller the first ones are."""
    values = list(trial.values.values())
    reached: list[float] = []
    for step in range(4):
        reached.append(1.0 / (1.0 + values[step] / SEARCHED[step].low))
        if step < 3 and trial.hopeless_below and reached[-1] < trial.hopeless_below[step]:
            break
    return Outcome(
        number=trial.number,
        worth=tuple(reached),
        stopped=len(reached) < 4,
        scores={},
        engine=engine_version(),
    )


class Crowd:
    """Counts trials in any order, and dies after so many."""

    def __init__(self, seed: int = 0, dies_after: int = 1000) -> None:
        self._random = random.Random(seed)
        self._left = dies_after
        self.counted: list[int] = []

    def __call__(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        order = list(trials)
        self._random.shuffle(order)
        for trial in order:
            if not self._left:
                raise KilledError
            self._left -= 1
            self.counted.append(trial.number)
            yield outcome_of(trial)


def searched(crowd: Crowd, path: Path | None = None, *, seed: int = SEED) -> Progress:
    study = Study(task_of(MATERIAL, SEARCHED, seed=seed), path)
    return search(
        MATERIAL,
        SEARCHED,
        study=study,
        seed=seed,
        trials=TRIALS,
        run=crowd,
        tell=lambda _: None,
    )


@pytest.fixture(scope="module")
def expected() -> Progress:
    return searched(Crowd())


def test_the_search_finds_something_better_and_gives_up_what_is_hopeless(
    expected: Progress,
) -> None:
    assert expected.done == TRIALS
    assert expected.gain > 0.0
    assert expected.best.trial > 0
    assert 0 < expected.stopped < TRIALS - GENERATION


def test_another_seed_searches_elsewhere(expected: Progress) -> None:
    assert searched(Crowd(), seed=SEED + 1).best.values != expected.best.values


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 99), st.lists(st.integers(0, TRIALS // 3 - 1), max_size=3))
def test_order_and_kills_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    expected: Progress,
    seed: int,
    lives: list[int],
) -> None:
    path = tmp_path_factory.mktemp("study") / "my.study"
    counted: list[int] = []
    for dies_after in lives:
        crowd = Crowd(seed, dies_after)
        with pytest.raises(KilledError):
            searched(crowd, path)
        counted += crowd.counted
        path.write_bytes(path.read_bytes() + b'{"trial": 3, "val')  # killed while it wrote
    crowd = Crowd(seed + 1)
    assert searched(crowd, path) == expected
    assert sorted(counted + crowd.counted) == list(range(TRIALS))  # nothing is counted twice


def test_a_finished_study_answers_at_once_and_goes_on_when_more_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "my.study"
    first = searched(Crowd(), path)
    idle = Crowd(dies_after=0)
    assert searched(idle, path) == first
    assert idle.counted == []


def test_a_study_of_another_search_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.study"
    searched(Crowd(), path)
    kept = path.read_bytes()
    with pytest.raises(StudyError, match=r"another search: it differs in its seed\."):
        searched(Crowd(), path, seed=9)
    assert path.read_bytes() == kept


@pytest.mark.parametrize("text", ["hello\n", "[1]\n", '{"format": "x"}\n', "\x00\n"])
def test_a_file_that_is_no_study_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "my.study"
    path.write_text(text)
    with pytest.raises(StudyError, match="line 1: this is no line of a study"):
        searched(Crowd(), path)
    assert path.read_text() == text


def test_a_study_that_cannot_be_written_is_told_before_anything_is_counted(tmp_path: Path) -> None:
    crowd = Crowd()
    with pytest.raises(StudyError, match="cannot be written"):
        searched(crowd, tmp_path / "no" / "my.study")
    assert crowd.counted == []


def test_a_trial_is_given_up_only_below_the_median_of_complete_ones() -> None:
    def line(trial: int, *worth: float) -> Line:
        return Line(trial=trial, values={}, worth=worth, stopped=len(worth) < 2)

    done = [line(number, 0.1 * number, 0.5) for number in range(5)]
    assert hopeless_below(done[:3], 2) == ()
    assert hopeless_below([*done, line(5, 0.9)], 2) == pytest.approx((0.2, 0.5))


def test_a_machine_with_another_engine_is_not_believed() -> None:
    def other(trials: Sequence[Trial]) -> Iterator[Outcome]:
        yield Outcome(number=trials[0].number, worth=(1.0,), stopped=False, scores={}, engine="x")

    with pytest.raises(ClusterError, match="another engine"):
        search(
            MATERIAL,
            SEARCHED,
            study=Study(task_of(MATERIAL, SEARCHED, seed=1), None),
            seed=1,
            trials=1,
            run=other,
            tell=lambda _: None,
        )


def test_all_settings_can_be_searched_and_others_cannot() -> None:
    assert len(ranges(PARAMETERS, ["all"])) > 60
    assert {one.key.partition(".")[0] for one in ranges(PARAMETERS, ["edges"])} == {"edges"}
    for wrong in ("sets.provisional", "chains.speed", "pipeline"):
        with pytest.raises(ConfigError, match="no setting"):
            ranges(PARAMETERS, [wrong])


@pytest.fixture(scope="module")
def curls_material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    from repsense.recording.index import read_index
    from repsense.tuning.people import load_examples

    index = write_curls(tmp_path_factory.mktemp("curls"), "ab", each=2)
    examples, _ = load_examples(read_index(index), {})
    return Material(examples=tuple(examples), parameters=PARAMETERS, conditions=Conditions())


def test_two_processes_count_what_one_does(curls_material: Material) -> None:
    strict = {"sets.evidence_min": 9.0}
    trials = [Trial(number=0, values={}), Trial(number=1, values=strict, hopeless_below=[0.9, 0.9])]
    expected = [run_trial(curls_material, trial) for trial in trials]
    assert expected[0].worth[-1] == 1.0
    assert expected[1].stopped
    with here(curls_material, jobs=2) as (run,):
        assert sorted(run(trials), key=lambda one: one.number) == expected
