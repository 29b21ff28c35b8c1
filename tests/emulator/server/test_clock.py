"""How fast a served world's clock runs, seen from an operation that takes its time."""

import threading

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.fault_injection import Fault, plant
from acrlab.emulator.core.http import INSIDE, Request
from acrlab.emulator.entra import tokens
from acrlab.emulator.server import clock as pace
from acrlab.emulator.server.asgi import AsgiApp
from acrlab.emulator.server.clock import DETERMINISTIC, Pace, pace_of
from acrlab.emulator.types.compute.vm_power import power_of
from acrlab.errors import ConfigurationError
from tests.emulator.conftest import Place

VM_TYPE = "Microsoft.Compute/virtualMachines"
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
    kept = pace_of(azure.world, "instant")
    begin(azure)
    assert state(azure) == "Updating"

    kept.tick()

    assert state(azure) == "Succeeded"


@pytest.mark.parametrize(("speed", "rate"), [("real", 1), ("60", 60), ("0.5", 0.5)])
def test_an_operation_takes_its_time(azure, clock, speed, rate):
    kept = pace_of(azure.world, speed)
    seconds = begin(azure)

    clock.now += (seconds - 0.5) / rate
    kept.tick()
    assert state(azure) == "Updating"
    clock.now += 1 / rate
    kept.tick()
    assert state(azure) == "Succeeded"


@pytest.mark.parametrize(("rate", "waited"), [(1.0, "17"), (60.0, "1"), (4.0, "5"), (600.0, "1"), (0.5, "34")])
def test_clients_wait_by_their_own_clocks(azure, rate, waited):
    """A client that slept seventeen of its own seconds would have let seventeen minutes of a fast world pass."""
    plant(azure.world, Fault("throttle", seconds=17))
    served = AsgiApp(azure, tick=lambda: None, rate=rate)
    token = tokens.issue(azure.world, tokens.learner(azure.world), "https://management.azure.com", clock=INSIDE)
    groups = f"/subscriptions/{azure.world.setting('subscription')}/resourcegroups"
    query, headers = {"api-version": "2021-04-01"}, {"authorization": f"Bearer {token}"}

    answer = served.answer(Request("GET", "management.azure.com", groups, query, headers))

    assert (answer.status, answer.headers["Retry-After"]) == (429, waited)


@pytest.mark.parametrize(("speed", "passed"), [("instant", 100), ("real", 100), ("60", 6000)])
def test_the_worlds_clock_goes_on(azure, clock, speed, passed):
    kept = pace_of(azure.world, speed)
    before = azure.world.now

    clock.now += 100
    kept.tick()

    assert azure.world.now == pytest.approx(before + passed)


def test_moments_are_saved_up_and_none_is_lost(azure, clock):
    kept = pace_of(azure.world, "real", DETERMINISTIC)

    for _ in range(1000):
        clock.now += 0.01
        kept.tick()

    assert azure.world.now == pytest.approx(10, abs=0.05)


