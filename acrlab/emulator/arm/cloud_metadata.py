"""What tools read about a cloud that they don't know: its endpoints and suffixes, and its short names of images.

Source: https://learn.microsoft.com/cli/azure/cloud and `az cloud register --endpoint-resource-manager`
"""

from __future__ import annotations

from acrlab.azure.cloud import MANAGEMENT, REGISTRY_SUFFIX
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.types import api_versions

NAME = "acrlab"
ENDPOINTS, ALIASES = "/metadata/endpoints", "/images/aliases.json"
# Source: `az cloud register` of early 2025 (2015-01-01, an object) and of today (2022-09-01), az's list of all clouds
# (2019-05-01), and the documentation of Azure Stack (1.0).
_LIST_SINCE, _ONE_CLOUD_SINCE, _AZURE_STACK = "2018-05-01", "2022-09-01", "1.0"

# Short name -> publisher, offer, sku. UbuntuLTS is the article's; today's Azure has retired it.
IMAGES = {
    "UbuntuLTS": ("Canonical", "UbuntuServer", "18.04-LTS"),
    "Ubuntu2204": ("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"),
    "Ubuntu2404": ("Canonical", "ubuntu-24_04-lts", "server"),
    "Debian11": ("Debian", "debian-11", "11-gen2"),
    "Debian12": ("Debian", "debian-12", "12-gen2"),
}


def answer(world: World, request: Request) -> Response | None:
    """Answer a question about the cloud itself; None: it is about something else. It needs no token.

    Raises: ArmError: the endpoints are asked for at no api-version that there is.
    """
    path = request.path.rstrip("/").lower()
    if path == ENDPOINTS:
        return Response(200, _endpoints(world, request))
    return Response(200, aliases()) if path == ALIASES else None


def _endpoints(world: World, request: Request) -> JSON | list[JSON]:
    """One cloud's endpoints under their oldest names; then a list of clouds; then one cloud again."""
    version = request.api_version
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", message, gateway=True)
    if version != _AZURE_STACK and not api_versions.FORM.fullmatch(version):
        message = f"The api-version '{version}' is invalid. The supported versions are '{_ONE_CLOUD_SINCE}'."
        raise ArmError(400, "InvalidApiVersionParameter", message, gateway=True)
    cloud = _cloud(world, request.origin)
    if version == _AZURE_STACK or version < _LIST_SINCE:
        return {
            "galleryEndpoint": cloud["gallery"],
            "graphEndpoint": cloud["graph"],
            "portalEndpoint": cloud["portal"],
            "authentication": {name: cloud["authentication"][name] for name in ("loginEndpoint", "audiences")},
        }
    return cloud if version >= _ONE_CLOUD_SINCE else [cloud]


def _cloud(world: World, origin: str) -> JSON:
    return {
        "name": NAME,
        "portal": "https://portal.azure.com",
        "resourceManager": origin,
        "authentication": {
            "loginEndpoint": origin,
            "audiences": [MANAGEMENT, f"{MANAGEMENT}/"],
            "tenant": world.setting("tenant"),
            "identityProvider": "AAD",
        },
        "graph": "https://graph.windows.net/",
        "graphAudience": "https://graph.windows.net/",
        "microsoftGraphResourceId": "https://graph.microsoft.com/",
        "gallery": f"{origin}/gallery",
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "vmImageAliasDoc": f"{origin}{ALIASES}",
        "suffixes": {
            "acrLoginServer": REGISTRY_SUFFIX,
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
        },
    }


def aliases() -> JSON:
    """Return image aliases in the form of the quickstart templates' list, which `az vm create --image` reads."""
    images = {
        alias: {"publisher": publisher, "offer": offer, "sku": sku, "version": "latest", "architecture": "x64"}
        for alias, (publisher, offer, sku) in IMAGES.items()
    }
    return {"outputs": {"aliases": {"type": "object", "value": {"Linux": images, "Windows": {}}}}}


DEVIATIONS = (
    Deviation(
        of="Server",
        what="The cloud's description names the endpoints that the lab has.",
        impact="Others, such as Key Vault's, name Azure's own and are not answered.",
        reason="Tools refuse a description without them.",
        workaround="None.",
    ),
)
