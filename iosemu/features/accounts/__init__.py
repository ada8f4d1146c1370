"""Who may come in and become privileged: `username`, `enable secret`, `enable`."""

from iosemu.features.accounts.commands import TABLE
from iosemu.features.accounts.config import SECTIONS
from iosemu.features.feature import Feature

FEATURE = Feature("accounts", order=5, tables=(TABLE,), sections=SECTIONS)