def test_no_second_passes_twice(azure, clock):
    """Requests tick in several threads."""
    kept = pace_of(azure.world, "real", DETERMINISTIC)
    clock.now += 10

    threads = [threading.Thread(target=kept.tick) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert azure.world.now == pytest.approx(10)


def test_somebody_else_may_move_the_same_clock(azure, clock):
    """A notebook that waits in its own process moves the world's clock, too."""
    kept = pace_of(azure.world, "real", DETERMINISTIC)
    azure.world.advance_to(500)
    clock.now += 10
    kept.tick()

    assert azure.world.now == pytest.approx(510)


@pytest.mark.parametrize("speed", ["", "fast", "0", "-1", "nan", "inf", "1e9", "1,5"])
def test_no_other_speed_is_taken(azure, speed):
    with pytest.raises(ConfigurationError, match="is not `instant`, `real` or a number above 0"):
        pace_of(azure.world, speed)


# -- what time it is --------------------------------------------------------------------------------------------------

NOVEMBER = 28_000_000.0  # virtual seconds after the world's beginning in January


@pytest.fixture
def today(monkeypatch, clock):
    """What the computer's calendar says, moved by hand as its clock is."""
    today = Clock()
    today.now = NOVEMBER
    monkeypatch.setattr(pace.time, "time", lambda: BEGINNING.timestamp() + today.now)
    return today


def test_a_new_world_is_brought_to_the_present(azure, today):
    pace_of(azure.world, "instant")

    assert azure.world.timestamp()[:13] == "2026-11-25T10"


def test_it_stays_there_however_long_nobody_asks_and_however_the_computer_slept(azure, clock, today):
    followed = pace_of(azure.world, "instant")
    today.now += 86_400  # a computer that sleeps counts nothing on its other clock

    followed.tick()

    assert azure.world.now == NOVEMBER + 86_400


def test_time_never_goes_back_when_the_computers_clock_is_set_back(azure, clock, today):
    followed = pace_of(azure.world, "instant")
    today.now -= 3600
    clock.now += 10

    followed.tick()

    assert azure.world.now == pytest.approx(NOVEMBER + 10)


def test_what_was_under_way_in_a_world_of_january_has_ended(azure, today):
    begin(azure)

    pace_of(azure.world, "real")

    assert state(azure) == "Succeeded"


def test_a_world_that_is_ahead_keeps_its_time_and_goes_on(azure, clock, today):
    azure.world.advance_to(NOVEMBER + 7200)

    followed = pace_of(azure.world, "real")
    clock.now += 30
    today.now += 30
    followed.tick()

    assert followed.ahead_s == 7200
    assert azure.world.now == pytest.approx(NOVEMBER + 7230)


def test_a_world_that_is_reset_meanwhile_comes_to_the_present_again(azure, today):
    followed = pace_of(azure.world, "instant")
    azure.world.reset()

    followed.tick()

    assert azure.world.now == NOVEMBER


def test_operations_end_and_the_clock_does_not_run_ahead_with_them(azure, clock, today):
    followed = pace_of(azure.world, "instant")
    begin(azure)
    followed.tick()
    assert state(azure) == "Succeeded"

    assert azure.world.now == NOVEMBER
    begun, due = azure.world.db.rows("SELECT begun, due FROM operation")[0]
    assert begun <= due == NOVEMBER


def test_what_ends_at_once_ends_in_the_order_in_which_it_began(azure, clock, today):
    followed = pace_of(azure.world, "instant")
    ask(azure, "PUT", "", b'{"location": "westus"}')
    for name in "zyxwv":
        ask(azure, "PUT", f"/providers/Microsoft.Network/virtualNetworks/{name}", SPACE)
        azure.world.advance_to(azure.world.now + 0.001)
    ended = []
    azure.world.settle = lambda resource, phase, settle=azure.world.settle: (
        ended.append(resource.id.name),
        settle(resource, phase),
    )

    followed.tick()
    state(azure)

    assert ended == list("zyxwv")


def test_a_deterministic_world_begins_in_january_and_goes_on_where_it_is(azure, clock, today):
    pace_of(azure.world, "instant", DETERMINISTIC).tick()
    assert azure.world.now == 0

    azure.world.advance_to(500)
    went_on = pace_of(azure.world, "instant", DETERMINISTIC)
    clock.now += 10
    went_on.tick()

    assert (went_on.ahead_s, azure.world.now) == (0, 510)


@pytest.mark.parametrize("moment", ["2026-06-01T09:00:00Z", "2026-06-01T11:00:00+02:00", "2026-06-01 09:00"])
def test_a_world_can_be_brought_to_a_moment(azure, clock, today, moment):
    begun = pace_of(azure.world, "instant", moment)
    clock.now += 10
    begun.tick()

    assert azure.world.timestamp()[:19] == "2026-06-01T09:00:10"


def test_a_world_that_is_past_that_moment_says_so(azure, today):
    azure.world.advance_to(7200)

    assert pace_of(azure.world, "instant", "2026-01-05T10:00:00Z").ahead_s == 3600


@pytest.mark.parametrize("clock", ["", "noon", "2026", "tomorrow", "9999-12-31", "0001-01-01T00:00:00Z", "1e9"])
def test_no_other_clock_is_taken(azure, clock):
    with pytest.raises(
        ConfigurationError, match="is not `now`, `deterministic` or a moment of this century such as 2026"
    ):
        pace_of(azure.world, "instant", clock)


def test_a_vm_that_is_switched_off_at_once_is_off(azure, clock, today):
    """Its power goes by the operation, not by a time of its own."""
    followed = pace_of(azure.world, "instant")
    place = Place(azure, azure.delivery)
    ask(azure, "PUT", "", b'{"location": "westus"}')
    place.network()
    place.subnet()
    id = place.vm().id
    vm = f"/providers/{VM_TYPE}/vm"

    def power():
        with azure.world.transaction():
            return power_of(azure.world, azure.world.get(id))

    assert ask(azure, "POST", f"{vm}/deallocate").status == 202
    assert power() == "deallocating"
    followed.tick()
    assert power() == "deallocated"
    assert ask(azure, "POST", f"{vm}/deallocate").status == 202
    assert power() == "deallocated"
