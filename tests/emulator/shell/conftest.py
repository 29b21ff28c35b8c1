"""A VM to run scripts on."""

from dataclasses import dataclass

import pytest

from acrlab.emulator.shell import ScriptOutcome, run_script

INSTALLED = {"docker.io": "26.1.3", "azure-cli": "2.91.0"}


@dataclass
class Terminal:
    """Runs scripts on the VM `vm`, read again each time, as run-command does."""

    place: object

    def run(self, script: str, vm: str = "vm") -> ScriptOutcome:
        world = self.place.world
        resource = world.get(self.place.id("Microsoft.Compute/virtualMachines", vm))
        return run_script(self.place.delivery, resource, script)

    def out(self, script: str) -> str:
        """What a script that has to succeed writes."""
        outcome = self.run(script)
        assert outcome.exit_code == 0, outcome
        return outcome.stdout


@pytest.fixture
def terminal(place):
    return Terminal(place)


@pytest.fixture
def tools(place, terminal):
    """The same VM with docker and the Azure CLI on it."""
    place.vm(disk={"packages": dict(INSTALLED)})
    return terminal
