"""Real packets: curl inside a VM's network namespace, against a world that changes meanwhile."""

import shutil
import subprocess
import sys
import time

import psutil
import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.fabric.fabric import Fabric, FabricError
from acrlab.emulator.server.server import Server, running
from tests.emulator.conftest import Place

URL = "https://contoso.azurecr.io/v2/"
NOT_RESOLVED = 6  # curl's exit codes
FOLLOWED_S = 20
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
ENDPOINT, FRONT, SILENT = "10.0.0.6:443", "192.0.2.64:443", "TimeoutError"


@pytest.fixture
def place(tmp_path):
    """A VM in a network, and a registry with an endpoint, laid out in namespaces."""
    if not (shutil.which("ip") and shutil.which("curl")):
        pytest.skip("ip (iproute2) or curl is not installed")
    azure = EmulatedAzure(tmp_path / "world.db")
    place = Place(azure, azure.delivery)
    place.network()
    place.subnet()
    place.vm()
    place.registry()
    place.endpoint()
    server = Server(azure, folder=tmp_path / "tls", namespaces=tmp_path / "vms")
    with running(server) as connection:
        if not connection.vms:
            pytest.skip(f"no network namespaces here: {connection.vms_problem}")
        place.connection = connection
        yield place
    azure.close()


def curl(place, vm, *words):
    entry = [sys.executable, "-m", "acrlab.emulator.fabric.entry", place.connection.vms, vm, "--"]
    found = ["curl", "-s", "-m", "5", "-w", "%{http_code} %{remote_ip}", "-o", "/dev/null", *(words or (URL,))]
    return subprocess.run([*entry, *found], capture_output=True, text=True)


def run(place, vm, script, *words):
    """Run a Python script where a VM stands."""
    entry = [sys.executable, "-m", "acrlab.emulator.fabric.entry", place.connection.vms, vm, "--"]
    return subprocess.Popen([*entry, sys.executable, "-c", script, *words], **PIPES)


KNOCK = """
import asyncio, sys
async def knock(target):
    try:
        await asyncio.wait_for(asyncio.open_connection(*target.split(":")), 1.5)
        return "open"
    except OSError as problem:
        return type(problem).__name__
async def main():
    print(*await asyncio.gather(*map(knock, sys.argv[1:])))
asyncio.run(main())
"""


def knock(place, vm, *targets):
    """Return what connections to addresses and ports meet: `open`, or the name of an error."""
    return run(place, vm, KNOCK, *targets).communicate()[0].split()


def linked(place):
    place.zone()
    place.record("contoso", "10.0.0.6")


def until(check):
    """Wait for namespaces to follow the world."""
    end = time.monotonic() + FOLLOWED_S
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_a_linked_vm_reaches_the_private_address(place):
    linked(place)

    assert curl(place, "vm").stdout == "401 10.0.0.6"


def test_somebody_outside_reaches_the_public_one(place):
    linked(place)

    assert curl(place, "outside").stdout == "401 192.0.2.64"


def test_a_missing_record_is_curls_own_no_such_host(place):
    place.zone()

    assert curl(place, "vm").returncode == NOT_RESOLVED


def test_a_new_vm_can_be_entered_at_once(place):
    linked(place)
    place.vm("later", "10.0.0.9", public="")

    assert until(lambda: curl(place, "later").stdout == "401 10.0.0.6")


def test_metadata_and_packages_answer_inside(place):
    token = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault"
    archive = "http://azure.archive.ubuntu.com/ubuntu/dists/jammy/InRelease"

    assert curl(place, "vm", token).stdout.startswith("400 169.254.169.254")
    assert curl(place, "vm", archive).stdout.startswith("200 ")


def no_https(place):
    """A security group that lets nothing out to port 443, on the VM's subnet."""
    group = place.security_group(("no-https", 100, "Outbound", "Deny", "*", "443"))
    place.subnet(networkSecurityGroup={"id": str(group.id)})


