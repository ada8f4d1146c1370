"""Who may come in and become privileged: `username`, `enable secret`, `enable`."""

from iosemu.features.accounts.commands import TABLE
from iosemu.features.accounts.config import SECTIONS
from iosemu.features.accounts.master_key import SECTION as MASTER_KEY_SECTION
from iosemu.features.accounts.master_key import TABLE as MASTER_KEY
from iosemu.features.feature import Feature

FEATURE = Feature("accounts", order=5, tables=(TABLE, MASTER_KEY), sections=(*SECTIONS, MASTER_KEY_SECTION))
