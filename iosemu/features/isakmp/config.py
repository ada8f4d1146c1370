"""`crypto isakmp` lines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.features.accounts.master_key import CLEAR, SEALED, Change, revealed
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

CONFIG_ISAKMP = Mode("config-isakmp", "(config-isakmp)", "ISAKMP commands:", CONFIG)
HOST_MASK = IPv4Address("255.255.255.255")
ANYBODY = IPv4Address("0.0.0.0")
# A wildcard address is printed padded, as IOS does.
PADDED_WIDTH = 16


@dataclass
class PolicyConfig:
    """One protection suite, in the words of IOS."""

    priority: int
    encryption: tuple[str, int] = ("des", 0)
    hash: str = "sha"
    authentication: str = "rsa-sig"
    group: int = 1
    lifetime: int = 86400


@dataclass(frozen=True, repr=False)
class PresharedKey:
    """A key and the peers it is for."""

    key: str
    address: IPv4Address
    mask: IPv4Address = HOST_MASK
    kind: str = CLEAR
    no_xauth: bool = False

    def __repr__(self) -> str:
        return f"PresharedKey(address={self.address}, mask={self.mask})"

    def covers(self, peer: IPv4Address) -> bool:
        """Whether the key is for a peer."""
        return int(peer) & int(self.mask) == int(self.address) & int(self.mask)


@dataclass
class IsakmpConfig:
    """All of phase 1's configuration; `kept` holds global lines that have no effect yet."""

    enabled: bool = True
    policies: dict[int, PolicyConfig] = field(default_factory=dict)
    keys: list[PresharedKey] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)

    def change_keys(self, change: Change) -> None:
        """Pass each pre-shared key through a function."""
        for number, item in enumerate(self.keys):
            kind, key = change(item.kind, item.key)
            self.keys[number] = replace(item, kind=kind, key=key)


def find_key(router: Router, peer: IPv4Address) -> bytes | None:
    """The pre-shared key for a peer, that with the longest mask; None without one, or if it cannot be unsealed."""
    keys = [key for key in router.model.block(IsakmpConfig).keys if key.covers(peer)]
    best = max(keys, key=lambda key: int(key.mask), default=None)
    password = revealed(router.nvram, best.kind, best.key) if best is not None else None
    return password.encode() if password is not None else None


def _policy_lines(policy: PolicyConfig) -> Lines:
    default = PolicyConfig(policy.priority)
    lines = [f"crypto isakmp policy {policy.priority}"]
    if policy.encryption != default.encryption:
        name, bits = policy.encryption
        lines.append(f" encr {name}" + (f" {bits}" if bits > 128 else ""))
    if policy.hash != default.hash:
        lines.append(f" hash {policy.hash}")
    if policy.authentication != default.authentication:
        lines.append(f" authentication {policy.authentication}")
    if policy.group != default.group:
        lines.append(f" group {policy.group}")
    if policy.lifetime != default.lifetime:
        lines.append(f" lifetime {policy.lifetime}")
    return lines


def _key_line(key: PresharedKey) -> str:
    address = str(key.address)
    if key.mask == ANYBODY:
        address = address.ljust(PADDED_WIDTH)
    elif key.mask != HOST_MASK:
        address = f"{address} {key.mask}"
    words = ["crypto isakmp key", *(["6"] if key.kind == SEALED else []), key.key, "address", address]
    return " ".join(words + (["no-xauth"] if key.no_xauth else []))


def _paragraphs(router: Router) -> list[Lines]:
    config = router.model.block(IsakmpConfig)
    lines = [] if config.enabled else ["no crypto isakmp enable"]
    for priority in sorted(config.policies):
        lines += _policy_lines(config.policies[priority])
    return [lines + [_key_line(key) for key in config.keys] + config.kept.lines()]


SECTION = Section(Place.ISAKMP, _paragraphs)
