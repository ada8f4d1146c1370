"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from iosemu.router.clock import Clock

EXIT_OK, EXIT_REFUSED, EXIT_USAGE = 0, 1, 2


class UsageError(Exception):
    """Wrong usage, or a file that cannot be read; printed as one line."""


def entry() -> None:
    """The program's entry point. Whoever ends it ends it at once, and in order: files are finished, the terminal is as
    it was."""
    for name, handler in (("SIGINT", _interrupted), ("SIGTERM", _terminated), ("SIGHUP", _terminated)):
        number = getattr(signal, name, None)
        # `nohup` and shells say by this what a process in the background shall not hear.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
    sys.exit(main(sys.argv[1:]))


def _interrupted(number: int, frame: FrameType | None) -> None:
    _end(KeyboardInterrupt(), frame)


def _terminated(number: int, frame: FrameType | None) -> None:
    _end(SystemExit(128 + number), frame)


def _end(reason: BaseException, frame: FrameType | None) -> None:
    """Raise at once: asyncio would wait for the next pause of what runs. The event loop alone is not interrupted: it
    would lose the task that it was about to run, and wait for its end for ever: it raises when it is done."""
    if frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("asyncio", "selectors"):
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().call_soon_threadsafe(_raise, reason)
            return
    raise reason


def _raise(reason: BaseException) -> None:
    raise reason


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = getattr(options, "command", _run)
    try:
        status = command(options)
        sys.stdout.flush()
    except UsageError as error:
        print(f"iosemu: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _discard_output()
        return EXIT_OK
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        _discard_output()
        print(f"iosemu: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    return status


def _discard_output() -> None:
    """What nobody takes is not tried again at the end of the program."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="iosemu", description="A router emulator with a real GET VPN.")
    _run_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    run = commands.add_parser("run", help="one router from a saved running-config")
    run.add_argument("config", nargs="?", type=Path, help="a saved running-config")
    _run_options(run)
    run.set_defaults(command=_run)
    check = commands.add_parser("check", help="load saved configs and print each refused line")
    check.add_argument("configs", nargs="+", type=Path, metavar="CONFIG")
    check.set_defaults(command=_check)
    lab = commands.add_parser("lab", help="whole topologies").add_subparsers(required=True, metavar="ACTION")
    _lab_options(lab.add_parser("run", help="boot a topology in this process"))
    decode = commands.add_parser("decode", help="explain a capture")
    decode.add_argument("capture", type=Path)
    decode.add_argument("--keys", type=Path, help="keys to decrypt and verify with")
    decode.add_argument("--json", action="store_true", help="print JSON lines")
    decode.set_defaults(command=_decode)
    return parser


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hostname", help="default: the config's hostname, else Router")
    parser.add_argument("--nvram", type=Path, help="folder of startup-config and keys")
    parser.add_argument("--port", action="append", default=[], metavar="IFACE=SPEC", help="bind an interface")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="write the keys that decrypt captures")
    _line_options(parser, "serve vty lines; port 0 is any")
    parser.add_argument("-c", dest="items", action="append", metavar="COMMAND", help="run a command, then exit")
    parser.add_argument("--no-console", action="store_true", help="stay in the foreground until SIGTERM")
    _time_options(parser)


def _lab_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lab", type=Path, help="a lab.yml or its folder")
    parser.add_argument("-c", dest="items", action="append", metavar="ITEM", help="'NODE: COMMAND' or 'LAB COMMAND'")
    _line_options(parser, "node i (file order) listens on PORT+i; 0 is any for each")
    parser.add_argument("--clients", type=Path, metavar="DIR", help="write inventories of the listening nodes there")
    parser.add_argument("--no-console", action="store_true", help="stay in the foreground until SIGTERM")
    parser.add_argument("--pcap", type=Path, metavar="DIR", help="capture every link")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="write the keys that decrypt the captures")
    parser.add_argument("--seed", type=int, default=0, help="with --virtual-time: the same bytes each time")
    _time_options(parser)
    parser.set_defaults(command=_lab_run)


def _line_options(parser: argparse.ArgumentParser, help_text: str) -> None:
    for protocol in ("ssh", "telnet"):
        parser.add_argument(f"--{protocol}", metavar="ADDR:PORT", help=f"{protocol}: {help_text}")


def _time_options(parser: argparse.ArgumentParser) -> None:
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="emulated seconds per real second")
    pace.add_argument("--virtual-time", action="store_true", help="jump to the next event")


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("a positive number is needed")
    return value


async def with_clock(options: argparse.Namespace, seed: int, body: Callable[..., Awaitable[None]]) -> None:
    """Run something under the clock that the options ask for."""
    from iosemu.router.clock import RealClock, VirtualClock

    if options.virtual_time:
        await body(options, VirtualClock(seed))
        return
    clock = RealClock(options.speed)
    driver = asyncio.ensure_future(clock.run())
    work = asyncio.ensure_future(body(options, clock))
    try:
        # A clock that stands still would be a router that does not answer any more.
        await asyncio.wait((driver, work), return_when=asyncio.FIRST_COMPLETED)
    finally:
        driver.cancel()
        if not work.done():
            work.cancel()
        ends = await asyncio.gather(driver, work, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
            raise end


def _run(options: argparse.Namespace) -> int:
    from iosemu.labs.single import SetupError, run_router

    try:
        asyncio.run(with_clock(options, 0, run_router))
    except SetupError as error:
        raise UsageError(str(error)) from error
    return EXIT_OK


def _check(options: argparse.Namespace) -> int:
    from iosemu.features.assembly import build_router
    from iosemu.labs.saved import UnreadableError, load_saved, read_saved
    from iosemu.router.clock import VirtualClock

    refused = False
    for path in options.configs:
        try:
            text = read_saved(path)
        except UnreadableError as error:
            raise UsageError(str(error)) from error
        router = build_router(VirtualClock())
        lines, some = load_saved(router, text, str(path))
        refused = refused or some
        for line in lines:
            print(line)
    return EXIT_REFUSED if refused else EXIT_OK


def _lab_run(options: argparse.Namespace) -> int:
    from iosemu.labs.topology import LabError

    try:
        asyncio.run(with_clock(options, options.seed, _lab))
    except LabError as error:
        raise UsageError(str(error)) from error
    return EXIT_OK


async def _lab(options: argparse.Namespace, clock: Clock) -> None:
    from iosemu.labs.doors import open_lab
    from iosemu.labs.lab import Lab
    from iosemu.labs.runner import run_items
    from iosemu.labs.single import until_terminated
    from iosemu.labs.topology import load_topology

    lab = Lab(load_topology(options.lab), clock)
    if options.pcap is not None:
        lab.capture(options.pcap)
    if options.keys is not None:
        lab.log_keys(options.keys)
    for line in await lab.boot():
        print(line, file=sys.stderr)
    doors = open_lab(lab, options.ssh, options.telnet, options.clients)
    print(doors.table(), end="", flush=True)
    try:
        if options.items is not None:
            await run_items(lab, options.items, sys.stdout)
        elif options.no_console:
            await until_terminated()
        else:
            from iosemu.labs.console import LabConsole

            await LabConsole(lab).run()
    finally:
        doors.close()
        lab.close()
    lab.check_files()


def _decode(options: argparse.Namespace) -> int:
    from iosemu.decode.tool import run

    return run(options.capture, options.keys, options.json, sys.stdout, sys.stderr)
