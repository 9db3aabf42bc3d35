"""Keys and certificate: made once, kept for their owner only, made anew when they must be."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import ConfigError
from repsense.web.phones import certificate
from repsense.web.phones.address import Way, phone_address
from repsense.web.phones.certificate import fingerprint, kept_certificate
from repsense.web.phones.pairing import band_of, kept_keys
from repsense.web.phones.settings import PhoneSettings


def only_its_owner_may_read(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_stay_and_are_nobody_else_s(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "phones.json"
    keys = kept_keys(path, ["anna", "ben"])
    assert kept_keys(path, ["ben", "anna"]) == keys
    assert only_its_owner_may_read(path)
    assert len(set(keys.values())) == 2
    assert all(len(key) >= 24 for key in keys.values())
    assert list(path.parent.iterdir()) == [path]


def test_a_new_key_for_one_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "phones.json"
    before = kept_keys(path, ["anna", "ben"])
    after = kept_keys(path, ["anna", "ben"], renew=["anna"])
    assert after["ben"] == before["ben"]
    assert after["anna"] != before["anna"]
    assert band_of(before["anna"], after) is None


@pytest.mark.parametrize("text", ["", "[]", '{"anna": 3}', "\xff"])
def test_a_file_that_holds_no_keys_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "phones.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match="pair the phones anew"):
        kept_keys(path, ["anna"])


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="phones' keys"):
        kept_keys(tmp_path / "file" / "phones.json", ["anna"])


@given(st.text())
def test_no_other_text_is_a_key(text: str) -> None:
    assert band_of(text, {"anna": "K" * 24, "ben": "L" * 24}) is None
    assert band_of("L" * 24, {"anna": "K" * 24, "ben": "L" * 24}) == "ben"


def test_the_certificate_is_made_once_and_names_this_machine(tmp_path: Path) -> None:
    files = kept_certificate(tmp_path / "new", ["localhost", "127.0.0.1", "192.168.7.7"])
    made = x509.load_pem_x509_certificate(files[0].read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "192.168.7.7",
    ]
    # Apple's limit for what its systems accept.
    assert made.not_valid_after_utc - made.not_valid_before_utc <= timedelta(days=825)
    assert made.not_valid_before_utc < datetime.now(UTC)
    assert only_its_owner_may_read(files[1])
    before = fingerprint(files[0])
    kept_certificate(tmp_path / "new", ["another"])
    assert fingerprint(files[0]) == before
    assert len(before.split(":")) == 32


def test_a_certificate_that_expires_soon_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "_VALID", timedelta(days=10))
    before = fingerprint(kept_certificate(tmp_path, ["localhost"])[0])
    monkeypatch.setattr(certificate, "_VALID", timedelta(days=100))
    after = fingerprint(kept_certificate(tmp_path, ["localhost"])[0])
    assert before != after
    assert fingerprint(kept_certificate(tmp_path, ["localhost"])[0]) == after


def test_a_broken_certificate_is_said_with_what_to_do(tmp_path: Path) -> None:
    for file in kept_certificate(tmp_path, ["localhost"]):
        file.write_text("broken")
    with pytest.raises(ConfigError, match=r"delete phones\.crt"):
        kept_certificate(tmp_path, ["localhost"])


def test_addresses_are_what_a_phone_reaches() -> None:
    loopback = PhoneSettings()
    assert phone_address(loopback, Way.PAGE, "k") == "https://127.0.0.1:8472/phone/k"
    anywhere = PhoneSettings(host="0.0.0.0", http_port=99)
    address = phone_address(anywhere, Way.SENSOR_LOGGER, "k")
    assert address.endswith(":99/phone/k/sensor-logger")
    assert "0.0.0.0" not in address
    six = PhoneSettings(host="::1")
    assert phone_address(six, Way.PAGE, "k", port=5) == "https://[::1]:5/phone/k"


@pytest.mark.parametrize(
    "fields", [{"http_port": 70_000}, {"https_port": -1}, {"certificate_file": "a.pem"}]
)
def test_settings_that_cannot_be_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        PhoneSettings(**json.loads(json.dumps(fields)))
