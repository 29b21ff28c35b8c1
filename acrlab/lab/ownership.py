"""The tags of all that a lab creates: whose it is, which run created it, and when it may go if it was forgotten.

Role assignments carry none: each has a name computed from what it says, by which it is known again.

What does not carry them belongs to someone else, and is neither deleted nor replaced.
"""

from __future__ import annotations

import getpass
import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import (
    ACR_PULL,
    CLUSTER,
    CLUSTERS_VERSION,
    ENDPOINT,
    INBOUND_ENDPOINT,
    INTERFACE,
    NETWORK,
    OUTBOUND_ENDPOINT,
    REGISTRY,
    REPOSITORY_READER,
    RESOLVER,
    RESOLVERS_VERSION,
    ROLES,
    ROLES_VERSION,
    RULESET,
    SECURITY_GROUP,
    VM,
    ZONE,
    ZONE_LINK,
    region_name,
)
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab.lab import Lab
from acrlab.settings.environment import RUN_VARIABLE

NOT_OURS = "NotOurs"  # code of the refusal to touch what belongs to someone else
ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"
# type that carries tags -> api-version to read it with
VERSIONS = {
    CLUSTER: CLUSTERS_VERSION,
    ENDPOINT: "2024-05-01",
    INTERFACE: "2024-05-01",
    NETWORK: "2024-05-01",
    SECURITY_GROUP: "2024-05-01",
    "Microsoft.Network/routeTables": "2024-05-01",
    REGISTRY: "2025-11-01",
    INBOUND_ENDPOINT: RESOLVERS_VERSION,
    OUTBOUND_ENDPOINT: RESOLVERS_VERSION,
    RESOLVER: RESOLVERS_VERSION,
    RULESET: RESOLVERS_VERSION,
    VM: "2024-07-01",
    ZONE: "2024-06-01",
    ZONE_LINK: "2024-06-01",
}
LAB, OWNER, RUN, EXPIRES = "acrlab", "acrlab-owner", "acrlab-run", "acrlab-expires"
_BY_HAND = f"by-hand-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"  # a kernel or command that is part of none


def tags_of(lab: Lab) -> dict[str, str]:
    """Give the tags of what this lab creates. Nothing without the first of them is ever deleted.

    A lab is known by its registry, whose name no other lab in the world has.
    """
    real = lab.settings.backend == "azure"  # on the emulated Azure two runs make the same, to the last byte
    given = {
        **lab.settings.own_tags(),
        LAB: lab.settings.registry_name.lower(),
        OWNER: lab.settings.owner or (_user() if real else ""),
        RUN: os.environ.get(RUN_VARIABLE) or (_BY_HAND if real else ""),
        EXPIRES: expires(lab),
    }
    return {name: value for name, value in given.items() if value}


