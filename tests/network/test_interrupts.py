"""Signals that wait until a record is whole."""

import signal
import threading

import pytest

from fastnn.network.training.interrupts import Later

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no SIGALRM")


@pytest.fixture
def interrupting():
    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    yield interrupt
    signal.signal(signal.SIGALRM, before)


def test_an_interrupt_waits_for_the_end(interrupting):
    done = []
    with pytest.raises(KeyboardInterrupt), Later():
        signal.raise_signal(signal.SIGALRM)
        done.append(1)
    assert done == [1]
    assert signal.getsignal(signal.SIGALRM) is interrupting


def test_without_a_signal_nothing_changes(interrupting):
    ctrl_c = signal.getsignal(signal.SIGINT)
    with Later():
        assert signal.getsignal(signal.SIGINT) is not ctrl_c
    assert signal.getsignal(signal.SIGINT) is ctrl_c
    assert signal.getsignal(signal.SIGALRM) is interrupting


def test_an_error_within_passes(interrupting):
    with pytest.raises(ZeroDivisionError), Later():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGALRM) is interrupting


def test_other_threads_are_left_alone():
    ended = []

    def work():
        with Later():
            ended.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [1]
