"""The kernels: typed Cython for every loop that costs time.

                      included into one module per kind of CPU
    matmul.pyx        ────────┐
    activations.pyx           │      variants/baseline.pyx   any 64-bit CPU
    dropout.pyx               ├───►  variants/avx2.pyx       x86-64-v3: AVX2 and FMA
    normalization.pyx         │      variants/avx512.pyx     x86-64-v4: AVX-512
    losses.pyx                │
    optimizers.pyx            │      _cpu.pyx says which of them this CPU can run;
    program.pyx               │      fastnn/backend.py imports the best one
    training.pyx              │
    neuro/*.pyx       ────────┘

    value.pyx         the class Value, a module of its own: the same for every CPU;
                      _value_*.pxi are parts of it
    tensor.pyx        the class Node, on which Tensor stands: likewise, _tensor_*.pxi

    _types.pxi        the fused type real_t (float | double) and array helpers
    _quick.pxi        quick doors: small calls that need no checking in Python
    _math.pxi         exp, log, tanh ... as inline functions that gcc vectorises
    _gelu.pxi         gelu and silu in the same manner
    _elementwise.pxi  their loops over arrays, a block at a time
    lookup.h, tables.h    the same in float32 by tables in registers, AVX2 and later
    _softmax.pxi      softmax, row by row
    _threads.pxi      the team of threads (threads.h: its atomic counters)
    memory.h          memory for the time of a call
    _tile.pxi         the tile of sums in registers that matmul.pyx is made of
    _pack.pxi         its operands, copied together
    _gemm.pxi         the loops around the tile
    _vector.pxi       products with one row or one column of output
    simd.h, _simd.pxi     vector registers and fused multiply-add, on every CPU
    _batch_norm.pxi, _layer_norm.pxi, _loss_rows.pxi      the loops of those topics
    _passes.pxi       a layer forward and backward, for program.pyx and training.pyx
    _steps.pxi        the loops of the optimizers' steps
    _batch.pxi, _update.pxi      the samples of a batch, and the step at its end

Every public function and class here has a twin of the same name, parameters and
docstring in fastnn/reference/: read that one first. Kernels trust their caller: shapes,
dtypes and contiguity are checked by fastnn/ops/; Value, which users hold in their
hands, checks by itself. Nothing here imports anything of fastnn.
"""
