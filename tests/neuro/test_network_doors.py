"""CUBA and COBA at the door: sparse matrices, units, and a network that has died."""

import warnings

import numpy as np
import pytest

from fastnn import neuro


def test_a_network_that_has_died_says_so():
    with pytest.warns(RuntimeWarning, match="died out.*one network in seven") as said:
        sim = neuro.COBA(seed=17).run(200)
    assert said[0].filename == __file__ and sim.spikes[0][-1] < 50
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        neuro.COBA(seed=17, positive_start=False).run(200)
        neuro.COBA(seed=0).run(200)
        neuro.COBA(seed=17).run(40)  # too short to tell
        neuro.COBA(500).run(200, V_0=-60.0, g_e0=0.0, g_i0=0.0)  # as it was asked for


def test_sparse_matrices_of_scipy_go_from_row_to_column():
    sparse = pytest.importorskip("scipy.sparse")
    matrix = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 0]])
    for kind in (sparse.csr_array, sparse.csc_array, sparse.coo_array):
        net = neuro.CUBA(connectivity=kind(matrix))
        assert net.indptr.tolist() == [0, 2, 2, 3]
        assert net.indices.tolist() == [1, 2, 0]
    with pytest.raises(ValueError, match="sparse matrix of 2 x 3"):
        neuro.CUBA(connectivity=sparse.csr_array(np.ones((2, 3))))


def test_a_network_tells_how_it_was_built():
    net = neuro.COBA(50, seed=3)
    assert "n = 50" in repr(net) and "positive_start = True" in repr(net)
    options = net.run(5).to_dict()["options"]
    assert options["n"] == 50 and options["seed"] == 3
    assert options["n_synapses"] == len(net.indices)
