"""Key pairs: made, moved and removed by commands, kept in the private store, never part of the running-config."""

from iosemu.features.crypto_keys.commands import TABLE
from iosemu.features.crypto_keys.pubkey_chain import SECTION
from iosemu.features.crypto_keys.pubkey_chain import TABLE as PUBKEY_CHAIN
from iosemu.features.crypto_keys.show import TABLE as SHOW
from iosemu.features.crypto_keys.transfer import TABLE as TRANSFER
from iosemu.features.feature import Feature

FEATURE = Feature("crypto_keys", order=5, tables=(TABLE, TRANSFER, PUBKEY_CHAIN, SHOW), sections=(SECTION,))
