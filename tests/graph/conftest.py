"""The class Value on each path."""

import pytest

import fastnn as fn


@pytest.fixture(params=fn.backend.PATHS)
def Value(request):  # noqa: N802
    if request.param == "kernels" and fn.backend._kernels is None:
        pytest.skip("this fastnn has no kernels")
    with fn.use(request.param):
        return fn.graph.Value
