"""System messages and debug lines of PIM and IGMP."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.common import Event
from iosemu.engines.pim.events import DrChanged, Dropped, InvalidRpJoin, InvalidRpRegister, NeighborDown, NeighborUp
from iosemu.router.debugging import Debugging
from iosemu.router.names import parse_name
from iosemu.router.syslog import Syslog
from iosemu.wire.igmp import Igmp, IgmpMessage, IgmpType, Query3, Report3
from iosemu.wire.pim import Assert, Hello, JoinPrune, Pim, PimType, Register, RegisterStop
from iosemu.wire.pim_addresses import TreeSource

PIM_FLAG, IGMP_FLAG = "ip pim", "ip igmp"


def log_event(syslog: Syslog, event: Event) -> None:
    """The system message of an event, where it has one."""
    if isinstance(event, NeighborUp):
        text = f"neighbor {event.neighbor} UP on interface {event.interface} "
        syslog.log("PIM", 5, "NBRCHG", text)
    elif isinstance(event, NeighborDown):
        role = "DR" if event.was_dr else "non DR"
        syslog.log("PIM", 5, "NBRCHG", f"neighbor {event.neighbor} DOWN on interface {event.interface} {role}")
    elif isinstance(event, DrChanged):
        text = f"DR change from neighbor {event.before} to {event.after} on interface {event.interface}"
        syslog.log("PIM", 5, "DRCHG", text)
    elif isinstance(event, InvalidRpJoin):
        text = f"Received (*, {event.group}) Join from {event.source} for invalid RP {event.rp}"
        syslog.log("PIM", 6, "INVALID_RP_JOIN", text)
    elif isinstance(event, InvalidRpRegister):
        text = f"Received Register from router {event.source} for group {event.group}, {event.rp} not willing to be RP"
        syslog.log("PIM", 6, "INVALID_RP_REG", text)


def debug_drop(debugging: Debugging, event: Event) -> None:
    """Why a message was refused."""
    if isinstance(event, Dropped):
        debugging.emit(PIM_FLAG, f"PIM(0): Dropped message on {event.interface} from {event.source}: {event.reason}")


def debug_pim_in(debugging: Debugging, interface: str, source: IPv4Address, message: Pim | None, ours: bool) -> None:
    """Lines for a message that came in."""
    if PIM_FLAG not in debugging.active or message is None:
        return
    what = f"Received v2 {_kind(message)} on {interface} from {source}"
    if isinstance(message, Hello):
        debugging.emit(PIM_FLAG, f"PIM(0): {what}")
        return
    debugging.emit(PIM_FLAG, f"PIM(0): {what}{', to us' if ours else ', not to us'}")
    if isinstance(message, JoinPrune):
        for item in message.groups:
            for word, sources in (("Join", item.joins), ("Prune", item.prunes)):
                for root in sources:
                    debugging.emit(PIM_FLAG, f"PIM(0): {word}-list: {_entry(root, item.group)}")


def debug_pim_out(debugging: Debugging, interface: str | None, destination: IPv4Address, message: Pim) -> None:
    """A line for a message that goes out."""
    if PIM_FLAG not in debugging.active:
        return
    name = parse_name(interface or "")
    if isinstance(message, Hello):
        text = f"Send periodic v2 Hello on {interface}"
    elif isinstance(message, JoinPrune):
        text = f"Send v2 {_kind(message).lower()} to {message.upstream} ({name.short if name else interface})"
    elif isinstance(message, Register):
        null = "Null " if message.null else ""
        text = f"Send v2 {null}Register to {destination}"
    elif isinstance(message, RegisterStop):
        text = f"Send v2 Register-Stop to {destination} for {message.source}, group {message.group}"
    else:
        text = f"Send v2 {_kind(message)} on {interface}"
    debugging.emit(PIM_FLAG, f"PIM(0): {text}")


def debug_igmp(debugging: Debugging, interface: str, source: IPv4Address, message: Igmp, sent: bool) -> None:
    """A line for a message of a segment."""
    if IGMP_FLAG not in debugging.active:
        return
    version = f"v{message.version}"
    if isinstance(message, Query3) or (isinstance(message, IgmpMessage) and message.kind == IgmpType.QUERY):
        verb, way = ("Send", f"on {interface}") if sent else ("Received", f"on {interface} from {source}")
        about = "general " if not int(message.group) else ""
        group = f" for group {message.group}" if int(message.group) else ""
        text = f"{verb} {version} {about}Query {way}{group}"
    elif isinstance(message, Report3):
        groups = ", ".join(str(record.group) for record in message.records)
        text = f"{'Send' if sent else 'Received'} v3 Report on {interface} from {source} for {groups}"
    else:
        kind = "Leave" if message.kind == IgmpType.LEAVE else f"{version} Report"
        text = f"{'Send' if sent else 'Received'} {kind} on {interface} from {source} for {message.group}"
    debugging.emit(IGMP_FLAG, f"IGMP(0): {text}")


def _kind(message: Pim) -> str:
    if isinstance(message, JoinPrune):
        return {PimType.GRAFT: "Graft", PimType.GRAFT_ACK: "Graft-Ack"}.get(message.kind, "Join/Prune")
    names = {Hello: "hello", Register: "Register", RegisterStop: "Register-Stop", Assert: "Assert"}
    return names[type(message)]


def _entry(root: TreeSource, group: IPv4Address) -> str:
    if root.wildcard:
        return f"(*, {group}), RPT-bit set, WC-bit set, S-bit set"
    return f"({root.address}/32, {group}), {'RPT-bit set, ' if root.rpt else ''}S-bit set"
