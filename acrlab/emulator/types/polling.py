"""How each provider lets clients follow its long-running operations, as recorded from the real service.

Never `Retry-After: 0` (clients wait 30 s then) and never a fraction (one client crashes on it).
"""

from __future__ import annotations

from dataclasses import replace

from acrlab.emulator.core.lro import Polling
from acrlab.emulator.core.resource import DELETING, UPDATING

_NETWORK = "/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}"
_COMPUTE = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/operations/{operation}"
_DNS = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network"
_REGISTRY = "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/locations/{LOCATION}"

NETWORK = Polling(status_url=f"{_NETWORK}/operations/{{operation}}", phase=UPDATING, rewrites=True)
NETWORK_DELETE = replace(NETWORK, result_url=f"{_NETWORK}/operationResults/{{operation}}", phase=DELETING)
NETWORK_ACTION = Polling(
    status_url=f"{_NETWORK}/operations/{{operation}}", result_url=f"{_NETWORK}/operationResults/{{operation}}"
)

PRIVATE_DNS = Polling(
    status_url=f"{_DNS}/privateDnsOperationStatuses/{{operation}}",
    result_url=f"{_DNS}/privateDnsOperationResults/{{operation}}",
    running=202,
    retry_after=3,
    status=202,
    empty_body=True,
    encoded=True,
    repeats=True,
)
ZONE_PUT = replace(PRIVATE_DNS, name="FrontEndAsyncOperation;UpsertPrivateDnsZone;{guid}_{subscription}")
ZONE_DELETE = replace(PRIVATE_DNS, name="FrontEndAsyncOperation;DeletePrivateDnsZone;{guid}_{subscription}")
LINK_PUT = replace(PRIVATE_DNS, name="FrontEndAsyncOperation;UpsertVirtualNetworkLink;{guid}_{subscription}")
LINK_DELETE = replace(PRIVATE_DNS, name="FrontEndAsyncOperation;DeleteVirtualNetworkLink;{guid}_{subscription}")

_RESOLVER = f"{_DNS}/locations/{{location}}/dnsResolver"


def dns_resolver(thing: str) -> dict[str, Polling]:
    """How DNS Private Resolver lets clients follow what is done to a thing of its kind, such as `InboundEndpoint`."""
    upsert = Polling(
        status_url=f"{_RESOLVER}OperationStatuses/{{operation}}",
        result_url=f"{_RESOLVER}OperationResults/{{operation}}",
        retry_after=None,
        status=202,
        empty_body=True,
        name=f'{{{{"OperationType":"Upsert{thing}","OperationId":"{{guid}}"}}}}',
        encoded=True,
        poll_body="whole",
    )
    delete = replace(upsert, name=upsert.name.replace("Upsert", "Delete"))
    return {"PUT": upsert, "PATCH": upsert, "DELETE": delete}


