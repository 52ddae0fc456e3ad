"""Fixtures that every room's tests share."""

import numpy as np
import pytest

import fastnn as fn


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
