"""What is felt on the wrist: the target and a swing, by the one who lifts, and nothing else."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from repsense.cli.wrist import WristSink
from repsense.events import Event, FormCue, SetStarted
from repsense.sinks.base import Notice
from repsense.sources.ble.drivers.base import Feedback


@dataclass
class FeltWrist:
    felt: list[Feedback] = field(default_factory=list)

    def feel(self, kind: Feedback) -> None:
        self.felt.append(kind)


def cue(name: str) -> FormCue:
    return FormCue(set=1, rep=3, cue=name, text="Calmly.", announced_s=9.0)


def test_both_bands_of_the_wearer_buzz_for_target_and_swing_alone() -> None:
    left, right, ben = FeltWrist(), FeltWrist(), FeltWrist()
    sink = WristSink({"anna": [left, right], "ben": [ben]})
    told: list[tuple[str, Event]] = [
        ("anna", SetStarted(set=1, t_s=1.0, announced_s=4.0)),
        ("anna", cue("slower")),
        ("anna", cue("swing")),
        ("nobody", cue("swing")),
        ("anna", cue("reached")),
    ]
    for wearer, event in told:
        sink.take(Notice(wearer=wearer, event=event, at_utc=datetime.now(UTC), event_id="1"))
    assert left.felt == right.felt == [Feedback.SWING, Feedback.TARGET_REACHED]
    assert ben.felt == []
