"""`debug crypto gdoi ... packet`: messages and what is in them, without keys."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.engines.esp.verdict import Verdict
from iosemu.engines.gdoi.contents import describe
from iosemu.engines.gdoi.events import MessageSeen
from iosemu.features.gdoi.messages.event_lines import EventLines
from iosemu.wire.coop import CoopMessage


def dump_message(lines: EventLines, side: str, event: MessageSeen) -> None:
    """Print a message of a registration or a rekey; `side` is "GM" or "KS"."""
    exchange, feature = ("GROUPKEY-PUSH", "REKEY") if event.push else ("GROUPKEY-PULL", "REGISTRATION")
    whom = event.peer if int(event.peer) else "the members"
    head = f"{exchange} to {whom}" if event.sent else f"{exchange} from {whom}"

    def told() -> Iterator[str]:
        yield f"{'Sent' if event.sent else 'Received'} {head}"
        yield from (f"  {line}" for line in describe(event.payloads, event.profile))

    lines.dump(f"{side} {feature}", event.group, event.peer, told)


def dump_announcement(
    lines: EventLines, group: str, peer: IPv4Address, message: CoopMessage, octets: int, *, sent: bool
) -> None:
    """Print a message of cooperative key servers."""

    def told() -> Iterator[str]:
        head = f"Sent {message.kind.name} to {peer}" if sent else f"Received {message.kind.name} from {peer}"
        yield f"{head}, sequence {message.sequence}, {octets} octets"
        yield f"  role {message.role.name}, priority {message.priority}, beat {message.beat}"
        if message.pseudotime is not None:
            yield f"  pseudotime {message.pseudotime:.2f}"
        if message.primary is not None:
            yield f"  primary {message.primary.address}, beat {message.primary.beat}"
        keys = message.keys
        if keys is not None:
            kek = f"KEK of SPI 0x{keys.kek.spi.hex().upper()}" if keys.kek is not None else "no KEK"
            teks = " ".join(f"0x{tek.spi.hex().upper()}" for tek in keys.teks)
            yield f"  keys of generation {keys.generation}: {kek}, TEKs of SPI {teks or 'none'}, keys are not shown"
        if message.database is not None:
            part = message.database
            yield f"  members: {len(part.records)} changes from {part.since} to {part.upto}"

    lines.dump("KS COOP", group, peer, told)


def dump_refused_packet(lines: EventLines, group: str, verdict: Verdict, packet: bytes) -> None:
    """Print a data packet that a member refused; its octets are not shown."""
    if packet[0] >> 4 != 4:
        return
    source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    text = f"Packet of {len(packet)} octets from {source} to {destination} refused: {verdict.reason}"
    lines.dump("GM REPLAY", group, source, lambda: [text])
