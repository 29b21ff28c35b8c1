"""A place to stand: one network with a VM in it, a registry, and the pieces that lead from one to the other."""

from dataclasses import dataclass

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.azure import EmulatedAzure, planes_of
from acrlab.emulator.core.http import Request, Vantage
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import tokens
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.registry.service import RegistryService

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"


@dataclass
class Place:
    """Resources put straight into a world, with the bodies that Resource Manager would have stored."""

    azure: EmulatedAzure
    delivery: Delivery

    @property
    def world(self) -> World:
        return self.azure.world

    def id(self, type: str, *names: str) -> ArmId:
        return ArmId(str(ArmId.of_group(self.world.setting("subscription"), "g")), type, names)

    def put(self, type: str, *names: str, properties=None, state=None, **body) -> Resource:
        id = self.id(type, *names)
        with self.world.transaction():
            old = self.world.find(id)
            resource = old or self.world.new(id, {})
            resource.body |= {"properties": properties or {}, **body}
            resource.state |= state or {}
            return self.world.put(resource)

    # -- the article's resources ---------------------------------------------------------------------------------

    def network(self, name="net", prefix="10.0.0.0/16", servers=()):
        properties = {"addressSpace": {"addressPrefixes": [prefix]}, "dhcpOptions": {"dnsServers": list(servers)}}
        return self.put("Microsoft.Network/virtualNetworks", name, properties=properties, location="westus")

    def subnet(self, network="net", name="sub", prefix="10.0.0.0/24", **more):
        properties = {"addressPrefix": prefix, "privateEndpointNetworkPolicies": "Disabled", **more}
        return self.put("Microsoft.Network/virtualNetworks/subnets", network, name, properties=properties)

    def peer(self, local, remote, *, state="Connected", access=True, synced=None):
        """One half of a peering; without `synced` it knows the remote network's addresses as they are."""
        far = self.world.get(self.id("Microsoft.Network/virtualNetworks", remote))
        return self.put(
            "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
            local,
            f"to-{remote}",
            properties={"remoteVirtualNetwork": {"id": str(far.id)}, "allowVirtualNetworkAccess": access},
            state={"peering": state, "synced": synced or far.properties["addressSpace"]["addressPrefixes"]},
        )

    def spoke(self, name="spoke", prefix="10.1.0.0/16", vm="outside", public="203.0.113.78", servers=()):
        """A network with a VM, peered with `net`; its first address is the VM's."""
        first = prefix.split(".0.0/")[0]
        self.network(name, prefix, servers)
        self.subnet(name, prefix=f"{first}.0.0/24")
        self.vm(vm, f"{first}.0.4", network=name, public=public)
        self.peer("net", name)
        self.peer(name, "net")

    def forwarder(self, vm="vm", upstream=("168.63.129.16",), domains=None, *, resolv=False, to="all"):
        """Let a VM forward questions for names."""
        found = self.world.get(self.id("Microsoft.Compute/virtualMachines", vm))
        rules = {"upstream": list(upstream), "domains": domains or {}, "resolv": resolv, "to": to}
        with self.world.transaction():
            found.state["forwarder"] = rules
            self.world.put(found)

    def public_address(self, name="address", value="203.0.113.77"):
        return self.put("Microsoft.Network/publicIPAddresses", name, state={"ipAddress": value})

    def vm(self, name="vm", address="10.0.0.4", network="net", public="203.0.113.77", group=None, disk=None):
        configuration = {
            "privateIPAddress": address,
            "primary": True,
            "subnet": {"id": str(self.id("Microsoft.Network/virtualNetworks/subnets", network, "sub"))},
        }
        if public:
            configuration["publicIPAddress"] = {"id": str(self.public_address(f"{name}-address", public).id)}
        interface = self.put(
            "Microsoft.Network/networkInterfaces",
            f"{name}-interface",
            properties={
                "ipConfigurations": [{"name": "one", "properties": configuration}],
                **({"networkSecurityGroup": {"id": str(group.id)}} if group else {}),
            },
        )
        return self.put(
            "Microsoft.Compute/virtualMachines",
            name,
            properties={
                "networkProfile": {"networkInterfaces": [{"id": str(interface.id)}]},
                "osProfile": {"computerName": name, "adminUsername": "azureuser"},
            },
            state={"power": "running", "disk": disk or {}},
            identity={"type": "SystemAssigned"},
            location="westus",
        )

    def registry(self, name="contoso", **properties):
        known = {"dataEndpointEnabled": False, "adminUserEnabled": False, "publicNetworkAccess": "Enabled"}
        rules = {"networkRuleSet": {"defaultAction": "Allow", "ipRules": []}}
        return self.put(
            "Microsoft.ContainerRegistry/registries",
            name,
            properties={**known, **rules, **properties},
            state={"creationDate": "2026-01-05T09:00:00.0000000Z"},
            location="westus",
            sku={"name": "Premium"},
        )

    def import_hello(self, registry, tag="hello-world:v1"):
        source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
        with self.world.transaction():
            import_image(self.world, registry, source, [tag], "Force")

    def endpoint(self, registry="contoso", name="pe", status="Approved", addresses=("10.0.0.5", "10.0.0.6")):
        """`addresses`: of the data endpoint, and of the login server."""
        subnet = str(self.id("Microsoft.Network/virtualNetworks/subnets", "net", "sub"))
        hosts = {"data": f"{registry}.westus.data.azurecr.io", "login": f"{registry}.azurecr.io"}
        id = self.id("Microsoft.Network/privateEndpoints", name)
        interface = self.put(
            "Microsoft.Network/networkInterfaces",
            f"{name}.nic",
            properties={
                "ipConfigurations": [
                    {"name": key, "properties": {"privateIPAddress": address, "subnet": {"id": subnet}}}
                    for key, address in zip(hosts, addresses, strict=True)
                ]
            },
            state={"endpoint": str(id), "members": {key: {"fqdns": [host]} for key, host in hosts.items()}},
        )
        connection = self.put(
            "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
            registry,
            f"{registry}.1",
            state={"endpoint": str(id), "link": {"status": status}},
        )
        state = {"interface": str(interface.id), "connection": str(connection.id)}
        return self.put("Microsoft.Network/privateEndpoints", name, properties={"subnet": {"id": subnet}}, state=state)

    def zone(self, name="privatelink.azurecr.io", network="net", **link):
        self.put("Microsoft.Network/privateDnsZones", name, location="global")
        self.link(name, network, **link)

    def link(self, zone="privatelink.azurecr.io", network="net", name="link", registration=False, policy="Default"):
        target = {"id": str(self.id("Microsoft.Network/virtualNetworks", network))}
        properties = {"virtualNetwork": target, "registrationEnabled": registration, "resolutionPolicy": policy}
        return self.put("Microsoft.Network/privateDnsZones/virtualNetworkLinks", zone, name, properties=properties)

    def record(self, name, *addresses, zone="privatelink.azurecr.io", ttl=3600):
        properties = {"ttl": ttl, "aRecords": [{"ipv4Address": a} for a in addresses]}
        return self.put("Microsoft.Network/privateDnsZones/A", zone, name, properties=properties)

    def alias(self, name, target, zone="privatelink.azurecr.io"):
        properties = {"ttl": 60, "cnameRecord": {"cname": target}}
        return self.put("Microsoft.Network/privateDnsZones/CNAME", zone, name, properties=properties)

    def security_group(self, *rules, name="group"):
        """Each rule: name, priority, direction, access, destination, port."""
        group = self.put("Microsoft.Network/networkSecurityGroups", name)
        for rule, priority, direction, access, destination, port in rules:
            properties = {
                "protocol": "*",
                "priority": priority,
                "direction": direction,
                "access": access,
                "sourceAddressPrefix": "*",
                "destinationAddressPrefix": destination,
                "destinationPortRange": port,
            }
            self.put("Microsoft.Network/networkSecurityGroups/securityRules", name, rule, properties=properties)
        return group

    def assign(self, role, vm, registry):
        definition = f"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{role}"
        principal = self.world.guid(vm, "principal")
        name = self.world.derive("assignment", role, principal)
        id = ArmId(str(registry.id), "Microsoft.Authorization/roleAssignments", (name,))
        with self.world.transaction():
            body = {"properties": {"roleDefinitionId": definition, "principalId": principal}}
            self.world.put(self.world.new(id, body))

    def linked(self):
        """The article's end: endpoint approved, zone linked, both records there."""
        self.endpoint()
        self.zone()
        self.record("contoso", "10.0.0.6")
        self.record("contoso.westus.data", "10.0.0.5")

    # -- asking ----------------------------------------------------------------------------------------------------

    def stand(self, vm="vm") -> Vantage:
        return vantage_of(self.world, self.world.get(self.id("Microsoft.Compute/virtualMachines", vm)))

    def ask(self, host, path="/v2/", *, vantage=None, plain=False, query=None, **headers):
        origin = f"{'http' if plain else 'https'}://{host}"
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        request = Request("GET", host, path, query or {}, sent, origin=origin, vantage=vantage or self.stand())
        return self.delivery.deliver(request)

    def learner_token(self):
        return tokens.issue(self.world, tokens.learner(self.world), "https://management.azure.com")


@pytest.fixture
def place():
    azure = EmulatedAzure()
    delivery = Delivery(azure.world, planes_of(azure.world, azure.manager, RegistryService(azure.world)))
    place = Place(azure, delivery)
    place.network()
    place.subnet()
    place.vm()
    yield place
    azure.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests of a module."""
    from tests.emulator.over_https import serving  # what it needs is not everywhere

    with serving(tmp_path_factory.mktemp("lab")) as served:
        yield served


@pytest.fixture
def served(server):
    """That server with nothing in its world, which has come to the present."""
    server.world.reset()
    server.http.get("/images/aliases.json")
    return server
