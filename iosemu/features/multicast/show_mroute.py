"""show ip mroute."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.pim.config import Mode, listed
from iosemu.engines.pim.engine import PimEngine
from iosemu.engines.pim.states import RegisterState
from iosemu.engines.pim.trees import Tree
from iosemu.features.multicast.config import MulticastConfig
from iosemu.features.multicast.service import MulticastService
from iosemu.features.multicast.text import span
from iosemu.router.names import parse_name

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nIP multicast routing table\n"
_BLANK = " "
LEGEND = f"""\
IP Multicast Routing Table
Flags: D - Dense, S - Sparse, B - Bidir Group, s - SSM Group, C - Connected,
       L - Local, P - Pruned, R - RP-bit set, F - Register flag,
       T - SPT-bit set, J - Join SPT, M - MSDP created entry, E - Extranet,
       X - Proxy Join Timer Running, A - Candidate for MSDP Advertisement,
       U - URD, I - Received Source Specific Host Report,{_BLANK}
       Z - Multicast Tunnel, z - MDT-data group sender,{_BLANK}
       Y - Joined MDT-data group, y - Sending to MDT-data group,{_BLANK}
       G - Received BGP C-Mroute, g - Sent BGP C-Mroute,{_BLANK}
       N - Received BGP Shared-Tree Prune, n - BGP C-Mroute suppressed,{_BLANK}
       Q - Received BGP S-A Route, q - Sent BGP S-A Route,{_BLANK}
       V - RD & Vector, v - Vector, p - PIM Joins on route,{_BLANK}
       x - VxLAN group
Outgoing interface flags: H - Hardware switched, A - Assert winner, p - PIM Join
 Timers: Uptime/Expires
 Interface state: Interface, Next-Hop or VCD, State/Mode
