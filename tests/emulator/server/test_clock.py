"""How fast a served world's clock runs, seen from an operation that takes its time."""

import threading

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request
from acrlab.emulator.server.clock import Pace, pace_of
from acrlab.errors import ConfigurationError

SPACE = b'{"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}'


@pytest.fixture
def azure():
    azure = EmulatedAzure()
    yield azure
    azure.close()


class Clock:
    """The computer's clock, moved by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(Pace.__init__, "__kwdefaults__", {**Pace.__init__.__kwdefaults__, "clock": clock})
    return clock


def ask(azure, method, path, body=b""):
    root = f"/subscriptions/{azure.world.setting('subscription')}/resourceGroups/g"
    query = {"api-version": "2021-04-01" if not path else "2023-04-01"}
    return azure.manager.handle(Request(method, "management.azure.com", root + path, query, body=body))


def begin(azure):
    """Start to make a network, which takes some seconds; gives how many."""
    ask(azure, "PUT", "", b'{"location": "westus"}')
    assert ask(azure, "PUT", "/providers/Microsoft.Network/virtualNetworks/v", SPACE).status == 201
    world = azure.world
    return float(world.db.rows("SELECT max(due) FROM operation")[0][0]) - world.now


def state(azure):
    body = ask(azure, "GET", "/providers/Microsoft.Network/virtualNetworks/v").body
    return body["properties"]["provisioningState"]


def test_instantly_everything_has_ended_when_it_is_looked_at(azure, clock):
    pace = pace_of(azure.world, "instant")
    begin(azure)
    assert state(azure) == "Updating"

    pace.tick()

    assert state(azure) == "Succeeded"


@pytest.mark.parametrize(("speed", "rate"), [("real", 1), ("60", 60), ("0.5", 0.5)])
def test_an_operation_takes_its_time(azure, clock, speed, rate):
    pace = pace_of(azure.world, speed)
    seconds = begin(azure)

    clock.now += (seconds - 0.5) / rate
    pace.tick()
    assert state(azure) == "Updating"
    clock.now += 1 / rate
    pace.tick()
    assert state(azure) == "Succeeded"


@pytest.mark.parametrize(("speed", "passed"), [("instant", 100), ("real", 100), ("60", 6000)])
def test_the_worlds_clock_goes_on(azure, clock, speed, passed):
    pace = pace_of(azure.world, speed)
    before = azure.world.now

    clock.now += 100
    pace.tick()

    assert azure.world.now == pytest.approx(before + passed)


def test_moments_are_saved_up_and_none_is_lost(azure, clock):
    pace = pace_of(azure.world, "real")

    for _ in range(1000):
        clock.now += 0.01
        pace.tick()

    assert azure.world.now == pytest.approx(10, abs=0.05)


def test_no_second_passes_twice(azure, clock):
    """Requests tick in several threads."""
    pace = pace_of(azure.world, "real")
    clock.now += 10

    threads = [threading.Thread(target=pace.tick) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert azure.world.now == pytest.approx(10)


def test_somebody_else_may_move_the_same_clock(azure, clock):
    """A notebook that waits in its own process moves the world's clock, too."""
    pace = pace_of(azure.world, "real")
    azure.world.advance_to(500)
    clock.now += 10
    pace.tick()

    assert azure.world.now == pytest.approx(510)


@pytest.mark.parametrize("speed", ["", "fast", "0", "-1", "nan", "inf", "1e9", "1,5"])
def test_no_other_speed_is_taken(azure, speed):
    with pytest.raises(ConfigurationError, match="is not `instant`, `real` or a number above 0"):
        pace_of(azure.world, speed)
