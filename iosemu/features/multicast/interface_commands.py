"""`ip pim` and `ip igmp` under an interface."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.multicast.config import MulticastConfig, MulticastInterface

TABLE = CommandTable()
_PIM = "Interface Internet Protocol config commands\nPIM interface commands\n"
_IGMP = "Interface Internet Protocol config commands\nIGMP interface commands\n"
_WARNING = 'WARNING: "ip multicast-routing" is not configured,\n         IP Multicast packets will not be forwarded.\n'


def _target(ctx: Context) -> MulticastInterface:
    return ctx.router.model.block(MulticastConfig).interface(ctx.target.name)


@TABLE.command(
    CONFIG_IF,
    "ip pim (sparse-mode|dense-mode|sparse-dense-mode)$mode",
    f"{_PIM}Enable PIM sparse-mode operation\nEnable PIM dense-mode operation\nEnable PIM sparse-dense-mode operation",
    no=ARGUMENTS_OPTIONAL,
)
def pim_mode(ctx: Context, mode: str = "") -> str | None:
    _target(ctx).mode = "" if ctx.negated else mode
    routing = ctx.router.model.block(MulticastConfig).routing
    return None if ctx.negated or routing else _WARNING


def _number(words: str, helps: str, attribute: str, maximum: str, usual: int) -> None:
    """A command that sets one number of an interface; the usual one is not kept."""

    def handler(ctx: Context, value: int | None = None) -> None:
        setattr(_target(ctx), attribute, None if ctx.negated or value == usual else value)

    TABLE.command(CONFIG_IF, f"{words} {maximum}$value", helps, no=ARGUMENTS_OPTIONAL)(handler)


_NUMBERS = (
    ("ip pim dr-priority", "dr_priority", "<0-4294967294>", 1, "PIM router DR priority", "Larger values are preferred"),
    ("ip pim query-interval", "hello_interval", "<1-18725>", 30, "PIM router query interval", "Seconds"),
    ("ip igmp version", "version", "<1-3>", 2, "IGMP version", "Version number"),
    ("ip igmp query-interval", "query_interval", "<1-18000>", 60, "IGMP host query interval", "Seconds"),
    ("ip igmp querier-timeout", "querier_timeout", "<60-300>", 120, "IGMP previous querier timeout", "Seconds"),
    ("ip igmp query-max-response-time", "max_response", "<1-25>", 10, "IGMP max query response value", "Seconds"),
    ("ip igmp last-member-query-interval", "last_member_interval", "<100-25500>", 1000,
     "IGMP last member query interval", "Milliseconds"),
    ("ip igmp last-member-query-count", "last_member_count", "<1-7>", 2, "IGMP last member query count", "Queries"),
)  # fmt: skip
for _words, _attribute, _range, _usual, *_texts in _NUMBERS:
    _number(_words, (_PIM if "pim" in _words else _IGMP) + "\n".join(_texts), _attribute, _range, _usual)


def _edit(groups: list[IPv4Address], group: IPv4Address | None, remove: bool) -> None:
    if remove:
        groups[:] = [item for item in groups if group not in (None, item)]
    elif group is not None and not group.is_multicast:
        raise CommandError(f"Illegal multicast group address: {group}")
    elif group is not None and group not in groups:
        groups.append(group)


@TABLE.command(
    CONFIG_IF,
    "ip igmp join-group A.B.C.D$group",
    f"{_IGMP}IGMP join multicast group\nIP group address",
    no=ARGUMENTS_OPTIONAL,
)
def join_group(ctx: Context, group: IPv4Address | None = None) -> None:
    _edit(_target(ctx).joined, group, ctx.negated)


@TABLE.command(
    CONFIG_IF,
    "ip igmp static-group A.B.C.D$group",
    f"{_IGMP}IGMP static multicast group\nIP group address",
    no=ARGUMENTS_OPTIONAL,
)
def static_group(ctx: Context, group: IPv4Address | None = None) -> None:
    _edit(_target(ctx).static, group, ctx.negated)
