"""`debug crypto gdoi`: flags for sides, features and levels, and which lines they cover."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.cli.table import Handler

GDOI = "crypto gdoi"
CONDITION = f"{GDOI} condition peer "
MEMBER_FEATURES = ("acls", "cleanup", "infrastructure", "registration", "rekey", "replay", "all-features")
SERVER_FEATURES = ("coop", "registration", "rekey", "replay", "infrastructure", "all-features")
# The words of the levels with what stands in the lines.
LEVELS = {"all-levels": "", "detail": "DET", "error": "ERR", "event": "EVT", "packet": "PKT", "terse": "TER"}
ON = "Crypto GDOI debugging is on"
TABLE = CommandTable()
_HELPS = "\n".join(
    [
        "CRYPTO",
        "GDOI",
        "Group member",
        *MEMBER_FEATURES,
        "Key server",
        *SERVER_FEATURES,
        "Infrastructure",
        "Replay protection",
        *(
            f"{word.replace('-', ' ').capitalize()} level".replace("levels level", "levels")
            for word in (*LEVELS, *LEVELS)
        ),
    ]
)


def covers(flag: str, feature: str, level: str) -> bool:
    """Whether a flag wants the lines of a feature ("GM REKEY", "INFRA") and level ("EVT")."""
    if flag == GDOI:
        return True
    if not flag.startswith(f"{GDOI} ") or flag.startswith(CONDITION):
        return False
    *where, wanted = flag.removeprefix(f"{GDOI} ").split()
    if LEVELS[wanted] not in ("", level):
        return False
    if feature == "INFRA":
        return where[0] == "infra" or where[1] in ("infrastructure", "all-features")
    side, _, own = feature.lower().partition(" ")
    return where[0] == side and where[1] in (own, "all-features")


def describe(flag: str) -> str:
    """The line of `show debugging`, and the answer to `debug`."""
    if flag.startswith(CONDITION):
        return f"GDOI Condition: peer {flag.removeprefix(CONDITION)}"
    *where, level = flag.removeprefix(f"{GDOI} ").split()
    names = " ".join(word.upper() if word in ("gm", "ks") else word.capitalize() for word in where)
    title = "All Levels" if level == "all-levels" else level.capitalize()
    return f"GDOI {names} {title} debug level: ( {title} )"


def listed(active: set[str]) -> list[str]:
    """The flags of sides, features, levels and conditions that are set."""
    return [describe(flag) for flag in sorted(active) if flag.startswith(f"{GDOI} ")]


def _places(side: str | None, feature: str | None) -> list[str]:
    """Sides and features that are meant; older releases name a level alone, a side alone, or `replay` of both sides."""
    if side is None:
        return [f"{GDOI} gm all-features", f"{GDOI} ks all-features", f"{GDOI} infra"]
    if side == "replay":
        return [f"{GDOI} gm replay", f"{GDOI} ks replay"]
    return [f"{GDOI} infra" if side == "infra" else f"{GDOI} {side} {feature or 'all-features'}"]


def _switch(on: bool) -> Handler:
    def handler(ctx: Context, side: str | None = None, feature: str | None = None, level: str | None = None) -> str:
        active = ctx.router.debugging.active
        everything = side is None and level is None
        if on:
            flags = [GDOI] if everything else [f"{place} {level or 'all-levels'}" for place in _places(side, feature)]
            active.update(flags)
            return "".join(f"{ON if flag == GDOI else describe(flag)}\n" for flag in flags)
        for place in [GDOI] if everything else _places(side, feature):
            named = f"{place} {level}" if level else place.removesuffix(" all-features")
            active -= {flag for flag in active if flag == named or flag.startswith(f"{named} ")}
        return "Crypto GDOI debugging is off\n"

    return handler


def _condition(on: bool) -> Handler:
    def handler(ctx: Context, peer: IPv4Address) -> str:
        flag = f"{CONDITION}{peer}"
        if on:
            ctx.router.debugging.active.add(flag)
            return f"{describe(flag)}\n"
        ctx.router.debugging.active.discard(flag)
        return ""

    return handler


_GM, _KS, _LEVEL = "|".join(MEMBER_FEATURES), "|".join(SERVER_FEATURES), f"({'|'.join(LEVELS)})$level"
_FEATURES = f"(gm$side [({_GM})$feature]|ks$side [({_KS})$feature]|infra$side|replay$side)"
_WORDS = f"crypto gdoi [({_FEATURES} [{_LEVEL}]|{_LEVEL})]"
_PEER = "crypto gdoi condition peer ipv4 A.B.C.D$peer"
_PEER_HELPS = "CRYPTO\nGDOI\nOnly what concerns some peers\nA peer\nIPv4 address\nAddress of the peer"
for _head, _help, _on, _hidden in (
    ("debug", "Debugging functions", True, False),
    ("undebug", "Disable debugging functions", False, False),
    ("no debug", "Disable\nDebugging functions", False, True),
):
    TABLE.command(PRIV_EXEC, f"{_head} {_WORDS}", f"{_help}\n{_HELPS}", hidden=_hidden)(_switch(_on))
    TABLE.command(PRIV_EXEC, f"{_head} {_PEER}", f"{_help}\n{_PEER_HELPS}", hidden=_hidden)(_condition(_on))
