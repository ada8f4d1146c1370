"""Crypto maps, and their place on interfaces."""

from iosemu.features.crypto_map.commands import TABLE
from iosemu.features.crypto_map.config import CONTRIBUTION, SECTION
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.crypto_map.show import TABLE as SHOW
from iosemu.features.feature import Feature

FEATURE = Feature(
    "crypto_map",
    order=30,
    tables=(TABLE, SHOW),
    sections=(SECTION,),
    contributions=(CONTRIBUTION,),
    services=(CryptoPath,),
)
