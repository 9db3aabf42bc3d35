"""Finds the formats: every module of ``formats`` that names one ``FORMAT``.

There is no list to keep. A new module is found because it is there.
"""

from functools import cache

from repsense.errors import ForeignFileError
from repsense.found import found_in, nearest
from repsense.importing import formats as package
from repsense.importing.base import Format
from repsense.importing.source import Source


@cache
def formats() -> tuple[Format, ...]:
    """Return every format, by id."""
    return tuple(found_in(package, "FORMAT"))


def find_format(format_id: str) -> Format:
    """Return the format with this id.

    Raises
    ------
    ForeignFileError
        When there is none; the message suggests the nearest.
    """
    known = {each.id: each for each in formats()}
    if format_id in known:
        return known[format_id]
    raise ForeignFileError(f"There is no format called '{format_id}'. {nearest(format_id, known)}")


def format_of(source: Source) -> Format:
    """Return the format that claims the source.

    Raises
    ------
    ForeignFileError
        When none does, or more than one.
    """
    claiming = [each for each in formats() if not each.last_resort and each.claims(source)]
    claiming = claiming or [each for each in formats() if each.last_resort and each.claims(source)]
    if len(claiming) == 1:
        return claiming[0]
    if claiming:
        ids = " and ".join(each.id for each in claiming)
        raise ForeignFileError(f"{source.path} may be {ids}: say which with --format.")
    raise ForeignFileError(
        f"{source.path} is of no format that is known here ({source.glance()}): known are "
        f"{', '.join(each.id for each in formats())}; name one with --format, or rename the "
        f"columns to those of a recording (t_s,ax_g,ay_g,az_g)."
    )
