"""show running-config, whole or in part; write terminal."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.router.names import InterfaceName
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()
_SHOW = "Show running system information\nCurrent operating configuration\n"
Block = list[str]


@TABLE.command(
    PRIV_EXEC,
    "show running-config [(all|brief|full|linenum)$form|view [full]]",
    f"""{_SHOW}Configuration with defaults
    Configuration without certificate data
    Full configuration
    Display line numbers in output
    View options
    Full configuration""",
)
def show_running_config(ctx: Context, form: str = "") -> str:
    return _whole(ctx, form)


def _whole(ctx: Context, form: str = "") -> str:
    text = "\n".join(
        ["!", *ctx.router.history.comments(), print_running_config(ctx.router, defaults=form == "all")[2:]]
    )
    return _headed(_numbered(text) if form == "linenum" else text, len(text))


def _numbered(text: str) -> str:
    lines = text.removesuffix("\n").split("\n")
    return "".join(f"{number:>6} : {line}\n" for number, line in enumerate(lines, start=1))


def _headed(text: str, size: int) -> str:
    return f"Building configuration...\n\nCurrent configuration : {size} bytes\n{text}\n"


@TABLE.command(PRIV_EXEC, "write terminal", "Write running configuration\nWrite to terminal")
def write_terminal(ctx: Context) -> str:
    return _whole(ctx)


@TABLE.command(
    PRIV_EXEC,
    "show running-config interface INTERFACE$name",
    f"{_SHOW}Show interface configuration\nInterface name",
)
def show_interface(ctx: Context, name: InterfaceName) -> str:
    found = _blocks(ctx, lambda block: block[0] == f"interface {name}")
    if not found:
        raise CommandError(at=name.number)
    return _part(found)


@TABLE.command(
    PRIV_EXEC,
    "show running-config vrf [WORD$name]",
    f"{_SHOW}Show VRF configuration\nVPN Routing/Forwarding instance name",
)
def show_vrf(ctx: Context, name: str = "") -> str:
    """The VRF, what lies in it, and the routes of it."""
    openings = ("vrf definition", "ip vrf")
    members = (" vrf forwarding", " ip vrf forwarding")

    def belongs(block: Block) -> bool:
        if any(f"{block[0]} ".startswith(f"{word} {name}".rstrip() + " ") for word in openings):
            return True
        if any(f"{line} ".startswith(f"{word} {name}".rstrip() + " ") for line in block for word in members):
            return True
        return f" vrf {name} ".replace("  ", " ") in f"{block[0]} "

    return _part(_blocks(ctx, belongs))


@TABLE.command(
    PRIV_EXEC,
    "show running-config (class-map|policy-map|map-class|aaa)$kind [WORD$name]",
    f"""{_SHOW}Show class-map information
    Show policy-map information
    Show map class information
    Show AAA configurations
    Name""",
)
def show_kind(ctx: Context, kind: str, name: str = "") -> str:
    def belongs(block: Block) -> bool:
        words = block[0].removeprefix("no ").split()
        return words[0] == kind and name in ("", *words[1:])

    return _part(_blocks(ctx, belongs))


def _blocks(ctx: Context, wanted: Callable[[Block], bool]) -> list[Block]:
    """The top-level lines that are wanted, each with what stands below it."""
    found: list[Block] = []
    for line in print_running_config(ctx.router).splitlines():
        if line.startswith(" ") and found:
            found[-1].append(line)
        elif line not in ("!", "end"):
            found.append([line])
    return [block for block in found if wanted(block)]


def _part(blocks: list[Block]) -> str:
    lines: list[str] = []
    for before, block in pairwise([[], *blocks]):
        # Single lines stand together, blocks apart.
        lines += ["!"] if before and len(before) + len(block) > 2 else []
        lines += block
    text = "\n".join(["!", *lines, "end", ""])
    return _headed(text, len(text))
