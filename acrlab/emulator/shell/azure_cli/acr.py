"""`az acr login`: an Entra ID token becomes a registry's refresh token, and that becomes docker's credential.

Source: acr/_docker_utils.py and acr/_errors.py of the real CLI, whose order of steps and whose texts these are.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from acrlab.azure.cloud import MANAGEMENT, REGISTRY_AUDIENCE, REGISTRY_SUFFIX, login_server
from acrlab.emulator.core.http import JSON, Response, Unreachable
from acrlab.emulator.shell.azure_cli.account import NOT_SIGNED_IN, AzProblem, Profile
from acrlab.emulator.shell.commands.options import Options
from acrlab.emulator.shell.docker.cli import docker, sign_in
from acrlab.emulator.shell.docker.client import NO_USER, DockerProblem
from acrlab.emulator.shell.process import Process
from acrlab.emulator.shell.streams import Sink, Streams

FORBIDDEN = (
    "Looks like you don't have access to registry '{server}'. To see configured firewall rules, run 'az acr show "
    "--query networkRuleSet --name {name}'. To see if public network access is enabled, run 'az acr show --query "
    "publicNetworkAccess'.Please refer to https://aka.ms/acr/errors#connectivity_forbidden_error for more information."
)
UNREACHABLE = (
    "Could not connect to the registry login server '{server}'. Please verify that the registry exists and the URL "
    "'{url}' is reachable from your environment.\nTry running 'az acr check-health -n {name} --yes' to diagnose this "
    "issue."
)
NO_TOKEN = (
    "An error occurred: CONNECTIVITY_REFRESH_TOKEN_ERROR\nAccess to registry '{server}' was denied. Response code: "
    "{status}. Please try running 'az login' again to refresh permissions."
)
TOO_MANY = (
    "An error occurred: CONNECTIVITY_TOOMANYREQUESTS_ERROR\nToo many requests, access to registry '{server}' was "
    "denied. Please wait a moment before trying again."
)
UNAUTHENTICATED = (
    "Unable to authenticate using AAD or admin login credentials. Please specify both username and password in "
    "non-interactive mode."
)
BAD_NAME = "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters"
OTHER_SUFFIX = "The login server suffix is not valid for the current cloud. Please try again using '.{suffix}'."
NO_DOCKER = "An error occurred: DOCKER_COMMAND_ERROR\nPlease verify if Docker client is installed and running."
TIP = (
    "WARNING: You may want to use 'az acr login -n {name} --expose-token' to get a refresh token, which does not "
    "require Docker to be installed."
)
NO_REGION = (
    "Regional endpoint for '{region}' not found. Aborting login. Run 'az acr show-endpoints -n {name}' to list "
    "available regional endpoints."
)
REGIONAL = "2026-09-01-preview"  # the api-version that the CLI asks for registries with regional endpoints
EXPOSED = (
    "WARNING: Note: The token in both the accessToken and refreshToken fields is an ACR Refresh Token, not an ACR "
    "Access Token. This ACR Refresh Token cannot be used directly to authenticate with registry APIs such as "
    "pushing/pulling images and listing repositories/tags. This ACR Refresh Token must be subsequently exchanged for "
    "an ACR Access.Please see https://aka.ms/acr/auth/oauth\n"
    "WARNING: You can perform manual login using the provided refresh token below, for example: 'docker login "
    "loginServer -u 00000000-0000-0000-0000-000000000000 -p refreshToken'"
)


def log_in(process: Process, given: Options) -> JSON | None:
    name = given.value("-n", "--name")
    if not name:
        raise AzProblem("the following arguments are required: --name/-n", 2)
    name = _plain_name(process, name)
    exposed, region = given.has("--expose-token", "-t"), given.value("--endpoint")
    if exposed and region:
        raise AzProblem("`--expose-token` cannot be combined with `--endpoint`.")
    if not exposed:
        _require_docker(process, name)
    server, unknown = server_named(process, name, given.value("--suffix"))
    _require_access(process, name, server, unknown)
    user, password = given.value("-u", "--username"), given.value("-p", "--password")
    if user and not password:
        raise AzProblem("Please specify both username and password in non-interactive mode.")
    if not user:
        user, password = NO_USER, _refresh_token(process, server, unknown)
    if exposed:
        process.warn(EXPOSED)
        return {"accessToken": password, "loginServer": server, "refreshToken": password, "username": NO_USER}
    if region:
        server = _regional_server(process, name, region)
    try:
        sign_in(process, server, f"{user}:{password}")
    except DockerProblem as problem:
        raise AzProblem(f"Error response from daemon: {problem}\nLogin failed.") from problem
    process.print("Login Succeeded")
    return None


def _dated(process: Process, text: str) -> str:
    return f"{process.vm.now():%Y-%m-%d %H:%M:%S.%f} {text}"


def _require_docker(process: Process, name: str) -> None:
    """`docker ps` has to work."""
    out = Sink()
    quiet = Streams(process.streams.stdin, out, out)
    program = process.shell.find_program("docker")
    if program is None or docker(Process("docker", ["ps"], quiet, process.shell)):
        process.warn(TIP.format(name=name))
        raise AzProblem(_dated(process, NO_DOCKER))


def _plain_name(process: Process, name: str) -> str:
    """Leave away what makes a login server out of a registry's name: the cloud's suffix, and the hash of its label."""
    label, dot, suffix = name.partition(".")
    plain, hyphen, _ = label.partition("-")
    if suffix and suffix.lower() != REGISTRY_SUFFIX:
        raise AzProblem(OTHER_SUFFIX.format(suffix=REGISTRY_SUFFIX))
    if hyphen and not dot:
        raise AzProblem(BAD_NAME)
    if dot:
        rest = name[len(plain) :]
        process.warn(f"WARNING: Registry name is '{plain}'. The following suffix '{rest}' is automatically omitted.")
    return plain


def server_named(process: Process, name: str, suffix: str | None) -> tuple[str, str]:
    """Look the registry up at Resource Manager. An identity that may only pull sees nothing there, and can sign in.

    Args:
        suffix: the hash of its label, for an identity that may not read the registry.

    Returns: its login server; and the reason where Resource Manager shows nothing, and the name's own server is used.
    """
    profile, default = Profile(process), login_server(f"{name}-{suffix}" if suffix else name)
    if profile.account is None:
        return default, NOT_SIGNED_IN
    found = next((one for one in registries(process) if one["name"].lower() == name.lower()), None)
    if found is None:
        return default, not_found(profile, name)
    server = str(found["properties"]["loginServer"])
    if suffix:
        told = f"Obtained registry login server '{server}' from service. The specified suffix '{suffix}' is ignored."
        process.warn(f"WARNING: {told}")
    return server, ""


def _regional_server(process: Process, name: str, region: str) -> str:
    """Look up the login server of one region. Raises: AzProblem: the identity sees no such registry or region."""
    found = next((one for one in registries(process, REGIONAL) if one["name"].lower() == name.lower()), None)
    if found is None:
        raise AzProblem(not_found(Profile(process), name))
    label = found["properties"]["loginServer"].partition(".")[0]
    hosts = found["properties"].get("regionalEndpointHostNames") or []
    server = next((str(h) for h in hosts if h.lower().startswith(f"{label}.{region}.geo.".lower())), "")
    if not server:
        raise AzProblem(NO_REGION.format(region=region, name=name))
    process.warn(f"WARNING: Logging in to regional endpoint: {server}")
    return server


def registries(process: Process, version: str = "2023-07-01") -> list[JSON]:
    """List the registries that the identity may read; none where Resource Manager can't be reached."""
    profile = Profile(process)
    if profile.account is None:
        raise AzProblem(NOT_SIGNED_IN)
    path = f"/subscriptions/{profile.account['id']}/providers/Microsoft.ContainerRegistry/registries"
    headers = {"Authorization": f"Bearer {profile.token(f'{MANAGEMENT}/')}"}
    try:
        answer = process.vm.fetch("GET", f"{MANAGEMENT}{path}?api-version={version}", headers)
    except Unreachable:
        return []
    return json.loads(answer.raw).get("value", []) if answer.status == 200 else []


