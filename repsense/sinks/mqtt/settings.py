"""How to reach the broker: the parameters of this room, free of any MQTT library."""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from repsense.errors import BrokerError, ConfigError

DEFAULT_PORT = 1883
DEFAULT_TLS_PORT = 8883
PASSWORD_VARIABLE = "REPSENSE_MQTT_PASSWORD"  # noqa: S105 - the name of a variable, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """Where the broker is and how to log in.

    Parameters
    ----------
    host
        Name or address of the broker; None means that none is configured and
        one is started on this machine.
    port
        Its port; None means 1883, or 8883 with TLS.
    username
        User to log in as; None means anonymous.
    password_file
        File whose first line is the password. Without it the environment
        variable ``REPSENSE_MQTT_PASSWORD`` is used.
    tls
        Encrypt, and check the broker's certificate.
    ca_file
        Certificate authority that signed the broker's certificate, in PEM
        format; None means the system's. Only with ``tls``.
    base_topic
        What every topic starts with.

    Raises
    ------
    ConfigError
        When host or port cannot exist, or ``ca_file`` is given without ``tls``.
    """

    host: str | None = None
    port: int | None = None
    username: str | None = None
    password_file: str | None = None
    tls: bool = False
    ca_file: str | None = None
    base_topic: str = "repsense"

    def __post_init__(self) -> None:
        if self.host is not None:
            _check_host(self.host)
        if self.port is not None and not 1 <= self.port <= 65535:
            raise ConfigError(
                f"The MQTT port {self.port} cannot exist: use a number from 1 to 65535 "
                f"(usual are {DEFAULT_PORT}, and {DEFAULT_TLS_PORT} with TLS)."
            )
        if self.ca_file is not None and not self.tls:
            raise ConfigError(
                f"The MQTT ca_file {self.ca_file!r} is set but tls is off, so nothing would be "
                f"encrypted: set tls to true, or remove ca_file."
            )

    @property
    def effective_port(self) -> int:
        """The port to connect to."""
        if self.port is not None:
            return self.port
        return DEFAULT_TLS_PORT if self.tls else DEFAULT_PORT

    @property
    def address(self) -> str:
        """Host and port as people write them."""
        host = self.host or "localhost"
        return f"[{host}]:{self.effective_port}" if ":" in host else f"{host}:{self.effective_port}"

    def read_password(self) -> str | None:
        """Return the password from the file or the environment, or None without either.

        Raises
        ------
        BrokerError
            When the password file cannot be read.
        """
        if self.password_file is None:
            return os.environ.get(PASSWORD_VARIABLE)
        try:
            text = Path(self.password_file).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BrokerError(
                f"The MQTT password file {self.password_file!r} cannot be read "
                f"({_reason(error)}): check the path and who may read it."
            ) from error
        return text.split("\n", 1)[0].rstrip("\r")

    def tls_context(self) -> ssl.SSLContext | None:
        """Return what checks the broker's certificate, or None without TLS.

        Raises
        ------
        BrokerError
            When the certificate authority cannot be used.
        """
        if not self.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise BrokerError(
                f"The certificate authority for MQTT {self.ca_file!r} cannot be used "
                f"({_reason(error)}): ca_file must be a readable file in PEM format."
            ) from error


def _check_host(host: str) -> None:
    try:
        # The resolver does this too, but in the network thread, where the error ends the thread.
        ascii_host = host.encode("idna")
    except UnicodeError:
        ascii_host = b""
    if not ascii_host or any(character.isspace() or character in "/@" for character in host):
        raise ConfigError(
            f"The MQTT host {host!r} is not a host name or address: write only the name, like "
            f"'homeassistant.local' or '192.168.1.5', without 'mqtt://' and without the port."
        )


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not text in UTF-8"
