"""``repsense plan``: the workout that is planned, what comes next, how far the week has come."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from repsense.config import Settings
    from repsense.errors import ConfigError
    from repsense.exercises.phrases import Phrases
    from repsense.pipeline.plan import Step
    from repsense.pipeline.workout import WorkoutFollower
    from repsense.sinks.history import StoredSet
    from repsense.sinks.week import WeekProgress


def plan(
    *,
    print_to: Annotated[
        Path | None,
        typer.Option(
            "--print",
            metavar="FILE.html|FILE.pdf",
            help="Write the plan as a sheet of one page, with drawings, and boxes to fill in.",
            show_default=False,
        ),
    ] = None,
    wearer: Annotated[
        str | None, typer.Option(help="Whose sets count; without it everybody's.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the history; without it the configured one, else yours."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Show the planned workout, what comes next today, and this week's progress.

    Example: repsense plan --config examples/plans/upper_back.yaml --print plan.pdf
    """
    from repsense.config import coaching_of, load_settings
    from repsense.exercises.phrases import Phrases

    settings = load_settings(config)
    coaching = coaching_of(settings)
    if coaching.follower is None:
        raise _no_plan(config)
    phrases = Phrases()  # what is spoken may be in another language; commands and sheets are not
    if print_to is not None:
        from repsense.cli.sheet import write_sheet

        write_sheet(print_to, settings.plan, coaching.follower.left, phrases)
        print(f"Wrote {print_to}.")
        return
    _show(settings, coaching.follower, phrases, wearer, data_dir, as_json=as_json)


def _no_plan(config: Path | None) -> "ConfigError":
    from repsense.config import find_config
    from repsense.errors import ConfigError

    return ConfigError(
        f"There is no plan in {find_config(config) or 'the defaults'}: write one into the section "
        f"'plan:' of your configuration (`repsense config init` explains it), or take one from "
        f"examples/plans of the source: repsense plan --config examples/plans/upper_back.yaml"
    )


def _show(
    settings: "Settings",
    follower: "WorkoutFollower",
    phrases: "Phrases",
    wearer: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    from datetime import datetime

    from repsense.sinks.week import week_progress

    now = datetime.now().astimezone()
    steps = list(follower.left)
    sets = _sets_of_the_week(settings, wearer, data_dir, now)
    week = week_progress(sets, now=now, days_a_week=settings.plan.days_a_week)
    _catch_up(follower, [one for one in sets if _still_counts(one, now)], now)
    if as_json:
        print(json.dumps(_fields(settings, steps, follower, week, now), ensure_ascii=False))
        return
    _print_plan(settings.plan.name, steps, len(follower.done), phrases)
    for line in (*_next_lines(follower, phrases, now), *_week_lines(week)):
        print(line)


def _sets_of_the_week(
    settings: "Settings", wearer: str | None, data_dir: Path | None, now: "datetime"
) -> "list[StoredSet]":
    from datetime import timedelta

    from repsense.sinks.history import History, history_path

    path = history_path(data_dir or settings.history.data_dir)
    if not path.exists():
        return []
    history = History(path)
    try:
        return history.sets(wearer=wearer, since=now - timedelta(days=8))
    finally:
        history.close()


def _still_counts(stored: "StoredSet", now: "datetime") -> bool:
    """Say whether a set belongs to a workout that may still be going on."""
    from repsense.sinks.history import NEW_WORKOUT_AFTER

    return now - stored.ended_at < NEW_WORKOUT_AFTER


def _catch_up(follower: "WorkoutFollower", sets: "list[StoredSet]", now: "datetime") -> None:
    """Tell the follower of the sets there have been, as if it had been there."""
    from repsense.events import SetFinished, SetStarted

    for number, stored in enumerate(sets, start=1):
        start_s, end_s = stored.started_at.timestamp(), stored.ended_at.timestamp()
        follower.tick(start_s)
        follower.take(SetStarted(set=number, t_s=start_s, announced_s=start_s))
        follower.take(
            SetFinished(
                set=number,
                reps=stored.true_reps,
                start_s=start_s,
                end_s=end_s,
                announced_s=end_s,
                exercise=stored.true_exercise,
            )
        )
    follower.tick(now.timestamp())


def _print_plan(name: str, steps: "list[Step]", done: int, phrases: "Phrases") -> None:
    from itertools import groupby

    from repsense.cli.tables import output, table
    from repsense.pipeline.workout import target_text

    title = name or "Your plan"
    listed = table([title], ["Sets", "Rest"], ["Reps", "Tempo"])
    for _, group in groupby(steps, key=lambda step: step.exercise.id):
        first, *more = group
        rest_s = [step.rest_s for step in (first, *more)][-1]
        tempo = first.exercise.tempo
        each = " on each side" if first.side.value == "worn" else ""
        listed.add_row(
            phrases.name(first.exercise),
            str(first.sets),
            f"{rest_s:.0f} s",
            target_text(phrases, first) + each,
            f"{tempo.lift_s:g}-{tempo.hold_s:g}-{tempo.lower_s:g} s",
        )
    output().print(listed)
    print(f"\n{done} of {len(steps)} sets done in this workout.")


def _next_lines(follower: "WorkoutFollower", phrases: "Phrases", now: "datetime") -> list[str]:
    from repsense.pipeline.workout import target_text

    step = follower.due
    if step is None:
        return ["That was the whole plan."]
    side = {"worn": ", the side with the band", "other": ", the other side"}.get(step.side, "")
    rest_s = follower.rest_left_s(now.timestamp())
    wait = f", after {rest_s:.0f} s more of rest" if rest_s else ""
    return [
        f"Next: {phrases.name(step.exercise)}, set {step.number} of {step.sets}{side}: "
        f"{target_text(phrases, step)}{wait}.",
        *(f"  {text}" for text in phrases.reminders(step.exercise)),
    ]


def _week_lines(week: "WeekProgress") -> list[str]:
    wanted = f"{week.fewest}" if week.fewest == week.most else f"{week.fewest} to {week.most}"
    days = ", ".join(day.strftime("%a") for day in week.days)
    line = f"This week: {len(week.days)} of {wanted} days{f' ({days})' if days else ''}."
    if week.days_left:
        return [line]
    return [line, "That is what you wanted of the week."]


def _fields(
    settings: "Settings",
    steps: "list[Step]",
    follower: "WorkoutFollower",
    week: "WeekProgress",
    now: "datetime",
) -> dict[str, Any]:
    step = follower.due
    return {
        "name": settings.plan.name,
        "sets": [_step(one) for one in steps],
        "sets_done": len(follower.done),
        "next": None if step is None else _step(step),
        "rest_left_s": round(follower.rest_left_s(now.timestamp()), 1),
        "week": {
            "monday": week.monday.isoformat(),
            "days": [day.isoformat() for day in week.days],
            "days_wanted": [week.fewest, week.most],
            "sets": dict(week.sets),
            "reps": dict(week.reps),
        },
    }


def _step(step: "Step") -> dict[str, Any]:
    return {
        "exercise": step.exercise.id,
        "number": step.number,
        "sets": step.sets,
        "side": step.side.value,
        "reps_min": step.reps_min,
        "reps_max": step.reps_max,
        "to_failure": step.to_failure,
        "rest_s": step.rest_s,
    }
