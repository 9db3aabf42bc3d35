"""The one door to numba: numeric kernels compiled on first use.

Kernels are plain functions of arrays and numbers, so they can be read, and
tested, as Python. They are compiled once and cached on disk, because compiling
takes seconds and a coach should be ready when its wearer is.

It stands outside ``pipeline`` because finding the cache's folder looks at the
disk, which nothing in the pipeline may do.
"""

import functools
import hashlib
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Sums may be reordered (a third of the run time), but nothing may assume that numbers are finite.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}
# Kernels are laid into those that call them: handing on a dozen arrays takes longer than most do.
_OPTIONS = {"error_model": "numpy", "fastmath": _FAST_MATH, "forceinline": True}


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return ``function`` compiled to machine code, cached on disk where that is possible."""
    return _compiled(function, _OPTIONS)


def lean(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a function that neither makes nor returns an array: without counting references.

    Every row that is looked at would count one up and one down, which nothing optimises away
    and was a sixth of the search's time. Numba refuses to make an array in such a function, but
    returns a view of one that may be gone by then.
    """
    return _compiled(function, _OPTIONS | _without_counting())


@functools.cache
def _without_counting() -> dict[str, object]:
    """Return the option for that; numba does not document it, and without it kernels are slower."""
    _numba()
    known = importlib.import_module("numba.core.options").DefaultOptions
    return {"_nrt": False} if hasattr(known, "_nrt") else {}


def _compiled(
    function: Callable[Parameters, Result], options: dict[str, object]
) -> Callable[Parameters, Result]:
    numba = _numba()
    try:
        kernel = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder it may write its cache to
        kernel = numba.njit(**options)(function)
    return cast("Callable[Parameters, Result]", kernel)


@functools.cache
def _numba() -> Any:  # noqa: ANN401 - numba ships no types
    """Import numba, its cache in a folder of its own for this very version of the kernels.

    Numba looks only at the file a kernel stands in to see whether its cached
    code is stale, not at the files of the kernels it calls.
    """
    numba = importlib.import_module("numba")
    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(_cache_folder())
    return numba


def is_first_time() -> bool:
    """Say whether the kernels of this very version still have to be compiled on this machine."""
    return not any(_cache_folder().rglob("*.nbi"))  # numba's index of what it has compiled


def _cache_folder() -> Path:
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home) / "repsense" / "kernels" / _sources_digest()


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for path in [Path(__file__), *sorted(Path(__file__).parent.glob("pipeline/*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
