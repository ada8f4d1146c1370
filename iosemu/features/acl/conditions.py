"""What an entry of an extended list may ask of a packet beside its protocol, addresses and ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iosemu.cli import CommandError

DSCP = {"default": 0, "ef": 46} | {f"cs{n}": 8 * n for n in range(1, 8)} | {
    f"af{c}{d}": 8 * c + 2 * d for c in range(1, 5) for d in range(1, 4)
}  # fmt: skip
PRECEDENCE = {
    "routine": 0, "priority": 1, "immediate": 2, "flash": 3, "flash-override": 4, "critical": 5, "internet": 6,
    "network": 7,
}  # fmt: skip
TOS = {"normal": 0, "min-monetary-cost": 1, "max-reliability": 2, "max-throughput": 4, "min-delay": 8}
FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}
NAMES = {"dscp": (DSCP, 63), "precedence": (PRECEDENCE, 7), "tos": (TOS, 15)}
FLAG_NAMES = tuple(f"flag_{letter}" for letter in "abcdef")

SPEC = (
    "[(dscp WORD$dscp|precedence WORD$precedence)] [tos WORD$tos] [ttl (eq|gt|lt|neq)$ttl_operator <0-255>$ttl] "
    "{fragments$fragments|time-range WORD$time_range|(log|log-input)$log"
    "|reflect WORD$reflect [timeout <1-2147483>$reflect_timeout]}"
)
HELP = """Match packets with given dscp value
Differentiated services codepoint value
Match packets with given precedence value
Precedence value
Match packets with given TOS value
Type of service value
Match packets with given TTL value
Match only packets on a given TTL number
Match only packets with a greater TTL number
Match only packets with a lower TTL number
Match only packets not on a given TTL number
TTL value
Check non-initial fragments
Specify a time-range
Time-range entry name
Log matches against this entry
Log matches against this entry, including input interface
Create reflexive access list entry
Access-list name
Maximum time to live without traffic
Number of seconds"""
_MORE_FLAGS = " ".join(f"[WORD${name}]" for name in FLAG_NAMES[1:])
TCP_SPEC = f"[(established$established|({'|'.join(FLAGS)})$flag|(match-all|match-any)$flags WORD$flag_a {_MORE_FLAGS})]"
TCP_HELP = "\n".join(
    [
        "Match established connections",
        *(f"Match on the {name.upper()} bit" for name in FLAGS),
        "Match if all specified flags are present",
        "Match if any specified flag is present",
        *["A flag with + for set or - for not set" for _ in FLAG_NAMES],
    ]
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an entry asks of a packet besides protocol and ends. `kind` says what is looked at, `text` is how it is
    printed; the meaning of `values` depends on the kind."""

    kind: str
    text: str
    values: tuple[int, ...] = ()

    def covers(self, packet: bytes) -> bool:
        """Whether a packet is meant."""
        if self.kind == "dscp":
            return packet[1] >> 2 == self.values[0]
        if self.kind == "precedence":
            return packet[1] >> 5 == self.values[0]
        if self.kind == "tos":
            return packet[1] >> 1 & 0x0F == self.values[0]
        if self.kind == "fragments":
            return bool(packet[6] & 0x1F or packet[7])
        if self.kind in ("eq", "gt", "lt", "neq"):
            return _compares(self.kind, packet[8], self.values[0])
        return self._flags(packet)

    def _flags(self, packet: bytes) -> bool:
        """TCP flags: `values` are those that must be set, and those that must not be."""
        offset = (packet[0] & 0x0F) * 4 + 13
        if packet[6] & 0x1F or packet[7] or len(packet) <= offset:
            return False
        wanted, unwanted = self.values
        found = packet[offset]
        if self.kind == "match-all":
            return found & wanted == wanted and not found & unwanted
        return bool(found & wanted or ~found & unwanted)


def _compares(operator: str, value: int, other: int) -> bool:
    return {"eq": value == other, "gt": value > other, "lt": value < other, "neq": value != other}[operator]


def conditions(words: dict[str, Any]) -> tuple[Condition, ...]:
    """The conditions that the bound words ask for, in the order of printing; raises CommandError."""
    found = []
    if words.get("established"):
        found.append(Condition("match-any", "established", (FLAGS["ack"] | FLAGS["rst"], 0)))
    if flag := words.get("flag"):
        found.append(Condition("match-any", flag, (FLAGS[flag], 0)))
    if mode := words.get("flags"):
        found.append(_flag_list(mode, [words[name] for name in FLAG_NAMES if name in words]))
    for kind, (names, highest) in NAMES.items():
        if (word := words.get(kind)) is not None:
            value = _value(word, names, highest)
            name = {number: name for name, number in names.items()}.get(value, str(value))
            found.append(Condition(kind, f"{kind} {name}", (value,)))
    if (operator := words.get("ttl_operator")) is not None:
        found.append(Condition(operator, f"ttl {operator} {words['ttl']}", (words["ttl"],)))
    if words.get("fragments"):
        found.append(Condition("fragments", "fragments"))
    return tuple(found)


def _flag_list(mode: str, flags: list[str]) -> Condition:
    wanted = unwanted = 0
    for word in flags:
        bit = FLAGS.get(word[1:].lower())
        if bit is None or word[0] not in "+-":
            raise CommandError(at=word)
        wanted, unwanted = (wanted | bit, unwanted) if word[0] == "+" else (wanted, unwanted | bit)
    return Condition(mode, f"{mode} {' '.join(flags).lower()}", (wanted, unwanted))


def _value(word: str, names: dict[str, int], highest: int) -> int:
    if word.isdecimal() and int(word) <= highest:
        return int(word)
    found = {number for name, number in names.items() if name == word.lower()} or {
        number for name, number in names.items() if name.startswith(word.lower())
    }
    if len(found) != 1:
        raise CommandError(at=word)
    return found.pop()
