"""What goes wrong in a landing zone, where another team has the endpoint's subscription, or the routes.

On the one stage the endpoint belongs into a network of a second subscription, peered with the lab's.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from acrlab.azure.cloud import ENDPOINT, SUBNET, ZONE, data_endpoint, label_of
from acrlab.course.practice import plant
from acrlab.course.section import Diagnosis, Fault, Stage
from acrlab.doctor.remedies import remove_route
from acrlab.errors import ConfigurationError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.ensure import names_of, put, remove
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_the_learner_s, require_own, tags_of
from acrlab.steps.approval import approve, connection_of
from acrlab.steps.beyond import hub, subscriptions
from acrlab.steps.prerequisites import find_group, register_providers
from acrlab.steps.private_link import (
    disable_subnet_policies,
    endpoint_body,
    ensure_endpoint,
    ensure_records,
    put_endpoint,
    write_record,
)
from acrlab.steps.virtual_machine import ensure_network

# -- the endpoint's own subscription -----------------------------------------------------------------------------------

SPACES = ("10.3.0.0/16", "172.22.0.0/16")  # the first that has no address of the lab's network


def connectivity(lab: Lab) -> Lab:
    """Give the lab as the network team has it, in the second subscription.

    Raises: ConfigurationError: none is named.
    """
    space = hub.apart(lab.settings.network_prefix, SPACES)
    return subscriptions.in_other_subscription(
        lab,
        resource_group=f"{lab.settings.resource_group[:77]}-connectivity",  # a group's name has at most 90 characters
        network_name="myConnectivityVNET",
        subnet_name="myConnectivitySubnet",
        network_prefix=str(space),
        subnet_prefix=str(next(space.subnets(new_prefix=24))),
        endpoint_name="myConnectivityEndpoint",
    )


def build_connectivity(lab: Lab) -> None:
    there = connectivity(lab)
    register_providers(there, "Microsoft.Network")
    subscriptions.ensure_group_there(there)
    ensure_network(there)
    disable_subnet_policies(there)
    hub.ensure_peering(lab, there)


def come_home(lab: Lab) -> None:
    """Give the lab its own endpoint again, and take the other subscription's group away, with all in it."""
    ensure_endpoint(lab)
    ensure_records(lab)
    there = connectivity(lab)
    if find_group(there) is not None:
        hub.part(lab, there)
    subscriptions.delete_group_there(there)


def ask_without_the_provider(lab: Lab) -> None:
    """Let the endpoint be one of the other subscription's, which may not use registries."""
    there = connectivity(lab)
    _forget_registries(there)
    plant.remove_own_endpoint(lab)
    s = there.settings
    subnet = there.id_of(SUBNET, s.network_name, s.subnet_name)
    body = endpoint_body(there, subnet, s.connection_name, manual=True, registry=lab.registry_id)
    made = put_endpoint(there, s.resource_group, s.endpoint_name, body)
    zone = lab.id_of(ZONE, lab.settings.zone_name)
    require_own(lab, zone)
    for reference in made.network_interfaces or []:
        held = there.network.network_interfaces.get(*names_of(reference.id)).ip_configurations
        for one in held or []:
            whole = one.private_link_connection_properties.required_member_name == "registry"
            host = lab.login_server if whole else data_endpoint(lab.login_server, lab.settings.location)
            write_record(lab, zone, label_of(host), str(one.private_ip_address))


def _forget_registries(there: Lab) -> None:
    """Take the registry's provider away from the other subscription; on a real one, nothing is taken away.

    Raises: ConfigurationError: it is a real one, and registered.
    """
    id = there.subscription
    if subscriptions.registration(there, id) != "Registered":
        return
    if not is_the_learner_s(there, None):
        message = f"{id} may use registries already, and the lab takes that away from no one. Name another one."
        raise ConfigurationError("other_subscription", message)
    subscriptions.unregister_registries(there, id)


def register_and_approve(lab: Lab) -> None:
    there = connectivity(lab)
    subscriptions.register_registries(lab, there.subscription)
    approve(lab, connection_of(lab, there.id_of(ENDPOINT, there.settings.endpoint_name)), "Approved")


