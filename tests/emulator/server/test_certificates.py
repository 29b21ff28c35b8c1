"""The lab's certificate authority: whom it may speak for, who may read its key, and that it stays the same."""

import ssl
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from acrlab.emulator.server import certificates
from acrlab.emulator.server.certificates import LIFETIME, open_authority, server_context, write_private

DOMAINS = ("localhost", "azurecr.io")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tls"


@pytest.fixture
def authority(folder):
    return open_authority(folder, DOMAINS)


def shake_hands(authority, folder, names, called):
    """Let OpenSSL itself, as strict as it can be, hold a certificate for `names` against what it was called."""
    serving = server_context(authority, folder, names)
    trusting = ssl.create_default_context(cafile=authority.file)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=called)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version()


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "::1", "contoso.azurecr.io", "contoso.westus.data.azurecr.io"]
)
def test_it_vouches_for_the_labs_own_names(authority, folder, name):
    assert shake_hands(authority, folder, [name], name) == "TLSv1.3"


@pytest.mark.parametrize(
    "name", ["login.live.com", "azurecr.io.example.com", "notazurecr.io", "10.0.0.1", "203.0.113.8"]
)
def test_whoever_trusts_it_trusts_it_for_no_other_name(authority, folder, name):
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(authority, folder, [name], name)


def test_one_wrong_name_spoils_a_whole_certificate(authority, folder):
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(authority, folder, ["localhost", "login.live.com"], "localhost")


def test_the_openssl_command_sees_the_constraints(authority):
    words = ["openssl", "x509", "-in", str(authority.file), "-noout", "-ext", "nameConstraints,basicConstraints"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert "X509v3 Name Constraints: critical" in told
    assert "DNS:azurecr.io" in told
    assert "CA:TRUE, pathlen:0" in told


def test_nobody_else_can_read_its_key(authority, folder):
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "ca.key").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_could_read_is_closed(folder):
    folder.mkdir(mode=0o755)

    open_authority(folder, DOMAINS)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_servers_key_does_not_stay_behind(authority, folder):
    server_context(authority, folder, ["localhost"])

    assert sorted(file.name for file in folder.iterdir()) == ["ca.key", "ca.pem"]


def test_it_stays_the_same(authority, folder):
    again = open_authority(folder, DOMAINS)

    assert again.certificate == authority.certificate
    assert shake_hands(again, folder, ["localhost"], "localhost")


def test_one_that_may_not_speak_for_a_name_is_replaced(authority, folder):
    again = open_authority(folder, (*DOMAINS, "login.microsoftonline.com"))

    assert again.certificate != authority.certificate
    assert shake_hands(again, folder, ["login.microsoftonline.com"], "login.microsoftonline.com")


def test_one_that_ends_soon_is_replaced(authority, folder, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.certificates.RENEWAL", LIFETIME)

    assert open_authority(folder, DOMAINS).certificate != authority.certificate


def test_a_client_whose_clock_is_most_of_a_day_behind_trusts_it(authority):
    assert authority.certificate.not_valid_before_utc <= datetime.now(UTC) - timedelta(hours=23)


def test_one_of_a_time_to_come_is_replaced(folder, monkeypatch):
    """It was made before somebody set the computer's clock back."""
    with monkeypatch.context() as patched:
        patched.setattr(certificates, "EARLY", -timedelta(hours=1))
        future = open_authority(folder, DOMAINS)

    assert open_authority(folder, DOMAINS).certificate != future.certificate


@pytest.mark.parametrize("name", ["ca.pem", "ca.key"])
def test_a_damaged_one_is_replaced(authority, folder, name):
    write_private(folder / name, b"-----BEGIN NOTHING-----\n")

    again = open_authority(folder, DOMAINS)

    assert shake_hands(again, folder, ["localhost"], "localhost")


def test_a_key_of_another_is_replaced(authority, folder, tmp_path):
    open_authority(tmp_path / "other", DOMAINS)
    write_private(folder / "ca.key", (tmp_path / "other" / "ca.key").read_bytes())

    again = open_authority(folder, DOMAINS)

    assert shake_hands(again, folder, ["localhost"], "localhost")
