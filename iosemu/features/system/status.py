"""What the router says of itself: processes, memory, boot, protocols, and everything at once."""

from __future__ import annotations

import resource

from iosemu.cli import PRIV_EXEC, USER_EXEC, CommandTable, Context, Interaction
from iosemu.router.router import Router

TABLE = CommandTable()
_SHOW = "Show running system information\n"
# In the order of `show tech-support`.
TECH_SUPPORT = (
    "show clock",
    "show version",
    "show running-config",
    "show users",
    "show interfaces",
    "show ip interface brief",
    "show ip route",
    "show access-lists",
    "show arp",
    "show crypto isakmp sa",
    "show crypto ipsec sa",
    "show crypto map",
    "show crypto gdoi",
    "show processes cpu",
    "show memory statistics",
    "show logging",
)


@TABLE.command(USER_EXEC, "show processes", f"{_SHOW}Active process statistics")
@TABLE.command(
    USER_EXEC,
    "show processes cpu [sorted] [history]",
    f"{_SHOW}Active process statistics\nShow CPU use per process\nSorted\nHistory",
)
def show_processes_cpu(ctx: Context) -> str:
    """The process that runs the emulator is the only one there is; its use is that since the boot."""
    milliseconds, percent = _load(ctx.router)
    return (
        f"CPU utilization for five seconds: {percent}%/0%; one minute: {percent}%; five minutes: {percent}%\n"
        " PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process \n"
        f"{1:4}{milliseconds:12}{1:12}{milliseconds * 1000:11}"
        f"{percent:6.2f}%{percent:6.2f}%{percent:6.2f}%   0 iosemu           \n"
    )


def _load(router: Router) -> tuple[int, int]:
    """CPU time of the process in milliseconds, and what part of the time since the boot that is, in per cent."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    milliseconds = int((usage.ru_utime + usage.ru_stime) * 1000)
    return milliseconds, min(99, int(milliseconds / max(router.calendar.uptime() * 10, 1)))


def _preface(router: Router) -> str:
    percent = _load(router)[1]
    now = router.calendar.local()
    time = f"{now:%H:%M:%S}.{now.microsecond // 1000:03d} {router.calendar.zone[0]} {now:%a %b} {now.day} {now.year}"
    return (
        f"Load for five secs: {percent}%/0%; one minute: {percent}%; five minutes: {percent}%\n"
        f"No time source, *{time}\n\n"
    )


def terminal_timestamp(ctx: Context) -> None:
    ctx.session.preface = _preface


def terminal_no_timestamp(ctx: Context) -> None:
    ctx.session.preface = None


_STAMP = "Set terminal line parameters\n{}EXEC settings\nEXEC prompt\nPrint the load and the time before each command"
TABLE.command(USER_EXEC, "terminal exec prompt timestamp", _STAMP.format(""))(terminal_timestamp)
TABLE.command(USER_EXEC, "terminal no exec prompt timestamp", _STAMP.format("Negate a command\n"))(
    terminal_no_timestamp
)


@TABLE.command(
    USER_EXEC,
    "show processes memory [sorted]",
    f"{_SHOW}Active process statistics\nShow memory use per process\nSorted",
)
def show_processes_memory(ctx: Context) -> str:
    total, used = _memory()
    return (
        f"Processor Pool Total: {total:10} Used: {used:10} Free: {total - used:10}\n\n"
        " PID TTY  Allocated      Freed    Holding    Getbufs    Retbufs Process\n"
        f"{1:4}   0 {used:10} {0:10} {used:10} {0:10} {0:10} iosemu\n"
        f"{used:30} Total\n"
    )


def _memory() -> tuple[int, int]:
    """Octets of memory, and how many of them the process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return max(536870912, 2 * used), used


@TABLE.command(USER_EXEC, "show memory [statistics]", f"{_SHOW}Memory statistics\nShow memory pools")
def show_memory(ctx: Context) -> str:
    total, used = _memory()
    free = total - used
    return (
        "                Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)\n"
        f"Processor  {0:9X}  {total:10}  {used:10}  {free:10}  {free:10}  {free:10}\n"
        f"      I/O  {total:9X}  {0:10}  {0:10}  {0:10}  {0:10}  {0:10}\n"
    )


@TABLE.command(PRIV_EXEC, "show tech-support [LINE]", f"{_SHOW}Show system information for Tech-Support\nPart")
def show_tech_support(ctx: Context) -> Interaction:
    for command in TECH_SUPPORT:
        yield f"\n------------------ {command} ------------------\n\n"
        yield from ctx.session.execute(command, remember=False)


@TABLE.command(PRIV_EXEC, "show boot", f"{_SHOW}show boot attributes")
def show_boot(ctx: Context) -> str:
    return "BOOT variable = \nCONFIG_FILE variable = \nBOOTLDR variable = \nConfiguration register is 0x0\n"


@TABLE.command(USER_EXEC, "show protocols [INTERFACE]", f"{_SHOW}Active network routing protocols\nInterface")
def show_protocols(ctx: Context) -> str:
    rows = ["Global values:", "  Internet Protocol routing is enabled"]
    for interface in ctx.router.interfaces:
        word = "up" if interface.line_up else "down"
        admin = word if interface.admin_up else "administratively down"
        rows.append(f"{interface.name} is {admin}, line protocol is {word}")
        rows += [f"  Internet address is {address}" for address in interface.addresses[:1]]
    return "".join(f"{row}\n" for row in rows)


def _not_enabled(name: str) -> str:
    return f"% {name} is not enabled\n"


TABLE.command(USER_EXEC, "show cdp [LINE]", f"{_SHOW}CDP information\nPart")(lambda ctx: _not_enabled("CDP"))
TABLE.command(USER_EXEC, "show lldp [LINE]", f"{_SHOW}LLDP information\nPart")(lambda ctx: _not_enabled("LLDP"))
