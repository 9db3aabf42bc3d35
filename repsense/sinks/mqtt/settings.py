"""How to reach the broker: the parameters of this room, free of any MQTT library."""

import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from repsense.errors import BrokerError, ConfigError

DEFAULT_PORT = 1883
DEFAULT_TLS_PORT = 8883
USERNAME_VARIABLE = "REPSENSE_MQTT_USERNAME"
PASSWORD_VARIABLE = "REPSENSE_MQTT_PASSWORD"  # noqa: S105 - the name of a variable, not a password

Version = Literal["v5", "v3.1.1"]

_PREFIX = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_SHORTEST_KEEPALIVE_S, _LONGEST_KEEPALIVE_S = 5, 3600


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
        User to log in as; None means the environment variable ``REPSENSE_MQTT_USERNAME``,
        or anonymous without it.
    password_file
        File whose first line is the password. Without it the environment
        variable ``REPSENSE_MQTT_PASSWORD`` is used.
    tls
        Encrypt, and check the broker's certificate.
    ca_file
        Certificate authority that signed the broker's certificate, in PEM
        format; None means the system's. Only with ``tls``.
    client_cert_file, client_key_file
        Certificate that proves who we are, and its private key, in PEM format. A
        file may hold both; then the key's name is not needed. Only with ``tls``.
    transport
        ``websockets`` for brokers that are reached through a web server.
    websocket_path
        Path of the broker on that server.
    protocol
        Version of MQTT; ``auto`` is 5, and 3.1.1 where the broker refuses that.
    keepalive_s
        A dead network is noticed, and the last will sent, after 1.5 times this.
    base_topic
        What every topic starts with.
    retain
        Let the broker keep the newest state for whoever comes later.
    state_qos, event_qos
        Quality of service of states and of events.
    outbox_events
        Most events that wait for a broker that is away; then the oldest go.

    Raises
    ------
    ConfigError
        When a value cannot be, or a certificate is given without ``tls``.
    """

    host: str | None = None
    port: int | None = None
    username: str | None = None
    password_file: str | None = None
    tls: bool = False
    ca_file: str | None = None
    client_cert_file: str | None = None
    client_key_file: str | None = None
    transport: Literal["tcp", "websockets"] = "tcp"
    websocket_path: str = "/mqtt"
    protocol: Literal["auto", "v5", "v3.1.1"] = "auto"
    keepalive_s: int = 20
    base_topic: str = "repsense"
    retain: bool = True
    state_qos: Literal[0, 1, 2] = 0
    event_qos: Literal[0, 1, 2] = 1
    outbox_events: int = 50_000

    def __post_init__(self) -> None:
        if self.host is not None:
            _check_host(self.host)
        if self.port is not None and not 1 <= self.port <= 65535:
            raise ConfigError(
                f"The MQTT port {self.port} cannot exist: use a number from 1 to 65535 "
                f"(usual are {DEFAULT_PORT}, and {DEFAULT_TLS_PORT} with TLS)."
            )
        self._check_certificates()
        if not _SHORTEST_KEEPALIVE_S <= self.keepalive_s <= _LONGEST_KEEPALIVE_S:
            raise ConfigError(
                f"The MQTT keepalive_s {self.keepalive_s} is not possible: use "
                f"{_SHORTEST_KEEPALIVE_S} to {_LONGEST_KEEPALIVE_S} seconds."
            )
        if not self.websocket_path.startswith("/"):
            raise ConfigError(
                f"The websocket_path {self.websocket_path!r} is no path: it begins with '/', "
                f"like '/mqtt'."
            )
        if self.transport == "websockets" and self.host is not None and self.port is None:
            raise ConfigError(
                "The MQTT transport is websockets but no port is set, and brokers differ in it: "
                "set port (often 9001 for Mosquitto, 8083 or 8084 for EMQX)."
            )
        if self.outbox_events < 1:
            raise ConfigError(
                f"An outbox of {self.outbox_events} events cannot work: use at least 1."
            )

    def _check_certificates(self) -> None:
        for key in ("ca_file", "client_cert_file"):
            file = getattr(self, key)
            if file is not None and not self.tls:
                raise ConfigError(
                    f"The MQTT {key} {file!r} is set but tls is off, so nothing would be "
                    f"encrypted: set tls to true, or remove {key}."
                )
        if self.client_key_file is not None and self.client_cert_file is None:
            raise ConfigError(
                f"The MQTT client_key_file {self.client_key_file!r} is set without "
                f"client_cert_file: a key proves nothing without its certificate."
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

    def read_username(self) -> str | None:
        """Return the user to log in as, or None for anonymous."""
        return self.username or os.environ.get(USERNAME_VARIABLE) or None

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
            When the certificate authority or our own certificate cannot be used.
        """
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=_expanded(self.ca_file))
        except OSError as error:
            raise BrokerError(
                f"The certificate authority for MQTT {self.ca_file!r} cannot be used "
                f"({_reason(error)}): ca_file must be a readable file in PEM format."
            ) from error
        certificate = _expanded(self.client_cert_file)
        if certificate is not None:
            try:
                # Without a password here OpenSSL would ask for one on the terminal, and wait.
                context.load_cert_chain(certificate, _expanded(self.client_key_file), password="")
            except (OSError, ValueError) as error:
                raise BrokerError(
                    f"The MQTT client certificate {self.client_cert_file!r} cannot be used "
                    f"({_reason(error)}): client_cert_file and client_key_file must be readable, "
                    f"in PEM format, belong together, and have no passphrase."
                ) from error
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistantSettings:
    """Whether Home Assistant is told about the wearers.

    Parameters
    ----------
    discovery
        Whether it is.
    prefix
        Where it listens for that, as set in its MQTT integration.

    Raises
    ------
    ConfigError
        When the prefix cannot be part of a topic.
    """

    discovery: bool = True
    prefix: str = "homeassistant"

    def __post_init__(self) -> None:
        if _PREFIX.fullmatch(self.prefix) is None:
            raise ConfigError(
                f"The discovery prefix {self.prefix!r} is not possible: use letters, digits, "
                f"'-' and '_', as in Home Assistant's own setting (usually homeassistant)."
            )

    def status_topic(self) -> str:
        """Return where Home Assistant says that it has started."""
        return f"{self.prefix}/status"

    def config_filter(self) -> str:
        """Return the subscription that catches every device's discovery message."""
        return f"{self.prefix}/device/+/config"

    def config_topic(self, device: str) -> str:
        """Return where a device's discovery message is retained."""
        return f"{self.prefix}/device/{device}/config"


def _expanded(file: str | None) -> str | None:
    return None if file is None else str(Path(file).expanduser())


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


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
