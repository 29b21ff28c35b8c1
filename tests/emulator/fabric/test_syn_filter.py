"""A filter on a listener: who is left without an answer, and who is not."""

import socket
import sys

import pytest

from acrlab.emulator.fabric.syn_filter import attach

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a packet filter of Linux")
HERE, OTHER, THERE = "127.0.0.1", "127.0.0.2", "127.0.0.3"


@pytest.fixture
def listener():
    with socket.create_server(("0.0.0.0", 0)) as listener:
        yield listener


def connects(listener, source, destination):
    try:
        made = socket.create_connection((destination, listener.getsockname()[1]), 0.3, (source, 0))
    except TimeoutError:
        return False
    made.close()
    return True


def test_only_what_is_named_is_dropped(listener):
    attach(listener, {(HERE, THERE), (OTHER, HERE), (OTHER, OTHER)})

    assert [connects(listener, HERE, to) for to in (HERE, OTHER, THERE)] == [True, True, False]
    assert [connects(listener, OTHER, to) for to in (HERE, OTHER, THERE)] == [False, False, True]


def test_the_next_filter_replaces_the_last(listener):
    attach(listener, {(HERE, THERE)})
    attach(listener, {(HERE, OTHER)})

    assert [connects(listener, HERE, to) for to in (OTHER, THERE)] == [False, True]

    attach(listener, ())

    assert connects(listener, HERE, OTHER)


def test_a_connection_that_is_open_goes_on(listener):
    with socket.create_connection((THERE, listener.getsockname()[1]), 5, (HERE, 0)) as client:
        attach(listener, {(HERE, THERE)})
        with listener.accept()[0] as server:
            server.sendall(b"still")

            assert client.recv(5) == b"still"
            client.sendall(b"here")
            assert server.recv(4) == b"here"


def test_callers_beyond_a_short_jump_are_found(listener):
    """A comparison can skip 255 instructions; a caller with more addresses than that must not hide the next."""
    many = {(OTHER, f"127.1.{n // 250}.{n % 250}") for n in range(300)}
    attach(listener, many | {(THERE, HERE)})

    assert not connects(listener, THERE, HERE)
    assert connects(listener, THERE, OTHER)
