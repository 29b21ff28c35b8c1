"""`az acr check-health`: what it looks at, in its order, and its words.

Source: acr/check_health.py and acr/_errors.py of the real CLI, 2.91.0. It resolves names and compares addresses, and
sends nothing to a data endpoint; that is why it does not see what stops a layer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.emulator.core.http import JSON, Unreachable
from acrlab.emulator.shell.azure_cli import acr
from acrlab.emulator.shell.azure_cli.account import AzProblem, Profile
from acrlab.emulator.shell.commands.options import Options
from acrlab.emulator.shell.docker.cli import BUILD, VERSION, docker
from acrlab.emulator.shell.process import Process
from acrlab.emulator.shell.streams import Sink, Streams

IMAGE = "mcr.microsoft.com/mcr/hello-world:latest"
NETWORK_VERSION, REGISTRY_VERSION = "2023-11-01", "2023-07-01"
ERRORS = {
    "DOCKER_COMMAND_ERROR": "Please verify if Docker client is installed and running.",
    "DOCKER_PULL_ERROR": "An error occurred while pulling a sample image. Please validate your network connection and "
    "verify if Docker daemon is running properly.\nFailed to run command 'docker pull " + IMAGE + "'. {}",
    "HELM_COMMAND_ERROR": "Please verify if Helm is installed.",
    "CONNECTIVITY_DNS_ERROR": "Failed to reach DNS for registry '{}'. Please check if the spelling is correct, if the "
    "CLI environment is on correct cloud and your network connectivity.",
    "CONNECTIVITY_SSL_ERROR": "Unable to establish a secure connection to the registry '{}'. Are you using a proxy "
    "server?",
    "CONNECTIVITY_CHALLENGE_ERROR": "Registry '{}' did not issue a challenge.",
    "CONNECTIVITY_FORBIDDEN_ERROR": "Looks like you don't have access to registry '{}'. To see configured firewall "
    "rules, run 'az acr show --query networkRuleSet --name {}'. Details: https://learn.microsoft.com/azure/"
    "container-registry/container-registry-health-error-reference#connectivity_forbidden_error",
    "CONNECTIVITY_REFRESH_TOKEN_ERROR": "Access to registry '{}' was denied. Response code: {}. Please try running 'az "
    "login' again to refresh permissions.",
    "CONNECTIVITY_ACCESS_TOKEN_ERROR": "Access to registry '{}' was denied. Response code: {}. Please try running 'az "
    "login' again to refresh permissions.",
}
DEEP_LINK = "\n\nPlease refer to https://aka.ms/acr/errors#{} for more information."
NO_TERMINAL = "not emulated: az acr check-health without --yes; there is no terminal to answer its question in"


@dataclass(frozen=True)
class _Health:
    """One run of it."""

    process: Process
    going_on: bool

    def say(self, text: str) -> None:
        self.process.warn(f"WARNING: {text}")

    def passed(self, text: str) -> None:
        self.say(f"{text} : OK")

    def failed(self, title: str, *values: object) -> None:
        """Note an error and go on, or end with it. Raises: AzProblem."""
        text = (
            f"{self.process.vm.now():%Y-%m-%d %H:%M:%S.%f} An error occurred: {title}\n{ERRORS[title].format(*values)}"
        )
        if not self.going_on:
            raise AzProblem(text + DEEP_LINK.format(title.lower()))
        self.process.warn(f"ERROR: {text}")


def check(process: Process, given: Options) -> None:
    """Look at docker, at the registry's name, challenge and tokens, and with --vnet at the endpoint's names."""
    health, name = _Health(process, given.has("--ignore-errors")), given.value("-n", "--name")
    if not given.has("--yes", "-y"):
        raise AzProblem(NO_TERMINAL)
    _docker(health)
    health.say("Azure CLI version: 2.91.0")
    if name:
        _registry(health, name)
    else:
        health.say("Registry name must be provided to check connectivity.")
    if network := given.value("--vnet"):
        if not name:
            raise AzProblem("Registry name must be provided to verify DNS routings of its private endpoints")
        _names(health, name, network)
    health.failed("HELM_COMMAND_ERROR")  # no VM of the lab has it
    health.say("\nPlease refer to https://aka.ms/acr/health-check for more information.")


def _docker(health: _Health) -> None:
    if health.process.shell.find_program("docker") is None or _run(health.process, "ps")[0]:
        health.failed("DOCKER_COMMAND_ERROR")
        return
    health.say("Docker daemon status: available")
    health.say(f"Docker version: {VERSION}, build {BUILD[:7]}, platform linux/amd64")
    code, said = _run(health.process, "pull", IMAGE)
    if code:
        health.failed("DOCKER_PULL_ERROR", said.rstrip())
    else:
        health.passed(f"Docker pull of '{IMAGE}'")


def _run(process: Process, *words: str) -> tuple[int, str]:
    out, errors = Sink(), Sink()
    code = docker(Process("docker", [*words], Streams(process.streams.stdin, out, errors), process.shell))
    return code, errors.text


def _registry(health: _Health, name: str) -> None:
    """Its name, its challenge, and the two tokens."""
    vm, (server, _) = health.process.vm, acr.server_named(health.process, name, None)
    try:
        address = vm.find_address(server)
    except Unreachable:
        health.failed("CONNECTIVITY_DNS_ERROR", server)
        return
    health.passed(f"DNS lookup to {server} at IP {address}")
    url = f"https://{server}/v2/"
    try:
        status = vm.fetch("GET", url).status
    except Unreachable as problem:
        title = "CONNECTIVITY_SSL_ERROR" if "certificate" in problem.reason else "CONNECTIVITY_CHALLENGE_ERROR"
        health.failed(title, server)
        return
    if status == 403:
        health.failed("CONNECTIVITY_FORBIDDEN_ERROR", server, name)
        return
    health.passed(f"Challenge endpoint {url}")
    refresh = acr.exchange(health.process, server)
    if refresh.status != 200:
        health.failed("CONNECTIVITY_REFRESH_TOKEN_ERROR", server, refresh.status)
        return
    health.passed(f"Fetch refresh token for registry '{server}'")
    form = {"grant_type": "refresh_token", "service": server, "scope": "registry:catalog:*"}
    form |= {"refresh_token": json.loads(refresh.raw)["refresh_token"]}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    access = vm.fetch("POST", f"https://{server}/oauth2/token", headers, urlencode(form).encode())
    if access.status != 200:
        health.failed("CONNECTIVITY_ACCESS_TOKEN_ERROR", server, access.status)
        return
    health.passed(f"Fetch access token for registry '{server}'")


def _names(health: _Health, name: str, network: str) -> None:
    """Compare what each name leads to with the address on the endpoint's interface; nothing is sent there."""
    expected = _expected(health, name, network)
    well = True
    for host, address in expected.items():
        try:
            found = health.process.vm.find_address(host)
        except Unreachable as problem:
            known = problem.reason == "no such host"
            said = (
                "[Errno -2] Name or service not known" if known else "[Errno -3] Temporary failure in name resolution"
            )
            health.say(f"Error resolving DNS for {host}. Ex: {said}")
            well = False
            continue
        if found != address:
            health.say(
                f'DNS routing to registry "{name}" through private IP is incorrect. Expect: {address}, Actual: {found}'
            )
            well = False
    if not well:
        raise AzProblem("DNS routing verification failed")
    health.passed("DNS routing to private endpoint")


