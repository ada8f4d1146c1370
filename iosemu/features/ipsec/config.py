"""`crypto ipsec` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.modes import CONFIG, Mode
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

CRYPTO_TRANS = Mode("cfg-crypto-trans", "(cfg-crypto-trans)", "Crypto transform configuration commands:", CONFIG)
IPSEC_PROFILE = Mode("ipsec-profile", "(ipsec-profile)", "Crypto Map configuration commands:", CONFIG)
DEFAULT_LIFETIME = 3600


@dataclass
class TransformSet:
    """A named transform with its mode."""

    name: str
    transform: EspTransform
    mode: str = "tunnel"


@dataclass
class IpsecProfile:
    """`lifetime` of None follows the global one."""

    name: str
    transform_sets: list[str] = field(default_factory=list)
    lifetime: int | None = None


@dataclass
class IpsecConfig:
    """All of IPsec's configuration; `options` keeps global lines without effect on groups."""

    transform_sets: dict[str, TransformSet] = field(default_factory=dict)
    profiles: dict[str, IpsecProfile] = field(default_factory=dict)
    lifetime: int = DEFAULT_LIFETIME
    options: list[str] = field(default_factory=list)


def _transform_sets(router: Router) -> list[Lines]:
    config = router.model.block(IpsecConfig)
    lines = list(config.options)
    if config.lifetime != DEFAULT_LIFETIME:
        lines.append(f"crypto ipsec security-association lifetime seconds {config.lifetime}")
    # IOS prints a blank behind the transforms.
    for item in config.transform_sets.values():
        lines.append(f"crypto ipsec transform-set {item.name} {' '.join(item.transform.words())} ")
        lines.append(f" mode {item.mode}")
    return [lines]


def _profiles(router: Router) -> list[Lines]:
    return [_profile(item) for item in router.model.block(IpsecConfig).profiles.values()]


def _profile(profile: IpsecProfile) -> Lines:
    lines = [f"crypto ipsec profile {profile.name}"]
    if profile.lifetime is not None:
        lines.append(f" set security-association lifetime seconds {profile.lifetime}")
    if profile.transform_sets:
        lines.append(f" set transform-set {' '.join(profile.transform_sets)} ")
    return lines


SECTIONS = (Section(Place.TRANSFORM_SET, _transform_sets), Section(Place.IPSEC_PROFILE, _profiles))
