"""The one root error and its leaves.

Every message says what happened (with the value), the likely reason, and what
to do next. The command line prints the message on one line and exits with 2.
"""


class RepSenseError(Exception):
    """Root of every error that RepSense raises on purpose."""


class RecordingError(RepSenseError):
    """A recording cannot be read or written: names the file, and the line where there is one."""


class ForeignFileError(RepSenseError):
    """Another program's file cannot be imported: names the file, and the line where it can."""


class LabelsError(RepSenseError):
    """A labels file or an index cannot be used: names the file and the entry."""


class ConfigError(RepSenseError):
    """A setting is unknown or has an impossible value: names file, line and key."""


class CatalogueError(RepSenseError):
    """An exercise is unknown, or a catalogue entry is wrong."""


class SampleError(RepSenseError):
    """A block of samples breaks the contract: wrong shape, time running backwards."""


class DecodeError(RepSenseError):
    """A sensor's bytes do not follow the layout its driver knows."""


class CharacteristicMissingError(DecodeError):
    """The connected sensor lacks a characteristic; a script may catch this and try another."""


class SourceError(RepSenseError):
    """A source of samples cannot be opened or has failed."""


class AdapterError(SourceError):
    """Bluetooth cannot be used on this machine as it is: missing, off, or not allowed."""


class LinkError(SourceError):
    """A connection to a sensor could not be made or has broken: another try may succeed."""


class BrokerError(RepSenseError):
    """No MQTT broker can be reached or started, or it refuses us."""


class CommandError(RepSenseError):
    """A command cannot be carried out, or cannot be understood."""


class StudyError(RepSenseError):
    """A study file cannot be used: another search's, damaged, or not writable."""


class ClusterError(RepSenseError):
    """The cluster's machines cannot be used: not reachable, or without Ray."""


class HistoryError(RepSenseError):
    """The history database cannot be opened, or was made by a newer version."""


class HistoryEntryError(HistoryError):
    """The history is sound, but this set cannot be in it, however often it is tried."""


class FolderInUseError(RepSenseError):
    """Another process counts into this data folder."""


class SnapshotError(RepSenseError):
    """A wearer's state, put away by a worker of a fleet, cannot be written or read."""
