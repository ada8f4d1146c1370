"""Port specifications of the command line: `udp:LADDR:LPORT:RADDR:RPORT`, `tap:NAME`, `tun:NAME`, `raw:NIC`."""

from __future__ import annotations

from iosemu.ports.errors import PortError
from iosemu.router.clock import Clock
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.port import Port

FORMS = "udp:LADDR:LPORT:RADDR:RPORT, tap:NAME, tun:NAME or raw:NIC"


def parse_binding(text: str) -> tuple[InterfaceName, str]:
    """Interface and specification of `IFACE=SPEC`; raises PortError."""
    interface, equals, spec = text.partition("=")
    name = parse_name(interface)
    if not equals or name is None:
        raise PortError(f"port {text!r}: IFACE=SPEC is needed, such as Gi0/0=tap:tap0")
    if name.virtual:
        raise PortError(f"port {text!r}: {name} is no interface that can be cabled")
    kind, _, rest = spec.partition(":")
    if kind == "udp":
        _udp(spec)
    elif kind not in ("tap", "tun", "raw") or not rest:
        raise PortError(f"port {text!r}: {spec!r} is none of {FORMS}")
    return name, spec


def open_port(clock: Clock, spec: str) -> Port:
    """Open a port of a checked specification; raises PortError."""
    kind, _, rest = spec.partition(":")
    if kind == "udp":
        from iosemu.ports.udp import UdpPort

        return UdpPort(clock, *_udp(spec))
    from iosemu.ports.device import DevicePort
    from iosemu.ports.raw import RawNic
    from iosemu.ports.tuntap import TunTap

    return DevicePort(RawNic(rest) if kind == "raw" else TunTap(kind, rest))


def _udp(spec: str) -> tuple[tuple[str, int], tuple[str, int]]:
    parts = spec.split(":")
    if len(parts) != 5 or not all(part.isdecimal() and int(part) < 65536 for part in (parts[2], parts[4])):
        raise PortError(f"port {spec!r} is not of the form udp:LADDR:LPORT:RADDR:RPORT")
    return (parts[1], int(parts[2])), (parts[3], int(parts[4]))
