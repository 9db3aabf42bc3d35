"""Settings of the engine as a flat list that can be changed one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from repsense.events import SetFinished
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.labels import Labels
from repsense.tuning.outcome import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One number of the engine: its group and name as in ``config.yaml``, its value."""

    group: str
    name: str
    value: float

    @property
    def key(self) -> str:
        """Group and name in one."""
        return f"{self.group}.{self.name}"


def settings_of(parameters: PipelineParameters) -> tuple[Setting, ...]:
    """Return every setting that is a number, in the order of ``config.yaml``."""
    return tuple(
        Setting(group=group.name, name=one.name, value=float(value))
        for group in fields(parameters)
        for one in fields(getattr(parameters, group.name))
        if isinstance(value := getattr(getattr(parameters, group.name), one.name), int | float)
    )


def changed(parameters: PipelineParameters, values: Mapping[str, float]) -> PipelineParameters:
    """Return the parameters with some settings changed, by :attr:`Setting.key`."""
    for key, value in values.items():
        group, _, name = key.partition(".")
        one = getattr(parameters, group)
        kind = type(getattr(one, name))
        parameters = replace(parameters, **{group: replace(one, **{name: kind(value)})})
    return parameters


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
