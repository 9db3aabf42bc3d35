"""Change one value in the text of a configuration, and nothing else.

Writing a parsed file anew would keep its comments, but not its spaces, quotes and
empty lines. So the parser only says where the value stands.
"""

from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

_STEP = 2


def with_value(text: str, keys: Sequence[str], value: float) -> str:
    """Return YAML text with another number at the place that the keys lead to.

    Sections that are missing are added below what there is in theirs.

    Parameters
    ----------
    text
        Valid YAML, with a mapping at the top or nothing.
    """
    node = YAML(typ="rt").compose(text)
    if not isinstance(node, MappingNode):
        return _at_the_end(text, keys, value)
    for depth, name in enumerate(keys):
        pair = next((pair for pair in node.value if pair[0].value == name), None)
        if pair is None:
            return _added(text, node, keys[depth:], value, at_top=depth == 0)
        child = pair[1]
        if depth + 1 == len(keys):
            return text[: child.start_mark.index] + repr(value) + text[child.end_mark.index :]
        if not isinstance(child, MappingNode):
            return _filled(text, pair, keys[depth + 1 :], value)
        node = child
    return text


def _at_the_end(text: str, keys: Sequence[str], value: float) -> str:
    end = _line_end(text)
    whole = text if not text or text.endswith("\n") else text + end
    return whole + end.join(_lines(keys, value, 0)) + end


def _added(
    text: str, section: MappingNode, keys: Sequence[str], value: float, *, at_top: bool
) -> str:
    """Put what is missing behind the last entry of a section."""
    if section.flow_style:
        inside = text[: section.end_mark.index - 1].rstrip()
        comma = ", " if section.value else ""
        return f"{inside}{comma}{_in_braces(keys, value)}{text[section.end_mark.index - 1 :]}"
    if at_top:
        return _at_the_end(text, keys, value)
    column = section.value[0][0].start_mark.column
    return _below(text, _last_leaf(section).end_mark.index, _lines(keys, value, column))


def _filled(text: str, pair: tuple[Node, Node], keys: Sequence[str], value: float) -> str:
    """Put entries below a key that has none, or ``null``."""
    key, nothing = pair
    said = text[nothing.start_mark.index : nothing.end_mark.index]
    if said.strip():
        text = text[: nothing.start_mark.index].rstrip(" ") + text[nothing.end_mark.index :]
    return _below(text, key.end_mark.index, _lines(keys, value, key.start_mark.column + _STEP))


def _below(text: str, index: int, lines: Sequence[str]) -> str:
    """Put lines below the one that has a place in the text."""
    end = _line_end(text)
    stop = text.find("\n", index)
    if stop < 0:
        return text + end + end.join(lines) + end
    return text[: stop + 1] + end.join(lines) + end + text[stop + 1 :]


def _last_leaf(node: Node) -> Node:
    """Return the last value in a section: what follows it may be another section's comment."""
    leaf = node
    while isinstance(leaf, MappingNode) and leaf.value and not leaf.flow_style:
        key, leaf = leaf.value[-1]
        if leaf.start_mark.index == leaf.end_mark.index:
            leaf = key  # it has no value
    return leaf


def _lines(keys: Sequence[str], value: float, column: int) -> list[str]:
    lines = [f"{' ' * (column + _STEP * depth)}{name}:" for depth, name in enumerate(keys)]
    lines[-1] += f" {value!r}"
    return lines


def _in_braces(keys: Sequence[str], value: float) -> str:
    name, *more = keys
    return f"{name}: {{{_in_braces(more, value)}}}" if more else f"{name}: {value!r}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
