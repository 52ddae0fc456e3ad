"""The extension modules: one source, compiled once for each kind of CPU.

Every module in fastnn/_kernels/variants/ includes the same kernels; only the compiler's
-m flags differ. fastnn/backend.py imports the best one that the CPU can run.

    FASTNN_PURE=1 pip install .       no compiler needed: the reference path alone
    FASTNN_VARIANTS=avx2 ...          build only these variants (comma-separated)
"""

import os
import platform
from pathlib import Path

from setuptools import Extension, setup

KERNELS = Path("fastnn/_kernels")

# -fno-trapping-math, -fno-math-errno: let gcc vectorise comparisons and clamps.
# -ffp-contract=off: a*b + c is fused only where the source says so (simd.h), so that
# elementwise kernels round exactly as their plain-Python twins do.
# Never -ffast-math: it would break NaN and flush subnormals in the whole process.
COMMON = ["-O3", "-fno-trapping-math", "-fno-math-errno", "-ffp-contract=off", "-g0"]

X86_64 = {
    "baseline": [],
    "avx2": ["-march=x86-64-v3"],
    "avx512": ["-march=x86-64-v4"],
}

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,  # the ops layer has checked every shape
    "wraparound": False,  # no negative indices in kernels
    "initializedcheck": False,
    "cdivision": True,  # C division: no zero test in the loops
    "binding": True,  # signatures and docstrings that inspect can read
}


def variants():
    on_x86 = platform.machine().lower() in {"x86_64", "amd64"}
    flags = X86_64 if on_x86 else {"baseline": []}
    wanted = os.environ.get("FASTNN_VARIANTS", "")
    names = [name for name in flags if not wanted or name in wanted.split(",")]
    return {name: flags[name] for name in names}


def extensions():
    import numpy
    from Cython.Build import cythonize

    sources = [str(path) for path in KERNELS.glob("*") if path.is_file()]

    def extension(module, flags):
        return Extension(
            f"fastnn._kernels.{module}",
            [f"{KERNELS}/{module.replace('.', '/')}.pyx"],
            include_dirs=[str(KERNELS), numpy.get_include()],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
            extra_compile_args=COMMON + flags,
            extra_link_args=["-pthread"],
            depends=sources,
        )

    modules = [extension("_cpu", [])]
    modules += [extension(f"variants.{name}", f) for name, f in variants().items()]
    return cythonize(
        modules,
        include_path=[str(KERNELS)],
        compiler_directives=DIRECTIVES,
        nthreads=os.cpu_count() or 1,
    )


if __name__ == "__main__":
    pure = os.environ.get("FASTNN_PURE", "") not in {"", "0"}
    setup(ext_modules=[] if pure else extensions())
