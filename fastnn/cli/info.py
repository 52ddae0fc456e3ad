"""Show what is installed and what this machine runs."""

import importlib.metadata

from .. import backend

NAME = "info"
SUMMARY = "what is installed, and which kernels this machine runs"
EXAMPLE = ("fastnn info",)

EXTRAS = {
    "plot": ("matplotlib",),
    "cli": ("rich",),
    "data": ("narwhals", "pandas"),
    "sklearn": ("scikit-learn",),
    "io": ("safetensors", "onnx"),
    "learn": ("marimo", "nbformat", "matplotlib", "narwhals", "pandas"),
}


def add_arguments(parser):
    """It takes none."""


def run(arguments):
    backend.show_config()
    for extra, packages in EXTRAS.items():
        versions = {package: _version(package) for package in packages}
        there = ", ".join(f"{name} {v}" for name, v in versions.items() if v)
        missing = ", ".join(name for name, v in versions.items() if not v)
        if missing:
            there += f"{'; ' if there else ''}{missing} missing"
            there += f' (pip install "fastnn[{extra}]")'
        print(f"{f'extra {extra}:':<28}{there}")


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
