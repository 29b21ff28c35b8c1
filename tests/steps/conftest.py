"""Things put into the lab's Azure in few requests, and requests that are refused."""

import json

import pytest

from acrlab.emulator.core.http import Request

OURS = {"acrlab": "contoso42"}
GROUP = "myResourceGroup"
NETWORK, ZONE = "Microsoft.Network/virtualNetworks", "Microsoft.Network/privateDnsZones"


class Azure:
    """Makes things by the requests that any client sends."""

    def __init__(self, lab):
        self.lab, self.manager, self.world = lab, lab.backend.azure.manager, lab.backend.azure.world

    def put(self, id, version="2024-05-01", **body):
        request = Request(
            "PUT", "management.azure.com", id, {"api-version": version}, {}, json.dumps(body).encode()
        )  # fmt: skip
        answer = self.manager.handle(request)
        assert answer.status in (200, 201, 202), answer.body
        self.world.advance_to(self.world.now + 60)  # by then it is done
        return id

    def group(self, name=GROUP, tags=OURS):
        return self.put(self.lab.group_id(name), location="westus", tags=tags)

    def zone(self, name="contoso.internal", tags=OURS, group=GROUP):
        return self.put(self.lab.id_of(ZONE, name, group=group), "2024-06-01", location="global", tags=tags)

    def network(self, name="net", tags=OURS, group=GROUP):
        properties = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        id = self.lab.id_of(NETWORK, name, group=group)
        return self.put(id, location="westus", tags=tags, properties=properties)

    def link(self, zone, network, name="link", tags=OURS):
        properties = {"virtualNetwork": {"id": network}, "registrationEnabled": False}
        id = f"{zone}/virtualNetworkLinks/{name}"
        return self.put(id, "2024-06-01", location="global", tags=tags, properties=properties)

    def record(self, zone, name, metadata):
        properties = {"ttl": 60, "metadata": metadata, "aRecords": [{"ipv4Address": "10.0.0.9"}]}
        return self.put(f"{zone}/A/{name}", "2024-06-01", properties=properties)

    def lock(self, scope, name="keep"):
        id = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
        return self.put(id, "2020-05-01", properties={"level": "CanNotDelete"})


@pytest.fixture
def azure(lab):
    return Azure(lab)
