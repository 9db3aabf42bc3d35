"""Where phones reach RepSense."""

from dataclasses import dataclass

from repsense.errors import ConfigError

_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """How phones are served; only where a wearer's band is one.

    Parameters
    ----------
    host
        Address to listen on. The default can be reached from this machine only, so
        that nothing is open that nobody asked for; ``0.0.0.0`` is every network.
    https_port
        Port of the page that makes a phone a sensor; browsers measure motion on
        encrypted pages only. 0 takes a free one.
    http_port
        Port where Sensor Logger may push: an app does not accept our certificate.
    certificate_file, key_file
        Certificate and private key (PEM) for the page; None makes them, beside the history.

    Raises
    ------
    ConfigError
        When a port cannot be, or one of the two files is missing.
    """

    host: str = "127.0.0.1"
    https_port: int = 8472
    http_port: int = 8471
    certificate_file: str | None = None
    key_file: str | None = None

    def __post_init__(self) -> None:
        for key, port in (("https_port", self.https_port), ("http_port", self.http_port)):
            if not 0 <= port <= _LARGEST_PORT:
                raise ConfigError(
                    f"Phones cannot be served on {key} {port}: use 1 to {_LARGEST_PORT}, or 0 for "
                    f"a free one."
                )
        if (self.certificate_file is None) != (self.key_file is None):
            raise ConfigError(
                "The page for phones needs both certificate_file and key_file, or neither: one is "
                "missing."
            )
