"""What was seen of a VM, and what the VM sees; and what is seen from outside."""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.azure.dns_answer import Answer


@dataclass(frozen=True)
class VM:
    """A VM in the network.

    Attributes:
        roles: what its identity may do with the registry, None where that is not visible.
        application_groups: ids of the application security groups that its address is in.
    """

    id: str
    name: str
    network: str
    subnet: str
    address: str
    public_address: str
    power: str
    identity: str
    dns_servers: tuple[str, ...]
    security_group: str
    interface: str
    roles: tuple[str, ...] | None
    application_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """One try of the data path.

    Attributes:
        step: `challenge`, `sign-in`, `manifest` or `layer`.
        status: HTTP status; 0: no answer.
        address: where the connection went; empty: nowhere.
        problem: what the client said when there was no answer.
    """

    step: str
    host: str
    status: int
    address: str = ""
    problem: str = ""


@dataclass(frozen=True)
class VMView:
    """What the VM itself sees.

    Attributes:
        answers: what its resolver says, one answer a name.
        pinned: host -> address as `/etc/hosts` has it.
        used: host -> address that its programs connect to.
        servers: those that its resolver asks; empty: it was not looked, as all answers are as they should be.
        daemon_proxy: proxy that the docker daemon sends its requests to; it resolves names in its own way.
        daemon_bypass: names and domains that the daemon reaches without its proxy.
    """

    answers: tuple[Answer, ...]
    pinned: tuple[tuple[str, str], ...]
    used: tuple[tuple[str, str], ...]
    nameservers: tuple[str, ...]
    daemon_proxy: str
    probes: tuple[Probe, ...]
    servers: tuple[str, ...] = ()
    daemon_bypass: tuple[str, ...] = ()
