"""Across two subscriptions: which the second one is, and a consumer there who asks a registry's owner for an endpoint.

The consumer knows one thing of the registry, its resource id, and the owner one thing of the consumer: the connection.
The lab is both of them, or one, where the setting `partner` says who is the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acrlab.azure.cloud import ENDPOINT, RESOURCES_VERSION, SUBNET
from acrlab.display import Table, table
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab.lab import Lab
from acrlab.lab.memory import forget_elsewhere, note_elsewhere
from acrlab.lab.waiting import look_until
from acrlab.steps.approval import (
    Connection,
    approve,
    connection_of,
    connection_state,
    connections,
    manual_endpoint,
)
from acrlab.steps.clean_up import delete_group
from acrlab.steps.prerequisites import ensure_group, find_group, provider_registration, register_providers
from acrlab.steps.private_link import disable_subnet_policies, endpoint_body, put_endpoint
from acrlab.steps.virtual_machine import ensure_network

SKIPPED = (
    "skipped: this needs a second subscription in which you may create resources. Name it: other_subscription = its "
    "id, in acrlab.toml, or acrlab run -p other_subscription ID."
)
PROVIDER = "Microsoft.ContainerRegistry"


def other_subscription(lab: Lab) -> str:
    """Give the id of the second subscription; empty: none is named. The emulated Azure adds one where it has none."""
    return lab.settings.other_subscription or lab.backend.other_subscription()


def in_other_subscription(lab: Lab, **settings: str) -> Lab:
    """Give the lab as it is in the second subscription, with these settings in place of its own.

    Raises: ConfigurationError: none is named.
    """
    subscription = other_subscription(lab)
    if not subscription:
        message = (
            "this goes across two subscriptions. Set it to the id of a second one in which you may create resources."
        )
        raise ConfigurationError("other_subscription", message)
    return lab.in_subscription(subscription, **settings)


def ensure_group_there(there: Lab) -> None:
    """Create the lab's group on the other side, noted before, so that a clean-up finds it wherever that is."""
    note_elsewhere(there, there.group_id())
    ensure_group(there)


def delete_group_there(there: Lab) -> None:
    """Delete it with all that the lab has in it. It stays noted as long as it is there. Raises: as `delete_group`."""
    found = find_group(there)
    if found is not None:
        delete_group(there, there.settings.resource_group)
        found = find_group(there)
    if found is None:
        forget_elsewhere(there, there.group_id())


def register_registries(lab: Lab, subscription: str) -> None:
    """Let another subscription use registries, and wait until it may: an endpoint in it is not approved before.

    Args:
        subscription: its id.

    Raises: NotReadyError: it is not registered after ten minutes.
    """
    lab.arm.act(f"{_provider(subscription)}/register", RESOURCES_VERSION, {}, "Registering a provider")
    look_until(
        "Registered".__eq__,
        lambda: registration(lab, subscription),
        what=f"The subscription {subscription} may use {PROVIDER}",
        resource_id=_provider(subscription),
        pause=lab.backend.pause,
    )


def unregister_registries(lab: Lab, subscription: str) -> None:
    """Take the use of registries away from a subscription, by its id. Raises: RefusedError: it has some."""
    lab.arm.act(f"{_provider(subscription)}/unregister", RESOURCES_VERSION, {}, "Unregistering a provider")


def registration(lab: Lab, subscription: str) -> str:
    """Read whether a subscription may use registries: `Registered`, `NotRegistered`, `Unregistered`, or on the way."""
    return provider_registration(lab, PROVIDER, subscription)


def _provider(subscription: str) -> str:
    return f"/subscriptions/{subscription}/providers/{PROVIDER}"


# -- a consumer asks, the owner answers --------------------------------------------------------------------------------
#
# The lab plays both, unless the setting `partner` says who the other one is. It then plays its own half with the rights
# that it has: a consumer cannot read the registry, and its owner cannot touch what the consumer made.


@dataclass(frozen=True)
class Request:
    """One request across, as it is seen from here.

    Attributes:
        endpoint: id of the consumer's endpoint; empty: no second subscription is named, and nothing was asked.
        owner_sees: status of the connection on the registry's side; empty: a partner's, who alone may read it.
        consumer_sees: the same on the endpoint's side, which is told a moment later; empty: as well.
    """

    endpoint: str = ""
    owner_sees: str = "skipped"
    consumer_sees: str = "skipped"

    @property
    def skipped(self) -> bool:
        return not self.endpoint

    @property
    def statuses(self) -> set[str]:
        """What it is on the sides that are seen: one status, unless the consumer is still to be told."""
        return {status for status in (self.owner_sees, self.consumer_sees) if status}


def consumer(lab: Lab) -> Lab | None:
    """Give the lab as the consumer has it, in a group of their own; None: it is a partner's, or in no subscription."""
    group = f"{lab.settings.resource_group[:81]}-consumer"  # a group's name has at most 90 characters
    if _partner_s_registry(lab):
        return lab.elsewhere(resource_group=group)
    subscription = "" if lab.settings.partner else other_subscription(lab)
    return lab.in_subscription(subscription, resource_group=group) if subscription else None


