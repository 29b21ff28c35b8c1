"""Every emulated resource type. Adding one is adding a module and a line here."""

from acrlab.emulator.types import usage
from acrlab.emulator.types.aks import command, pool
from acrlab.emulator.types.aks.cluster import MANAGED_CLUSTER
from acrlab.emulator.types.authorization import lock, provider_operations, role_assignment, role_definition
from acrlab.emulator.types.authorization.lock import LOCK
from acrlab.emulator.types.authorization.role_assignment import ROLE_ASSIGNMENT
from acrlab.emulator.types.authorization.role_definition import ROLE_DEFINITION
from acrlab.emulator.types.compute import (
    run_command_catalogue,
    size_catalogue,
    vm_by_location,
    vm_extension_image,
    vm_image,
    vm_size,
)
from acrlab.emulator.types.compute.availability_set import AVAILABILITY_SET
from acrlab.emulator.types.compute.disk import DISK
from acrlab.emulator.types.compute.run_command import RUN_COMMAND
from acrlab.emulator.types.compute.shutdown_schedule import SHUTDOWN_SCHEDULE
from acrlab.emulator.types.compute.virtual_machine import VIRTUAL_MACHINE
from acrlab.emulator.types.compute.vm_extension import VM_EXTENSION
from acrlab.emulator.types.container_registry import registry
from acrlab.emulator.types.container_registry.acr_run import ACR_RUN
from acrlab.emulator.types.container_registry.acr_task import ACR_TASK
from acrlab.emulator.types.container_registry.agent_pool import AGENT_POOL
from acrlab.emulator.types.container_registry.artifact_cache import CACHE_RULE, CREDENTIAL_SET
from acrlab.emulator.types.container_registry.registry import REGISTRY
from acrlab.emulator.types.container_registry.replication import REPLICATION
from acrlab.emulator.types.container_registry.repository_token import REPOSITORY_TOKEN
from acrlab.emulator.types.container_registry.scope_map import SCOPE_MAP
from acrlab.emulator.types.container_registry.webhook import WEBHOOK
from acrlab.emulator.types.dns import record_set_list
from acrlab.emulator.types.dns.dns_forwarding_ruleset import DNS_FORWARDING_RULESET, FORWARDING_RULE, RULESET_LINK
from acrlab.emulator.types.dns.dns_resolver import DNS_RESOLVER, INBOUND_ENDPOINT, OUTBOUND_ENDPOINT
from acrlab.emulator.types.dns.private_dns_zone import PRIVATE_DNS_ZONE
from acrlab.emulator.types.dns.record_set import RECORD_SETS
from acrlab.emulator.types.dns.virtual_network_link import VIRTUAL_NETWORK_LINK
from acrlab.emulator.types.network import delegation_service, security_group, service_endpoint, service_tag
from acrlab.emulator.types.network.application_security_group import APPLICATION_SECURITY_GROUP
from acrlab.emulator.types.network.nat_gateway import NAT_GATEWAY
from acrlab.emulator.types.network.network_interface import NETWORK_INTERFACE
from acrlab.emulator.types.network.peering import PEERING
from acrlab.emulator.types.network.public_ip_address import PUBLIC_ADDRESS
from acrlab.emulator.types.network.route_table import ROUTE, ROUTE_TABLE
from acrlab.emulator.types.network.security_group import SECURITY_GROUP, SECURITY_RULE
from acrlab.emulator.types.network.subnet import SUBNET
from acrlab.emulator.types.network.virtual_network import VIRTUAL_NETWORK
from acrlab.emulator.types.none_here import IMAGE
from acrlab.emulator.types.private_link.private_dns_zone_group import PRIVATE_DNS_ZONE_GROUP
from acrlab.emulator.types.private_link.private_endpoint import PRIVATE_ENDPOINT
from acrlab.emulator.types.private_link.private_endpoint_connection import PRIVATE_ENDPOINT_CONNECTION
from acrlab.emulator.types.resources import (
    all_resources,
    deployment_operations,
    deployment_questions,
    subscription,
    tag,
    tag_name,
    tenant,
)
from acrlab.emulator.types.resources.deployment import DEPLOYMENT
from acrlab.emulator.types.resources.resource_group import RESOURCE_GROUP
from acrlab.emulator.types.storage import storage_names
from acrlab.emulator.types.storage.storage_account import STORAGE_ACCOUNT
from acrlab.emulator.types.user_assigned_identity import USER_ASSIGNED_IDENTITY

ALL = (
    RESOURCE_GROUP,
    DEPLOYMENT,
    REGISTRY,
    PRIVATE_ENDPOINT_CONNECTION,
    REPLICATION,
    WEBHOOK,
    CACHE_RULE,
    CREDENTIAL_SET,
    AGENT_POOL,
    ACR_TASK,
    ACR_RUN,
    SCOPE_MAP,
    REPOSITORY_TOKEN,
    VIRTUAL_NETWORK,
    SUBNET,
    PEERING,
    SECURITY_GROUP,
    SECURITY_RULE,
    APPLICATION_SECURITY_GROUP,
    ROUTE_TABLE,
    ROUTE,
    PUBLIC_ADDRESS,
    NAT_GATEWAY,
    NETWORK_INTERFACE,
    PRIVATE_ENDPOINT,
    PRIVATE_DNS_ZONE_GROUP,
    PRIVATE_DNS_ZONE,
    *RECORD_SETS,
    VIRTUAL_NETWORK_LINK,
    DNS_RESOLVER,
    INBOUND_ENDPOINT,
    OUTBOUND_ENDPOINT,
    DNS_FORWARDING_RULESET,
    FORWARDING_RULE,
    RULESET_LINK,
    VIRTUAL_MACHINE,
    RUN_COMMAND,
    VM_EXTENSION,
    DISK,
    IMAGE,
    AVAILABILITY_SET,
    SHUTDOWN_SCHEDULE,
    USER_ASSIGNED_IDENTITY,
    MANAGED_CLUSTER,
    pool.AGENT_POOL,
    ROLE_DEFINITION,
    ROLE_ASSIGNMENT,
    LOCK,
    STORAGE_ACCOUNT,
)
ROUTES = (
    *tenant.ROUTES,
    *subscription.ROUTES,
    *tag.ROUTES,
    *tag_name.ROUTES,
    *all_resources.ROUTES,
    *deployment_operations.ROUTES,
    *deployment_questions.ROUTES,
    *registry.ROUTES,
    *record_set_list.ROUTES,
    *vm_image.ROUTES,
    *vm_extension_image.ROUTES,
    *vm_size.ROUTES,
    *size_catalogue.ROUTES,
    *run_command_catalogue.ROUTES,
    *vm_by_location.ROUTES,
    *command.ROUTES,
    *usage.ROUTES,
    *role_assignment.ROUTES,
    *lock.ROUTES,
    *role_definition.ROUTES,
    *provider_operations.ROUTES,
    *service_tag.ROUTES,
    *storage_names.ROUTES,
    *delegation_service.ROUTES,
    *service_endpoint.ROUTES,
    *security_group.ROUTES,
)
