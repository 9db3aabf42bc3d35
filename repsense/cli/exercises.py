"""``repsense exercises``: what RepSense knows about each exercise, a user's own included."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repsense.exercises import Exercise
    from repsense.exercises.phrases import Phrases

app = typer.Typer(rich_markup_mode=None)

_AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]
_Config = Annotated[Path | None, typer.Option(help="The configuration file.")]

_SIDES = {
    "both": "both arms",
    "alternating": "one arm, then the other",
    "per_side": "one side, then the other",
}


@app.callback(invoke_without_command=True)
def exercises(context: typer.Context, as_json: _AsJson = False, config: _Config = None) -> None:
    """List the exercises that can be coached: the ten, and your own from the configuration.

    Example: repsense exercises show front_raise
    """
    if context.invoked_subcommand is not None:
        return
    catalogue, phrases = _read(config)
    if as_json:
        every = [_fields(one, phrases) for one in catalogue.values()]
        print(json.dumps(every, ensure_ascii=False, indent=2))
        return
    from repsense.cli.tables import output, table

    listed = table(["Identifier", "Name", "Arms"], ["Reps", "Lift-hold-lower"], ["Muscles"])
    for one in catalogue.values():
        listed.add_row(
            one.id,
            phrases.name(one),
            _SIDES[one.arms],
            _reps(one),
            _tempo(one),
            ", ".join(one.muscles),
        )
    output().print(listed)


@app.command()
def show(
    exercise: Annotated[str, typer.Argument(metavar="ID", help="As in front_raise.")],
    as_json: _AsJson = False,
    config: _Config = None,
) -> None:
    """Show one exercise: how it goes, what the wrist checks, what it cannot see.

    Example: repsense exercises show shrug
    """
    from repsense.exercises import find_exercise

    catalogue, phrases = _read(config)
    found = find_exercise(exercise, catalogue)
    if as_json:
        print(json.dumps(_fields(found, phrases), ensure_ascii=False, indent=2))
        return
    for line in _description(found, phrases):
        print(line)


def _read(config: Path | None) -> "tuple[Mapping[str, Exercise], Phrases]":
    from repsense.config import load_settings
    from repsense.exercises import with_own
    from repsense.exercises.phrases import Phrases

    settings = load_settings(config)
    return with_own(settings.exercises), Phrases(settings.coach.language)


def _description(one: "Exercise", phrases: "Phrases") -> "list[str]":
    first = "the effort comes first" if one.concentric_first else "the yielding comes first"
    hold = f"; hold for {one.hold_asked_s:g} s" if one.hold_asked_s else ""
    lines = [
        f"{phrases.name(one)} ({one.id})",
        *([f"  also: {', '.join(one.other_names)}"] if one.other_names else []),
        *([f"  {one.how}"] if one.how else []),
        "",
        f"  posture   {one.posture.replace('_', ' ')}",
        f"  arms      {_SIDES[one.arms]}",
        f"  reps      {_reps(one)} an arm",
        f"  tempo     {_tempo(one)} s ({first}{hold})",
        f"  expected  {one.rep_s[0]:.1f} to {one.rep_s[1]:.1f} s a rep, "
        f"{one.range_g[0]:g} to {one.range_g[1]:g} g from start to turn",
    ]
    if one.muscles:
        lines.append(f"  muscles   {', '.join(one.muscles)}")
    checked = _checked(one, phrases)
    if checked:
        lines += ["", "A wrist can check:"]
        lines += [f"  {flag.replace('_', ' '):<10}  {text}" for flag, text in checked.items()]
    if one.reminders:
        lines += ["", "It cannot see, so you are reminded before the set:"]
        lines += [f"  {text}" for text in phrases.reminders(one)]
    return lines


def _checked(one: "Exercise", phrases: "Phrases") -> dict[str, str]:
    from repsense.events import FormFlag

    said = ((flag, phrases.fault(flag, one)) for flag in FormFlag)
    return {flag.value: text for flag, text in said if text is not None}


def _fields(one: "Exercise", phrases: "Phrases") -> dict[str, Any]:
    from dataclasses import asdict

    fields = asdict(one)
    fields["name"] = phrases.name(one)
    fields["cues"] = _checked(one, phrases)
    fields["reminders"] = phrases.reminders(one)
    return fields


def _reps(one: "Exercise") -> str:
    same = one.reps_min == one.reps_max
    return str(one.reps_max) if same else f"{one.reps_min}-{one.reps_max}"


def _tempo(one: "Exercise") -> str:
    tempo = one.tempo
    return f"{tempo.lift_s:g}-{tempo.hold_s:g}-{tempo.lower_s:g}"
