"""`interface` blocks of the running-config."""

from __future__ import annotations

from ipaddress import IPv4Interface

from iosemu.features.interface.config import InterfaceConfig, Interfaces
from iosemu.features.interface.order import in_ios_order
from iosemu.router.interfaces import DEFAULT_MTU
from iosemu.router.load import DEFAULT_INTERVAL
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section, contributed


def own_lines(interface: InterfaceConfig) -> Lines:
    """The lines that this feature knows, without those of other features."""
    lines = [f" description {interface.description}"] if interface.description else []
    if interface.mtu != DEFAULT_MTU:
        lines.append(f" mtu {interface.mtu}")
    if interface.bandwidth:
        lines.append(f" bandwidth {interface.bandwidth}")
    if interface.load_interval != DEFAULT_INTERVAL:
        lines.append(f" load-interval {interface.load_interval}")
    if interface.vlan:
        lines.append(f" encapsulation dot1Q {interface.vlan}" + (" native" if interface.native else ""))
    if interface.address:
        lines.append(_address(interface.address))
        lines += [f"{_address(address)} secondary" for address in interface.secondaries]
    elif interface.dynamic:
        lines.append(f" ip address {interface.dynamic}")
    elif not any(line.startswith("ip unnumbered") for line in interface.kept.items):
        lines.append(" no ip address")
    if interface.ip_mtu:
        lines.append(f" ip mtu {interface.ip_mtu}")
    if interface.adjust_mss:
        lines.append(f" ip tcp adjust-mss {interface.adjust_mss}")
    return lines + ([" shutdown"] if interface.shutdown else [])


def _address(address: IPv4Interface) -> str:
    return f" ip address {address.ip} {address.netmask}"


def _paragraphs(router: Router) -> list[Lines]:
    return [
        [
            f"interface {interface.name}",
            *in_ios_order(
                [
                    *own_lines(interface),
                    *interface.kept.lines(" "),
                    *contributed(router, "interface", str(interface.name)),
                ]
            ),
        ]
        for interface in router.model.block(Interfaces).ordered()
    ]


SECTION = Section(Place.INTERFACE, _paragraphs)