def not_found(profile: Profile, name: str) -> str:
    """Say that the identity sees no registry of this name."""
    account = profile.account or {"name": "", "id": ""}
    what = f"The resource with name '{name}' and type 'Microsoft.ContainerRegistry/registries'"
    return f"{what} could not be found in subscription '{account['name']} ({account['id']})'."


def _require_access(process: Process, name: str, server: str, unknown: str) -> None:
    url = f"https://{server}/v2/"
    try:
        status = process.vm.fetch("GET", url).status
    except Unreachable as problem:
        if unknown:
            process.warn(f"WARNING: {unknown}\nUsing '{server}' as the default registry login server.")
        raise AzProblem(UNREACHABLE.format(server=server, url=url, name=name)) from problem
    if status == 403:
        raise AzProblem(FORBIDDEN.format(server=server, name=name))


def _refresh_token(process: Process, server: str, unknown: str) -> str:
    """Raises: AzProblem: the registry doesn't take the identity."""
    profile = Profile(process)
    problem = NOT_SIGNED_IN
    if profile.account is not None:
        answer = exchange(process, server)
        if answer.status == 200:
            return str(json.loads(answer.raw)["refresh_token"])
        if answer.status == 429:
            raise AzProblem(_dated(process, TOO_MANY.format(server=server)))
        problem = _dated(process, NO_TOKEN.format(server=server, status=answer.status))
    process.warn(f"WARNING: Unable to get AAD authorization tokens with message: {problem}")
    reason = unknown or "Admin user is disabled."
    process.warn(f"WARNING: Unable to get admin user credentials with message: {reason}")
    raise AzProblem(UNAUTHENTICATED)


def exchange(process: Process, server: str) -> Response:
    """Exchange the identity's token for a refresh token of the registry. Raises: AzProblem: it can't be reached."""
    form = {
        "grant_type": "access_token",
        "service": server,
        "tenant": process.vm.tenant,
        "access_token": Profile(process).token(REGISTRY_AUDIENCE),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        return process.vm.fetch("POST", f"https://{server}/oauth2/exchange", headers, urlencode(form).encode())
    except Unreachable as problem:
        raise AzProblem(f"Could not connect to '{server}': {problem.reason}") from problem
