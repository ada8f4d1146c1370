"""show interfaces, show ip interface brief."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandError, CommandTable, Context
from iosemu.features.interface.config import Interfaces
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.wire.ethernet import format_mac

TABLE = CommandTable()
HEADING = f"{'Interface':<27}{'IP-Address':<16}OK? Method {'Status':<22}Protocol\n"


def status(interface: Interface) -> tuple[str, str]:
    """The state of the hardware and of the line protocol, in words."""
    if not interface.admin_up:
        return "administratively down", "down"
    word = "up" if interface.line_up else "down"
    return word, word


@TABLE.command(
    USER_EXEC,
    "show ip interface brief",
    """Show running system information
    IP information
    IP interface status and configuration
    Brief summary of IP status and configuration""",
)
def show_ip_interface_brief(ctx: Context) -> str:
    rows = []
    for interface in sorted(ctx.router.interfaces, key=lambda item: (item.name.virtual, item.name.sort_key())):
        address = str(interface.address) if interface.address else "unassigned"
        method = "NVRAM" if interface.address else "unset"
        state, protocol = status(interface)
        rows.append(f"{interface.name!s:<27}{address:<16}YES {method:<7}{state:<22}{protocol}\n")
    return HEADING + "".join(rows)


@TABLE.command(
    USER_EXEC,
    "show interfaces [INTERFACE$name]",
    """Show running system information
    Interface status and configuration
    Interface name""",
)
def show_interfaces(ctx: Context, name: InterfaceName | None = None) -> str:
    found = [item for item in ctx.router.interfaces if name in (None, item.name)]
    if not found:
        raise CommandError("% Invalid input detected at '^' marker.\n")
    return "".join(_block(ctx, interface) for interface in found)


def _block(ctx: Context, interface: Interface) -> str:
    config = ctx.router.model.block(Interfaces).get(interface.name)
    state, protocol = status(interface)
    counters = interface.counters
    now = ctx.router.clock.now()
    lines = [f"{interface.name} is {state}, line protocol is {protocol} "]
    if interface.is_loopback:
        lines.append("  Hardware is Loopback")
    else:
        mac = format_mac(interface.mac)
        lines.append(f"  Hardware is iGbE, address is {mac} (bia {mac})")
    if config.description:
        lines.append(f"  Description: {config.description}")
    lines += [f"  Internet address is {address}" for address in interface.addresses[:1]]
    bandwidth, delay = (8000000, 5000) if interface.is_loopback else (1000000, 10)
    lines += [
        f"  MTU {config.mtu} bytes, BW {bandwidth} Kbit/sec, DLY {delay} usec, ",
        "     reliability 255/255, txload 1/255, rxload 1/255",
        f"  Encapsulation {'LOOPBACK' if interface.is_loopback else 'ARPA'}, loopback not set",
        "  Keepalive set (10 sec)",
    ]
    if not interface.is_loopback:
        lines += ["  Full Duplex, 1Gbps, media type is RJ45", "  ARP type: ARPA, ARP Timeout 04:00:00"]
    lines += [
        f"  Last input {_ago(now, counters.last_input)}, output {_ago(now, counters.last_output)}, output hang never",
        '  Last clearing of "show interface" counters never',
        f"  Input queue: 0/75/{counters.input_drops}/0 (size/max/drops/flushes);"
        f" Total output drops: {counters.output_drops}",
        f"     {counters.packets_in} packets input, {counters.octets_in} bytes, 0 no buffer",
        "     Received 0 broadcasts (0 IP multicasts)",
        "     0 runts, 0 giants, 0 throttles ",
        f"     {counters.input_errors} input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored",
        f"     {counters.packets_out} packets output, {counters.octets_out} bytes, 0 underruns",
        "     0 output errors, 0 collisions, 0 interface resets",
    ]
    return "\n".join(lines) + "\n"


def _ago(now: float, then: float | None) -> str:
    if then is None:
        return "never"
    seconds = int(now - then)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
