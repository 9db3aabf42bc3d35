"""Who may look: decided from a request's headers alone, no web framework here.

Two dangers are met. On a network, strangers: a code that only the owner sees
must have been given once. On this machine, other web pages open in the same
browser: they may neither reach the pages under a name of their own (DNS
rebinding) nor open the live stream (its ``Origin`` would be theirs).
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from repsense.errors import ConfigError
from repsense.web.settings import is_loopback

COOKIE = "repsense_pairing"
QUERY_KEY = "code"

# No letter or digit that is taken for another one: 12 of 31 signs are 59 bits, too many to try.
_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP_SIGNS = 3, 4


class Verdict(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    PAIRED = "paired"  # brought the code along: remember it and go on
    ASK = "ask"  # show the page that asks for the code
    REFUSED = "refused"  # comes from another web page


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rule for one dashboard.

    Parameters
    ----------
    token
        Code that a browser must have given; None where only this machine can connect.
    """

    token: str | None = None

    def judge(self, headers: Mapping[str, str], query: str) -> Verdict:
        """Return what becomes of a request.

        Parameters
        ----------
        headers
            With lower-case names; only ``host``, ``origin`` and ``cookie`` count.
        query
            What follows the ``?`` of the address.
        """
        host = headers.get("host", "")
        if not _same_site(headers.get("origin"), host):
            return Verdict.REFUSED
        if self.token is None:
            return Verdict.ALLOWED if is_loopback(_name_of(host)) else Verdict.REFUSED
        if self.fits(_cookie(headers.get("cookie", ""))):
            return Verdict.ALLOWED
        if self.fits(parse_qs(query).get(QUERY_KEY, [""])[0]):
            return Verdict.PAIRED
        return Verdict.ASK

    def fits(self, given: str) -> bool:
        """Return whether the code is right, taking the same time whatever is wrong with it."""
        if self.token is None:
            return True
        return hmac.compare_digest(_plain(given).encode(), _plain(self.token).encode())


def _plain(code: str) -> str:
    """Return the code as it counts: people leave out dashes and write small letters."""
    return code.replace("-", "").replace(" ", "").upper()


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # a bracket that is not closed
        return ""


def _same_site(origin: str | None, host: str) -> bool:
    try:
        return origin is None or urlsplit(origin).netloc == host
    except ValueError:
        return False


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def new_token() -> str:
    """Return a code to pair with, like ``H7KQ-2MXA-9RTD``."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP_SIGNS)) for _ in range(_GROUPS))
    return "-".join(groups)


def kept_token(path: Path) -> str:
    """Return the code in the file; without a file make one that only its owner may read.

    Raises
    ------
    ConfigError
        When the file cannot be read or made, or holds no code.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(f"{new_token()}\n", encoding="utf-8")
        token = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The dashboard's code in {path} cannot be read or made ({error}): check the folder, "
            f"or name another file with dashboard.token_file."
        ) from error
    if len(_plain(token)) < _GROUPS * _GROUP_SIGNS:
        raise ConfigError(
            f"The dashboard's code in {path} is too short: it needs {_GROUPS * _GROUP_SIGNS} "
            f"letters and digits. Delete the file and a good one is made."
        )
    return token
