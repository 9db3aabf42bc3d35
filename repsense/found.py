"""What is known because its module is there: nobody keeps a list of drivers or formats."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def found_in(package: ModuleType, name: str) -> list[Any]:
    """Return what modules of a package call ``name``, by its ``id``; some name nothing."""
    names = (f"{package.__name__}.{found.name}" for found in iter_modules(package.__path__))
    modules = [import_module(one) for one in names]
    return sorted(
        (getattr(module, name) for module in modules if hasattr(module, name)),
        key=lambda each: str(each.id),
    )


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Return a sentence that helps somebody who has asked for what there is not."""
    names = list(known)
    near = get_close_matches(wanted, names, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(names)}."
