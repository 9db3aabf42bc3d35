"""Fit the weights by which the judge tells sets from everything else, and write them.

    python benchmarks/train_judge.py [--recordings FOLDER] [--out FILE] [--dry-run] [--json]

Every recording and every simulated set is counted by a pipeline that takes any chain for a set;
what the chains looked like, and whether they were sets, is what is learned from. The report says
how the judge does on every data set, and on every person, when it has been fitted to all the
others. The same recordings give the same weights. They are not part of the project (see
docs/recordings.md), and without them there is nothing to tell sets from.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from engine_jobs import Job, run_jobs
from judge_examples import DATASETS, Example, RealExamples, SimulatedExamples
from judge_fit import Model, Score, Thresholds, Weights, fit, score
from options import add_jobs, add_json, add_recordings, described, has_recordings
from rich.console import Console
from rich.table import Table

from repsense.cli.progress import progress_bar
from repsense.exercises import load_catalogue
from repsense.pipeline import judge_weights
from repsense.pipeline.chain_traits import FEATURES
from repsense.pipeline.parameters import SetParameters
from repsense.recording.index import IndexRow, read_index

_ROOT = Path(__file__).resolve().parent.parent
_WEIGHTS = _ROOT / "repsense" / "pipeline" / "judge_weights.py"
_HEADER = '''\
"""Weights of :mod:`repsense.pipeline.judge`, written by ``benchmarks/train_judge.py``: do not edit.

``FINAL`` and ``LIVE``: the constant first, then one for each of ``chain_traits.FEATURES``.
``TYPICAL``: the features of the average set, with which others are compared to explain them.
"""
'''


def main() -> int:
    """Collect, fit, report, write; 2 where there are no recordings."""
    options = _options()
    if not has_recordings(options.recordings):
        return 2
    jobs: list[Job[list[Example]]] = [*_real(options.recordings), *_simulated(options.seeds)]
    with progress_bar("counting", len(jobs), wanted=not options.json) as advance:
        found = run_jobs(jobs, processes=options.jobs, done=lambda: advance(1.0))
        examples = [example for some in found for example in some]
    model = fit(examples)
    if not options.dry_run:
        options.out.write_text(written(model), encoding="utf-8")
    before = _before()
    report = {
        "weights before": _shown(examples, before) if before else [],
        "shown them": _shown(examples, model),
        "data set left out": _left_out(examples, lambda one: one.dataset),
        "person left out": _left_out(examples, lambda one: one.person),
    }
    if options.json:
        print(json.dumps(_as_json(examples, before, model, report), indent=1))
    else:
        _print(examples, before, model, report)
    return 0


def _before() -> Model | None:
    """Return the weights in use; None where they were found for other features."""
    used = Model(final=judge_weights.FINAL, live=judge_weights.LIVE, typical=judge_weights.TYPICAL)
    return used if len(used.typical) == len(FEATURES) else None


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="file the weights go to")
    parser.add_argument("--dry-run", action="store_true", help="report, and write nothing")
    add_json(parser)
    parser.add_argument("--seeds", type=int, default=16, help="simulated sets an exercise")
    add_jobs(parser, default=2)
    return parser.parse_args()


def _real(folder: Path) -> Iterator[RealExamples]:
    for row in read_index(folder / "index.csv"):
        if row.dataset in DATASETS and _is_known(row):
            yield RealExamples(row=row)


def _is_known(row: IndexRow) -> bool:
    return row.reps_true is not None and row.label_check != "suspect"


def _simulated(seeds: int) -> Iterator[SimulatedExamples]:
    for exercise in load_catalogue():
        for seed in range(seeds):
            yield SimulatedExamples(exercise=exercise, seed=seed)


def written(model: Model) -> str:
    """Return the text of the module that holds the weights."""
    with_constant = ("the constant", *FEATURES)
    return _HEADER + "".join(
        f"\n{name} = (\n{_lines(values, remarks)})\n"
        for name, values, remarks in (
            ("FINAL", model.final, with_constant),
            ("LIVE", model.live, with_constant),
            ("TYPICAL", model.typical, FEATURES),
        )
    )


def _lines(values: Weights, remarks: Sequence[str]) -> str:
    named = zip(values, remarks, strict=True)
    return "".join(f"    {value!r},  # {remark}\n" for value, remark in named)


def _thresholds() -> Thresholds:
    tuned = SetParameters()
    return Thresholds(live=tuned.live_evidence_min, final=tuned.evidence_min)


def _shown(examples: Sequence[Example], model: Model) -> list[Score]:
    """Return how each source fares with weights that were fitted to it, too."""
    sources = sorted({one.source for one in examples})
    return _scores(
        score(name, [one for one in examples if one.source == name], model, _thresholds())
        for name in sources
    )


def _left_out(examples: Sequence[Example], group: Callable[[Example], str]) -> list[Score]:
    """Return how each group fares with weights that were fitted to all others."""
    scores = []
    for name in sorted({group(one) for one in examples} - {""}):
        model = fit([one for one in examples if group(one) != name])
        out = [one for one in examples if group(one) == name]
        scores.append(score(name, out, model, _thresholds()))
    return _scores(scores)


def _scores(found: Iterable[Score | None]) -> list[Score]:
    return [one for one in found if one is not None]


def _total(scores: Sequence[Score]) -> Score:
    numbers = [field.name for field in fields(Score) if field.name != "name"]
    sums = {name: sum(getattr(one, name) for one in scores) for name in numbers}
    return Score(name="all", **sums)


def _as_json(
    examples: Sequence[Example], before: Model | None, model: Model, report: dict[str, list[Score]]
) -> dict[str, object]:
    return {
        "examples": len(examples),
        "features": FEATURES,
        "weights": asdict(model),
        "weights_before": asdict(before) if before else None,
        "report": {name: [asdict(one) for one in scores] for name, scores in report.items()},
    }


def _print(
    examples: Sequence[Example], before: Model | None, model: Model, report: dict[str, list[Score]]
) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    chains = sum(one.final for one in examples)
    console.print(f"{chains} chains, looked at {len(examples) - chains} times while they ran\n")
    console.print(_weights_table(before, model))
    for name, scores in report.items():
        if not scores:
            continue
        console.print(_score_table(name, scores))


def _weights_table(before: Model | None, model: Model) -> Table:
    table = Table("weight", box=None, pad_edge=False)
    lists = [model.final, model.live]
    for name in ("final", "live", *(("final before", "live before") if before else ())):
        table.add_column(name, justify="right")
    if before:
        lists += [before.final, before.live]
    for name, *values in zip(("the constant", *FEATURES), *lists, strict=True):
        table.add_row(name, *(f"{value:.3f}" for value in values))
    return table


def _score_table(name: str, scores: Sequence[Score]) -> Table:
    """Return a table of the groups in which something was judged wrong, and of all together."""
    table = Table(f"\n{name}", box=None, pad_edge=False)
    headings = ("sets", "missed", "unseen", "others", "taken", "reps", "shown")
    for heading in headings:
        table.add_column(f"\n{heading}", justify="right")
    wrong = [one for one in scores if one.missed or one.unseen or one.taken or one.shown]
    for one in (*wrong, _total(scores)):
        table.add_row(*(str(value) for value in asdict(one).values()))
    if len(wrong) < len(scores):
        table.caption = f"{len(scores) - len(wrong)} more were judged without a mistake"
        table.caption_justify = "left"
    return table


if __name__ == "__main__":
    sys.exit(main())
