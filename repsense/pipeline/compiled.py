"""The one door to numba: numeric kernels compiled on first use.

Kernels are plain functions of arrays and numbers, so they can be read, and
tested, as Python. They are compiled once and cached on disk, because compiling
takes seconds and a coach should be ready when its wearer is.
"""

import importlib
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Sums may be reordered (a third of the run time), but nothing may assume that numbers are finite.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return ``function`` compiled to machine code, cached on disk where that is possible."""
    numba: Any = importlib.import_module("numba")
    try:
        kernel = numba.njit(cache=True, fastmath=_FAST_MATH)(function)
    except RuntimeError:  # numba found no folder it may write its cache to
        kernel = numba.njit(fastmath=_FAST_MATH)(function)
    return cast("Callable[Parameters, Result]", kernel)
