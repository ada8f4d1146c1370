"""`ip nat translation`: how long translations live, and how many there may be."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context
from iosemu.features.nat.config import Nat

TABLE = CommandTable()
_TRANSLATION = "Global IP configuration subcommands\nNAT configuration commands\nNAT translation entry configuration"
_WORDS = {
    "timeout": "Specify timeout for dynamic NAT translations",
    "tcp-timeout": "Specify timeout for NAT TCP flows",
    "udp-timeout": "Specify timeout for NAT UDP flows",
    "icmp-timeout": "Specify timeout for NAT ICMP flows",
    "dns-timeout": "Specify timeout for NAT DNS flows",
    "syn-timeout": "Specify timeout for NAT TCP flows after a SYN and no further data",
    "finrst-timeout": "Specify timeout for NAT TCP flows after a FIN or RST",
}


@TABLE.command(
    CONFIG,
    f"ip nat translation ({'|'.join(_WORDS)})$word <1-2147483647>$seconds",
    "\n".join([_TRANSLATION, *_WORDS.values(), "Timeout in seconds"]),
    no=f"ip nat translation ({'|'.join(_WORDS)})$word",
)
def timeout(ctx: Context, word: str, seconds: int = 0) -> None:
    timeouts = ctx.router.model.block(Nat).timeouts
    if ctx.negated:
        timeouts.pop(word, None)
    else:
        timeouts[word] = seconds


@TABLE.command(
    CONFIG,
    "ip nat translation max-entries <1-2147483647>$limit",
    f"{_TRANSLATION}\nSpecify maximum number of NAT entries\nNumber of entries",
    no=ARGUMENTS_OPTIONAL,
)
def max_entries(ctx: Context, limit: int | None = None) -> None:
    ctx.router.model.block(Nat).limit = None if ctx.negated else limit
