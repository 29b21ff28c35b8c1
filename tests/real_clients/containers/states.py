"""The article's lab with one thing wrong, made with the ordinary requests by which people get there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import acrlab
from acrlab.lab.lab import Lab

GROUP, REGISTRY, NETWORK, SUBNET = "myResourceGroup", "myregistry", "myDockerVMVNET", "myDockerVMSubnet"
ZONE = "privatelink.azurecr.io"
Change = Callable[[Lab], object]


@dataclass(frozen=True)
class State:
    """A state of the lab, and what clients inside meet in it.

    Attributes:
        changes: what makes it so.
        remedies: what makes it right again.
        packets, proxy: patterns of what curl and skopeo say, with real packets and through the VM's proxy.
        pulls: the image arrives all the same.
    """

    name: str
    changes: tuple[Change, ...]
    remedies: tuple[Change, ...]
    packets: str
    proxy: str
    pulls: bool = False

    @contextmanager
    def planted(self, lab: Lab) -> Iterator[None]:
        for change in self.changes:
            change(lab)
        yield
        for remedy in self.remedies:
            remedy(lab)


def delete_endpoint(lab: Lab) -> None:
    lab.network.private_endpoints.begin_delete(GROUP, "myPrivateEndpoint").result()


def create_endpoint_elsewhere(lab: Lab) -> None:
    """In the stranger's network, to the same registry."""
    target = lab.registry.registries.get(GROUP, REGISTRY).id
    connection = {"name": "other", "properties": {"privateLinkServiceId": target, "groupIds": ["registry"]}}
    (subnet,) = lab.network.subnets.list(GROUP, "strangerVNET")
    properties = {"subnet": {"id": subnet.id}, "privateLinkServiceConnections": [connection]}
    body = {"location": "westus", "properties": properties}
    lab.network.private_endpoints.begin_create_or_update(GROUP, "otherEndpoint", body).result()


def delete_endpoint_elsewhere(lab: Lab) -> None:
    lab.network.private_endpoints.begin_delete(GROUP, "otherEndpoint").result()


def delete_record(name: str) -> Change:
    return lambda lab: lab.dns.record_sets.delete(GROUP, ZONE, "A", name)


def delete_link(lab: Lab) -> None:
    lab.dns.virtual_network_links.begin_delete(GROUP, ZONE, "MyDNSLink").result()


def reject_connection(lab: Lab) -> None:
    connections = lab.registry.private_endpoint_connections
    (connection,) = connections.list(GROUP, REGISTRY)
    body = {"properties": {"privateLinkServiceConnectionState": {"status": "Rejected"}}}
    connections.begin_create_or_update(GROUP, REGISTRY, connection.name, body).result()


def drop_https(lab: Lab) -> None:
    """A security group on the subnet that lets nothing out to port 443."""
    rule = {"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "Tcp"}
    rule |= {"sourceAddressPrefix": "*", "sourcePortRange": "*"}
    rule |= {"destinationAddressPrefix": "*", "destinationPortRange": "443"}
    body = {"location": "westus", "properties": {"securityRules": [{"name": "no-https", "properties": rule}]}}
    made = lab.network.network_security_groups.begin_create_or_update(GROUP, "noHttps", body).result()
    _set_security_group(lab, {"id": made.id})


def let_https_out(lab: Lab) -> None:
    _set_security_group(lab, None)
    lab.network.network_security_groups.begin_delete(GROUP, "noHttps").result()


def _set_security_group(lab: Lab, group: dict[str, str] | None) -> None:
    subnet = lab.network.subnets.get(GROUP, NETWORK, SUBNET)
    subnet.network_security_group = group
    lab.network.subnets.begin_create_or_update(GROUP, NETWORK, SUBNET, subnet).result()


def allow(addresses: Callable[[Lab], list[str]]) -> Change:
    """Let only these public addresses in."""

    def change(lab: Lab) -> None:
        rules = {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": a} for a in addresses(lab)]}
        lab.registry.registries.begin_update(GROUP, REGISTRY, {"properties": {"networkRuleSet": rules}}).result()

    return change


def _addresses_of_the_vm(lab: Lab) -> list[str]:
    return [a.ip_address for a in lab.network.public_ip_addresses.list(GROUP) if "stranger" not in a.name]


FORBIDDEN = r"is not allowed access|403"
UNKNOWN = r"Could not resolve host|no such host"
SILENT = r"timed out|timeout|^$"
UNREACHED = r"50[234]|timeout|timed out|^$"
DATA = "myregistry.westus.data"

STATES = (
    State(
        "no endpoint",
        (delete_endpoint, delete_record("myregistry"), delete_record(DATA)),
        (acrlab.ensure_endpoint, acrlab.ensure_records),
        FORBIDDEN,
        FORBIDDEN,
    ),
    State("zone not linked", (delete_link,), (acrlab.ensure_link,), FORBIDDEN, FORBIDDEN),
    State(
        "no records",
        (delete_record("myregistry"), delete_record(DATA)),
        (acrlab.ensure_records,),
        UNKNOWN,
        r"502|no such host",
    ),
    State(
        "no record of the data endpoint",
        (delete_record(DATA),),
        (acrlab.ensure_records,),
        rf"Could not resolve host: {DATA}|lookup {DATA}.azurecr.io.*no such host",
        r"502|no such host",
    ),
    State("port 443 closed", (drop_https,), (let_https_out,), SILENT, UNREACHED),
    State(
        "connection rejected",
        (reject_connection,),
        (delete_endpoint, acrlab.ensure_endpoint, acrlab.ensure_records),
        SILENT,
        UNREACHED,
    ),
    State(
        "the only endpoint deleted, records left",
        (delete_endpoint,),
        (acrlab.ensure_endpoint, acrlab.ensure_records),
        FORBIDDEN,  # the registry's name leads into no private zone any more
        FORBIDDEN,
    ),
    State(
        "one of two endpoints deleted, records left",
        (create_endpoint_elsewhere, delete_endpoint),
        (delete_endpoint_elsewhere, acrlab.ensure_endpoint, acrlab.ensure_records),
        SILENT,
        UNREACHED,
    ),
    State(
        "zone not linked, address allowed",
        (delete_link, allow(_addresses_of_the_vm)),
        (allow(lambda lab: []), acrlab.ensure_link),
        "",
        "",
        pulls=True,
    ),
)
