"""`crypto isakmp` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.features.accounts.master_key import Change
from iosemu.features.isakmp.keys import ANYBODY, HOST_MASK, HostKey, PresharedKey, changed, secret_words
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

CONFIG_ISAKMP = Mode("config-isakmp", "(config-isakmp)", "ISAKMP commands:", CONFIG)
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


@dataclass(frozen=True)
class KeepaliveConfig:
    """Dead peer detection; `retry` of None is the default, which is not printed."""

    interval: int
    retry: int | None = None
    periodic: bool = False

    def words(self) -> str:
        """As the running-config writes it."""
        words = [str(self.interval), *([str(self.retry)] if self.retry is not None else [])]
        return " ".join([*words, *(["periodic"] if self.periodic else [])])


@dataclass
class IsakmpConfig:
    """All of phase 1's global configuration; `identity` is address, dn or hostname, `nat_keepalive` in seconds; `kept`
    holds lines that have no effect."""

    enabled: bool = True
    default_policies: bool = True
    policies: dict[int, PolicyConfig] = field(default_factory=dict)
    keys: list[PresharedKey] = field(default_factory=list)
    host_keys: list[HostKey] = field(default_factory=list)
    identity: str = "address"
    keepalive: KeepaliveConfig | None = None
    nat_keepalive: int | None = None
    aggressive_mode: bool = True
    fragmentation: bool = False
    invalid_spi_recovery: bool = False
    kept: Kept = field(default_factory=Kept)

    def change_keys(self, change: Change) -> None:
        """Pass each pre-shared key through a function."""
        self.keys = changed(self.keys, change)
        self.host_keys = changed(self.host_keys, change)


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
    words = ["crypto isakmp key", *secret_words(key), "address", address]
    return " ".join(words + (["no-xauth"] if key.no_xauth else []))


def _host_key_line(key: HostKey) -> str:
    words = ["crypto isakmp key", *secret_words(key), "hostname", key.host]
    return " ".join(words + (["no-xauth"] if key.no_xauth else []))


def _settings(config: IsakmpConfig) -> Lines:
    lines = [f"crypto isakmp identity {config.identity}"] if config.identity != "address" else []
    lines += ["crypto isakmp invalid-spi-recovery"] if config.invalid_spi_recovery else []
    lines += config.kept.lines()
    lines += [f"crypto isakmp keepalive {config.keepalive.words()}"] if config.keepalive else []
    lines += [f"crypto isakmp nat keepalive {config.nat_keepalive}"] if config.nat_keepalive else []
    lines += ["crypto isakmp fragmentation"] if config.fragmentation else []
    lines += [] if config.aggressive_mode else ["crypto isakmp aggressive-mode disable"]
    return lines


def _paragraphs(router: Router) -> list[Lines]:
    config = router.model.block(IsakmpConfig)
    lines = [] if config.enabled else ["no crypto isakmp enable"]
    lines += [] if config.default_policies else ["no crypto isakmp default policy"]
    for priority in sorted(config.policies):
        lines += _policy_lines(config.policies[priority])
    lines += [_key_line(key) for key in config.keys] + [_host_key_line(key) for key in config.host_keys]
    return [lines + _settings(config)]


SECTION = Section(Place.ISAKMP, _paragraphs)
