"""What ``repsense replay --explain`` shows: each movement that repeats itself, taken or refused."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from repsense.cli.tables import table
from repsense.cli.verdicts import Candidate, candidates, is_weighed, reasons, typical_evidence
from repsense.pipeline.judge import Verdict
from repsense.pipeline.parameters import SetParameters


def print_explanation(
    console: Console, file: Path, verdicts: Sequence[Verdict], *, armed: bool
) -> None:
    """Print a line for each chain that was judged, and how to read it."""
    found = candidates(verdicts)
    if not found:
        console.print(f"{file}: nothing repeats itself enough to be judged\n", soft_wrap=True)
        return
    console.print(f"{file}: what repeats itself", soft_wrap=True)
    why = ("why",) if armed else ("for", "against")
    lines = table(("  from s",), ("to s", "cycles", "s each", "g", "evidence"), ("verdict", *why))
    for candidate in found:
        lines.add_row(*_cells(candidate, armed=armed))
    console.print(lines)
    console.print(f"  {_how_to_read(armed=armed)}\n", soft_wrap=True)


def _cells(candidate: Candidate, *, armed: bool) -> list[str]:
    newest = candidate.newest
    why = (newest.reason.rpartition(": ")[2],) if armed else reasons(newest)
    return [
        f"  {candidate.start_s:.1f}",
        f"{newest.end_s:.1f}",
        str(newest.traits.reps),
        f"{newest.traits.rep_s:.1f}",
        f"{newest.traits.range_g:.2f}",
        f"{newest.evidence:+.1f}" if is_weighed(newest) else "-",
        candidate.outcome,
        *why,
    ]


def _how_to_read(*, armed: bool) -> str:
    limits = SetParameters()
    if armed:
        return (
            "A set is due, so little is asked: reps somewhat alike, and no walking. The evidence "
            "is what would count otherwise."
        )
    return (
        f"Evidence is the log odds of a set: shown live from {limits.live_evidence_min:+.1f}, "
        f"counted from {limits.evidence_min:+.1f} ({limits.few_evidence_min:+.1f} with "
        f"three reps or fewer). For and against: what sets it apart from a typical set, "
        f"whose evidence is {typical_evidence():+.1f}."
    )