def _expected(health: _Health, name: str, network: str) -> dict[str, str]:
    """Name -> address, as the interfaces of the registry's endpoints in this network hold them."""
    profile = Profile(health.process)
    registry = next((one for one in acr.registries(health.process) if one["name"].lower() == name.lower()), None)
    if registry is None:
        raise AzProblem(acr.not_found(profile, name))
    connections = registry["properties"].get("privateEndpointConnections") or []
    if not connections:
        raise AzProblem(f'Registry "{name}" doesn\'t have private endpoints to verify DNS routings.')
    if not network.startswith("/"):
        group = ArmId.parse(registry["id"]).scope
        network = f"{group}/providers/Microsoft.Network/virtualNetworks/{network}"
    expected: dict[str, str] = {}
    for connection in connections:
        endpoint = _get(health.process, connection["properties"]["privateEndpoint"]["id"])
        if not endpoint["properties"]["subnet"]["id"].lower().startswith(network.lower()):
            continue
        interface = _get(health.process, endpoint["properties"]["networkInterfaces"][0]["id"])
        for one in interface["properties"]["ipConfigurations"]:
            host = one["properties"]["privateLinkConnectionProperties"]["fqdns"][0]
            if host in expected:
                several = f'Registry "{name}" has more than one private endpoint in the vnet of "{network}".'
                raise AzProblem(f"{several} DNS routing will be unreliable")
            expected[host] = one["properties"]["privateIPAddress"]
    if not expected:
        absent = f'Registry "{name}" doesn\'t have private endpoints in the vnet of "{network}".'
        raise AzProblem(f"{absent} Please make sure you provided correct vnet")
    return expected


def _get(process: Process, id: str) -> JSON:
    """Read a resource of the network. Raises: AzProblem: the identity may not, or it is not there."""
    headers = {"Authorization": f"Bearer {Profile(process).token(f'{MANAGEMENT}/')}"}
    answer = process.vm.fetch("GET", f"{MANAGEMENT}{id}?api-version={NETWORK_VERSION}", headers)
    body: JSON = json.loads(answer.raw)
    if answer.status != 200:
        raise AzProblem(f"({body['error']['code']}) {body['error']['message']}")
    return body
