"""What a show shows, and what to look at in it; each with its source."""

from __future__ import annotations

# Leading words of a command: what to look at, and where it is written.
SHOWS: dict[str, tuple[str, str]] = {
    "show crypto isakmp sa": (
        "Phase 1, which protects the registration. GDOI_IDLE: the exchange is complete and the SA may carry a"
        " registration; GDOI_REKEY: the SA of the KEK, over which rekeys come; MM_NO_STATE or MM_KEY_EXCH for more than"
        " a moment: the peers do not agree (policy, pre-shared key) or cannot reach each other on UDP 848.",
        "RFC 2409 section 5.4 (main mode); RFC 6407 section 1.1 (phase 1 protects GROUPKEY-PULL)",
    ),
    "show crypto isakmp policy": (
        "Policies are offered and searched in the order of their priority, the lowest first; encryption, hash,"
        " authentication and group must be the same on both sides.",
        "RFC 2409 section 5 (SA attributes)",
    ),
    "show crypto ipsec sa": (
        "Every group member has the same SPIs: that is the difference to point-to-point IPsec. Encrypt counters that"
        " grow while decrypt counters do not mean that what comes back is not encrypted or does not come.",
        "RFC 4303 section 2.1 (SPI); RFC 6407 section 5.4 (SA TEK payload)",
    ),
    "show crypto gdoi ks members": (
        "The members that the key server knows. One that is missing has not registered: look at its"
        " `show crypto gdoi gm` and at both sides' `show crypto isakmp sa`.",
        "RFC 6407 section 3 (GROUPKEY-PULL)",
    ),
    "show crypto gdoi ks policy": (
        "The KEK protects rekeys, the TEK protects data; their lifetimes count down here first, because the key server"
        " sends new ones before they end.",
        "RFC 6407 sections 5.3 (SA KEK) and 5.4 (SA TEK)",
    ),
    "show crypto gdoi": (
        "The group as this router sees it: its identity must be the same everywhere; a member's registration status,"
        " the key server it uses, the ACL it has downloaded and the seconds until its keys end stand below.",
        "RFC 6407 sections 3 and 4 (GROUPKEY-PULL and GROUPKEY-PUSH)",
    ),
    "show dmvpn": (
        "One line per binding of a tunnel address to an address below. State NHRP: no answer from the next hop server"
        " (its map, the string of authentication, the network-id, the tunnel key); S: from a map, D: learned; T1: a"
        " shortcut with a route of its own, T2: one that stands in for another route.",
        "RFC 2332 section 5.2 (NHRP packets); concept: DMVPN phase 3",
    ),
    "show ip nhrp": (
        "What is above the tunnel, and the address below that it is reached by. A spoke begins with the static map of"
        " its hub; what else it knows came in resolution replies, and ends with its holding time.",
        "RFC 2332 section 5.2.1 (resolution) and 5.2.3 (registration)",
    ),
    "show ip nat translations": (
        "Inside local is the host's own address, inside global what others see. A packet that is translated before"
        " encryption no longer matches a policy for its old address.",
        "RFC 3022 section 2; RFC 2663 section 4",
    ),
    "show crypto map": (
        "A map does nothing until it is applied to an interface that is up; a gdoi entry needs its group.",
        "concept: crypto map",
    ),
    "show ipv6 route": (
        "C: a prefix of a link, LC: an address that is its own prefix, L: received by this router, S: static; the"
        " longest prefix wins. None is of use to others while `ipv6 unicast-routing` is off: a host forwards nothing.",
        "RFC 4291 section 2.1; RFC 8200 section 1 (router, host)",
    ),
    "show ipv6 neighbors": (
        "Who is on a link. INCMP: asked, not answered; REACH: confirmed within half a minute; STALE: known, and asked"
        " again when it is used (DELAY, then PROBE).",
        "RFC 4861 section 7.3.2 (states)",
    ),
    "show ipv6 interface": (
        "An address is used only after nobody on the link has claimed it: [TEN] while that is found out, [DUP] where"
        " somebody did. The address of the link is the source of router advertisements and the gateway of hosts.",
        "RFC 4862 section 5.4; RFC 4861 section 6.2",
    ),
    "show ipv6 access-list": (
        "The first entry that matches decides, and counts. Without any, neighbour discovery passes and all else is"
        " refused; an entry that denies everything denies neighbour discovery, too.",
        "concept: IPv6 access list",
    ),
    "show ip route": (
        "C: directly connected; S: static; the longest prefix wins, whatever its distance. A destination without a"
        " line here is unreachable.",
        "RFC 1812 section 5.2.4 (choosing the next hop)",
    ),
    "show ip mroute": (
        "(*, G) is the tree from the RP, (S, G) that of a source. Packets must come in by the incoming interface, and"
        " leave by each outgoing one; P: nobody wants them, F: the source is behind this router, T: they come by this"
        " tree. RP 0.0.0.0, or an RPF neighbor that is no PIM neighbor: the tree ends here.",
        "RFC 7761 sections 3 and 4.1 (PIM sparse mode, its state)",
    ),
    "show ip igmp groups": (
        "What the hosts of each segment have asked for; a group that is missing here was not reported, or by nobody any"
        " more. The designated router of the segment brings its packets.",
        "RFC 2236 section 3 (IGMP version 2)",
    ),
    "show ip pim neighbor": (
        "The PIM routers of each segment. Joins go to neighbors only: without one in the direction of `show ip rpf`"
        " nothing comes.",
        "RFC 7761 section 4.3 (hello, designated router)",
    ),
    "show ip rpf": (
        "Where packets of this source, or joins for this RP, have to pass. It follows the unicast route unless an"
        " `ip mroute` says otherwise.",
        "RFC 7761 section 4.1 (MRIB)",
    ),
    "show ip interface brief": (
        "Status down: nothing is plugged in; administratively down: `shutdown` is configured.",
        "concept: interface states",
    ),
    "show access-lists": (
        "The first entry that matches decides, and what none matches is denied. In a group policy `permit` means"
        " encrypt and `deny` means pass in clear.",
        "concept: access list; RFC 6407 section 5.4.1 (traffic of a TEK)",
    ),
    "show iosemu kept": (
        "These lines are kept so that a saved configuration loses nothing; nothing here acts on them.",
        "concept: running-config of an emulator",
    ),
}
ERRORS: dict[str, tuple[str, str]] = {
    "% Invalid input": (
        "The caret stands under the first character that fits no command here. `?` in its place lists what would;"
        " {mode} is the mode, and commands of an outer mode are tried too.",
        "concept: command modes",
    ),
    "% Incomplete command": ("The words are right, but more must follow: type them again with ` ?`.", "concept: help"),
    "% Ambiguous command": (
        "The abbreviation stands for several words. `?` directly behind it, without a blank, lists them.",
        "concept: abbreviations",
    ),
    "% Unknown command or computer name": (
        "A single word that is no command is taken for the name of a host; `no ip domain lookup` makes that quick.",
        "concept: name lookup",
    ),
    "doesn't yet exist": ("What is named must be configured first; names are case-sensitive.", "concept: references"),
}


def explanation(line: str, printed: str, mode: str) -> str:
    """What to add below a command's output; "" for nothing. `line` is the command in full, if it was one."""
    for mark, (text, source) in ERRORS.items():
        if mark in printed:
            return _formatted(text.format(mode=mode), source)
    found = [words for words in SHOWS if f"{line} ".startswith(f"{words} ")]
    return _formatted(*SHOWS[max(found, key=len)]) if found else ""


def _formatted(text: str, source: str) -> str:
    return f"iosemu: {text}\niosemu: Source: {source}\n"
