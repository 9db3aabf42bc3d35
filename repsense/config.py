"""``config.yaml`` -> typed settings; what cannot be right is refused with file, line and key.

The sections are the parameter dataclasses of the rooms, so a setting exists
here because a room reads it. Rooms never import this module.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import partial
from io import StringIO
from operator import attrgetter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from repsense.binding import Binder, line_in_yaml, shown
from repsense.config_text import with_value
from repsense.errors import ConfigError
from repsense.exercises.catalogue import load_catalogue, unknown_exercise, with_own
from repsense.exercises.entry import ExerciseEntry
from repsense.pipeline.coach import CoachParameters
from repsense.pipeline.coaching import Coaching
from repsense.pipeline.pipeline import PipelineParameters
from repsense.pipeline.plan import Plan
from repsense.sinks.mqtt.settings import BrokerSettings, HomeAssistantSettings
from repsense.sinks.mqtt.topics import Topics, checked_wearer
from repsense.sources.settings import BandSettings
from repsense.web.phones.settings import PhoneSettings
from repsense.web.settings import DashboardSettings

FILE_NAME = "config.yaml"

# The engine's buffers and rules are made for numbers of this order; beyond it stands a slip, like
# ms for s. Within it a setting may be unwise, but nothing breaks.
_MOST_TIMES_DEFAULT = 10.0

# What the YAML library itself stumbles over: a list as a key, the 31st of November, numbers and
# depths that no settings have.
_BEYOND_YAML = (TypeError, ValueError, OverflowError, RecursionError, KeyError, AttributeError)

# But for log odds, which may be below 0, or 0. Beyond these there is no doubt left.
_LOG_ODDS = "evidence_min"
_MOST_LOG_ODDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySettings:
    """Where past workouts are kept.

    Parameters
    ----------
    data_dir
        Folder of the history database; None means ``$XDG_DATA_HOME/repsense``.
    """

    data_dir: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """How ``repsense demo`` plays its session.

    Parameters
    ----------
    wearer
        Name that the demo's topics and entries carry.
    speed
        1 is real time, 4 four times as fast.
    """

    wearer: str = "demo"
    speed: float = 1.0

    def __post_init__(self) -> None:
        checked_wearer(self.wearer)
        if not 0 < self.speed <= 1000:
            raise ConfigError(
                f"The demo cannot play at speed {self.speed:g}: use more than 0, up to 1000."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class WearerSettings:
    """Who wears which band.

    Parameters
    ----------
    name
        Name that topics and history carry.
    bands
        One band, or two of which one is on each side; none means the first
        supported sensor.
    """

    name: str
    bands: tuple[BandSettings, ...] = ()

    def __post_init__(self) -> None:
        checked_wearer(self.name)
        sides = [band.side for band in self.bands]
        if len(sides) > len(set(sides)):
            raise ConfigError(
                f"The wearer {self.name!r} has {len(sides)} bands, and two on one side: a wearer "
                f"has one band, or one with 'side: left' and one with 'side: right'."
            )

    def band_name(self, number: int) -> str:
        """Return what the samples of a band go by: the first by the wearer's name alone."""
        return f"{self.name}-{self.bands[number].side.value}" if number else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that ``config.yaml`` can say, one field a section."""

    broker: BrokerSettings = field(default_factory=BrokerSettings)
    home_assistant: HomeAssistantSettings = field(default_factory=HomeAssistantSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    wearers: tuple[WearerSettings, ...] = ()
    phones: PhoneSettings = field(default_factory=PhoneSettings)
    dashboard: DashboardSettings = field(default_factory=DashboardSettings)
    demo: DemoSettings = field(default_factory=DemoSettings)
    coach: CoachParameters = field(default_factory=CoachParameters)
    exercises: dict[str, ExerciseEntry] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    pipeline: PipelineParameters = field(default_factory=PipelineParameters)

    def __post_init__(self) -> None:
        Topics(self.broker.base_topic)
        _check_wearers(self.wearers)


def _check_wearers(wearers: tuple[WearerSettings, ...]) -> None:
    names = [wearer.name for wearer in wearers]
    addresses = [band.address.lower() for one in wearers for band in one.bands if band.address]
    for what, values in (("wearer", names), ("address", addresses)):
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise ConfigError(f"The {what} {twice!r} stands twice: each needs its own.")


def find_config(path: Path | None = None) -> Path | None:
    """Return the configuration file that counts, or None where the defaults do.

    ``path`` if given, else ``config.yaml`` in this folder, else
    ``$XDG_CONFIG_HOME/repsense/config.yaml`` (``~/.config`` without the variable).
    """
    if path is not None:
        return path
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    places = (Path(FILE_NAME), Path(home).expanduser() / "repsense" / FILE_NAME)
    return next((place for place in places if place.is_file()), None)


def load_settings(path: Path | None = None) -> Settings:
    """Read the configuration that :func:`find_config` finds; without one, the defaults.

    Raises
    ------
    ConfigError
        When the file cannot be read or is not YAML, or settings in it are
        unknown or impossible: every one of them, a line each.
    """
    found = find_config(path)
    if found is None:
        return Settings()
    return read_settings(_read_text(found), name=str(found))


def read_settings(text: str, *, name: str = FILE_NAME) -> Settings:
    """Return the settings that the YAML ``text`` makes; ``name`` is what messages call it.

    Raises
    ------
    ConfigError
        As in :func:`load_settings`.
    """
    section = _parse(text, name)
    own = section.get("exercises")
    binder = Binder(name, line_in_yaml, partial(_objection, tuple(own) if own else ()))
    settings = binder.bind(Settings, section)
    if settings is None:
        raise ConfigError("\n".join(problem for _, problem in sorted(binder.problems)))
    return settings


def as_yaml(settings: Settings) -> str:
    """Return every setting as YAML, with a remark where it differs from its default."""
    root = _with_remarks(asdict(settings), asdict(Settings()))
    out = StringIO()
    yaml = YAML(typ="rt")
    yaml.Representer = _Representer
    yaml.dump(root, out)
    return out.getvalue()


def write_pipeline(path: Path, values: Mapping[str, float]) -> None:
    """Write settings of the engine into a configuration; all else, comments too, stays.

    The file appears with all of them, or stays as it was.

    Parameters
    ----------
    values
        By group and name, like ``chains.link_cost``.

    Raises
    ------
    ConfigError
        When the file cannot be read or written, or would not be right afterwards.
    """
    read_settings(_read_text(path), name=str(path))
    text = path.read_bytes().decode("utf-8")  # with the ends of lines that it has
    for key, value in values.items():
        text = with_value(text, ("pipeline", *key.split(".")), value)
    read = read_settings(text, name=str(path)).pipeline
    missed = [key for key, value in values.items() if attrgetter(key)(read) != value]
    if missed:
        raise ConfigError(
            f"{path} is written in a way in which pipeline.{missed[0]} cannot be changed from "
            f"outside: set it to {values[missed[0]]:g} by hand."
        )
    _replace_text(path, text)


def _replace_text(path: Path, text: str) -> None:
    """Put a new text in a file's place, at once and with the same rights."""
    target = path.resolve()  # a link stays one
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(text.encode("utf-8"))
        shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(
            f"{path} cannot be written ({error.strerror}): check who may write it and its folder."
        ) from error


