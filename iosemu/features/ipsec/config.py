"""`crypto ipsec` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

CRYPTO_TRANS = Mode("cfg-crypto-trans", "(cfg-crypto-trans)", "Crypto transform configuration commands:", CONFIG)
IPSEC_PROFILE = Mode("ipsec-profile", "(ipsec-profile)", "Crypto Map configuration commands:", CONFIG)
DEFAULT_LIFETIME = 3600
DEFAULT_KILOBYTES = 4608000
DEFAULT_WINDOW = 64
PFS_GROUPS = tuple(f"group{number}" for number in (1, 2, 5, 14, 15, 16, 19, 20, 21, 24))


@dataclass
class TransformSet:
    """A named transform with its mode."""

    name: str
    transform: EspTransform
    mode: str = "tunnel"
    require: bool = False
    kept: Kept = field(default_factory=Kept)


@dataclass
class IpsecProfile:
    """An IPsec profile. `lifetime` of None follows the global one."""

    name: str
    transform_sets: list[str] = field(default_factory=list)
    lifetime: int | None = None
    kept: Kept = field(default_factory=Kept)


@dataclass
class IpsecConfig:
    """All of IPsec's configuration; `kept` holds lines that have no effect here.

    `lifetime` and `idle_time` are seconds, `days` how a lifetime was entered, `kilobytes` and `replay` 0 where they are
    disabled. `df_bit` is copy, clear or set; `df_bits` has what is said of an interface alone.
    """

    transform_sets: dict[str, TransformSet] = field(default_factory=dict)
    profiles: dict[str, IpsecProfile] = field(default_factory=dict)
    lifetime: int = DEFAULT_LIFETIME
    days: int | None = None
    kilobytes: int = DEFAULT_KILOBYTES
    idle_time: int | None = None
    replay: int = DEFAULT_WINDOW
    df_bit: str = "copy"
    df_bits: dict[InterfaceName, str] = field(default_factory=dict)
    fragment_first: bool = True
    log_sessions: bool = False
    kept: Kept = field(default_factory=Kept)

    def df_bit_on(self, interface: InterfaceName | None) -> str:
        """What becomes of the DF bit of packets that leave by an interface."""
        return self.df_bits.get(interface, self.df_bit) if interface is not None else self.df_bit

    def forget_interface(self, name: InterfaceName) -> None:
        """Nothing is said of an interface that is gone."""
        self.df_bits.pop(name, None)


def _transform_sets(router: Router) -> list[Lines]:
    config = router.model.block(IpsecConfig)
    lines = [*_association_lines(config), *config.kept.lines()]
    # IOS prints a blank behind the transforms.
    for item in config.transform_sets.values():
        lines.append(f"crypto ipsec transform-set {item.name} {' '.join(item.transform.words())} ")
        lines.append(f" mode {item.mode}" + (" require" if item.require else ""))
        lines += item.kept.lines(" ")
    return [lines]


def _association_lines(config: IpsecConfig) -> Lines:
    words = "crypto ipsec security-association"
    lines = []
    if config.days is not None:
        lines.append(f"{words} lifetime days {config.days}")
    elif config.lifetime != DEFAULT_LIFETIME:
        lines.append(f"{words} lifetime seconds {config.lifetime}")
    if config.kilobytes != DEFAULT_KILOBYTES:
        lines.append(f"{words} lifetime kilobytes {config.kilobytes or 'disable'}")
    if config.replay != DEFAULT_WINDOW:
        lines.append(f"{words} replay " + (f"window-size {config.replay}" if config.replay else "disable"))
    lines += [f"{words} idle-time {config.idle_time}"] if config.idle_time is not None else []
    lines += [f"crypto ipsec df-bit {config.df_bit}"] if config.df_bit != "copy" else []
    return lines + ([] if config.fragment_first else ["crypto ipsec fragmentation after-encryption"])


def _logging(router: Router) -> list[Lines]:
    return [["crypto logging session"]] if router.model.block(IpsecConfig).log_sessions else []


def _profiles(router: Router) -> list[Lines]:
    return [_profile(item) for item in router.model.block(IpsecConfig).profiles.values()]


def _profile(profile: IpsecProfile) -> Lines:
    lines = [f"crypto ipsec profile {profile.name}"]
    lines += [line for line in profile.kept.lines(" ") if line.startswith(" description")]
    if profile.lifetime is not None:
        lines.append(f" set security-association lifetime seconds {profile.lifetime}")
    if profile.transform_sets:
        lines.append(f" set transform-set {' '.join(profile.transform_sets)} ")
    return lines + [line for line in profile.kept.lines(" ") if not line.startswith(" description")]


SECTIONS = (
    Section(Place.IKEV2, _logging, 40),
    Section(Place.TRANSFORM_SET, _transform_sets),
    Section(Place.IPSEC_PROFILE, _profiles),
)


def _interface(model: Model, interface: str) -> Lines:
    name = parse_name(interface)
    rule = model.block(IpsecConfig).df_bits.get(name) if name is not None else None
    return [f" crypto ipsec df-bit {rule}"] if rule is not None else []


INTERFACE_LINE = Contribution("interface", 70, _interface)