"""
MODES = {Mode.SPARSE: "Sparse", Mode.DENSE: "Dense", Mode.SPARSE_DENSE: "Sparse-Dense"}
NOBODY = IPv4Address(0)


class View:
    """The table of a router at a moment."""

    def __init__(self, ctx: Context) -> None:
        self._router = ctx.router
        self._service = ctx.router.service(MulticastService)
        self._now = ctx.router.clock.now()
        self._links = {link.config.name: link for link in self.engine.links}

    @property
    def engine(self) -> PimEngine:
        """Whose table it is."""
        return self._service.engine

    def heading(self, tree: Tree, outgoing: str = "") -> str:
        """The first line of an entry."""
        source = tree.source or "*"
        rp = f", RP {tree.rp or NOBODY}" if tree.source is None else ""
        times = f"{span(self._now - tree.created_at)}/{self._expiry(tree)}"
        return f"({source}, {tree.group}), {times}{rp}{outgoing}, flags: {self.flags(tree)}"

    def entry(self, tree: Tree) -> list[str]:
        """An entry with its interfaces."""
        rpf = tree.rpf
        winner = tree.asserts.get(rpf.interface) if rpf is not None else None
        neighbor = winner.address if winner is not None else rpf.neighbor if rpf is not None else None
        registering = tree.register in (RegisterState.JOIN, RegisterState.JOIN_PENDING)
        incoming = f"{rpf.interface if rpf is not None else 'Null'}, RPF nbr {neighbor or NOBODY}"
        lines = [self.heading(tree), f"  Incoming interface: {incoming}{', Registering' if registering else ''}"]
        outgoing = [self._outgoing(tree, name, since) for name, since in tree.outgoing.items()]
        pruned = [name for name in sorted(tree.cut()) if tree.dense]
        outgoing += [self._row(tree, name, "Prune", tree.created_at, tree.prunes[name].expires_at) for name in pruned]
        return lines + (["  Outgoing interface list:", *outgoing] if outgoing else ["  Outgoing interface list: Null"])

    def flags(self, tree: Tree) -> str:
        """The letters of the legend, in the order of IOS."""
        members = bool(self.members(tree))
        local = self._router.ip.multicast.is_member(int(tree.group))
        switching = not listed(self.engine.config.stay, tree.group)
        if tree.source is None:
            kind = "D" if tree.dense else "S"
            joins = "J" if members and switching and not tree.dense and tree.rp not in self.engine.config.own else ""
            pruned = "P" if not tree.outgoing and not tree.dense else ""
            return kind + joins + pruned + ("C" if members else "") + ("L" if local else "")
        letters = ("P" if not tree.outgoing else "") + ("L" if local else "")
        if tree.register is not RegisterState.NO_INFO or self._is_own_source(tree):
            letters += "F"
        return (
            letters
            + ("J" if tree.switched else "")
            + ("R" if tree.prunes and not tree.spt else "")
            + ("T" if tree.spt else "")
        )

    def members(self, tree: Tree) -> list[str]:
        """The interfaces with members of a group."""
        return [str(where.name) for where, igmp in self._service.segments.routers.items() if tree.group in igmp.groups]

    def _is_own_source(self, tree: Tree) -> bool:
        is_rp = tree.rp in self.engine.config.own
        return not tree.dense and not is_rp and tree.rpf is not None and tree.rpf.neighbor is None and tree.spt

    def _expiry(self, tree: Tree) -> str:
        if tree.source is not None:
            until = max([tree.alive_until, *(item.expires_at for item in tree.joins.values())])
            return span(until - self._now) if until > self._now else "stopped"
        if any(other.source is not None and other.group == tree.group for other in self.engine.trees):
            return "stopped"
        times = [item.expires_at for item in tree.joins.values()] + list(self._membership_ends(tree).values())
        return span(max(times) - self._now) if times else "stopped"

    def _membership_ends(self, tree: Tree) -> dict[str, float]:
        routers = self._service.segments.routers
        return {
            str(where.name): igmp.groups[tree.group].expires_at
            for where, igmp in routers.items()
            if tree.group in igmp.groups
        }

    def _outgoing(self, tree: Tree, name: str, since: float) -> str:
        shared = next((item for item in self.engine.trees if item.key == (tree.group, None)), tree)
        joins = [table[name].expires_at for table in (tree.joins, shared.joins) if name in table]
        ends = joins or [when for where, when in self._membership_ends(tree).items() if where == name]
        return self._row(tree, name, "Forward", since, None if tree.dense or not ends else max(ends))

    def _row(self, tree: Tree, name: str, state: str, since: float, until: float | None) -> str:
        link = self._links.get(name)
        mode = MODES[link.config.mode] if link is not None else "Sparse"
        winner = tree.asserts.get(name)
        won = ", A" if winner is not None and link is not None and winner.address == link.config.address else ""
        times = f"{span(self._now - since)}/{'stopped' if until is None else span(until - self._now)}"
        return f"    {name}, {state}/{mode}, {times}{won}"


def _chosen(view: View, group: IPv4Address | None, source: IPv4Address | None) -> list[Tree]:
    trees = view.engine.trees
    if group is not None and not group.is_multicast:
        group, source = source, group
    return [tree for tree in trees if group in (None, tree.group) and source in (None, tree.source)]


@TABLE.command(
    USER_EXEC,
    "show ip mroute [A.B.C.D$group [A.B.C.D$source]] [summary$summary|count$count]",
    f"{_SHOW}Source or group IP address\nSource or group IP address\nAbbreviated display\nRoute and packet counts",
)
def show_mroute(
    ctx: Context,
    group: IPv4Address | None = None,
    source: IPv4Address | None = None,
    summary: str = "",
    count: str = "",
) -> str:
    if not ctx.router.model.block(MulticastConfig).routing:
        return "IP Multicast Forwarding is not enabled.\n"
    view = View(ctx)
    trees = _chosen(view, group, source)
    if count:
        return _counts(trees)
    if group is not None and not trees:
        return f"Group {group} not found\n"
    if summary:
        rows = [view.heading(tree, f", OIF count: {len(tree.outgoing)}") for tree in trees]
        text = "".join(f"{'' if tree.source is None else '  '}{row}\n" for tree, row in zip(trees, rows, strict=True))
    else:
        text = "\n".join("".join(f"{line}\n" for line in view.entry(tree)) for tree in trees)
    return f"{LEGEND}\n{text}\n"


def _counts(trees: list[Tree]) -> str:
    groups = list(dict.fromkeys(tree.group for tree in trees))
    sources = sum(tree.source is not None for tree in trees)
    average = sources / len(groups) if groups else 0
    lines = [
        'Use "show ip mfib count" to get better response time for a large number of mroutes.',
        "",
        "IP Multicast Statistics",
        f"{len(trees)} routes using {len(trees) * 716} bytes of memory",
        f"{len(groups)} groups, {average:.2f} average sources per group",
        "Forwarding Counts: Pkt Count/Pkts per second/Avg Pkt Size/Kilobits per second",
        "Other counts: Total/RPF failed/Other drops(OIF-null, rate-limit etc)",
    ]
    for group in groups:
        own = [tree for tree in trees if tree.group == group]
        many = sum(tree.source is not None for tree in own)
        forwarded = sum(tree.packets - tree.no_outgoing for tree in own)
        received = sum(tree.packets + tree.rpf_failed for tree in own)
        totals = (
            f"Packets forwarded: {forwarded}, Packets received: {received}"
            if many
            else f"Packets forwarded: {forwarded}"
        )
        lines += ["", f"Group: {group}, Source count: {many}, {totals}"]
        lines += [_count(tree) for tree in own if tree.source is not None or tree.packets]
    return "".join(f"{line}\n" for line in [*lines, ""])


def _count(tree: Tree) -> str:
    name = "RP-tree" if tree.source is None else f"Source: {tree.source}/32"
    size = tree.octets // tree.packets if tree.packets else 0
    dropped = tree.rpf_failed + tree.no_outgoing
    others = f"{dropped}/{tree.rpf_failed}/{tree.no_outgoing}"
    name += ":" if tree.source is None else ","
    return f"  {name} Forwarding: {tree.packets - tree.no_outgoing}/0/{size}/0, Other: {others}"


@TABLE.command(USER_EXEC, "show ip mroute static", f"{_SHOW}Static multicast routes")
def show_static(ctx: Context) -> str:
    lines = []
    for item in ctx.router.model.block(MulticastConfig).mroutes:
        neighbor = item.neighbor or (item.interface and parse_name(str(item.interface)))
        lines.append(f"Mroute: {item.prefix}, RPF neighbor: {neighbor}, distance: {item.distance}")
    return "".join(f"{line}\n" for line in lines)