def expires(lab: Lab) -> str:
    """Say when what this lab makes may go if it is forgotten, in UTC; empty: it does not say."""
    hours = lab.settings.expires_hours
    return (lab.opened + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%MZ") if hours else ""


def is_ours(lab: Lab, tags: Mapping[str, str] | None) -> bool:
    """Say whether something with these tags was made by this lab."""
    return (tags or {}).get(LAB) == tags_of(lab)[LAB]


def is_held_for(lab: Lab, tags: Mapping[str, str] | None) -> bool:
    """Say whether a group with these tags was made for the owner of this lab, and by no lab: as a class's rights do."""
    told, owner = tags or {}, lab.settings.owner
    return LAB not in told and bool(owner) and told.get(OWNER) == owner


def is_the_learner_s(lab: Lab, tags: Mapping[str, str] | None) -> bool:
    """Say whether something with these tags is the learner's to change: all that is emulated, and what the lab made."""
    return lab.settings.backend == "emulator" or is_ours(lab, tags)


def require_ours(lab: Lab, tags: Mapping[str, str] | None, id: str) -> None:
    """Let pass only what may be replaced or deleted.

    Raises: RefusedError: it carries no tag of this lab, and the Azure is a real one.
    """
    if not is_the_learner_s(lab, tags):
        message = (
            f"{id.rpartition('/')[2]} is left as it is: it does not carry the lab's tag, so it is someone else's. "
            "Choose another name for the lab's own, or change it yourself."
        )
        raise RefusedError(message, status=0, code=NOT_OURS, resource_id=id)


def require_own(lab: Lab, id: str) -> None:
    """Let pass only what may be replaced or deleted, by its id; a part of a thing belongs where that thing does.

    Raises: RefusedError: it carries no tag of this lab, and the Azure is a real one.
    """
    if is_the_learner_s(lab, None):  # then all is, and nothing has to be read
        return
    parsed = _tagged(ArmId.parse(id))
    try:
        found = lab.arm.get(str(parsed), VERSIONS[parsed.type])
    except RefusedError as problem:
        if problem.status != 404:
            raise
        return  # there is nothing of anybody's
    require_ours(lab, found.get("tags"), str(parsed))


def require_location(lab: Lab, name: str, location: str | None, tags: Mapping[str, str] | None) -> None:
    """Refuse to go on, as if it were elsewhere, with what the lab made in another location: Azure moves nothing.

    Raises: ConfigurationError: `location` was changed since.
    """
    there, wanted = region_name(location or ""), lab.settings.location
    if is_ours(lab, tags) and there != wanted:
        message = f"it is {wanted}, and the lab made {name} in {there}, which Azure does not move."
        raise ConfigurationError("location", f"{message} Set it to {there}, or delete the lab first: acrlab clean-up.")


def _tagged(id: ArmId) -> ArmId:
    """The thing itself, where it can carry tags, or the nearest one that it is part of."""
    return id if id.type in VERSIONS or id.parent is None else _tagged(id.parent)


def _user() -> str:
    """Who runs this; empty where this computer has no name for that, as in a container."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def expired(tags: Mapping[str, str] | None, now: datetime | None = None) -> bool:
    """Say whether something of a lab was meant to be gone by now; not where it says no time, or none that reads."""
    told = (tags or {}).get(EXPIRES, "") if LAB in (tags or {}) else ""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment <= (now or datetime.now(UTC))


def pull_right(scope: str, principal: str, role: str = ACR_PULL) -> str:
    """Write the id of the assignment by which the lab lets a principal pull from a registry."""
    # The principal is part of the name: Azure does not let an assignment change its own, as a re-created VM would.
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}\n{principal}\n{role}".lower())
    return f"{scope}/{ASSIGNMENTS}/{name}"


def let_pull(lab: Lab, registry: str, principal: str, role: str = ACR_PULL) -> None:
    """Give a principal a role to pull on the registry with this id. Raises: RefusedError: it is someone else's."""
    require_own(lab, registry)
    roles = f"/subscriptions/{ArmId.parse(registry).subscription}/providers/Microsoft.Authorization/roleDefinitions"
    given = {"roleDefinitionId": f"{roles}/{role}", "principalId": principal, "principalType": "ServicePrincipal"}
    lab.arm.put(pull_right(registry, principal, role), ROLES_VERSION, {"properties": given}, f"Assigning {ROLES[role]}")


def let_read(lab: Lab, registry: str, principal: str) -> None:
    """Give a principal the role that lets it pull from every repository, where a registry asks for repositories."""
    let_pull(lab, registry, principal, REPOSITORY_READER)


def assignments(lab: Lab, scope: str, principal: str = "") -> list[Any]:
    """List the role assignments that count on something: at it and above it, of one principal or of all."""
    question = "atScope()" + (f" and assignedTo('{principal}')" if principal else "")
    return lab.arm.get_all(f"{scope}/{ASSIGNMENTS}", ROLES_VERSION, **{"$filter": question})


def own_assignments(lab: Lab, scope: str, principal: str) -> list[Any]:
    """List what was given to a principal itself on exactly this: not above it, and not to a group that it is in."""
    exactly = (scope.lower(), principal.lower())
    told = ((one, one["properties"]) for one in assignments(lab, scope, principal))
    return [one for one, its in told if (its["scope"].lower(), its["principalId"].lower()) == exactly]


def is_given_by_lab(lab: Lab, assignment: Any, scope: str) -> bool:
    """Say whether the lab gave this right, and on exactly this: not above it, and not under another name."""
    told = assignment["properties"]
    if told["scope"].lower() != scope.lower() or role_guid(assignment) != ACR_PULL:
        return False
    # In a recording all ids have become others, and nothing can be lost.
    own = assignment["id"].lower() == pull_right(scope, told["principalId"]).lower()
    return own or lab.settings.backend == "replay"


def role_guid(assignment: Any) -> str:
    """Read the GUID of the role that is assigned."""
    return str(assignment["properties"]["roleDefinitionId"]).rpartition("/")[2].lower()


def role_name(assignment: Any) -> str:
    """Name the role that is assigned; by its GUID where it is none of Azure's own that the lab knows."""
    return ROLES.get(role_guid(assignment), role_guid(assignment))
