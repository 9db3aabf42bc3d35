"""Settings of the engine as a flat list that can be changed one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from repsense.pipeline.pipeline import PipelineParameters


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
