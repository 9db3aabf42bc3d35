"""What the tuning page says: a count in a sentence, changed settings as a configuration."""

from collections.abc import Mapping

from repsense.events import SetFinished
from repsense.recording.labels import Labels
from repsense.tuning.outcome import Run


def as_configuration(values: Mapping[str, float]) -> str:
    """Return changed settings as lines for ``config.yaml``; nothing where none is changed."""
    groups: dict[str, list[str]] = {}
    for key, value in values.items():
        group, _, name = key.partition(".")
        groups.setdefault(group, []).append(f"    {name}: {value:g}")
    lines = [line for group, inside in groups.items() for line in (f"  {group}:", *inside)]
    return "\n".join(["pipeline:", *lines]) if lines else ""


def counted(run: Run) -> list[int]:
    """Return the reps of each set that was counted."""
    finished = (event for event in run.events if isinstance(event, SetFinished))
    return [event.reps for event in finished if event.reps]


def verdict(run: Run, labels: Labels | None) -> str:
    """Return in a sentence what was counted, and what is true where that is known."""
    reps = counted(run)
    text = f"{_sets(len(reps))}, {sum(reps)} reps ({' + '.join(map(str, reps)) or 'none'})."
    if labels is None:
        return text
    true = [one.count for one in labels.sets]
    return f"{text} True: {_sets(len(true))}, {sum(true)} reps ({' + '.join(map(str, true))})."


def _sets(number: int) -> str:
    return f"{number} set" if number == 1 else f"{number} sets"
