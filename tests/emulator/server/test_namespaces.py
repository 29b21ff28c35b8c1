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
FOLLOWED_S = 5


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
