"""The extension modules: one source, compiled once for each kind of CPU.

Every module in fastnn/_kernels/variants/ includes the same kernels; only the compiler's
-m flags differ. fastnn/backend.py imports the best one that the CPU can run.
Three modules are the same for every CPU: _cpu, which tells them apart, and the nodes
of graphs, value and tensor.

    FASTNN_PURE=1 pip install .       no compiler needed: the reference path alone
    FASTNN_VARIANTS=avx2 ...          build only these variants (comma-separated)
"""

import os
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.errors import CCompilerError, ExecError, PlatformError

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

PURE = (
    "or take the plain-Python path alone: FASTNN_PURE=1 pip install . "
    "(or FASTNN_PURE=1 make demo)"
)

NO_COMPILER = f"""
fastnn: no C compiler that works was found; install one (Debian and Ubuntu:
apt install build-essential python3-dev, Fedora: dnf install gcc python3-devel,
macOS: xcode-select --install)
{PURE}"""

NO_HEADERS = f"""
fastnn: Python's C headers (Python.h) were not found; install them (Debian and Ubuntu:
apt install python3-dev, Fedora: dnf install python3-devel)
{PURE}"""

OLD_COMPILER = f"""
fastnn: this C compiler does not know {{flag}}; use gcc 11, clang 12 or newer,
or build the kernels for any CPU alone: FASTNN_VARIANTS=baseline pip install .
{PURE}"""

WINDOWS = f"""
fastnn: the kernels need vector types that Microsoft's compiler lacks; use WSL,
{PURE}"""

NO_CYTHON = """
fastnn: building without isolation needs the build requirements in this environment:
pip install "setuptools>=77" "cython>=3.1" "numpy>=2"."""


def variants():
    """The variants to build and their flags: {"avx2": ["-march=x86-64-v3"], ...}."""
    # sysconfig, not platform.machine(): Python may be built for another CPU than this
    # one, or for two at once (macOS universal2), which gets the baseline alone.
    on_x86 = sysconfig.get_platform().endswith(("x86_64", "amd64"))
    flags = X86_64 if on_x86 else {"baseline": []}
    wanted = os.environ.get("FASTNN_VARIANTS", "") or ",".join(flags)
    names = [name.strip() for name in wanted.split(",")]
    if unknown := [name for name in names if name not in flags]:
        raise SystemExit(
            f"fastnn: FASTNN_VARIANTS names {', '.join(unknown)}; "
            f"on this platform it can hold {', '.join(flags)}, comma-separated"
        )
    return {name: flags[name] for name in flags if name in names}


def extensions():
    # setup.py holds the flags: whoever changes them wants everything compiled again.
    # What a kernel includes, Cython looks after.
    depends = ["setup.py", *sorted(map(str, KERNELS.rglob("*.h")))]

    def extension(module, flags):
        return Extension(
            f"fastnn._kernels.{module}",
            [f"{KERNELS}/{module.replace('.', '/')}.pyx"],
            include_dirs=[str(KERNELS)],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
            extra_compile_args=COMMON + flags,
            extra_link_args=["-pthread"],
            depends=depends,
        )

    modules = {"_cpu": []} | {f"variants.{name}": f for name, f in variants().items()}
    return [
        extension("value", []),
        extension("tensor", []),
        *[extension(module, flags) for module, flags in modules.items()],
    ]


class build_kernels(build_ext):  # noqa: N801  (setuptools names its commands so)
    """Cython, then C, on all cores; a sentence instead of a traceback at the start.

    Cython runs here and not in extensions(), so that the sdist holds no generated C.
    """

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        self.check_compiler()
        try:
            import numpy
            from Cython.Build import cythonize
        except ImportError:
            raise SystemExit(NO_CYTHON) from None
        cythonized = cythonize(
            self.extensions,
            include_path=[str(KERNELS)],
            compiler_directives=DIRECTIVES,
            nthreads=os.cpu_count() or 1,
        )
        for extension, in_c in zip(self.extensions, cythonized, strict=True):
            extension.sources = in_c.sources
            extension.include_dirs.append(numpy.get_include())
        super().build_extensions()

    def check_compiler(self):
        if self.compiler.compiler_type == "msvc":
            raise SystemExit(WINDOWS)
        if not self.compiles("#include <stdlib.h>"):
            raise SystemExit(NO_COMPILER)
        if not self.compiles("#include <Python.h>"):
            raise SystemExit(NO_HEADERS)
        for flags in variants().values():
            if flags and not self.compiles("", flags):
                raise SystemExit(OLD_COMPILER.format(flag=flags[0]))

    def compiles(self, first_line, flags=()):
        """Whether the compiler and the linker make a library from a line of C."""
        with TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(f"{first_line}\nint probe(void) {{ return 0; }}\n")
            try:
                objects = self.compiler.compile(
                    [str(source)], output_dir=folder, extra_postargs=list(flags)
                )
                self.compiler.link_shared_object(objects, f"{folder}/probe.so")
            except (CCompilerError, ExecError, PlatformError, OSError):
                return False
        return True


class build_modules(build_py):  # noqa: N801
    """Copy the modules, after removing from build/ what an older build left there.

    Without this, a module that was deleted or a variant that was not asked for would
    still reach the wheel. Kernels that are up to date stay, so they compile once.
    """

    def run(self):
        folder = Path(self.build_lib)
        if folder.parts[0] == "build":
            kernels = self.get_finalized_command("build_ext").get_outputs()
            keep = {Path(kernel) for kernel in kernels}
            for file in Path(folder, "fastnn").rglob("*"):
                if file.is_file() and file not in keep:
                    file.unlink()
        super().run()


if __name__ == "__main__":
    pure = os.environ.get("FASTNN_PURE", "") not in {"", "0"}
    setup(
        ext_modules=[] if pure else extensions(),
        cmdclass={"build_ext": build_kernels, "build_py": build_modules},
    )
