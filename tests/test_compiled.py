"""The door to numba, where what is behind it is not as it was."""

import importlib

import pytest

from repsense import compiled


def double(number: float) -> float:
    return 2.0 * number


def test_a_numba_that_always_counts_references_compiles_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert compiled.lean(double)(21.0) == 42.0

    monkeypatch.delattr(importlib.import_module("numba.core.options").DefaultOptions, "_nrt")
    monkeypatch.setattr(compiled, "_without_counting", compiled._without_counting.__wrapped__)

    assert compiled.lean(double)(21.0) == 42.0
