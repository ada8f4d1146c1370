"""Everything about the package is declared in pyproject.toml but the module in C: it is built where there are a C
compiler and the headers of Python and OpenSSL 3, and done without elsewhere."""

import sys

from setuptools import Extension, setup

NATIVE = Extension(
    "iosemu.fastpath._native",
    sources=[f"iosemu/fastpath/c/{name}.c" for name in ("module", "devices", "keys", "sealing", "opening")],
    depends=["iosemu/fastpath/c/native.h"],
    libraries=["crypto"],
    extra_compile_args=["-O3", "-std=gnu11", "-Wall", "-Wextra"],
    optional=True,
)

setup(ext_modules=[NATIVE] if sys.platform == "linux" else [])
