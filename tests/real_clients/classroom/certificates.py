"""An authority of its own, and one certificate for both sides: what `tls://` needs."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def variables(folder: Path) -> dict[str, str]:
    """Make certificates in a folder. Returns: the variables by which Dask finds them."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("class")
    root = _certificate(issuer, issuer, authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    own = _certificate(_name("127.0.0.1"), issuer, key.public_key()).add_extension(
        x509.SubjectAlternativeName([address]), critical=False
    )
    (folder / "ca.pem").write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(PEM))
    (folder / "own.pem").write_bytes(own.sign(authority, hashes.SHA256()).public_bytes(PEM))
    (folder / "own.key").write_bytes(
        key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    name = "DASK_DISTRIBUTED__COMM__TLS__"
    sides = {f"{name}{who}__CERT": str(folder / "own.pem") for who in ("CLIENT", "SCHEDULER", "WORKER")}
    keys = {f"{name}{who}__KEY": str(folder / "own.key") for who in ("CLIENT", "SCHEDULER", "WORKER")}
    return {f"{name}CA_FILE": str(folder / "ca.pem"), **sides, **keys}


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
    )
