"""What a phone must know to be let in: a key of its own in the address, kept from day to day."""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from repsense.errors import ConfigError

#: Name of the file with the keys, beside the history.
KEYS_FILE = "phones.json"
_KEY_BYTES = 18  # 144 bits: nobody tries them all


def kept_keys(path: Path, bands: Iterable[str], *, renew: Iterable[str] = ()) -> dict[str, str]:
    """Return each band's key; those that are missing are made and kept.

    Parameters
    ----------
    path
        The file, which only its owner may read.
    renew
        Bands that get a new key, so that who knows the old one is out.

    Raises
    ------
    ConfigError
        When the file cannot be read or written, or is none of ours.
    """
    keys = _read(path)
    made = dict(keys)
    for band in renew:
        made.pop(band, None)
    wanted = list(bands)
    for band in wanted:
        made.setdefault(band, secrets.token_urlsafe(_KEY_BYTES))
    if made != keys:
        _write(path, made)
    return {band: made[band] for band in wanted}


def band_of(key: str, keys: Mapping[str, str]) -> str | None:
    """Return whose key it is, or None; takes the same time whatever is wrong with it."""
    found = None
    for band, known in keys.items():
        if hmac.compare_digest(key.encode(), known.encode()):
            found = band
    return found


def _read(path: Path) -> dict[str, str]:
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The phones' keys in {path} cannot be read ({error}): check the file, or delete it "
            f"and pair the phones anew."
        ) from error
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise ConfigError(f"{path} holds no phones' keys: delete it and pair the phones anew.")
    return keys


def _write(path: Path, keys: Mapping[str, str]) -> None:
    """Put the new file in the place of the old one, never readable by others meanwhile."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(dict(keys), file, indent=1)
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            f"The phones' keys cannot be kept in {path} ({error.strerror}): check the folder and "
            f"who may write there."
        ) from error
