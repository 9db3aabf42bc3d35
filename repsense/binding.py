"""Nested mappings -> nested dataclasses, with every problem named by line and key.

The dataclasses are the rooms' own, plain ones; their types are checked here with
pydantic, their ranges by themselves: a ``__post_init__`` that raises
:class:`~repsense.errors.ConfigError` or ValueError is turned into a line of the list.
"""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from repsense.errors import CatalogueError, ConfigError

T = TypeVar("T")

Section = Mapping[Any, Any]
LineOf = Callable[[Any, object], int]

_TYPE_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    NoneType: "null",
}
# What pydantic calls a value of the right type outside the range that the type is annotated with.
_RANGE_ERRORS = (
    "greater_than",
    "less_than",
    "multiple_of",
    "finite_number",
    "too_short",
    "too_long",
)
_FINITE = ConfigDict(strict=True, allow_inf_nan=False)


class Binder:
    """Makes dataclasses of mappings and gathers what is wrong in ``problems``.

    Parameters
    ----------
    name
        What messages call the file.
    line_of
        Gives the line, from 1, of a key in a section, or of a place in a list.
    objection
        Says what is wrong with a value of the right type, given the keys that
        lead to it, or None.
    """

    def __init__(
        self,
        name: str,
        line_of: LineOf,
        objection: Callable[[tuple[str, ...], object], str | None] = lambda _at, _value: None,
    ) -> None:
        self._name = name
        self._line_of = line_of
        self._objection = objection
        self.problems: list[tuple[int, str]] = []

    def bind(
        self, cls: type[T], section: Section, *, at: tuple[str, ...] = (), line: int = 1
    ) -> T | None:
        """Return ``cls`` with the section's values, defaults elsewhere; None after problems.

        Parameters
        ----------
        at
            The keys that lead to this section.
        line
            Where the section starts.
        """
        before = len(self.problems)
        types = _field_types(cls)
        values = {}
        for key, value in section.items():
            key_line = self._line_of(section, key)
            if key in types:
                values[key] = self._value(types[key], value, (*at, key), key_line)
            else:
                self._note(key_line, at, _unknown_key(key, list(types)))
        for key in sorted(_required(cls) - set(section)):
            self._note(line, at, f"the key {key!r} is missing")
        if len(self.problems) > before:
            return None
        return self._build(cls, values, section, at, line)

    def bind_each(
        self, cls: type[T], section: Section, *, at: tuple[str, ...] = ()
    ) -> dict[str, T]:
        """Return one ``cls`` for each key of the section, those with problems left out.

        Parameters
        ----------
        at
            The keys that lead to this section.
        """
        made = {}
        for key, value in section.items():
            line, here = self._line_of(section, key), (*at, str(key))
            one = self._value(cls, value, here, line)
            objection = self._objection(here, one)
            if objection is not None:
                self._note(line, here, objection)
            elif one is not None:
                made[str(key)] = one
        return made

    def _value(self, kind: Any, value: Any, at: tuple[str, ...], line: int) -> Any:  # noqa: ANN401 - any setting
        named, listed = _named_dataclass(kind), _listed_dataclass(kind)
        if named is not None:
            return self._group(lambda group: self.bind_each(named, group, at=at), value, at, line)
        if listed is not None and isinstance(value, list):
            return tuple(
                self._value(listed, one, (*at, str(number)), self._line_of(value, number - 1))
                for number, one in enumerate(value, start=1)
            )
        if isinstance(kind, type) and is_dataclass(kind):
            bind = self.bind
            return self._group(lambda group: bind(kind, group, at=at, line=line), value, at, line)
        return self._leaf(kind, value, at, line)

    def _group(
        self, bind: Callable[[Section], T], value: object, at: tuple[str, ...], line: int
    ) -> T | None:
        if value is None:  # a section whose keys are all commented out
            value = {}
        if isinstance(value, Mapping):
            return bind(value)
        self._note(line, at, f"{shown(value)} stands where settings are needed, one a line")
        return None

    def _leaf(self, kind: Any, value: Any, at: tuple[str, ...], line: int) -> Any:  # noqa: ANN401 - any setting
        try:
            made = _adapter(kind).validate_json(json.dumps(value, default=str))
        except ValidationError as error:
            self._note(line, at, f"{shown(value)} is not possible here; {_allowed(kind, error)}")
            return None
        objection = self._objection(at, made)
        if objection is not None:
            self._note(line, at, f"{shown(value)} is not possible here; {objection}")
        return made

    def _build(
        self, cls: type[T], values: dict[str, Any], section: Section, at: tuple[str, ...], line: int
    ) -> T | None:
        try:
            return cls(**values)
        except (ConfigError, CatalogueError, ValueError) as error:
            message = str(error)
        alone = (key for key in values if not _stands_alone(cls, values, key))
        culprit = next(alone, None)
        if culprit is None:
            self._note(line, at, message)
        else:
            self._note(self._line_of(section, culprit), (*at, culprit), message)
        return None

    def _note(self, line: int, at: tuple[str, ...], problem: str) -> None:
        where = f", {'.'.join(at)}" if at else ""
        text = " ".join(problem.split())
        self.problems.append((line, f"{self._name}, line {line}{where}: {text}"))


