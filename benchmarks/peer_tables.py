"""What ``peers.py`` says of its trials: a table a data set, and where the engine is ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from peer_methods import METHODS
from peer_trials import ENGINE, GROUPS, Trial

from repsense.tuning.scoring import Accuracy, accuracy

_WIDTH, _TEXT_WIDTH = 98, 118
_FIGURES = ("exact", "within one", "mean error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One method on one data set.

    Parameters
    ----------
    trimmed, whole
        How right it is given the labelled set alone, and given the whole recording.
    cost
        CPU time for the whole recordings, as a multiple of the engine's.
    behind
        Figures in which the engine, on whole recordings, is better than this method given the
        labelled set; None for the engine itself.
    not_behind
        Figures in which it is not, and they are not both perfect.
    """

    method: str
    trimmed: Accuracy
    whole: Accuracy
    cost: float
    behind: tuple[str, ...] | None = None
    not_behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All methods on one group of recordings, the engine first."""

    name: str
    remark: str
    to_count: bool
    sets: int
    engine_ms: float
    lines: tuple[Line, ...]

    @property
    def ahead(self) -> bool:
        """Whether every peer, given the labelled set, is behind, and as good in no figure.

        A figure that is perfect for both does not count.
        """
        return all(line.behind and not line.not_behind for line in self.lines[1:])


def comparisons(trials: Sequence[Trial]) -> list[Comparison]:
    """Return a comparison for each group that has recordings."""
    found = []
    for group in GROUPS:
        some = [trial for trial in trials if group.wanted(trial.row)]
        if some:
            spent_s = sum(trial.spent_s[ENGINE] for trial in some)
            found.append(
                Comparison(
                    name=group.name,
                    remark=group.remark,
                    to_count=group.to_count,
                    sets=len(some),
                    engine_ms=1000.0 * spent_s / len(some),
                    lines=tuple(_lines(some)),
                )
            )
    return found


def _lines(trials: Sequence[Trial]) -> Iterable[Line]:
    spent_s = {name: sum(trial.spent_s[name] for trial in trials) for name in (ENGINE, *METHODS)}
    engine = _accuracy((trial.whole[ENGINE], trial.reps_true) for trial in trials)
    for name in (ENGINE, *METHODS):
        trimmed = _accuracy((trial.trimmed[name], trial.reps_true) for trial in trials)
        ahead = None if name == ENGINE else _ahead(engine, trimmed)
        yield Line(
            method=name,
            trimmed=trimmed,
            whole=_accuracy((trial.whole[name], trial.reps_true) for trial in trials),
            cost=spent_s[name] / spent_s[ENGINE],
            behind=None if ahead is None else ahead[0],
            not_behind=() if ahead is None else ahead[1],
        )


def _accuracy(pairs: Iterable[tuple[int, int]]) -> Accuracy:
    found = accuracy(pairs)
    if found is None:
        raise ValueError("A group of no recordings has no accuracy.")
    return found


def _ahead(engine: Accuracy, peer: Accuracy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the figures in which the engine is better, and in which it is not.

    Where both are perfect nobody is ahead, and it is in neither.
    """
    leads = (
        engine.exact_pct - peer.exact_pct,
        engine.within_one_pct - peer.within_one_pct,
        peer.mean_absolute_error - engine.mean_absolute_error,
    )
    perfect = (
        engine.exact_pct == 100.0,
        engine.within_one_pct == 100.0,
        engine.mean_absolute_error == 0.0,
    )
    better = tuple(name for name, lead in zip(_FIGURES, leads, strict=True) if lead > 0.0)
    worse = tuple(
        name
        for name, lead, best in zip(_FIGURES, leads, perfect, strict=True)
        if lead < 0.0 or (lead == 0.0 and not best)
    )
    return better, worse


def verdict(found: Sequence[Comparison]) -> str:
    """Return what the tables come to, row by row where the engine is not ahead."""
    counted = [one for one in found if one.to_count]
    ahead = [one.name for one in counted if one.ahead]
    said = (
        f"On whole recordings the engine beats every peer given the labelled set, in every figure "
        f"that is not perfect for both, on {len(ahead)} of {len(counted)} groups of sets: "
        f"{'; '.join(ahead) or 'none'}."
    )
    lines = [*wrap(said, _TEXT_WIDTH), ""]
    for one in counted:
        lines += [
            f"- Not on {one.name}: {line.method} is {_how_good(line)}."
            for line in one.lines[1:]
            if line.not_behind or not line.behind
        ]
    return "\n".join(lines).strip()


def _how_good(line: Line) -> str:
    if not line.not_behind:
        return "perfect, too"
    return f"as good or better in {', '.join(line.not_behind)}"


def markdown(found: Sequence[Comparison]) -> str:
    """Return the tables and the verdict for a document."""
    tables = "\n\n".join(map(plain, found))
    return f"```\n{tables}\n```\n\n{verdict(found)}"


def plain(one: Comparison) -> str:
    """Return a table for a terminal, within 100 columns."""
    lines = [
        f"{one.name}: {one.sets} recordings, the engine takes {one.engine_ms:.0f} ms each",
        *wrap(one.remark, _WIDTH, initial_indent="  ", subsequent_indent="  "),
        f"  {'':<24}{'-- set given --':^20}{'--- whole ---':^20}",
        f"  {'method':<24}{'exact':>6}{'±1':>6}{'error':>7} {'exact':>6}{'±1':>6}{'error':>7}"
        f"{'time':>7}  engine ahead in",
    ]
    for line in one.lines:
        cells = [
            f"{exact:>6}{within:>6}{error:>7}"
            for exact, within, error in (_figures(line.trimmed), _figures(line.whole))
        ]
        lines.append(f"  {line.method:<24}{' '.join(cells)}{line.cost:>7.2f}  {said(line)}")
    return "\n".join(lines)


def said(line: Line) -> str:
    """Return in which figures the engine is ahead, in words."""
    if line.behind is None:
        return ""
    if not line.not_behind:
        return "all" if line.behind else "none, both are perfect"
    return ", ".join(line.behind) or "none"


def _figures(found: Accuracy) -> tuple[str, str, str]:
    return (
        f"{found.exact_pct:.0f}",
        f"{found.within_one_pct:.0f}",
        f"{found.mean_absolute_error:.2f}",
    )
