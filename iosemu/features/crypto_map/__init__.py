"""Crypto maps, and their place on interfaces."""

from iosemu.features.crypto_map.commands import TABLE
from iosemu.features.crypto_map.config import CONTRIBUTION, SECTIONS
from iosemu.features.crypto_map.dynamic_commands import TABLE as DYNAMIC
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.crypto_map.show import TABLE as SHOW
from iosemu.features.crypto_map.show_engine import TABLE as ENGINE
from iosemu.features.feature import Feature

FEATURE = Feature(
    "crypto_map",
    order=30,
    tables=(TABLE, DYNAMIC, SHOW, ENGINE),
    sections=SECTIONS,
    contributions=(CONTRIBUTION,),
    services=(CryptoPath,),
)