def line_in_yaml(section: object, place: object) -> int:
    """Return the line, from 1, of a key or of a place in a list that ruamel.yaml has read.

    What did not come from a file is on line 1.
    """
    marks = getattr(section, "lc", None)
    if marks is None:
        return 1
    line, _ = marks.item(place) if isinstance(section, list) else marks.key(place)
    return int(line) + 1


def shown(value: object) -> str:
    """Return a value as a person would write it in YAML, cut where it is long."""
    text = "null" if value is None else repr(value)
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, Mapping):
        text = "a group of settings"
    elif isinstance(value, list):
        text = "a list"
    return text if len(text) <= 60 else f"{text[:57]}..."


@cache  # making one takes longer than all that it checks
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any type a setting may have
    return TypeAdapter(kind, config=_FINITE)


def _field_types(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {item.name: hints[item.name] for item in fields(cls) if item.init}


def _required(cls: type) -> set[str]:
    """Return the names of the fields that have no default."""
    return {item.name for item in fields(cls) if item.init and not _has_default(item)}


def _has_default(item: Field[Any]) -> bool:
    return item.default is not MISSING or item.default_factory is not MISSING


def _named_dataclass(kind: Any) -> type | None:  # noqa: ANN401 - any type a setting may have
    """Return the dataclass in ``dict[str, dataclass]``, else None."""
    inner = get_args(kind)
    if get_origin(kind) is dict and isinstance(inner[1], type) and is_dataclass(inner[1]):
        return inner[1]
    return None


def _listed_dataclass(kind: Any) -> type | None:  # noqa: ANN401 - any type a setting may have
    """Return the dataclass in ``tuple[dataclass, ...]``, else None."""
    inner = get_args(kind)
    if get_origin(kind) is tuple and isinstance(inner[0], type) and is_dataclass(inner[0]):
        return inner[0]
    return None


def _stands_alone(cls: type, values: dict[str, Any], key: str) -> bool:
    """Say whether this value fits the defaults: if not, it is the one to blame."""
    try:
        cls(**{name: values[name] for name in _required(cls) | {key}})
    except (ConfigError, CatalogueError, ValueError):
        return False
    return True


def _unknown_key(key: object, known: list[str]) -> str:
    near = difflib.get_close_matches(str(key), known, n=1)
    if near:
        return f"unknown key {str(key)!r}. Did you mean {near[0]!r}?"
    return f"unknown key {str(key)!r}. Known are: {', '.join(known) or 'none'}."


def _allowed(kind: Any, error: ValidationError) -> str:  # noqa: ANN401 - any type a setting may have
    first = error.errors()[0]
    if first["type"].startswith(_RANGE_ERRORS):
        return f"{first['msg'].removeprefix('Input ').replace('should', 'it should')}."
    return f"allowed is {_named(kind)}."


def _named(kind: Any) -> str:  # noqa: ANN401 - any type a setting may have
    """Say in words which values a type allows."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _named(inner[0])
    if origin in {Union, UnionType}:
        return " or ".join(_named(part) for part in inner)
    if origin is Literal:
        return f"one of {', '.join(str(choice) for choice in inner)}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(str(member.value) for member in kind)}"
    if origin in {tuple, list}:
        return _named_list(inner)
    return "a group of settings" if is_dataclass(kind) else _TYPE_NAMES.get(kind, str(kind))


def _named_list(inner: tuple[Any, ...]) -> str:
    if inner[-1] is not Ellipsis and len(inner) > 1:
        return f"a list of {len(inner)}, each {_named(inner[0])}"
    return f"a list, each entry {_named(inner[0])}"
