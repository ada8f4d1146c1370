"""Everything about the package is declared in pyproject.toml; this file lets old front ends build it too."""

from setuptools import setup

setup()
