"""show ipv6 traffic. What this router does not do (source routes, RPF, multicast listeners) counts nothing."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.router.icmp6 import Icmp6Host
from iosemu.router.ip6 import Ip6Stack
from iosemu.wire import icmpv6

TABLE = CommandTable()


@TABLE.command(
    USER_EXEC,
    "show ipv6 traffic",
    "Show running system information\nIPv6 information\nIPv6 traffic statistics",
)
def show_traffic(ctx: Context) -> str:
    stack = ctx.router.ip6
    lines = ["IPv6 statistics:", *_packets(stack), "", "ICMP statistics:"]
    lines += [*_messages(stack.icmp, "in"), *_messages(stack.icmp, "out")]
    udp = stack.counters["UDP"]
    lines += [
        "",
        "UDP statistics:",
        f"  Rcvd: {udp} input, 0 checksum errors, 0 length errors",
        f"        {udp} no port, 0 dropped",
        f"  Sent: {stack.counters['UDP sent']} output",
        "",
        "TCP statistics:",
        "  Rcvd: 0 input, 0 checksum errors",
        "  Sent: 0 output, 0 retransmitted",
    ]
    return "".join(f"{line}\n" for line in lines)


def _packets(stack: Ip6Stack) -> list[str]:
    count = stack.counters
    sent = count["generated"] + count["forwarded"]
    return [
        f"  Rcvd:  {count['received']} total, {count['received octets']} total_bytes,"
        f" {count['delivered']} local destination",
        f"         0 source-routed, 0 truncated, {count['no route']} no route",
        f"         0 format errors, {count['hop count exceeded']} hop count exceeded",
        f"         0 bad header, 0 unknown option, {count['bad source']} bad source",
        f"         {count['unknown protocol']} unknown protocol, {count['not a router']} not a router",
        f"         {count['fragments']} fragments, {count['reassembled']} total reassembled",
        "         0 reassembly timeouts, 0 reassembly failures",
        f"  Sent:  {sent} total, {count['sent octets']} total_bytes",
        f"         {count['generated']} generated, {count['forwarded']} forwarded",
        f"         {count['fragmented']} fragmented into {count['made fragments']} fragments, 0 failed",
        f"         {count['encapsulation failed']} encapsulation failed, 0 no route, {count['too big']} too big",
        "         0 RPF drops, 0 RPF suppressed drops",
        f"  Mcast: {count['groups received']} received, {count['groups received octets']} received bytes",
        f"         {count['groups sent']} sent, {count['groups sent octets']} sent bytes",
    ]


def _messages(icmp: Icmp6Host, way: str) -> list[str]:
    """What came in, or went out, by kind."""

    def count(kind: int, code: int | None = None) -> int:
        found = icmp.counters.items()
        return sum(n for (where, k, c), n in found if (where, k) == (way, kind) and code in (None, c))

    total = sum(number for (where, _, _), number in icmp.counters.items() if where == way)
    unreachable, parameter, late = icmpv6.UNREACHABLE, icmpv6.PARAMETER_PROBLEM, icmpv6.TIME_EXCEEDED
    reach = [count(unreachable, code) for code in range(5)]
    wrong = [count(parameter, code) for code in range(3)]
    if way == "in":
        head = [
            f"  Rcvd: {total} input, 0 checksum errors, 0 too short",
            "        0 unknown info type, 0 unknown error type",
        ]
    else:
        head = [f"  Sent: {total} output, {icmp.rate_limited} rate-limited"]
    return [
        *head,
        f"        unreach: {reach[0]} routing, {reach[1]} admin, {reach[2]} neighbor,"
        f" {reach[3]} address, {reach[4]} port",
        "                 0 sa policy, 0 reject route",
        f"        parameter: {wrong[0]} error, {wrong[1]} header, {wrong[2]} option",
        f"        {count(late, 0)} hopcount expired, {count(late, 1)} reassembly timeout,"
        f"{count(icmpv6.PACKET_TOO_BIG)} too big",
        *(["        0 bad embedded ipv6"] if way == "in" else []),
        f"        {count(icmpv6.ECHO_REQUEST)} echo request, {count(icmpv6.ECHO_REPLY)} echo reply",
        "        0 group query, 0 group report, 0 group reduce",
        f"        {count(icmpv6.ROUTER_SOLICITATION)} router solicit,"
        f" {count(icmpv6.ROUTER_ADVERTISEMENT)} router advert, {count(icmpv6.REDIRECT)} redirects",
        f"        {count(icmpv6.NEIGHBOR_SOLICITATION)} neighbor solicit,"
        f" {count(icmpv6.NEIGHBOR_ADVERTISEMENT)} neighbor advert",
    ]
