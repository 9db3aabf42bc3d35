"""What the makers of a data set have noted, as labels of ours: only where it is all there is."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from repsense.importing.base import Imported, Segment
from repsense.recording.truth import Activity, LabelledSet, Labels

# Other people's names of exercises that are in the catalogue, in small letters, words apart by one
# blank. A name that may mean another exercise is not here: unknown is honest.
_CATALOGUE = {
    "dumbbell shoulder press": "overhead_press",
    "shoulder press (dumbbell)": "overhead_press",
    "shoulder dumbbell press": "overhead_press",
    "overhead press": "overhead_press",
    "shoulder press": "overhead_press",
    "front raise": "front_raise",
    "dumbbell front raise": "front_raise",
    "shrug": "shrug",
    "dumbbell shrug": "shrug",
    "lat pulldown": "lat_pulldown",
    "lat pull-down": "lat_pulldown",
    "renegade row": "renegade_row",
}
# What people do in a gym that has no reps of the arm. A walking lunge has.
_NO_REPS = re.compile(
    r"\b(walk(ing)?|run(ning)?|jog(ging)?|treadmill|elliptical|riding|rest(ing)?|stretch\w*|plank|"
    r"stair\w*|non-exercise|initial activity|device on table|arm band adjustment|invalid|tap)\b"
)
_LUNGE = "lunge"

UNKNOWN = "unknown"


def exercise_id(name: str) -> str:
    """Return the catalogue's identifier for a name of other people's, else ``unknown``."""
    return _CATALOGUE.get(_words(name), UNKNOWN)


def exercise_name(name: str) -> str:
    """Return a name for an index: the catalogue's identifier, else theirs in one word."""
    known = exercise_id(name)
    if known != UNKNOWN:
        return known
    letters = "".join(sign if sign.isalnum() else " " for sign in name.lower())
    return "_".join(letters.split())


def has_reps(name: str) -> bool:
    """Say whether something is an exercise of which reps could be counted."""
    words = _words(name)
    return _LUNGE in words.split("(")[0] or _NO_REPS.search(words) is None


def runs(names: Sequence[str], times_s: Sequence[float]) -> tuple[Segment, ...]:
    """Return the stretches of equal names, from one name a sample; empty names are left out."""
    found, at = [], 0
    for name, group in groupby(names):
        count = sum(1 for _ in group)
        if name:
            end_s = times_s[at + count] if at + count < len(times_s) else times_s[-1]
            found.append(
                Segment(name=name, start_s=times_s[at], end_s=end_s, countable=has_reps(name))
            )
        at += count
    return tuple(found)


def inside(segments: Iterable[Segment], duration_s: float) -> tuple[tuple[Segment, ...], int]:
    """Return the segments that lie in a recording, cut to it, and how many do not."""
    ordered = sorted(segments, key=lambda each: each.start_s)
    kept: list[Segment] = []
    for each in ordered:
        start_s = max(each.start_s, 0.0, kept[-1].end_s if kept else 0.0)
        end_s = min(each.end_s, duration_s)
        # Two stretches that overlap by less than half of one were noted by hand: they touch.
        if end_s - start_s > 0.5 * (each.end_s - each.start_s):
            kept.append(
                Segment(
                    name=each.name,
                    start_s=start_s,
                    end_s=end_s,
                    reps=each.reps,
                    countable=each.countable,
                )
            )
    return tuple(kept), len(ordered) - len(kept)


def labels_of(imported: Imported) -> Labels | None:
    """Return the truth of a recording; None where a set or its count is not known.

    Labels say everything that there is to count, so a recording of which one set
    was not counted has none.
    """
    sets = [each for each in imported.segments if each.countable]
    if not imported.complete or any(each.reps is None for each in sets):
        return None
    return Labels(
        sets=tuple(
            LabelledSet(
                start_s=each.start_s,
                end_s=each.end_s,
                exercise=exercise_id(each.name),
                counted=each.reps,
            )
            for each in sets
        ),
        activities=tuple(
            Activity(name=each.name, start_s=each.start_s, end_s=each.end_s)
            for each in imported.segments
            if not each.countable
        ),
    )


def _words(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())
