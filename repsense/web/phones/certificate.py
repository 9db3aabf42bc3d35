"""A certificate of our own, because browsers measure motion on encrypted pages only."""

import ipaddress
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from repsense.errors import ConfigError

#: Names of the files, beside the history.
CERTIFICATE_FILE, KEY_FILE = "phones.crt", "phones.key"

# Apple's systems refuse certificates that are valid for more than 825 days.
_VALID = timedelta(days=820)
_RENEW_BEFORE = timedelta(days=14)


def kept_certificate(folder: Path, names: Iterable[str]) -> tuple[Path, Path]:
    """Return certificate and key; make them on the first run, and anew before they expire.

    Parameters
    ----------
    folder
        Where they are kept.
    names
        Host names and addresses it is for. Others change nothing in one that is
        there, so that a phone that has accepted it need not do so again.

    Raises
    ------
    ConfigError
        When the files cannot be read or written.
    """
    certificate, key = folder / CERTIFICATE_FILE, folder / KEY_FILE
    try:
        if not (key.exists() and _is_good(certificate)):
            folder.mkdir(parents=True, exist_ok=True)
            _make(certificate, key, list(names))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The certificate for phones in {folder} cannot be used or made ({error}): check the "
            f"folder, or delete {CERTIFICATE_FILE} and {KEY_FILE} there to have them made anew."
        ) from error
    return certificate, key


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 fingerprint as browsers show it."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return read.fingerprint(hashes.SHA256()).hex(":").upper()


def _is_good(certificate: Path) -> bool:
    if not certificate.exists():
        return False
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return read.not_valid_after_utc - _RENEW_BEFORE > datetime.now(UTC)


def _make(certificate: Path, key: Path, names: list[str]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "RepSense")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # phones' clocks may be behind
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName([_named(name) for name in names]), False)
        # It vouches for itself and for nothing else.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    )
    signed = builder.sign(private, hashes.SHA256())
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
