"""What a signal does while a run starts something."""

import signal
import threading

import pytest

from acrlab.runs.interrupts import held


def test_an_interruption_waits_until_what_was_begun_is_done() -> None:
    done = []

    with pytest.raises(KeyboardInterrupt), held():
        signal.raise_signal(signal.SIGINT)
        done.append("all of it")

    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interruption_does_not_wait() -> None:
    done = []

    with pytest.raises(KeyboardInterrupt), held():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        done.append("all of it")

    assert done == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_failure_without_an_interruption_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="failed"), held():
        raise ValueError("failed")


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_leaves_signals_alone() -> None:
    seen = []

    def look() -> None:
        with held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [signal.default_int_handler]
