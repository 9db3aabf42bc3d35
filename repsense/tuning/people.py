"""Whose recordings are tuned on, and whose the result is judged by: never the same person's."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repsense.errors import LabelsError, RecordingError
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import Correction, IndexRow
from repsense.tuning.evaluation import Unreadable

_NOBODY = "(not named)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who recorded; one that an index does not name is one person a data set."""

    name: str
    dataset: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """One recording with its truth.

    Parameters
    ----------
    reps
        The true count.
    digest
        Of its samples, by which it is known again under another name.
    """

    row: IndexRow
    recording: Recording
    reps: int
    digest: str

    @property
    def person(self) -> Person:
        """Who recorded it."""
        return Person(name=self.row.subject or _NOBODY, dataset=self.row.dataset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Recordings to search on, and recordings that the search never sees."""

    searched: tuple[Example, ...]
    kept_out: tuple[Example, ...]


def digest_of(recording: Recording) -> str:
    """Return what knows a recording's samples again, whatever the file is called."""
    digest = hashlib.sha256()
    for array in (recording.block.t_s, recording.block.accel_g):
        digest.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
    return digest.hexdigest()[:16]


def load_examples(
    rows: Iterable[IndexRow], corrections: Mapping[str, Correction]
) -> tuple[list[Example], list[Unreadable]]:
    """Read recordings whose true count is known, each once; return also those that failed."""
    examples: dict[str, Example] = {}
    unreadable = []
    for row in rows:
        if row.reps_true is None:
            continue
        try:
            recording = read_recording(row.path)
        except RecordingError as error:
            unreadable.append(Unreadable(file=row.file, problem=str(error)))
            continue
        seen = corrections.get(row.file)
        reps = row.reps_true if seen is None else seen.reps_seen
        digest = digest_of(recording)
        examples.setdefault(digest, Example(row=row, recording=recording, reps=reps, digest=digest))
    return list(examples.values()), unreadable


def people_of(examples: Iterable[Example]) -> tuple[Person, ...]:
    """Return everybody who recorded, by data set and name."""
    found = {example.person for example in examples}
    return tuple(sorted(found, key=lambda person: (person.dataset, person.name)))


def keep_out(examples: Sequence[Example], names: Collection[str]) -> Division:
    """Keep these people's recordings out of the search.

    Raises
    ------
    LabelsError
        When somebody is not in the recordings, or nobody is left to search on.
    """
    known = {person.name for person in people_of(examples)}
    unknown = sorted(set(names) - known)
    if unknown:
        raise LabelsError(
            f"Nobody called {unknown[0]!r} is in the recordings: people (the column 'subject') "
            f"are {', '.join(sorted(known))}."
        )
    return _divided(examples, {one for one in people_of(examples) if one.name in names})


def keep_fold_out(examples: Sequence[Example], *, folds: int, fold: int, seed: int) -> Division:
    """Deal people into folds by chance, and keep those of one fold out of the search.

    Parameters
    ----------
    folds, fold
        How many, and which one, from 1.

    Raises
    ------
    LabelsError
        When there are not enough people, or no such fold.
    """
    people = people_of(examples)
    if len(people) < 2:
        raise LabelsError(
            f"All recordings are of one person, {people[0]}: nobody is left to judge the result "
            f"by. Add recordings of somebody else, or name an index of others with --score-on."
        )
    folds = min(folds, len(people))
    if not 1 <= fold <= folds:
        raise LabelsError(
            f"There is no fold {fold}: the {len(people)} people make {folds} of them; use 1 to "
            f"{folds}."
        )
    order = np.random.default_rng(seed).permutation(len(people))
    return _divided(examples, {people[place] for place in order[fold - 1 :: folds]})


def every_fold_out(examples: Sequence[Example], *, folds: int, seed: int) -> list[Division]:
    """Keep each fold out once, so that everybody is judged by a search that never saw them.

    Raises
    ------
    LabelsError
        When there are not enough people.
    """
    count = min(folds, len(people_of(examples)))
    return [
        keep_fold_out(examples, folds=folds, fold=fold, seed=seed) for fold in range(1, count + 1)
    ]


def check_apart(searched: Iterable[Example], scored: Iterable[Example]) -> None:
    """Refuse to score on what was tuned on.

    Raises
    ------
    LabelsError
        When a recording, or a person, is on both sides.
    """
    known = list(searched)
    recordings = {example.digest: example for example in known}
    people = {example.person for example in known}
    for example in scored:
        if example.digest in recordings:
            other = recordings[example.digest].row.file
            same = "it" if other == example.row.file else f"{other}, the same recording,"
            raise LabelsError(
                f"{example.row.file} cannot be scored, because {same} was tuned on: a score there "
                f"would promise what nobody else will see. Score on other recordings, or keep "
                f"{example.person} out of the search with --people-out."
            )
        if example.person in people:
            raise LabelsError(
                f"{example.row.file} cannot be scored, because other recordings of "
                f"{example.person} were tuned on: score on other people, or keep this one out of "
                f"the search with --people-out."
            )


def _divided(examples: Sequence[Example], out: Collection[Person]) -> Division:
    searched = tuple(one for one in examples if one.person not in out)
    kept_out = tuple(one for one in examples if one.person in out)
    if not searched:
        raise LabelsError(
            "Everybody is kept out of the search, so there is nothing to search on: keep fewer "
            "people out."
        )
    check_apart(searched, kept_out)
    return Division(searched=searched, kept_out=kept_out)
