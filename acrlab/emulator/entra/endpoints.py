"""Entra ID's endpoints: what a client reads before it signs in, and which path leads to which way of signing in.

A client starts with instance discovery and the OpenID configuration, and follows only addresses that these name. They
are built from the origin that the client asked, so that it stays with the emulator: a literal
`login.microsoftonline.com` would send its secrets to the real one.

Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

import re
from collections.abc import Callable

from acrlab.azure.cloud import LOGIN_HOST
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import NotEmulated, Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import device_codes
from acrlab.emulator.entra.grants import COMMON, token
from acrlab.emulator.entra.sign_in import SignInError
from acrlab.emulator.types.resources.tenant import DOMAIN


def answer(world: World, request: Request) -> Response:
    """Answer a request to the login server."""
    for method, pattern, perform in _PATHS:
        found = re.fullmatch(pattern, request.path.rstrip("/"), re.IGNORECASE)
        if found and method == request.method:
            # Refusals are OAuth's (`error`, `error_description`), not ARM's: MSAL reads the numbers in them.
            try:
                return perform(world, request, _tenant(world, found.groupdict().get("tenant", "common")))
            except SignInError as refusal:
                return refusal.response(world, request)
    supported = "openid-configuration, oauth2/v2.0/token, oauth2/token, oauth2/v2.0/devicecode"
    return NotEmulated(f"{request.method} {request.path} of {LOGIN_HOST}", supported=supported).response()


def is_for(path: str) -> bool:
    """Tell whether a path is the login server's, where it shares a host with Resource Manager."""
    return any(re.fullmatch(pattern, path.rstrip("/"), re.IGNORECASE) for _, pattern, _ in _PATHS)


def without_codes(world: World, request: Request) -> Response | None:
    """Return the refusal of a sign-in by device code; None: the request is about something else."""
    # A code asks for no secret, so it is for callers on this computer only.
    try:
        if request.method == "POST" and is_for(request.path) and device_codes.is_by_device(request):
            raise device_codes.no_device()
    except SignInError as refusal:
        return refusal.response(world, request)
    return None


def _tenant(world: World, asked: str) -> str:
    """The tenant that a path names. Raises: SignInError: it is not this world's."""
    own = (world.setting("tenant"), *subscriptions.tenants(world)[1:])
    found = next((tenant for tenant in (*own, *COMMON) if tenant.lower() == asked.lower()), "")
    if not found:
        text = f"Tenant '{asked}' not found. Check to make sure you have the correct tenant ID."
        raise SignInError(400, "invalid_request", 90002, text)
    return found


def _configuration(world: World, request: Request, tenant: str) -> Response:
    root = f"{request.origin}/{tenant}"
    version = "/v2.0" if "/v2.0/" in request.path.lower() else ""
    return Response(
        200,
        {
            "authorization_endpoint": f"{root}/oauth2{version}/authorize",
            "token_endpoint": f"{root}/oauth2{version}/token",
            "device_authorization_endpoint": f"{root}/oauth2{version}/devicecode",
            "issuer": f"{request.origin}/{world.setting('tenant') if tenant in COMMON else tenant}{version}",
            "jwks_uri": f"{root}/discovery{version}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            # No public keys: only the emulated Azure has to verify its tokens (see the deviations of `grants`).
            "id_token_signing_alg_values_supported": ["HS256"],
            "tenant_region_scope": "NA",
            "cloud_instance_name": "acrlab",
        },
    )


def _discovery(world: World, request: Request, tenant: str) -> Response:
    """Which hosts are one and the same authority: this one is only itself."""
    # MSAL asks about the authority that it was configured with; an answer with other aliases would send it there.
    asked = request.query.get("authorization_endpoint", request.origin)
    host = asked.removeprefix("https://").partition("/")[0]
    return Response(
        200,
        {
            "tenant_discovery_endpoint": f"https://{host}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        },
    )


def _page(world: World, request: Request, tenant: str) -> Response:
    """Say instead of the page for device codes how one is approved."""
    text = f"Nothing is entered here. Approve the code in a terminal of this computer: {device_codes.COMMAND} CODE\n"
    return Response(200, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _realm(world: World, request: Request, tenant: str) -> Response:
    return Response(200, {"ver": "1.0", "account_type": "Managed", "domain_name": DOMAIN})


_PATHS: tuple[tuple[str, str, Callable[[World, Request, str], Response]], ...] = (
    ("GET", r"/common/discovery/instance", _discovery),
    ("GET", r"/(?P<tenant>[^/]+)(/v2\.0)?/\.well-known/openid-configuration", _configuration),
    ("GET", r"/common/userrealm/[^/]+", _realm),
    ("GET", r"/devicelogin", _page),
    ("POST", r"/(?P<tenant>[^/]+)/oauth2(/v2\.0)?/token", token),
    ("POST", r"/(?P<tenant>[^/]+)/oauth2(/v2\.0)?/devicecode", device_codes.give_out),
)
