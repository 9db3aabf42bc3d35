"""Where the dashboard listens, and who may look."""

import ipaddress
from dataclasses import dataclass

from repsense.errors import ConfigError

_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardSettings:
    """How the dashboard is served.

    Parameters
    ----------
    host
        Address to listen on. The default can be reached from this machine only;
        ``0.0.0.0`` is every network that the machine is in, and asks each browser to pair.
    port
        Port to listen on; 0 takes a free one.
    token_file
        File whose first line is the code that pairs a browser; None makes one
        beside the history when it is needed.
    https
        Serve encrypted, with a certificate that is made where none is named.
    certificate_file, key_file
        Certificate and private key (PEM) of your own; naming them means https, too.
    """

    host: str = "127.0.0.1"
    port: int = 8470
    token_file: str | None = None
    https: bool = False
    certificate_file: str | None = None
    key_file: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.port <= _LARGEST_PORT:
            raise ConfigError(
                f"The dashboard cannot listen on port {self.port}: use 1 to {_LARGEST_PORT}, "
                f"or 0 for a free one."
            )
        if (self.certificate_file is None) != (self.key_file is None):
            raise ConfigError(
                "The dashboard's https needs both certificate_file and key_file: one is missing."
            )

    @property
    def encrypted(self) -> bool:
        """Whether pages are served over https."""
        return self.https or self.certificate_file is not None

    @property
    def needs_token(self) -> bool:
        """Whether browsers must pair: always, unless only this machine can reach the pages."""
        return not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Return whether ``host``, a name or an address, is this machine talking to itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
