"""More that people do on the VM: push, run, resolve, sign in, and see a change take effect at once."""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from acrlab.lab.lab import Lab
from tests.real_clients.containers.conftest import GROUP, OUTSIDE, STRANGER, VM, Way
from tests.real_clients.containers.states import allow

LOGIN = 'echo "$PASSWORD" | {0} login --username "$USER_NAME" --password-stdin "$SERVER"'
SKOPEO_PUSH = """\
set -e
skopeo copy --src-creds "$USER_NAME:$PASSWORD" "docker://$SERVER/hello-world:v1" dir:copied
skopeo copy --dest-creds "$USER_NAME:$PASSWORD" dir:copied "docker://$SERVER/copied:v2"
skopeo list-tags --creds "$USER_NAME:$PASSWORD" "docker://$SERVER/copied"
"""
ENGINE = f"""\
set -e
{LOGIN}
{{0}} pull "$SERVER/hello-world:v1" >&2
{{0}} tag "$SERVER/hello-world:v1" "$SERVER/{{0}}:own"
{{0}} push "$SERVER/{{0}}:own" >&2
{{0}} run --rm --network host "$SERVER/{{0}}:own"
"""


def require(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def require_packets(way: Way) -> None:
    if not way.real:
        pytest.skip("a proxy carries connections only, and an engine makes its own from where it stands")


def test_skopeo_pushes_what_it_pulled(way: Way) -> None:
    require("skopeo")
    pushed = way.run(VM, "sh", "-c", SKOPEO_PUSH)

    assert pushed.returncode == 0, pushed.stderr
    assert '"v2"' in pushed.stdout


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_an_engine_signs_in_pulls_pushes_and_runs(way: Way, engine: str) -> None:
    require(engine)
    require_packets(way)
    ran = way.run(VM, "sh", "-c", ENGINE.format(engine))

    assert "Login Succeeded" in ran.stdout, ran.stderr
    assert "Hello from Docker!" in ran.stdout, ran.stderr


def test_the_articles_first_image_comes_from_docker_hub(way: Way) -> None:
    """`docker run hello-world`, by which the article shows that docker works."""
    require("podman")
    require_packets(way)
    ran = way.run(VM, "docker", "run", "--rm", "--network", "host", "hello-world")

    assert "Hello from Docker!" in ran.stdout, ran.stderr


def test_each_resolver_tells_its_own_address(way: Way) -> None:
    require("dig")
    require_packets(way)
    told = {
        where: way.run(where, "dig", "+short", *words, "myregistry.azurecr.io").stdout.split()
        for where, words in ((VM, ()), (VM, ("+tcp",)), (STRANGER, ()), (OUTSIDE, ()))
    }

    assert told[VM] == ["myregistry.privatelink.azurecr.io.", "10.0.0.6"]
    for where in (STRANGER, OUTSIDE):
        assert told[where][0] == "myregistry.privatelink.azurecr.io."
        assert told[where][-1].startswith("192.0.2.")


def test_the_vm_knows_its_own_address_and_its_resolver(way: Way) -> None:
    require_packets(way)
    seen = way.run(VM, "sh", "-c", "hostname -I; cat /etc/resolv.conf").stdout

    assert "10.0.0.4" in seen.split()
    assert "nameserver 168.63.129.16" in seen


def test_the_caller_is_told_by_its_own_address(way: Way, lab: Lab) -> None:
    public = {a.name: a.ip_address for a in lab.network.public_ip_addresses.list(GROUP)}
    (stranger,) = [address for name, address in public.items() if "stranger" in name]
    for where, address in ((OUTSIDE, "198.51.100.20"), (STRANGER, stranger)):
        said = way.run(where, "curl", "-s", "https://myregistry.azurecr.io/v2/").stdout

        assert f"client with IP '{address}' is not allowed access" in said


KEPT = """
import http.client, pathlib, time
line = http.client.HTTPSConnection("myregistry.azurecr.io", timeout=3)
for wanted in (401, 403):
    while True:
        line.request("GET", "/v2/")
        answer = line.getresponse()
        answer.read()
        if answer.status == wanted:
            break
        time.sleep(0.05)
    port = line.sock.getsockname()[1]
    print(answer.status, port, flush=True)
    pathlib.Path("asked").touch()
"""


def test_a_change_takes_effect_on_a_connection_that_is_open(way: Way, lab: Lab) -> None:
    """One connection of one client; when it has its first answer, somebody closes the registry."""
    require_packets(way)
    allow(lambda lab: ["198.51.100.20"])(lab)
    with ThreadPoolExecutor(1) as threads:
        client = threads.submit(way.run, OUTSIDE, sys.executable, "-c", KEPT)
        while not (way.folder / "asked").exists() and not client.done():
            time.sleep(0.05)
        allow(lambda lab: [])(lab)
        first, second = client.result().stdout.splitlines()

    assert (first.split()[0], second.split()[0]) == ("401", "403")
    assert first.split()[1] == second.split()[1], "it had to connect again"
