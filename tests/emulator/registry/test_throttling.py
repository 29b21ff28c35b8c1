"""Now and then a registry asks to come again later, in a world that is as late as Azure."""

from acrlab.emulator.registry.throttling import EVERY, PAUSE_S

PATH = "/v2/hello-world/manifests/v1"


def statuses(lab, count, path=PATH):
    token = lab.token("repository:hello-world:pull")
    return [lab.ask("GET", path, token=token).status for _ in range(count)]


def test_one_request_of_many_is_asked_to_come_again_later(lab):
    lab.import_hello()
    lab.world.set_setting("timing", "as-azure")

    assert set(statuses(lab, EVERY - 1)) == {200}
    answer = lab.ask("GET", PATH)
    assert (answer.status, answer.headers["Retry-After"]) == (429, str(PAUSE_S))
    assert answer.body["errors"][0]["code"] == "TOOMANYREQUESTS"

    lab.world.advance_to(lab.world.now + 4)
    assert lab.ask("GET", PATH).headers["Retry-After"] == str(PAUSE_S - 4)
    lab.world.advance_to(lab.world.now + PAUSE_S - 4)
    assert set(statuses(lab, EVERY - 1)) == {200}
    assert statuses(lab, 1) == [429]
    assert statuses(lab, 1, "/v2/") == [200]  # the challenge is not content


def test_an_instant_world_never_throttles(lab):
    lab.import_hello()
    assert set(statuses(lab, 2 * EVERY)) == {200}
