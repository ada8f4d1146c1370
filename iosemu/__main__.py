"""`python -m iosemu`."""

from iosemu.app import entry

entry()
