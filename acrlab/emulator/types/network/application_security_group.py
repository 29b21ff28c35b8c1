"""Microsoft.Network/applicationSecurityGroups: a name for several interfaces, to be used in security rules.

Source: https://learn.microsoft.com/azure/virtual-network/application-security-groups
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE, INTERFACE_TYPE, is_unchanged
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE

ASG_TYPE = "Microsoft.Network/applicationSecurityGroups"


def addresses_of(state: State, group: str) -> Iterator[str]:
    """Every address that a group stands for: of its interfaces' configurations, and of endpoints that are in it."""
    for interface in state.referrers(group, INTERFACE_TYPE):
        for configuration in interface.properties["ipConfigurations"]:
            if _is_member(configuration["properties"].get("applicationSecurityGroups", ()), group):
                yield configuration["properties"]["privateIPAddress"]
    for endpoint in state.referrers(group, ENDPOINT_TYPE):
        own = state.find(endpoint.state["interface"])
        for configuration in own.properties["ipConfigurations"] if own else ():
            yield configuration["properties"]["privateIPAddress"]


def _is_member(groups: Iterable[JSON], group: str) -> bool:
    return any(one["id"].lower() == group.lower() for one in groups)


def is_not_in_use(state: State, group: Resource) -> None:
    """Interfaces, endpoints and rules that name it keep it. The words are ours."""
    users = state.referring_ids(group.id)
    if users:
        message = f"Application security group {group.id} cannot be deleted: it is used by {', '.join(users)}."
        raise ArmError(400, "InUseApplicationSecurityGroupCannotBeDeleted", message, details=[])


APPLICATION_SECURITY_GROUP = ResourceType(
    type=ASG_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/application-security-groups/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    read_only=("resourceGuid",),
    delete_rules=(is_not_in_use,),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 3, "DELETE": 10},
    at_once=is_unchanged,  # as one is that gets other tags: it has no properties
    etag="quoted",
    patch="tags",
)
