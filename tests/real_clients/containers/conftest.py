"""The article's lab behind a closed registry, served; with a second network that no zone is linked to.

Commands are run where a caller stands, in both ways that there are: through a proxy, and with real packets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import acrlab
from acrlab.lab.lab import Lab
from tests.real_clients.conftest import ACRLAB, served

LONGEST_S = 60
PATIENCE_S = "4"  # who would wait for minutes is stopped
CLIENTS = Path(__file__).with_name("clients")
NAMES = ("curl", "skopeo", "podman", "docker", "azure_containerregistry", "oras")
GROUP, REGISTRY = "myResourceGroup", "myregistry"
VM, STRANGER, OUTSIDE = "myDockerVM", "strangerVM", "outside"
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Way:
    """How commands reach the served Azure.

    Attributes:
        real: in network namespaces; else through a proxy.
        folder: where commands run.
        variables: what they find in their environment.
        principal: further variables for who is no VM, and signs in as the service principal.
    """

    real: bool
    folder: Path
    variables: Mapping[str, str]
    principal: Mapping[str, str]

    def run(self, vm: str, *words: str) -> Done:
        """Run a command where a VM stands, or outside."""
        if self.real:
            before = [ACRLAB, "vm", "exec", vm, "--"]
        else:
            tell = "emulator env" if vm == OUTSIDE else f"shell-env {vm}"
            before = ["sh", "-c", f'eval "$({ACRLAB} {tell})"; exec "$@"', "sh"]
        settings = {**os.environ, **self.variables, **(self.principal if vm == OUTSIDE else {})}
        told = {"capture_output": True, "text": True, "timeout": LONGEST_S}
        return subprocess.run([*before, *words], cwd=self.folder, env=settings, **told)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The article's end: everything is there, and the public way is closed."""
    world = tmp_path_factory.mktemp("lab") / "world.db"
    os.environ["ACRLAB_WORLD"] = str(world)
    lab = acrlab.connect(registry_name=REGISTRY)
    acrlab.bring_to(lab, "records", "sample-image", "pull-right", "public-access-denied")
    other = {"network_prefix": "10.9.0.0/16", "subnet_prefix": "10.9.0.0/24"}
    stranger = acrlab.connect(registry_name=REGISTRY, vm_name=STRANGER, network_name="strangerVNET", **other)
    acrlab.bring_to(stranger, "pull-right", "subnet-policies")
    stranger.close()
    lab.registry.registries.begin_update(GROUP, REGISTRY, {"properties": {"adminUserEnabled": True}}).result()
    yield lab
    lab.close()
    del os.environ["ACRLAB_WORLD"]


@pytest.fixture(scope="module")
def connection(lab: Lab) -> Iterator[dict[str, Any]]:
    with served(Path(os.environ["ACRLAB_WORLD"])) as connection:
        yield connection


@pytest.fixture(scope="module", params=["through the proxy", "with real packets"])
def way(
    request: pytest.FixtureRequest, lab: Lab, connection: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Way:
    """Both ways; skipped where this computer has no network namespaces."""
    real = request.param == "with real packets"
    if real and not connection["vms"]:
        pytest.skip(f"no network namespaces here: {connection['vms_problem']}")
    folder = tmp_path_factory.mktemp("here")
    (folder / "auth.json").write_text("{}")
    credentials = lab.registry.registries.list_credentials(GROUP, REGISTRY)
    variables = {
        "SERVER": f"{REGISTRY}.azurecr.io",
        "USER_NAME": credentials.username,
        "PASSWORD": credentials.passwords[0].value,
        "REGISTRY_AUTH_FILE": str(folder / "auth.json"),
    }
    principal = {f"AZURE_{name.upper()}": connection[name] for name in ("client_id", "client_secret")}
    return Way(real, folder, variables, {**principal, "AZURE_TENANT_ID": connection["tenant"]})


@pytest.fixture(params=NAMES)
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pull(client: str, way: Way, vm: str) -> Done:
    """Let a client pull the sample image as a whole. Skips where it is not installed, or cannot go that way."""
    script = next(CLIENTS.glob(f"pull_with_{client}.*"))
    if client == "docker" and not way.real:
        pytest.skip("a docker daemon connects from this computer, no matter who asks it: it goes through no VM's proxy")
    if client == "podman" and not way.real:
        _require_podman_here()
    if script.suffix == ".py":
        program = os.environ.get("ACRLAB_CLIENTS") or pytest.skip("ACRLAB_CLIENTS names no Python: `make test-clients`")
    else:
        program = "sh" if shutil.which(client) else pytest.skip(f"{client} is not installed")
    return way.run(vm, "timeout", PATIENCE_S, program, str(script))


@cache
def _podman_here() -> Done:
    return subprocess.run(["podman", "info"], capture_output=True, text=True)


def _require_podman_here() -> None:
    """Outside of VMs podman needs what it always needs, such as newuidmap for who is not root."""
    if shutil.which("podman") and _podman_here().returncode:
        pytest.skip(f"podman does not work here: {_podman_here().stderr.strip().splitlines()[-1]}")
