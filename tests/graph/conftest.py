"""The classes Value and Tensor on each path."""

import pytest

import fastnn as fn


@pytest.fixture(params=fn.backend.PATHS)
def path(request):
    if request.param == "kernels" and fn.backend._kernels is None:
        pytest.skip("this fastnn has no kernels")
    with fn.use(request.param):
        yield request.param


@pytest.fixture
def Value(path):  # noqa: N802
    return fn.graph.Value


@pytest.fixture
def Tensor(path):  # noqa: N802
    return fn.graph.Tensor
