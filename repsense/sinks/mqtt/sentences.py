"""What the connection to the broker says to people: what happened, why, what to do."""

import ssl


def connected(address: str, version: str) -> str:
    """Return the good news."""
    return f"Connected to the MQTT broker at {address}, MQTT {version}."


def unreachable(address: str, reason: str) -> str:
    """Return that nobody takes the connection; ``reason`` is from :func:`why`."""
    return (
        f"No MQTT broker at {address} ({reason}): check that it runs and that host and port "
        f"are right."
    )


def refused(address: str, reason: str) -> str:
    """Return that the broker does not want this client; ``reason`` is MQTT's own name for it."""
    reason = reason.lower()
    login = "auth" in reason or "password" in reason
    advice = "check username and password" if login else "look into the broker's log"
    return f"The MQTT broker at {address} refuses us ({reason}): {advice}."


def speaks_otherwise(address: str) -> str:
    """Return that something listens that does not answer as an MQTT broker does."""
    return (
        f"What listens at {address} does not answer as an MQTT broker does: check the port, and "
        f"whether it wants TLS."
    )


def gone(address: str, reason: str) -> str:
    """Return that a connection that was there has broken."""
    return f"The MQTT broker at {address} is gone ({reason.lower()})."


def refuses_events(address: str, reason: str) -> str:
    """Return that the broker took the connection but not an event."""
    return (
        f"The MQTT broker at {address} refuses our events ({reason.lower()}): look into its "
        f"access rules."
    )


def full(address: str, pause_s: float) -> str:
    """Return that the broker has no room for an event just now."""
    return (
        f"The MQTT broker at {address} is full: what it did not take is sent again every "
        f"{pause_s:.0f} s. Look for subscribers that do not read, or raise its limits."
    )


def undelivered(count: int, *, kept: bool) -> str:
    """Return how many events were still waiting at the end, and what becomes of them."""
    events = "1 event" if count == 1 else f"{count} events"
    later = f" {'It is' if count == 1 else 'They are'} sent at the next start." if kept else ""
    return f"{events} did not reach the MQTT broker before the end.{later}"


def why(error: BaseException | None) -> str:
    """Return the reason of a failed connection in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) if error is not None else "no reason given"
