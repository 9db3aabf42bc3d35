"""Reads the mappings of a labels file with every complaint at its line and key."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from repsense.errors import LabelsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One mapping of a labels file, and where it stands.

    Parameters
    ----------
    values
        The mapping as the YAML reader gives it, line numbers attached.
    file
        What messages call the file.
    at
        The way to it, like ``sets[0].rep_details[2]``; empty for the file itself.
    """

    values: Mapping[Any, Any]
    file: str
    at: str = ""

    def check_keys(self, known: tuple[str, ...]) -> None:
        """Refuse a key that is not one of ``known``, with the nearest as a suggestion."""
        for key in self.values:
            if key in known:
                continue
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."
            raise self.error(key, f"unknown key '{key}'. {hint}")

    def number(self, key: str) -> float:
        """Return the number at ``key``, which must be there."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"{key} must be a number in s, but is {value!r}.")
        return float(value)

    def number_or_none(self, key: str) -> float | None:
        """Return the number at ``key``, or None where there is no such key."""
        return self.number(key) if self.values.get(key) is not None else None

    def count(self, key: str) -> int:
        """Return the whole number from 0 at ``key``, which must be there."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.error(key, f"{key} must be a whole number from 0, but is {value!r}.")
        return int(value)

    def text(self, key: str) -> str:
        """Return the text at ``key``, which must be there."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"{key} must be a name, but is {value!r}.")
        return str(value)

    def words(self, key: str) -> list[str]:
        """Return the texts listed at ``key``; none where there is no such key."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(key, f"{key} must be a list, like [swing], but is {value!r}.")
        return [str(word) for word in value]

    def entries(self, key: str) -> "Iterator[Entry]":
        """Yield the mappings listed at ``key``; none where there is no such key."""
        listed = self.values.get(key)
        if listed is None:
            return
        if not isinstance(listed, list):
            raise self.error(key, f"{key} must be a list of entries, each starting with '-'.")
        for index, item in enumerate(listed):
            at = f"{self.at}.{key}[{index}]".removeprefix(".")
            if not isinstance(item, Mapping):
                raise self.error(key, f"{at} must have 'key: value' lines, but is {item!r}.")
            yield Entry(values=item, file=self.file, at=at)

    def error(self, key: object, problem: str) -> LabelsError:
        """Return the error that names the file, the line of ``key`` (or of the entry), the way."""
        line = _line_of(self.values, key)
        parts = (self.file, f"line {line}" if line else "", self.at)
        return LabelsError(f"{', '.join(part for part in parts if part)}: {problem}")

    def _value(self, key: str) -> object:
        if self.values.get(key) is None:
            raise self.error(key, f"the key '{key}' is missing: add it.")
        return self.values[key]


def _line_of(values: Mapping[Any, Any], key: object) -> int:
    """Return the line, from 1, of a key, else of the mapping; 0 where the reader kept none."""
    position = getattr(values, "lc", None)
    if position is None or position.line is None:
        return 0
    known = (position.data or {}).get(key)
    return int(known[0] if known else position.line) + 1