def ask_across(lab: Lab) -> Request:
    """Ask for an endpoint as the consumer does: by the registry's id, from a network in their own subscription.

    What an earlier visit left in their group is deleted first. Where a partner is the consumer, wait for their request.

    Raises: NotReadyError: they have not asked within ten minutes.
    """
    if _is_asked_by_partners(lab):
        return _seen_by_owner(_awaited(lab))
    there = consumer(lab)
    if there is None:
        return Request()
    take_across_back(lab)
    register_providers(there, "Microsoft.Network", PROVIDER)
    ensure_group_there(there)
    ensure_network(there)
    disable_subnet_policies(there)
    s = there.settings
    subnet = there.id_of(SUBNET, s.network_name, s.subnet_name)
    registry = _partner_s_registry(lab) or lab.registry_id
    body = endpoint_body(there, subnet, s.manual_connection_name, manual=True, registry=registry)
    put_endpoint(there, s.resource_group, s.manual_endpoint_name, body)
    return request_across(lab)


def answer_across(lab: Lab, description: str = "") -> Request:
    """Approve the consumer's request as the registry's owner does: by the id of the endpoint that asks.

    Where a partner is the owner, wait until they have. Where partners are consumers, it is the first that waits.

    Raises: NotReadyError: the consumer was not told so within ten minutes.
    """
    if _is_asked_by_partners(lab):
        asked = _requests(lab)
        waiting = [one for one in asked if _waits(one)]
        return _seen_by_owner(approve(lab, waiting[0], description) if waiting else _first(lab, asked))
    there = consumer(lab)
    if there is None:
        return Request()
    if not _partner_s_registry(lab):
        approve(lab, connection_of(lab, there.id_of(ENDPOINT, there.settings.manual_endpoint_name)), description)
    return request_across(lab, until="Approved")


def request_across(lab: Lab, *, until: str = "") -> Request:
    """Read the consumer's request on each side that the lab plays.

    Args:
        until: read again until the consumer is told that it is `Approved`, say.

    Raises: NotReadyError: they were not told so within ten minutes.
    """
    there = consumer(lab)
    if there is None:
        return Request()
    told = connection_state(manual_endpoint(there, until=until))
    id = there.id_of(ENDPOINT, there.settings.manual_endpoint_name)
    return Request(id, "" if _partner_s_registry(lab) else connection_of(lab, id).status, told)


def take_across_back(lab: Lab) -> tuple[str, ...]:
    """Delete the consumer's group with all in it, as they would; nothing where there is none.

    Where a partner is the consumer, wait until they have deleted each endpoint that was let in.

    Returns: ids of the endpoints that the registry still knows of, as far as the lab may read it; none where no second
        subscription is named.
    Raises: NotReadyError: one is still there after ten minutes.
    """
    if _is_asked_by_partners(lab):
        return _left_by_partners(lab)
    there = consumer(lab)
    if there is None:
        return ()
    delete_group_there(there)
    return () if _partner_s_registry(lab) else tuple(one.endpoint_id for one in connections(lab))


def request_table(request: Request) -> Table:
    """Show a request as both sides see it, or the one that is seen from here."""
    if request.skipped:
        return table([{"two subscriptions": SKIPPED}])
    rows = [
        {"side": "owner", "subscription of": "registry", "status": request.owner_sees},
        {"side": "consumer", "subscription of": "endpoint", "status": request.consumer_sees},
    ]
    return table([row for row in rows if row["status"]], caption="One request, two subscriptions")


# -- with a partner ----------------------------------------------------------------------------------------------------


def _partner_s_registry(lab: Lab) -> str:
    """Id of the registry that a partner owns; empty: the lab's own registry is the one."""
    return lab.settings.partner if lab.settings.partner.startswith("/") else ""


def _is_asked_by_partners(lab: Lab) -> bool:
    return bool(lab.settings.partner) and not _partner_s_registry(lab)


def _requests(lab: Lab) -> tuple[Connection, ...]:
    """The registry's connections of endpoints in the partners' subscriptions."""
    theirs = tuple(f"/subscriptions/{id}/" for id in lab.settings.partner.lower().split(","))
    return tuple(one for one in connections(lab) if one.endpoint_id.lower().startswith(theirs))


def _awaited(lab: Lab) -> Connection:
    """The first request of a partner that waits for an answer, once there is one."""
    seen = _look_until(lab, lambda asked: any(map(_waits, asked)), "A partner asks for an endpoint")
    return next(filter(_waits, seen))


def _first(lab: Lab, asked: tuple[Connection, ...]) -> Connection:
    if not asked:
        message = f"no partner has asked {lab.settings.registry_name} for an endpoint. Wait for the request first."
        raise RefusedError(message, status=404, code="NoConnection", resource_id=lab.registry_id)
    return asked[0]


def _left_by_partners(lab: Lab) -> tuple[str, ...]:
    what = "The partners have deleted the endpoints that were approved"
    _look_until(lab, lambda asked: all(map(_waits, asked)), what)
    return tuple(one.endpoint_id for one in connections(lab))


def _look_until(lab: Lab, done: Callable[[tuple[Connection, ...]], bool], what: str) -> tuple[Connection, ...]:
    """Read the partners' requests until they are as they should be."""
    return look_until(
        done,
        lambda: _requests(lab),
        what=what,
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
        told=_told,
    )


def _waits(asked: Connection) -> bool:
    return asked.status == "Pending"


def _told(asked: tuple[Connection, ...]) -> str:
    return ", ".join(f"{one.endpoint_id} {one.status}" for one in asked) or "no request"


def _seen_by_owner(connection: Connection) -> Request:
    return Request(connection.endpoint_id, connection.status, "")
