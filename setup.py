"""Everything about the package is declared in pyproject.toml but the module in C: it is built where there are a C
compiler and the headers of Python and OpenSSL 3, and done without elsewhere."""

import sys

from setuptools import Extension, setup

NATIVE = Extension(
    "iosemu.fastpath._native",
    sources=["iosemu/fastpath/_native.c"],
    libraries=["crypto"],
    extra_compile_args=["-O3", "-std=gnu11", "-Wall", "-Wextra"],
    optional=True,
)

setup(ext_modules=[NATIVE] if sys.platform == "linux" else [])
