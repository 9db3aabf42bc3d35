"""What a fleet's workers are told."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repsense.batches import PARTITIONS
from repsense.errors import ConfigError
from repsense.pipeline.orders import Engine
from repsense.sinks.mqtt.settings import BrokerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """The same for every worker of a fleet.

    Parameters
    ----------
    broker
        Where the samples come from and the counts go; ``host`` must be set.
    snapshots
        Folder that every machine of the cluster sees.
    new_engine
        Makes what counts the wearer of that name. It travels to the workers.
    exercises
        Identifiers that commands may choose; None for those that come with RepSense.
    partitions
        Over how many topics the gateways spread the wearers, and so how many workers there are.
    keep_s
        How long the broker keeps a message that is counted before a snapshot must hold it, s. It
        has to be sent again when a worker dies; a snapshot costs as much as some blocks.
    away_s
        Without samples for this long a wearer has left, s: the set is finished, the state let go.

    Raises
    ------
    ConfigError
        When there is no broker to share, or a number is not possible.
    """

    broker: BrokerSettings
    snapshots: Path
    new_engine: Callable[[str], Engine]
    exercises: tuple[str, ...] | None = None
    partitions: int = PARTITIONS
    keep_s: float = 10.0
    away_s: float = 1800.0

    def __post_init__(self) -> None:
        if self.broker.host is None:
            raise ConfigError(
                "A fleet needs a broker that its gateways and machines all reach: set broker.host."
            )
        if self.partitions < 1 or self.keep_s <= 0.0 or self.away_s <= self.keep_s:
            raise ConfigError(
                f"A fleet of {self.partitions} partitions that keeps {self.keep_s:g} s and takes "
                f"wearers as away after {self.away_s:g} s is not possible: use at least 1 "
                f"partition, more than 0 s, and more than that."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFacts:
    """What a worker says about itself.

    Parameters
    ----------
    part
        Its partition.
    node
        Name of the machine it runs on.
    process
        Its number there.
    connected
        Whether the broker is there.
    wearers
        Whose samples it counts at the moment.
    messages, samples, events, snapshots
        Counted since it was started.
    restored
        Wearers whose state it took over from a worker before it.
    unacknowledged
        Messages that the broker still keeps for it.
    behind_s
        How long the oldest message that came has been waiting to be counted, s.
    cpu_s
        Time of a core that its process has used, s.
    """

    part: int
    node: str
    process: int
    connected: bool
    wearers: int
    messages: int
    samples: int
    events: int
    snapshots: int
    restored: int
    unacknowledged: int
    behind_s: float
    cpu_s: float
