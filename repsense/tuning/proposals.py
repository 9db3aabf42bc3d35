"""What to try next: the one door to optuna.

Proposals are made a generation at a time, by a sampler that is new each time and
is given the seed, the generation and every earlier outcome in order. So they
depend on nothing else: not on how many trials ran at once or which was done
first, and a search that was killed goes on as if it had not been.
"""

import logging
import warnings
from collections.abc import Sequence

from repsense.errors import ConfigError
from repsense.tuning.space import Range
from repsense.tuning.study import Line

# The estimator learns its first lesson of so many trials, drawn by chance.
_BY_CHANCE = 10


def propose(
    searched: Sequence[Range], tried: Sequence[Line], *, seed: int, generation: int, count: int
) -> list[dict[str, float]]:
    """Return the settings of the next trials.

    The sampler is the multivariate tree-structured Parzen estimator (Bergstra et al.,
    NeurIPS 2011; Falkner et al., arXiv 1807.01774); trials of the same generation are kept apart by
    taking those that are under way for poor ones.

    Raises
    ------
    ConfigError
        When the extra is not installed.
    """
    try:
        import optuna  # noqa: PLC0415 - an extra, loaded on first use
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"Tuning needs {error.name}, which is not installed. Install it with: "
            f"pip install 'repsense[tune]'"
        ) from error

    optuna.logging.set_verbosity(logging.WARNING)
    places: dict[str, optuna.distributions.BaseDistribution] = {
        one.key: optuna.distributions.FloatDistribution(one.low, one.high, log=one.log)
        for one in searched
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            seed=seed * 1_000_003 + generation,
            multivariate=True,
            constant_liar=True,
            n_startup_trials=_BY_CHANCE,
        )
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for one in tried:
            study.add_trial(
                optuna.trial.create_trial(
                    state=optuna.trial.TrialState.PRUNED
                    if one.stopped
                    else optuna.trial.TrialState.COMPLETE,
                    value=None if one.stopped else one.worth[-1],
                    params=dict(one.values),
                    distributions=places,
                    intermediate_values=dict(enumerate(one.worth)),
                )
            )
        asked = [study.ask(places) for _ in range(count)]
    return [{one.key: one.rounded(trial.params[one.key]) for one in searched} for trial in asked]
