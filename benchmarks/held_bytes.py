"""How much memory an object keeps alive: what a wearer's engine must not grow in."""

import gc
import sys
from enum import EnumMeta
from types import FunctionType, ModuleType

import numpy as np


def held_bytes(thing: object) -> int:
    """Return the size of everything that an object keeps alive, code left out."""
    seen: set[int] = set()
    todo, total = [thing], 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | EnumMeta):
            continue
        seen.add(id(one))
        total += one.nbytes if isinstance(one, np.ndarray) else sys.getsizeof(one)
        todo += gc.get_referents(one)
    return total
