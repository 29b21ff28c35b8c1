"""The lab's own certificate authority, and the certificate that its servers show.

The authority may speak for the names of this lab and for nothing else: a computer that trusts it, even by mistake,
trusts it for those alone. It lies in a folder that only its owner can read, and is never added to the system's trust.
Source: RFC 5280, section 4.2.1.10 (name constraints)

trustme alone would not do: its authority may vouch for every name there is. A learner who adds it to a browser or to
the system would let anyone who reads its key stand in for any site. Name constraints are what it cannot issue, so the
certificates are built with `cryptography` here.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=365)
RENEWAL = timedelta(days=30)  # an authority that ends sooner than this is replaced
EARLY = timedelta(days=1)  # for clients whose clocks are behind
LOOPBACK = ("127.0.0.0/8", "::1/128")
CERTIFICATE, KEY = "ca.pem", "ca.key"

_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Authority:
    """A certificate authority with its key.

    Attributes:
        file: its certificate, for clients to trust.
    """

    file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def open_authority(folder: Path, domains: Sequence[str], networks: Sequence[str] = LOOPBACK) -> Authority:
    """Read a folder's authority, or make one where there is none that is good for these names.

    Args:
        domains: names that it may vouch for, each with everything below it.
        networks: address ranges that it may vouch for, in CIDR notation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    found = _read_authority(folder)
    if found is not None and _still_serves(found.certificate, domains, networks):
        return found
    made = _make_authority(folder / CERTIFICATE, domains, networks)
    write_private(folder / KEY, _pem_of(made.key))
    made.file.write_bytes(made.certificate.public_bytes(Encoding.PEM))
    return made


def server_context(authority: Authority, folder: Path, names: Iterable[str]) -> ssl.SSLContext:
    """Issue a certificate for names (`*` stands for one label) and addresses, for a server to show."""
    file = write_server_certificate(authority, folder, names)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(file)
    finally:
        file.unlink()  # ssl reads files only; this one is not needed again
    return context


def write_server_certificate(authority: Authority, folder: Path, names: Iterable[str]) -> Path:
    """Issue a certificate as `server_context` does. Returns: the file with key and chain, to be deleted soon."""
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _issue(authority, key, list(names))
    chain = leaf.public_bytes(Encoding.PEM) + authority.certificate.public_bytes(Encoding.PEM)
    file = folder / f"server-{leaf.serial_number:x}.pem"
    write_private(file, chain + _pem_of(key))
    return file


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)


def _read_authority(folder: Path) -> Authority | None:
    """The authority of a folder; None: there is none, or its files are damaged, or are not of one another."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        key = load_pem_private_key((folder / KEY).read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return Authority(folder / CERTIFICATE, certificate, key)


def _still_serves(certificate: x509.Certificate, domains: Sequence[str], networks: Sequence[str]) -> bool:
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = {str(name.value) for name in constraints.permitted_subtrees or ()}
    enough = {*domains, *(str(ipaddress.ip_network(n)) for n in networks)} <= permitted
    now = datetime.now(UTC)  # it may have been set back since
    return enough and certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEWAL


def _make_authority(file: Path, domains: Sequence[str], networks: Sequence[str]) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("acrlab authority")
    permitted: list[x509.GeneralName] = [x509.DNSName(domain) for domain in domains]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in networks]
    certificate = (
        _dated(name, name, key)
        # `path_length=0`: it signs servers' certificates, and no authority that could leave the constraints out.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        # Critical: a client that does not know name constraints has to refuse the authority instead of trusting it.
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(file, certificate, key)


def _issue(authority: Authority, key: ec.EllipticCurvePrivateKey, names: list[str]) -> x509.Certificate:
    own = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    return (
        _dated(_named("acrlab server"), authority.certificate.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _dated(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    begun = datetime.now(UTC) - EARLY
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + LIFETIME)
    )


def _named(name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "acrlab, an emulated Azure (not a public authority)")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


# Python 3.13 verifies strictly (`VERIFY_X509_STRICT`): it wants key usage, and both key identifiers above.
def _usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in allowed for use in _USES})


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
