"""Fixtures that every room's tests share."""

import signal

import numpy as np
import pytest

import fastnn as fn


def pytest_configure(config):
    # A shell lets what it starts in the background (`make test &`) ignore Ctrl-C, and
    # so would the tests, which press it.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng():
    """A generator with a fixed seed."""
    return np.random.default_rng(0)


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    return np.dtype(request.param)


@pytest.fixture(params=["kernels", "reference"])
def each_path(request):
    """Run the test on the kernels and on their twins."""
    with fn.use(request.param):
        yield request.param
