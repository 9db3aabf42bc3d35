"""Which settings are searched, and how far from where they stand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repsense.errors import ConfigError
from repsense.pipeline.pipeline import PipelineParameters
from repsense.tuning.settings import Setting, settings_of

#: Settings that decide most about a count, and are searched where nothing else is asked for. Few
#: trials find their way among a dozen settings, not among all seventy.
DECISIVE = (
    "conditioning.smooth_s",
    "chains.excursion_min",
    "chains.closure_cost",
    "chains.excursion_cost",
    "chains.link_cost",
    "chains.first_link_cost",
    "chains.duration_cost",
    "chains.range_cost",
    "chains.pause_cost",
    "chains.start_cost",
    "edges.similarity_min",
    "sets.live_evidence_min",
    "sets.evidence_min",
    "sets.end_pause_s",
)

#: In place of names: every setting that is a number.
ALL = "all"

# Searched from the value over this factor to the value times it; log odds this far to either side.
_FACTOR = 1.6
_LOG_ODDS = "evidence_min"
_LOG_ODDS_REACH = 1.5

# What a trial tries is what config.yaml will say, so it is rounded before it is tried.
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Between what values a setting is searched.

    Parameters
    ----------
    log
        A step at one end is as large as one at the other as a factor, not as a difference.
    """

    key: str
    low: float
    high: float
    log: bool

    def rounded(self, value: float) -> float:
        """Return a value as it is written down, still within the range."""
        return min(max(float(f"{value:.{_DIGITS}g}"), self.low), self.high)


def ranges(parameters: PipelineParameters, wanted: Sequence[str] = ()) -> tuple[Range, ...]:
    """Return what is searched, starting from these parameters.

    Parameters
    ----------
    wanted
        Settings like ``sets.evidence_min``, groups like ``chains``, or :data:`ALL`;
        nothing means :data:`DECISIVE`.

    Raises
    ------
    ConfigError
        When there is no such setting that is a number other than 0.
    """
    known = {one.key: one for one in settings_of(parameters) if _searchable(parameters, one)}
    names = wanted or DECISIVE
    for name in names:
        if name != ALL and not any(name in {one.key, one.group} for one in known.values()):
            groups = ", ".join(dict.fromkeys(one.group for one in known.values()))
            raise ConfigError(
                f"There is no setting {name!r} to search: use names from the section 'pipeline' of "
                f"config.yaml, like sets.evidence_min, or groups: {groups}."
            )
    return tuple(_range(one) for one in known.values() if {ALL, one.group, one.key} & set(names))


def start_values(parameters: PipelineParameters, searched: Sequence[Range]) -> dict[str, float]:
    """Return where the searched settings stand."""
    keys = {one.key for one in searched}
    return {one.key: one.value for one in settings_of(parameters) if one.key in keys}


def differences(
    values: Mapping[str, float], start: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """Return what changed, from what to what."""
    return {
        key: (start[key], value)
        for key, value in values.items()
        if not math.isclose(value, start[key], rel_tol=1e-9)
    }


def _searchable(parameters: PipelineParameters, one: Setting) -> bool:
    value = getattr(getattr(parameters, one.group), one.name)
    return isinstance(value, float) and (value > 0.0 or one.name.endswith(_LOG_ODDS))


def _range(one: Setting) -> Range:
    if one.name.endswith(_LOG_ODDS):
        reach = _LOG_ODDS_REACH
        return Range(key=one.key, low=one.value - reach, high=one.value + reach, log=False)
    return Range(key=one.key, low=one.value / _FACTOR, high=one.value * _FACTOR, log=True)
