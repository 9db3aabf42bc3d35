"""The two ways in which the past is looked at for sets.

The main view sees the whole specific force, in which most exercises show as a
forearm that turns. The size view sees only how large it is, in which a forearm
shows that is moved straight up and down without turning: a shrug. What rests
on a swaying body turns a little and shows there hardly at all.
"""

from dataclasses import dataclass, replace

from repsense.pipeline.chains import ChainSearch, Template
from repsense.pipeline.edges import Edges
from repsense.pipeline.history import History, size_view
from repsense.pipeline.judge import Judge, SizeJudge
from repsense.pipeline.parameters import ChainParameters, EdgeParameters, SetParameters

# Few movements pass for straight ones: with so much room, of 571 recorded, disturbed and simulated
# sets none had another count than with as much as the main view's.
_STRAIGHT_ROOM = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way of looking.

    Parameters
    ----------
    search
        Finds the chains.
    edges
        Sees whether the motion around a chain adds up to one rep more; None
        where nobody looks: small bumps beside a small movement prove nothing.
    judge
        Says which chains are exercise.
    stray_share, stray_g
        How far from the posture after its last rep the wrist must be for it to be
        left: a share of the template's range, and a distance in g.
    """

    search: ChainSearch
    edges: Edges | None
    judge: Judge
    stray_share: float = 0.0
    stray_g: float = 0.0

    def limit_g(self, template: Template) -> float:
        """Return how far the wrist may stray and still be in its posture, g."""
        return self.stray_share * template.range_g + self.stray_g

    def arm(self, *, armed: bool, rep_s: tuple[float, float] | None = None) -> None:
        """Say whether a set is due, and how long its reps may take if that is known."""
        self.judge.armed = armed
        self.judge.known = rep_s is not None
        self.search.arm(armed=armed, rep_s=rep_s)


def main_view(
    history: History, chains: ChainParameters, edges: EdgeParameters, sets: SetParameters
) -> View:
    """Return the view of the whole specific force."""
    return View(
        search=ChainSearch(history, chains),
        edges=Edges(history, edges, chains),
        judge=Judge(history, sets),
        stray_share=chains.pause_posture,
    )


def straight_view(history: History, chains: ChainParameters, sets: SetParameters) -> View:
    """Return the view of its size, for forearms that move straight up and down."""
    seen = size_view(history)
    chains = replace(
        chains,
        rep_min_s=sets.straight_rep_min_s,
        range_min_g=sets.straight_range_min_g,
    )
    search = ChainSearch(
        seen,
        chains,
        turn_max_g=sets.straight_turn_max_g,
        open_max_g=sets.straight_open_max_g,
        most_room=_STRAIGHT_ROOM,
    )
    return View(
        search=search,
        edges=None,
        judge=SizeJudge(seen, sets),
        stray_g=sets.straight_open_max_g,
    )
