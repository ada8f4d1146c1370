"""What an entry for point-to-point SAs says, in `ipsec-isakmp` entries and in dynamic maps."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.router.running_config import Lines

# How `set security-association lifetime kilobytes disable` is kept.
NO_VOLUME = 0


@dataclass(frozen=True)
class Peer:
    """One `set peer` line: an address or a host name. `default` is the one that negotiations begin with, `dynamic`
    tells that its name is looked up for each of them."""

    name: str
    default: bool = False
    dynamic: bool = False

    @property
    def line(self) -> str:
        """The words behind `set peer`."""
        return " ".join([self.name, *(["dynamic"] if self.dynamic else []), *(["default"] if self.default else [])])


@dataclass(frozen=True)
class ReverseRoute:
    """Routes to what a peer protects: by the peer itself or a `gateway` in its place, while there are SAs or, `static`,
    for good."""

    gateway: IPv4Address | None = None
    by_gateway: bool = False
    static: bool = False

    @property
    def line(self) -> str:
        """The whole line."""
        words = ["reverse-route"]
        words += [f"remote-peer {self.gateway}"] if self.gateway is not None else []
        words += ["gateway"] if self.by_gateway else []
        return " ".join(words + (["static"] if self.static else []))


@dataclass
class TunnelSettings:
    """None leaves a setting to the global one. `days` is how a lifetime was entered, `pfs` the name of a group,
    `replay` a window or 0 for none, `idle_time` with the word `default` that may follow it."""

    peers: list[Peer] = field(default_factory=list)
    transform_sets: list[str] = field(default_factory=list)
    pfs: str | None = None
    seconds: int | None = None
    days: int | None = None
    kilobytes: int | None = None
    idle_time: int | None = None
    idle_default: bool = False
    per_host: bool = False
    replay: int | None = None
    df_bit: str | None = None
    isakmp_profile: str | None = None
    reverse_route: ReverseRoute | None = None

    @property
    def lifetime(self) -> int | None:
        """In seconds, however it was entered."""
        return self.days * 86400 if self.days is not None else self.seconds


def lines_before_acl(tunnel: TunnelSettings) -> Lines:
    """The lines in front of `match address`."""
    lines = [f" set peer {peer.line}" for peer in tunnel.peers]
    association = " set security-association"
    if tunnel.seconds is not None:
        lines.append(f"{association} lifetime seconds {tunnel.seconds}")
    if tunnel.days is not None:
        lines.append(f"{association} lifetime days {tunnel.days}")
    if tunnel.kilobytes is not None:
        lines.append(f"{association} lifetime kilobytes {tunnel.kilobytes or 'disable'}")
    if tunnel.idle_time is not None:
        lines.append(f"{association} idle-time {tunnel.idle_time}" + (" default" if tunnel.idle_default else ""))
    if tunnel.replay is not None:
        lines.append(f"{association} replay " + (f"window-size {tunnel.replay}" if tunnel.replay else "disable"))
    lines += [f"{association} dfbit {tunnel.df_bit}"] if tunnel.df_bit else []
    lines += [f"{association} level per-host"] if tunnel.per_host else []
    # IOS prints a blank behind the names.
    lines += [f" set transform-set {' '.join(tunnel.transform_sets)} "] if tunnel.transform_sets else []
    lines += [f" set pfs {tunnel.pfs}"] if tunnel.pfs else []
    lines += [f" set isakmp-profile {tunnel.isakmp_profile}"] if tunnel.isakmp_profile else []
    return lines


def lines_behind_acl(tunnel: TunnelSettings) -> Lines:
    """The lines behind `match address`."""
    return [f" {tunnel.reverse_route.line}"] if tunnel.reverse_route is not None else []
