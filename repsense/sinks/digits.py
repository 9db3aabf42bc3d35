"""Large digits out of block characters, to be read from across the room."""

# Five dots wide, seven high.
_GLYPHS = {
    "0": (" ### ", "#   #", "#   #", "#   #", "#   #", "#   #", " ### "),
    "1": ("  #  ", " ##  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### "),
    "2": (" ### ", "#   #", "    #", "  ## ", " #   ", "#    ", "#####"),
    "3": (" ### ", "#   #", "    #", "  ## ", "    #", "#   #", " ### "),
    "4": ("#   #", "#   #", "#   #", "#####", "    #", "    #", "    #"),
    "5": ("#####", "#    ", "#### ", "    #", "    #", "#   #", " ### "),
    "6": (" ### ", "#    ", "#    ", "#### ", "#   #", "#   #", " ### "),
    "7": ("#####", "    #", "   # ", "  #  ", "  #  ", "  #  ", "  #  "),
    "8": (" ### ", "#   #", "#   #", " ### ", "#   #", "#   #", " ### "),
    "9": (" ### ", "#   #", "#   #", " ####", "    #", "    #", " ### "),
    "-": ("     ", "     ", "     ", " ### ", "     ", "     ", "     "),
    ":": (" ", "#", "#", " ", "#", "#", " "),
}
_DOTS_HIGH = 7
_HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}

SMALL = 0
"""Two dots share one character, one above the other: four rows high."""


def size_of(text: str, scale: int) -> tuple[int, int]:
    """Return columns and rows that ``text`` takes at ``scale``."""
    dots = sum(len(_GLYPHS[character][0]) for character in text) + max(len(text) - 1, 0)
    if scale == SMALL:
        return dots, (_DOTS_HIGH + 1) // 2
    return dots * 2 * scale, _DOTS_HIGH * scale


def largest_scale(text: str, *, columns: int, rows: int) -> int | None:
    """Return the largest scale at which ``text`` fits, or None where none does."""
    fitting = None
    for scale in range(SMALL, max(rows // _DOTS_HIGH, 0) + 1):
        needed_columns, needed_rows = size_of(text, scale)
        if needed_columns <= columns and needed_rows <= rows:
            fitting = scale
    return fitting


def large(text: str, scale: int = 1) -> list[str]:
    """Return the rows that show ``text`` (digits, ``-`` and ``:``) in large.

    A dot is ``2 * scale`` characters wide and ``scale`` rows high, which is
    about square on most terminals; at :data:`SMALL` it is half a character.
    """
    dot_rows = [
        " ".join(_GLYPHS[character][row] for character in text) for row in range(_DOTS_HIGH)
    ]
    if scale == SMALL:
        return _half_rows(dot_rows)
    wide = ["".join(("█" if dot == "#" else " ") * 2 * scale for dot in row) for row in dot_rows]
    return [row for row in wide for _ in range(scale)]


def _half_rows(dot_rows: list[str]) -> list[str]:
    padded = [*dot_rows, " " * len(dot_rows[0])]
    return [
        "".join(
            _HALF_BLOCKS[above == "#", below == "#"]
            for above, below in zip(upper, lower, strict=True)
        )
        for upper, lower in zip(padded[::2], padded[1::2], strict=True)
    ]