CONNECTIVITY = Stage(
    name="connectivity-subscription",
    build=(build_connectivity,),
    clear=(come_home,),
    chapter="14",
)

# -- routes ------------------------------------------------------------------------------------------------------------

TABLES = "Microsoft.Network/routeTables"
TABLE, ROUTE = "myFirewallRoutes", "through-the-firewall"


def route_to_a_firewall_that_is_gone(lab: Lab) -> None:
    """Let the subnet apply routes to its endpoints, and one of them lead to an address that nothing has."""
    s, table = lab.settings, lab.id_of(TABLES, TABLE)
    gone = str(ipaddress.ip_network(s.network_prefix)[-2])
    hop = {"addressPrefix": s.network_prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": gone}
    body = {
        "location": s.location,
        "tags": tags_of(lab),
        "properties": {"routes": [{"name": ROUTE, "properties": hop}]},
    }
    require_own(lab, table)
    put(lab, table, lab.network.route_tables, body, "Creating a route table")
    _change_subnet(lab, table, "RouteTableEnabled")


def remove_the_route(lab: Lab) -> None:
    remove_route(lab, lab.id_of(TABLES, TABLE), ROUTE)


def take_the_table_away(lab: Lab) -> None:
    """Leave the subnet without a route table and without policies for endpoints, as the lab makes it."""
    table = lab.id_of(TABLES, TABLE)
    with asking("Looking for the route table", table):
        there = find(lambda: lab.network.route_tables.get(*names_of(table)))
    if there is not None:
        require_own(lab, table)
        _change_subnet(lab, "", "Disabled")
        remove(lab, table, lab.network.route_tables, "Deleting the route table")


def _change_subnet(lab: Lab, table: str, policies: str) -> None:
    s = lab.settings
    id = lab.id_of(SUBNET, s.network_name, s.subnet_name)
    require_own(lab, id)
    with asking("Reading the subnet", id):
        subnet: Any = lab.network.subnets.get(*names_of(id))
    subnet.route_table = {"id": table} if table else None
    subnet.private_endpoint_network_policies = policies
    put(lab, id, lab.network.subnets, subnet, "Changing the subnet")


ROUTES = Stage(name="routes-to-endpoints", clear=(take_the_table_away,), chapter="11")

FAULTS = (
    Fault(
        name="approved-by-no-means",
        code="endpoint-provider-missing",
        symptom="The network team created our endpoint in their subscription. We approve it, and Azure says no: 403.",
        hints=(
            "Read the whole refusal. Which subscription is it about, yours or theirs?",
            "An approval changes the endpoint, too. What has to be true where that is?",
            "Read the registrationState of Microsoft.ContainerRegistry in both subscriptions.",
        ),
        plant=(ask_without_the_provider,),
        fix="Register Microsoft.ContainerRegistry in the endpoint's subscription, then approve.",
        solution=(register_and_approve,),
        story="The hub's subscription has networks and nothing else, so no one ever used a registry there.",
        stage=CONNECTIVITY,
    ),
    Fault(
        name="the-long-way-round",
        code="route-drops-https",
        symptom="The names are right, the connection is approved, no rule drops anything. Pulls hang all the same.",
        hints=(
            "The address is right. Do packets that are sent to it get there?",
            "An endpoint adds a route of its own. Can another one override it?",
            "Read the subnet's routeTable and its privateEndpointNetworkPolicies.",
        ),
        plant=(route_to_a_firewall_that_is_gone,),
        fix="Delete the route, or point it to something that forwards packets.",
        solution=(remove_the_route,),
        story="All traffic should go through a firewall, endpoints included. The firewall was removed, not the route.",
        stage=ROUTES,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "endpoint-provider-missing",
        "The endpoint's own subscription may not use registries, so its connection can't be approved.",
        "the registry would list the connection as Pending, and the other subscription Microsoft.ContainerRegistry as "
        "NotRegistered",
        "silence",
        (CONNECTIVITY.name,),
    ),
    Diagnosis(
        "route-drops-https",
        "A route sends traffic for the endpoint to an address that does not forward it.",
        "the subnet would have a route table and apply it to endpoints",
        "silence",
        (ROUTES.name,),
    ),
)
