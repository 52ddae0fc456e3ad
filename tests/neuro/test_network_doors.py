"""CUBA and COBA at the door: sparse matrices, units, and a network that has died."""

import warnings

import numpy as np
import pytest

from fastnn import neuro

ALONE = ([0, 0], [])  # one cell, no synapse


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


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: neuro.CUBA(n=0), "n is 0"),
        (lambda: neuro.CUBA(p=2.0), "p is 2.0"),
        (lambda: neuro.CUBA(n=10**6, p=0.5), "synapses"),
        (lambda: neuro.CUBA(w_i=9.0), "w_i is 9.0; .*negative"),
        (lambda: neuro.COBA(tau_m=0.0), "tau_m is 0.0.*in ms"),
        (lambda: neuro.COBA(V_th=-0.05, V_reset=-600.0), "another unit"),
        (lambda: neuro.COBA(V_reset=-40.0), "below its threshold"),
        (lambda: neuro.COBA(positive_start=1), "positive_start is 1"),
        (lambda: neuro.COBA(connectivity=[1, 2, 3]), r"expected \(indptr, indices\)"),
        (lambda: neuro.COBA(connectivity=([0, 2], [0])), "number of indices, 1"),
        (lambda: neuro.COBA(connectivity=([0, 1], [1])), "there are 1 cells"),
        (lambda: neuro.COBA(connectivity=([0, 1], [0.5])), "whole numbers"),
        (lambda: neuro.COBA(5, connectivity=ALONE), "n is 5, but connectivity has 1"),
        (lambda: neuro.CUBA(9).run(10, dt_ms=5.0), "at most 2.5 ms"),
        (lambda: neuro.CUBA(9).run(10, record=[9]), "there are 9"),
        (lambda: neuro.CUBA(9).run(10, record=[0.5]), "indices of cells"),
        (lambda: neuro.CUBA(9).run(10, V_0=[1.0, 2.0]), "V_0 is .*9 of them"),
        (lambda: neuro.CUBA(9).run(10, g_e0=np.nan), "g_e0"),
        (lambda: neuro.CUBA(9).run(10, V_0=-0.055), "V_0 comes to 0.055 .* another"),
        (lambda: neuro.CUBA(9).run(10, V_0=-55e3), "V_0 comes to 55000 mV"),
        (lambda: neuro.CUBA(9).run(10).rates(start_ms=20), "start_ms is 20"),
    ],
)
def test_bad_input_is_explained(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
