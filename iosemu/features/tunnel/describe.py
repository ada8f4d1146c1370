"""What `show interfaces` says of a tunnel beyond what it says of every interface."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.features.tunnel.config import MULTIPOINT, TunnelConfig, Tunnels, keepalive_of
from iosemu.features.tunnel.discovery import limits
from iosemu.features.tunnel.port import TTL, TunnelPort
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router

# What a tunnel announces as its bandwidth (kbit/s).
BANDWIDTH = 8000


def details(router: Router, interface: Interface, ports: Mapping[InterfaceName, TunnelPort]) -> list[str]:
    """The lines between the encapsulation and the counters."""
    config = router.model.block(Tunnels).by_name.get(interface.name) or TunnelConfig()
    port = ports.get(interface.name)
    state = "up" if port is not None and port.carrier else "down"
    keepalive = keepalive_of(router.model, interface.name)
    text = "not set" if keepalive is None else f"set ({keepalive[0]} sec), retries {keepalive[1]}"
    lines = [f"  Keepalive {text}", f"  Tunnel linestate evaluation {state}", *_ends(router, config, interface)]
    many = config.mode == MULTIPOINT
    protocol = f"{'multi-' if many else ''}GRE/IP" if config.is_gre else config.mode
    lines.append(f"  Tunnel protocol/transport {protocol}")
    key = f"Key 0x{config.key:X}" if config.key is not None else "Key disabled"
    lines.append(f"    {key}, sequencing {_word(config.sequence)}")
    lines.append(f"    Checksumming of packets {_word(config.checksum)}")
    lines.append(f"  Tunnel TTL {config.ttl or TTL}, Fast tunneling enabled")
    if config.discovery is not None:
        least, age = limits(config.discovery)
        ager = "infinite" if age is None else f"{age} mins"
        lines.append(f"  Path MTU Discovery, ager {ager}, min MTU {least}")
        found = sorted(port.path_mtus.items()) if port is not None else []
        lines += [f"    Path destination {end}: MTU {mtu}" for end, mtu in found]
    lines.append(f"  Tunnel transport MTU {port.room if port is not None else 0} bytes")
    return [*lines, f"  Tunnel transmit bandwidth {BANDWIDTH} (kbps)", f"  Tunnel receive bandwidth {BANDWIDTH} (kbps)"]


def _word(enabled: bool) -> str:
    return "enabled" if enabled else "disabled"


def _ends(router: Router, config: TunnelConfig, interface: Interface) -> list[str]:
    """Where the tunnel begins and ends."""
    if config.source is None:
        return ["  Tunnel source UNKNOWN"]
    destination = (
        "" if config.mode == MULTIPOINT or config.destination is None else f", destination {config.destination}"
    )
    if not isinstance(config.source, InterfaceName):
        return [f"  Tunnel source {config.source}{destination}"]
    found = router.interfaces.get(config.source)
    address = found.address if found is not None and found.address is not None else "0.0.0.0"
    tunnels = [item for item in router.model.block(Tunnels).by_name.values() if item.source == config.source]
    members = f"{len(tunnels)} member{'s' if len(tunnels) > 1 else ''} (includes iterators), on interface <OK>"
    return [
        f"  Tunnel source {address} ({config.source}){destination}",
        "   Tunnel Subblocks:",
        "      src-track:",
        f"         {interface.name} source tracking subblock associated with {config.source}",
        f"          Set of tunnels with source {config.source}, {members}",
    ]