class _Representer(RoundTripRepresenter):
    """Writes ``null`` for a setting that is not set, where YAML would let us write nothing."""


def _null(representer: _Representer, _: None) -> ScalarNode:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _null)


def _with_remarks(values: dict[str, Any], defaults: dict[str, Any]) -> CommentedMap:
    section = CommentedMap()
    for key, value in values.items():
        if isinstance(value, dict):
            section[key] = _with_remarks(value, defaults.get(key, value))
            continue
        section[key] = _plain(value)
        if value != defaults[key]:
            section.yaml_add_eol_comment(f"default: {shown(defaults[key])}", key)
    return section


def _plain(value: Any) -> Any:  # noqa: ANN401 - any setting
    """Return a value as YAML writes it: lists for tuples, words for choices."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value.value if isinstance(value, Enum) else value


def coaching_of(settings: Settings) -> Coaching:
    """Return a coach as it is configured, with the plan and the user's own exercises."""
    return Coaching(settings.coach, catalogue=with_own(settings.exercises), plan=settings.plan)


def _objection(own: tuple[str, ...], at: tuple[str, ...], value: object) -> str | None:
    """Return what is wrong with an engine's number or an exercise's identifier, or None.

    Parameters
    ----------
    own
        Identifiers of the user's own exercises.
    """
    if at[0] == "plan" and at[-1] == "exercise":
        known = (*load_catalogue(), *own)
        return None if value in known else unknown_exercise(str(value), known)
    if at[0] == "exercises" and len(at) == 2 and not at[1].isidentifier():
        return "an exercise is named by letters, digits and '_', as in goblet_curl."
    if at[0] != "pipeline" or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _engine_objection(at, value)


def _engine_objection(at: tuple[str, ...], value: float) -> str | None:
    """Return what is wrong with one of the engine's numbers, or None."""
    default: float = attrgetter(".".join(at))(Settings())
    if at[-1].endswith(_LOG_ODDS):
        if abs(value) <= _MOST_LOG_ODDS:
            return None
        return f"allowed is {-_MOST_LOG_ODDS:g} to {_MOST_LOG_ODDS:g} (the default is {default:g})."
    most = _MOST_TIMES_DEFAULT * (default or 1 / _MOST_TIMES_DEFAULT)
    if value == default or 0 < value <= most:
        return None
    return f"allowed is more than 0, up to {most:.4g} (the default is {default:g})."


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no configuration file {path}: check the path, or write a commented "
            f"one with: repsense config init {path}"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}): check the path and who may read it."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not text in UTF-8 (byte {error.start}): save it again as UTF-8."
        ) from error


def _parse(text: str, name: str) -> CommentedMap:
    try:
        section = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        problem = " ".join((error.problem or error.context or "it cannot be read").split())
        raise ConfigError(
            f"{name}{where}: this is not valid YAML ({problem}): check the indentation, and that "
            f"each 'key: value' has a space after its colon and stands only once."
        ) from error
    except (YAMLError, *_BEYOND_YAML) as error:
        problem = " ".join(str(error).split())
        raise ConfigError(
            f"{name}: this is not YAML that settings can be in ({problem}): a key is one word, and "
            f"values are words, numbers and lists."
        ) from error
    if section is None:
        return CommentedMap()
    if not isinstance(section, CommentedMap):
        raise ConfigError(
            f"{name}, line 1: settings are needed, like 'broker:', but this is "
            f"{shown(section)}. See a full file with: repsense config show"
        )
    return section