def test_what_a_rule_drops_gets_no_answer_and_the_rest_does(place):
    archive = "192.0.2.18:80"
    assert knock(place, "vm", ENDPOINT, FRONT) == ["open", "open"]

    no_https(place)

    assert until(lambda: knock(place, "vm", ENDPOINT, FRONT, archive) == [SILENT, SILENT, "open"])
    assert knock(place, "outside", FRONT) == ["open"]

    place.subnet()

    assert until(lambda: knock(place, "vm", ENDPOINT) == ["open"])


def test_an_endpoint_that_is_rejected_gets_no_packet(place):
    place.endpoint(status="Rejected")

    assert until(lambda: knock(place, "vm", ENDPOINT, FRONT) == [SILENT, "open"])


def test_a_vm_without_a_way_out_gets_no_answer_from_the_internet(place):
    place.vm("hidden", "10.0.0.9", public="")

    assert until(lambda: knock(place, "hidden", ENDPOINT, FRONT) == ["open", SILENT])


def test_what_is_not_served_is_silent_as_on_azure(place):
    """Other ports, the gateway, and addresses that nothing has: in the subnet, in the network, in the world."""
    inside = ("10.0.0.6:22", "192.0.2.64:8443", "10.0.0.1:443", "10.0.0.99:443", "10.7.0.4:443", "8.8.8.8:53")
    outside = ("192.0.2.64:22", "8.8.8.8:443", ENDPOINT)

    assert set(knock(place, "vm", *inside) + knock(place, "outside", *outside)) == {SILENT}


def test_a_vm_refuses_what_it_does_not_listen_on(place):
    place.vm("second", "10.0.0.9")

    assert until(lambda: knock(place, "vm", "10.0.0.9:5000") == ["ConnectionRefusedError"])


def test_vms_of_one_network_reach_each_other(place):
    place.vm("second", "10.0.0.9")
    listen = (
        "import socket; there = socket.create_server(('0.0.0.0', 5000)); print('ready', flush=True)\n"
        "for _ in range(2): there.accept()[0].sendall(b'here')"
    )
    assert until(lambda: knock(place, "second", ENDPOINT) == ["open"])
    with run(place, "second", listen) as server:
        assert server.stdout.readline() == "ready\n"

        assert knock(place, "vm", "10.0.0.9:5000") == ["open"]
        assert knock(place, "second", "10.0.0.9:5000") == ["open"]


def test_a_connection_that_is_open_outlives_the_rule_that_would_drop_it(place):
    """Security groups hold for new connections. Source: learn, network security groups overview."""
    linked(place)
    script = (
        "import http.client, sys; there = http.client.HTTPSConnection('contoso.azurecr.io')\n"
        "for _ in sys.stdin:\n"
        "    there.request('GET', '/v2/'); answer = there.getresponse(); answer.read()\n"
        "    print(answer.status, there.sock.getsockname()[1], flush=True)"
    )

    def ask():
        client.stdin.write("again\n")
        client.stdin.flush()
        return client.stdout.readline().split()

    with run(place, "vm", script) as client:
        before = ask()
        no_https(place)
        assert until(lambda: ask() and knock(place, "vm", ENDPOINT) == [SILENT])

        assert ask() == before
        assert before[0] == "401"
        client.stdin.close()


def test_namespaces_that_cannot_be_made_leave_no_process_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # without `ip`

    with pytest.raises(FabricError):
        Fabric(tmp_path, tmp_path / "ca.pem")

    assert [p for p in psutil.Process().children() if "acrlab.emulator.fabric.holder" in p.cmdline()] == []


def test_the_holder_dies_with_the_server(tmp_path):
    """Killed without a chance to clean up: the kernel takes namespaces, bridges and addresses away with the holder."""
    script = (
        "import sys, time; from pathlib import Path; from acrlab.emulator.fabric.fabric import Fabric, FabricError\n"
        "try: fabric = Fabric(Path(sys.argv[1]), Path('ca.pem'))\n"
        "except (FabricError, FileNotFoundError) as problem: sys.exit(f'no namespaces: {problem}')\n"
        "print(fabric.holder, flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        if not line:
            pytest.skip(process.communicate()[1].strip())
        process.kill()
    holder = psutil.Process(int(line)) if psutil.pid_exists(int(line)) else None

    assert until(lambda: holder is None or not holder.is_running())
