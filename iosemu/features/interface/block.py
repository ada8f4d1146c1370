"""One interface as `show interfaces` prints it."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.features.interface.config import InterfaceConfig
from iosemu.router.interfaces import Interface
from iosemu.router.load import Load
from iosemu.wire.ethernet import format_mac


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a type of interface has on its own: bandwidth in kbit/s, delay in microseconds."""

    name: str
    encapsulation: str
    mtu: int | None
    bandwidth: int
    delay: int


# What fits into a packet of the usual size behind the shortest header of a tunnel.
GRE_ROOM = 1476
ETHERNET = Hardware("iGbE", "ARPA", None, 1000000, 10)
KINDS = {
    "Loopback": Hardware("Loopback", "LOOPBACK", 1514, 8000000, 5000),
    "Tunnel": Hardware("Tunnel", "TUNNEL", 17916, 100, 50000),
    "FastEthernet": Hardware("iFastE", "ARPA", None, 100000, 100),
    "Ethernet": Hardware("AmdP2", "ARPA", None, 10000, 1000),
}


def status(interface: Interface) -> tuple[str, str]:
    """The state of the hardware and of the line protocol, in words. A tunnel has no hardware that could be down."""
    if not interface.admin_up:
        return "administratively down", "down"
    word = "up" if interface.line_up else "down"
    return ("up" if interface.name.kind == "Tunnel" else word), word


def interface_block(config: InterfaceConfig, interface: Interface, now: float, details: list[str]) -> str:
    """All lines of an interface, with those that its type has on its own."""
    state, protocol = status(interface)
    head = [f"{interface.name} is {state}, line protocol is {protocol} ", *_identity(config, interface)]
    if interface.name.is_subinterface:
        return "\n".join(
            [*head, *_link(config, interface, now), '  Last clearing of "show interface" counters never', ""]
        )
    return "\n".join([*head, *_link(config, interface, now), *details, *_traffic(interface, now), ""])


def _identity(config: InterfaceConfig, interface: Interface) -> list[str]:
    hardware = KINDS.get(interface.name.kind, ETHERNET)
    mac = format_mac(interface.mac)
    lines = [f"  Hardware is {hardware.name}"]
    if hardware.encapsulation == "ARPA":
        lines = [f"  Hardware is {hardware.name}, address is {mac} (bia {mac})"]
    if config.description:
        lines.append(f"  Description: {config.description}")
    return lines + [f"  Internet address is {address}" for address in interface.addresses[:1]]


def _link(config: InterfaceConfig, interface: Interface, now: float) -> list[str]:
    hardware = KINDS.get(interface.name.kind, ETHERNET)
    mtu = hardware.mtu or config.mtu
    if hardware.encapsulation == "TUNNEL" and interface.port is not None:
        # The largest packet of all less what stands in front of it.
        mtu -= GRE_ROOM - interface.port.largest()
    bandwidth = config.bandwidth or hardware.bandwidth
    tx, rx = (_share(load, bandwidth, now) for load in (interface.load_out, interface.load_in))
    lines = [
        f"  MTU {mtu} bytes, BW {bandwidth} Kbit/sec, DLY {hardware.delay} usec, ",
        f"     reliability 255/255, txload {tx}/255, rxload {rx}/255",
    ]
    if interface.name.is_subinterface:
        tag = f"  Encapsulation 802.1Q Virtual LAN, Vlan ID  {config.vlan}."
        return [*lines, tag if config.vlan else "  Encapsulation ARPA, loopback not set"]
    lines.append(f"  Encapsulation {hardware.encapsulation}, loopback not set")
    if hardware.encapsulation != "TUNNEL":
        lines.append("  Keepalive set (10 sec)")
    if hardware.encapsulation == "ARPA":
        lines += [
            "  Auto Duplex, Auto Speed, link type is auto, media type is RJ45",
            "  output flow-control is unsupported, input flow-control is unsupported",
            "  ARP type: ARPA, ARP Timeout 04:00:00",
        ]
    return lines


def _traffic(interface: Interface, now: float) -> list[str]:
    counters = interface.counters
    overruns = interface.port.overruns() if interface.port is not None else 0
    return [
        f"  Last input {_ago(now, counters.last_input)}, output {_ago(now, counters.last_output)}, output hang never",
        '  Last clearing of "show interface" counters never',
        f"  Input queue: 0/75/{counters.input_drops}/0 (size/max/drops/flushes);"
        f" Total output drops: {counters.output_drops}",
        "  Queueing strategy: fifo",
        "  Output queue: 0/40 (size/max)",
        _rate("input", interface.load_in, now),
        _rate("output", interface.load_out, now),
        f"     {counters.packets_in} packets input, {counters.octets_in} bytes, 0 no buffer",
        f"     Received {counters.broadcasts} broadcasts ({counters.multicasts} IP multicasts)",
        "     0 runts, 0 giants, 0 throttles ",
        f"     {counters.input_errors + overruns} input errors, 0 CRC, 0 frame, {overruns} overrun, 0 ignored",
        f"     0 watchdog, {counters.multicasts} multicast, 0 pause input",
        f"     {counters.packets_out} packets output, {counters.octets_out} bytes, 0 underruns",
        "     0 output errors, 0 collisions, 0 interface resets",
        "     0 unknown protocol drops",
        "     0 babbles, 0 late collision, 0 deferred",
        "     0 lost carrier, 0 no carrier, 0 pause output",
        "     0 output buffer failures, 0 output buffers swapped out",
    ]


def _rate(direction: str, load: Load, now: float) -> str:
    """IOS rounds bits to thousands."""
    minutes, rest = divmod(load.interval, 60)
    period = f"{load.interval} second" if rest else f"{minutes} minute"
    bits, packets = load.rates(now)
    return f"  {period} {direction} rate {round(bits / 1000) * 1000} bits/sec, {round(packets)} packets/sec"


def _share(load: Load, kilobits: int, now: float) -> int:
    """The load of a line in parts of 255, at least one."""
    return min(255, max(1, int(load.rates(now)[0] / (kilobits * 1000) * 255)))


def _ago(now: float, then: float | None) -> str:
    if then is None:
        return "never"
    seconds = int(now - then)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
