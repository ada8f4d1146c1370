"""IKE phase 1: policies, keys, and the speaker on UDP 848 that all GDOI roles share."""

from iosemu.features.feature import Feature
from iosemu.features.isakmp import commands, config, keyring, peer, profile, settings, show, show_sa
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.running_config import Default, Place

_POLICY = ("crypto isakmp policy",)

DEFAULTS = (
    Default("crypto isakmp enable", place=Place.ISAKMP),
    Default("encr des", _POLICY, key="encr"),
    Default("hash sha", _POLICY, key="hash"),
    Default("authentication rsa-sig", _POLICY, key="authentication"),
    Default("group 1", _POLICY, key="group"),
    Default("lifetime 86400", _POLICY, key="lifetime"),
)
_ROOMS = (commands, settings, keyring, peer, profile, show, show_sa)

FEATURE = Feature(
    "isakmp",
    order=30,
    tables=tuple(room.TABLE for room in _ROOMS),
    sections=tuple(room.SECTION for room in (config, keyring, peer, profile)),
    services=(IsakmpService,),
    defaults=DEFAULTS,
)
