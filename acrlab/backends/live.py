"""Backend `azure`: a real subscription, with whatever credential and name servers this computer has."""

from __future__ import annotations

import configparser
import logging
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from acrlab import capabilities
from acrlab.azure.cloud import CLOUDS, Cloud
from acrlab.azure.dns_answer import Answer, Record
from acrlab.backends.file_memory import FileMemory
from acrlab.errors import ConfigurationError
from acrlab.settings import Settings
from acrlab.settings.environment import RECORDING, RESOLVER, lab_home

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.identity import DefaultAzureCredential

    from acrlab.backends import Backend

AUTHORITY = "AZURE_AUTHORITY_HOST"
PATIENCE_S = 5
# What a system's resolver says where it knows that there is no such name, or none with an address. All else, such as a
# computer that is offline, tells nothing of the name. Not every system has all of these numbers.
NO_NAME = {getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA") if hasattr(socket, name)}


class Live:
    """The way to a real subscription."""

    def __init__(self, subscription: str, credential: DefaultAzureCredential) -> None:
        self.subscription, self.credential = subscription, credential
        self.memory = FileMemory(lab_home())

    def other_subscription(self) -> str:
        """Give none: who pays for a subscription has to be asked."""
        return ""

    def options(self) -> dict[str, Any]:
        """Leave the SDKs their own transport."""
        return {}

    def resolve(self, name: str) -> Answer:
        """Ask this computer's resolver."""
        return resolve(name)

    def pause(self, seconds: float) -> None:
        """Let real time pass."""
        time.sleep(seconds)

    def mark(self) -> object:
        """Give nothing: a change on a real subscription is seen only by reading."""
        return ()

    def close(self) -> None:
        """Close the credential's connections."""
        self.credential.close()


def open_subscription(settings: Settings) -> Backend:
    """Sign in to the subscription of these settings; where ACRLAB_RECORDING names a file, record what is said there.

    Raises: ConfigurationError: this computer has no credential, or is set to another cloud than the region's.
    """
    capabilities.require_sockets("A real subscription")
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CredentialUnavailableError, DefaultAzureCredential

    from acrlab.azure.sdk_http import management_scope_of

    # Its account of every credential that was not there would hide the one line that helps.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    _require_same_cloud(settings)
    credential = DefaultAzureCredential(authority=settings.cloud.sign_in)
    try:
        credential.get_token(management_scope_of(settings.cloud))
    except (ClientAuthenticationError, CredentialUnavailableError) as problem:
        tried = ", ".join(tried_before(credential))
        message = (
            f"backend azure found no credential on this computer. Sign in first: az login. Tried: {tried or 'one'}."
            + _chosen()
            + _other_cloud_of_az(settings.cloud)
        )
        raise ConfigurationError("backend", message) from problem
    azure = Live(settings.subscription, credential)
    path = os.environ.get(RECORDING)
    if not path:
        return azure
    from acrlab.recordings.recorder import Recorder

    return Recorder(azure, settings, Path(path))


def _chosen() -> str:
    """Say that a variable narrows what is tried, which is easily forgotten."""
    chosen = os.environ.get("AZURE_TOKEN_CREDENTIALS", "")
    return f" AZURE_TOKEN_CREDENTIALS={chosen} allows no other." if chosen else ""


def _require_same_cloud(settings: Settings) -> None:
    """Refuse to sign in at another cloud, whose tokens the region's does not take. Raises: ConfigurationError."""
    authority = os.environ.get(AUTHORITY, "")
    host = (urlsplit(authority if "://" in authority else f"https://{authority}").hostname or "").lower()
    other = next((cloud for cloud in CLOUDS if cloud.sign_in == host), settings.cloud)
    if other is not settings.cloud:
        message = (
            f"{AUTHORITY} names {host}, of {other.name}, and {settings.location} is a region of {settings.cloud.name}. "
            "Unset the variable, or choose a region of that cloud."
        )
        raise ConfigurationError("location", message)


def _other_cloud_of_az(wanted: Cloud) -> str:
    """Say that the Azure CLI is set to a cloud in which it can't sign in to the region's."""
    folder = Path(os.environ.get("AZURE_CONFIG_DIR") or Path.home() / ".azure")
    kept = configparser.ConfigParser(interpolation=None)
    try:
        kept.read(folder / "config", "utf-8")
        name = kept.get("cloud", "name", fallback="")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return ""  # what az makes of it, it says itself
    other = name and name != wanted.name and name in {cloud.name for cloud in CLOUDS}
    return f" The Azure CLI is set to {name}: az cloud set --name {wanted.name}." if other else ""


def kind_in_use(credential: TokenCredential) -> str:
    """Name the kind of a credential; of a chain, of the link that gave a token. Never a value, nor a part of one."""
    # azure-identity keeps the link that gave a token in a private attribute; its version is pinned.
    return _kind(getattr(credential, "_successful_credential", None) or credential)


def tried_before(credential: TokenCredential) -> tuple[str, ...]:
    """Name the links of a chain that were asked for a token and had none, in their order."""
    chain, found = getattr(credential, "credentials", ()), getattr(credential, "_successful_credential", None)
    return tuple(_kind(link) for link in chain[: chain.index(found) if found in chain else None])


def _kind(credential: object) -> str:
    # A link that lacks what it needs to begin with stands in the chain as a name.
    return str(getattr(credential, "_credential_name", None) or type(credential).__name__)


def resolve(name: str) -> Answer:
    """Ask for a name's IPv4 addresses: the server that ACRLAB_DNS names, else the system's resolver.

    Returns: an answer whose status is SERVFAIL where no server could be asked.

    Raises: ConfigurationError: ACRLAB_DNS does not name a server, or this is a browser, which asks none.
    """
    capabilities.require_sockets("Asking for a name")  # a browser's Python would make an address up
    server = os.environ.get(RESOLVER, "")
    return _of_server(name, server) if server else _of_system(name)


def _of_system(name: str) -> Answer:
    try:
        real, aliases, addresses = socket.gethostbyname_ex(name)
    except socket.gaierror as problem:
        return Answer(name, (), "NXDOMAIN" if problem.errno in NO_NAME else "SERVFAIL")
    except OSError:
        return Answer(name, (), "SERVFAIL")
    # The system's resolver tells no chain in order, only every name that it met on the way.
    chain = [n for n in dict.fromkeys((*aliases, real)) if n != name]
    owners = [name, *chain]
    records = [Record(a, "CNAME", b, 0) for a, b in zip(owners, chain, strict=False)]
    return Answer(name, (*records, *(Record(owners[-1], "A", a, 0) for a in addresses)))


def _of_server(name: str, server: str) -> Answer:
    import dns.exception
    import dns.message
    import dns.query
    import dns.rcode

    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        message = f"{server!r} is not address:port of a name server, such as 127.0.0.1:5353."
        raise ConfigurationError(RESOLVER, message)
    try:
        reply = dns.query.udp(dns.message.make_query(name, "A"), host, timeout=PATIENCE_S, port=int(port))
    except (dns.exception.DNSException, OSError):
        return Answer(name, (), "SERVFAIL")
    records = tuple(
        Record(_plain(found.name.to_text()), found.rdtype.name, _plain(value.to_text()), found.ttl)
        for found in reply.answer
        for value in found
    )
    zone, negative_s = next(((_plain(found.name.to_text()), found.ttl) for found in reply.authority), ("", 0))
    return Answer(name, records, dns.rcode.to_text(reply.rcode()), zone, negative_s)


def _plain(name: str) -> str:
    return name.removesuffix(".").lower()
