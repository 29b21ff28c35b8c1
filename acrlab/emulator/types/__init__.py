"""Every emulated resource type. Adding one is adding a module and a line here."""

from acrlab.emulator.types import registry, subscription
from acrlab.emulator.types.registry import REGISTRY
from acrlab.emulator.types.resource_group import RESOURCE_GROUP
from acrlab.emulator.types.subnet import SUBNET
from acrlab.emulator.types.virtual_network import VIRTUAL_NETWORK

ALL = (
    RESOURCE_GROUP,
    VIRTUAL_NETWORK,
    SUBNET,
    REGISTRY,
)
ROUTES = (*subscription.ROUTES, *registry.ROUTES)
