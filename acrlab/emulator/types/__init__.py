"""Every emulated resource type. Adding one is adding a module and a line here."""

from acrlab.emulator.types import (
    all_resources,
    delegation_service,
    deployment_operations,
    deployment_questions,
    lock,
    provider_operations,
    record_set_list,
    registry,
    role_assignment,
    role_definition,
    run_command_catalogue,
    security_group,
    service_endpoint,
    service_tag,
    size_catalogue,
    storage_names,
    subscription,
    tag,
    tag_name,
    tenant,
    usage,
    vm_by_location,
    vm_extension_image,
    vm_image,
    vm_size,
)
from acrlab.emulator.types.acr_run import ACR_RUN
from acrlab.emulator.types.acr_task import ACR_TASK
from acrlab.emulator.types.agent_pool import AGENT_POOL
from acrlab.emulator.types.aks import command, pool
from acrlab.emulator.types.aks.cluster import MANAGED_CLUSTER
from acrlab.emulator.types.application_security_group import APPLICATION_SECURITY_GROUP
from acrlab.emulator.types.artifact_cache import CACHE_RULE, CREDENTIAL_SET
from acrlab.emulator.types.availability_set import AVAILABILITY_SET
from acrlab.emulator.types.deployment import DEPLOYMENT
from acrlab.emulator.types.disk import DISK
from acrlab.emulator.types.dns_forwarding_ruleset import DNS_FORWARDING_RULESET, FORWARDING_RULE, RULESET_LINK
from acrlab.emulator.types.dns_resolver import DNS_RESOLVER, INBOUND_ENDPOINT, OUTBOUND_ENDPOINT
from acrlab.emulator.types.lock import LOCK
from acrlab.emulator.types.nat_gateway import NAT_GATEWAY
from acrlab.emulator.types.network_interface import NETWORK_INTERFACE
from acrlab.emulator.types.none_here import IMAGE
from acrlab.emulator.types.peering import PEERING
from acrlab.emulator.types.private_dns_zone import PRIVATE_DNS_ZONE
from acrlab.emulator.types.private_dns_zone_group import PRIVATE_DNS_ZONE_GROUP
from acrlab.emulator.types.private_endpoint import PRIVATE_ENDPOINT
from acrlab.emulator.types.private_endpoint_connection import PRIVATE_ENDPOINT_CONNECTION
from acrlab.emulator.types.public_ip_address import PUBLIC_ADDRESS
from acrlab.emulator.types.record_set import RECORD_SETS
from acrlab.emulator.types.registry import REGISTRY
from acrlab.emulator.types.replication import REPLICATION
from acrlab.emulator.types.repository_token import REPOSITORY_TOKEN
from acrlab.emulator.types.resource_group import RESOURCE_GROUP
from acrlab.emulator.types.role_assignment import ROLE_ASSIGNMENT
from acrlab.emulator.types.role_definition import ROLE_DEFINITION
from acrlab.emulator.types.route_table import ROUTE, ROUTE_TABLE
from acrlab.emulator.types.run_command import RUN_COMMAND
from acrlab.emulator.types.scope_map import SCOPE_MAP
from acrlab.emulator.types.security_group import SECURITY_GROUP, SECURITY_RULE
from acrlab.emulator.types.shutdown_schedule import SHUTDOWN_SCHEDULE
from acrlab.emulator.types.storage_account import STORAGE_ACCOUNT
from acrlab.emulator.types.subnet import SUBNET
from acrlab.emulator.types.user_assigned_identity import USER_ASSIGNED_IDENTITY
from acrlab.emulator.types.virtual_machine import VIRTUAL_MACHINE
from acrlab.emulator.types.virtual_network import VIRTUAL_NETWORK
from acrlab.emulator.types.virtual_network_link import VIRTUAL_NETWORK_LINK
from acrlab.emulator.types.vm_extension import VM_EXTENSION
from acrlab.emulator.types.webhook import WEBHOOK

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
