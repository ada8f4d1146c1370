"""The layout of a flow in `show crypto ipsec sa`, whatever made its SAs."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.crypto.esp_transforms import EspTransform


@dataclass(frozen=True, slots=True)
class SaText:
    """One direction of an SA. `timing` are the lines about its lifetime, `settings` words such as Tunnel."""

    spi: bytes
    transform: EspTransform
    settings: str
    connection_id: int
    map_name: str
    timing: tuple[str, ...]
    replay: bool


@dataclass(frozen=True, slots=True)
class CounterText:
    """Packets of a flow; the fields from `no_sa` on are shown in detail only."""

    encapsulated: int = 0
    decapsulated: int = 0
    send_errors: int = 0
    receive_errors: int = 0
    no_sa: int = 0
    bad_icv: int = 0
    wrong_identity: int = 0
    replayed: int = 0


@dataclass(frozen=True, slots=True)
class FlowText:
    """A flow. `idents` are address, mask, protocol and port of either end; `peer` is address and port; `path` stands in
    the place of the MTUs, empty without an SA to send with."""

    idents: tuple[str, str]
    peer: str
    flags: str
    local: str
    remote: str
    counters: CounterText
    group: str = ""
    path: str = ""
    outbound_spi: bytes = bytes(4)
    pfs: str = "PFS (Y/N): N, DH group: none"
    inbound: list[SaText] = field(default_factory=list)
    outbound: list[SaText] = field(default_factory=list)


def flow_lines(flow: FlowText, detail: bool) -> list[str]:
    """The block of a flow, from the empty line in front of it."""
    lines = [
        "",
        "   protected vrf: (none)",
        f"   local  ident (addr/mask/prot/port): ({flow.idents[0]})",
        f"   remote ident (addr/mask/prot/port): ({flow.idents[1]})",
        *([f"   Group: {flow.group}"] if flow.group else []),
        f"   current_peer {flow.peer}",
        f"     PERMIT, flags={{{flow.flags}}}",
        *(_detailed(flow.counters) if detail else _counters(flow.counters)),
        "",
        f"     local crypto endpt.: {flow.local}, remote crypto endpt.: {flow.remote}",
        *([f"     {flow.path}"] if flow.path else []),
        f"     current outbound spi: {spi_text(flow.outbound_spi)}",
        f"     {flow.pfs}",
        "",
    ]
    for direction, sas in (("inbound", flow.inbound), ("outbound", flow.outbound)):
        lines += [f"     {direction} esp sas:", *(line for sa in sas for line in _sa(sa))]
        lines += ["", f"     {direction} ah sas:", "", f"     {direction} pcp sas:", ""]
    return lines[:-1]


def spi_text(spi: bytes) -> str:
    """`0x5A69F51E(1516893470)`; none is `0x0(0)`."""
    number = int.from_bytes(spi, "big")
    return f"0x{number:08X}({number})" if number else "0x0(0)"


def _counters(counters: CounterText) -> list[str]:
    return [
        *_packets(counters),
        f"    #send errors {counters.send_errors}, #recv errors {counters.receive_errors}",
    ]


def _packets(counters: CounterText) -> list[str]:
    out, into = counters.encapsulated, counters.decapsulated
    return [
        f"    #pkts encaps: {out}, #pkts encrypt: {out}, #pkts digest: {out}",
        f"    #pkts decaps: {into}, #pkts decrypt: {into}, #pkts verify: {into}",
        "    #pkts compressed: 0, #pkts decompressed: 0",
        "    #pkts not compressed: 0, #pkts compr. failed: 0",
        "    #pkts not decompressed: 0, #pkts decompress failed: 0",
    ]


def _detailed(counters: CounterText) -> list[str]:
    return [
        *_packets(counters),
        f"    #pkts no sa (send) {counters.no_sa}, #pkts invalid sa (rcv) 0",
        f"    #pkts encaps failed (send) {counters.send_errors - counters.no_sa}, #pkts decaps failed (rcv) 0",
        f"    #pkts invalid prot (recv) 0, #pkts verify failed: {counters.bad_icv}",
        f"    #pkts invalid identity (recv) {counters.wrong_identity}, #pkts invalid len (rcv) 0",
        "    #pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0",
        f"    ##pkts replay failed (rcv): {counters.replayed}",
        "    #pkts tagged (send): 0, #pkts untagged (rcv): 0",
        "    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0",
        "    #pkts internal err (send): 0, #pkts internal err (recv) 0",
    ]


def _sa(sa: SaText) -> list[str]:
    number = sa.connection_id
    return [
        f"      spi: {spi_text(sa.spi)}",
        f"        transform: {sa.transform.display()} ,",
        f"        in use settings ={{{sa.settings}, }}",
        f"        conn id: {number}, flow_id: SW:{number}, sibling_flags 80000040, crypto map: {sa.map_name}",
        *(f"        {line}" for line in sa.timing),
        f"        IV size: {sa.transform.iv_size} bytes",
        f"        replay detection support: {'Y' if sa.replay else 'N'}",
        "        Status: ACTIVE(ACTIVE)",
    ]