REGISTRY_PUT = Polling(
    status=201,
    status_url="{id}/operationStatuses/{operation}",
    word="Creating",
    name="registries-{guid}",
    since="2021-06-01-preview",
    until="2026-01-01",
    repeats=True,
    repeats_last=True,
)
REGISTRY_DELETE = Polling(
    result_url=f"{_REGISTRY.replace('{LOCATION}', '{location}')}/operationResults/{{operation}}",
    name="delete-{name}-{guid}",
    since="2026-01-01",
    shows_deleting=True,
)
REGISTRY_ACTION = Polling(
    result_url=f"{_REGISTRY}/operationResults/{{operation}}", name="registries-{guid}", word="Accepted"
)
REPLICATION_PUT = Polling(
    status_url="{id}/operationStatuses/{operation}",
    word="Creating",
    status=201,
    name="replications-{guid}",
    repeats=True,
    repeats_last=True,
)
REPLICATION_PATCH = replace(REPLICATION_PUT, word="Updating")
REPLICATION_DELETE = Polling(result_url=f"{_REGISTRY}/operationResults/{{operation}}", name="replications-{guid}")
# A scope map that is put is there at once; its changes are operations of the service that tokens are.
TOKEN_PUT = replace(REPLICATION_PUT, name="token-{guid}")
TOKEN_PATCH = replace(TOKEN_PUT, word="Updating")
TOKEN_DELETE = Polling(result_url=f"{_REGISTRY}/operationResults/{{operation}}", name="token-{guid}")
CACHE_PUT = replace(REPLICATION_PUT, name="cacherules-{guid}")
CACHE_DELETE = Polling(result_url=f"{_REGISTRY}/operationResults/{{operation}}", name="cacherules-{guid}")
CREDENTIALS_PUT = replace(REPLICATION_PUT, name="credentialsets-{guid}")
CREDENTIALS_DELETE = Polling(result_url=f"{_REGISTRY}/operationResults/{{operation}}", name="credentialsets-{guid}")
# Agent pools are of the service that runs tasks. Source: recordings of Azure/azure-powershell (ContainerRegistry)
POOL_PUT = Polling(status_url="{id}/operationStatuses/{operation}", word="Creating", status=201, quiet=True)
POOL_PATCH = replace(POOL_PUT, word="Updating")
POOL_DELETE = Polling(
    result_url="{parent}/agentPoolsOperationResults/{operation}/status", shows_deleting=True, done_status=204
)
CONNECTION_PUT = Polling(
    status_url="{id}/operationStatuses/{operation}",
    running=201,
    word="Updating",
    status=201,
    phase=UPDATING,
    name="privateendpointconnections-{guid}",
    poll_body="named",
    repeats=True,
)
CONNECTION_DELETE = Polling(
    result_url=f"{_REGISTRY}/operationResults/{{operation}}", name="privateendpointconnections-{guid}"
)

COMPUTE = Polling(status_url=f"{_COMPUTE}?p={{operation}}", poll_body="timed", offset=True)
COMPUTE_ACTION = replace(COMPUTE, result_url=f"{_COMPUTE}?p={{operation}}&monitor=true")
_DISK = _COMPUTE.replace("/operations/", "/DiskOperations/")
DISK_PUT = Polling(
    status_url=f"{_DISK}?p={{operation}}",
    result_url=f"{_DISK}?p={{operation}}&monitor=true",
    poll_body="timed",
    offset=True,
    tells_result=True,
    retry_after=2,
    status=202,
    phase=UPDATING,
    echoes=("location", "tags", "sku", "properties"),
)
DISK_DELETE = replace(DISK_PUT, phase=DELETING, retry_after=None)

_CONTAINERS = "/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}"
CLUSTER = Polling(status_url=f"{_CONTAINERS}/operations/{{operation}}", poll_body="timed", api_version="2016-03-30")
CLUSTER_DELETE = replace(CLUSTER, result_url=f"{_CONTAINERS}/operationresults/{{operation}}", phase=DELETING)

DEPLOYMENT_PUT = Polling(
    status_url="{id}/operationStatuses/{operation}", word="Running", phase="Accepted", retry_after=5, name="{number}"
)
DEPLOYMENT_DELETE = Polling(result_url="/subscriptions/{subscription}/operationresults/{operation}", done_status=204)
WHAT_IF = Polling(
    result_url="/subscriptions/{subscription}/operationresults/{operation}",
    retry_after=None,
    name='{{"jobId":"DeploymentWhatIfJob-{group}-{name}-{guid}"}}',
    encoded=True,
)

GROUP_DELETE = Polling(
    result_url="/subscriptions/{subscription}/operationresults/{operation}",
    retry_after=15,
    name='{{"jobId":"RESOURCEGROUPDELETIONJOB-{group}-{guid}"}}',
    encoded=True,
)

STORAGE_PUT = Polling(
    result_url="/subscriptions/{subscription}/providers/Microsoft.Storage/locations/{location}/asyncoperations/"
    "{operation}?monitor=true",
    status=202,
    no_body=True,
    phase="ResolvingDNS",
    retry_after=17,
)
# An export is done within the fifteen seconds to the second poll; before this api-version it was answered at once.
GROUP_EXPORT = replace(GROUP_DELETE, name='{{"jobId":"ExportTemplateJob-{group}-{guid}"}}', since="2019-08-01")
