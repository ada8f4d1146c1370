"""What an entry of an IPv6 list may ask of a packet beside its protocol, addresses and ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iosemu.cli import CommandError
from iosemu.features.acl.conditions import DSCP, FLAGS
from iosemu.wire import icmpv6
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import TCP
from iosemu.wire.ipv6 import EXTENSIONS, FRAGMENT, HEADER, HOP_BY_HOP, ICMPV6, MAXIMUM_EXTENSIONS, ROUTING, upper_layer

# Type and code; no code means every code of the type.
MESSAGES: dict[str, tuple[int, int | None]] = {
    "beyond-scope": (icmpv6.UNREACHABLE, icmpv6.BEYOND_SCOPE),
    "destination-unreachable": (icmpv6.UNREACHABLE, icmpv6.ADDRESS_UNREACHABLE),
    "echo-reply": (icmpv6.ECHO_REPLY, None),
    "echo-request": (icmpv6.ECHO_REQUEST, None),
    "header": (icmpv6.PARAMETER_PROBLEM, icmpv6.ERRONEOUS_FIELD),
    "hop-limit": (icmpv6.TIME_EXCEEDED, icmpv6.HOP_LIMIT_EXCEEDED),
    "mld-query": (130, None),
    "mld-reduction": (132, None),
    "mld-report": (131, None),
    "nd-na": (icmpv6.NEIGHBOR_ADVERTISEMENT, None),
    "nd-ns": (icmpv6.NEIGHBOR_SOLICITATION, None),
    "next-header": (icmpv6.PARAMETER_PROBLEM, icmpv6.UNKNOWN_NEXT_HEADER),
    "no-admin": (icmpv6.UNREACHABLE, icmpv6.PROHIBITED),
    "no-route": (icmpv6.UNREACHABLE, icmpv6.NO_ROUTE),
    "packet-too-big": (icmpv6.PACKET_TOO_BIG, None),
    "parameter-option": (icmpv6.PARAMETER_PROBLEM, icmpv6.UNKNOWN_OPTION),
    "parameter-problem": (icmpv6.PARAMETER_PROBLEM, None),
    "port-unreachable": (icmpv6.UNREACHABLE, icmpv6.PORT_UNREACHABLE),
    "reassembly-timeout": (icmpv6.TIME_EXCEEDED, icmpv6.REASSEMBLY_TIME_EXCEEDED),
    "router-advertisement": (icmpv6.ROUTER_ADVERTISEMENT, None),
    "router-solicitation": (icmpv6.ROUTER_SOLICITATION, None),
    "time-exceeded": (icmpv6.TIME_EXCEEDED, None),
    "unreachable": (icmpv6.UNREACHABLE, None),
}
SPEC = (
    "{dscp WORD$dscp|flow-label <0-1048575>$flow_label|fragments$fragments|hbh$hbh|routing$routing"
    "|undetermined-transport$undetermined|time-range WORD$time_range|(log|log-input)$log"
    "|reflect WORD$reflect [timeout <1-2147483>$reflect_timeout]|sequence <1-4294967294>$sequence}"
)
HELP = """Match packets with given dscp value
Differentiated services codepoint value
Match packets with given flow label
Flow label value
Check non-initial fragments
Match packets with hop-by-hop header
Match packets with routing header
Match packets with undetermined L4
Specify a time-range
Time-range entry name
Log matches against this entry
Log matches against this entry, including input interface
Create reflexive access list entry
Access-list name
Maximum time to live without traffic
Number of seconds
Sequence number for this entry
Sequence number"""
TCP_SPEC = f"[(established$established|({'|'.join(FLAGS)})$flag)]"
TCP_HELP = "\n".join(["Match established connections", *(f"Match on the {name.upper()} bit" for name in FLAGS)])


@dataclass(frozen=True, slots=True)
class Condition6:
    """What an entry asks of a packet besides protocol and ends. `kind` says what is looked at, `text` is how it is
    printed; the meaning of `values` depends on the kind."""

    kind: str
    text: str
    values: tuple[int | None, ...] = ()

    def covers(self, packet: bytes) -> bool:
        """Whether a packet is meant."""
        if self.kind == "dscp":
            return int.from_bytes(packet[:2], "big") >> 6 & 0x3F == self.values[0]
        if self.kind == "flow-label":
            return int.from_bytes(packet[:4], "big") & 0xFFFFF == self.values[0]
        if self.kind in ("hbh", "routing"):
            return (HOP_BY_HOP if self.kind == "hbh" else ROUTING) in _chain(packet)
        try:
            protocol, offset, begins = upper_layer(packet)
        except WireError:
            return self.kind == "undetermined-transport"
        if self.kind == "undetermined-transport":
            return False
        if self.kind == "fragments":
            return not begins
        if self.kind == "icmp":
            kind, code = self.values
            found = packet[offset : offset + 2]
            return protocol == ICMPV6 and begins and len(found) == 2 and found[0] == kind and code in (None, found[1])
        flags = packet[offset + 13 : offset + 14]
        return protocol == TCP and begins and bool(flags) and bool(flags[0] & (self.values[0] or 0))


def _chain(packet: bytes) -> list[int]:
    """The kinds of the extension headers, as far as they can be followed."""
    kinds: list[int] = []
    kind, offset = packet[6], HEADER
    while kind in EXTENSIONS and offset + 2 <= len(packet) and len(kinds) < MAXIMUM_EXTENSIONS:
        kinds.append(kind)
        kind, offset = packet[offset], offset + (8 if kinds[-1] == FRAGMENT else (packet[offset + 1] + 1) * 8)
    return kinds


def conditions(words: dict[str, Any]) -> tuple[Condition6, ...]:
    """The conditions that the bound words ask for, in the order of printing; raises CommandError."""
    found = []
    if "message" in words:
        found.append(Condition6("icmp", words["message"], MESSAGES[words["message"]]))
    elif "kind" in words:
        kind, code = words["kind"], words.get("code")
        names = {value: name for name, value in MESSAGES.items()}
        text = names.get((kind, code), str(kind) if code is None else f"{kind} {code}")
        found.append(Condition6("icmp", text, (kind, code)))
    if words.get("established"):
        found.append(Condition6("flags", "established", (FLAGS["ack"] | FLAGS["rst"],)))
    if flag := words.get("flag"):
        found.append(Condition6("flags", flag, (FLAGS[flag],)))
    if (word := words.get("dscp")) is not None:
        value = int(word) if word.isdecimal() else DSCP.get(word.lower(), 64)
        if value > 63:
            raise CommandError(at=word)
        name = next((name for name, number in DSCP.items() if number == value), str(value))
        found.append(Condition6("dscp", f"dscp {name}", (value,)))
    if (label := words.get("flow_label")) is not None:
        found.append(Condition6("flow-label", f"flow-label {label}", (label,)))
    for kind, word in (("fragments", "fragments"), ("hbh", "hbh"), ("routing", "routing")):
        found += [Condition6(kind, kind)] if words.get(word) else []
    if words.get("undetermined"):
        found.append(Condition6("undetermined-transport", "undetermined-transport"))
    return tuple(found)
