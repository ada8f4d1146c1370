"""`iosemu run`: one router, on this terminal, as a service, or for some commands."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router, build_session
from iosemu.ports.errors import PortError
from iosemu.ports.spec import open_port, parse_binding
from iosemu.router.clock import Clock
from iosemu.router.names import InterfaceName
from iosemu.router.nvram import STARTUP_CONFIG, DirectoryNvram
from iosemu.router.router import Router
from iosemu.shell.listener import ListenError, parse_address
from iosemu.shell.plain import run_command
from iosemu.shell.service import Doors


class SetupError(Exception):
    """The router cannot be set up as asked; the text says why in one line."""


# What a router without a configuration has.
FRESH_INTERFACES = tuple(InterfaceName("GigabitEthernet", f"0/{number}") for number in range(4))


async def run_router(options: argparse.Namespace, clock: Clock) -> None:
    """Boot a router and do what the options say."""
    router = _boot(options, clock)
    doors = Doors(clock)
    try:
        for protocol in ("ssh", "telnet"):
            _open(doors, router, protocol, getattr(options, protocol))
        print(doors.table(), end="", flush=True)
        if options.items is not None:
            await _run_items(router, options.items, clock)
        elif options.no_console:
            router.syslog.subscribe(lambda message: print(message.line(), flush=True))
            await until_terminated()
        else:
            await _console(router, clock)
    finally:
        doors.close()
        router.stop()


def _open(doors: Doors, router: Router, protocol: str, address: str | None) -> None:
    if address is None:
        return
    try:
        doors.add(router.hostname, protocol, *parse_address(address), lambda: router)
    except ListenError as error:
        raise SetupError(str(error)) from error


def _boot(options: argparse.Namespace, clock: Clock) -> Router:
    bindings = _bindings(options.port)
    nvram = None
    if options.nvram is not None:
        try:
            nvram = DirectoryNvram(options.nvram)
        except OSError as error:
            raise SetupError(f"{options.nvram}: {error.strerror}") from error
    router = build_router(clock, nvram, options.hostname or "Router")
    text, source = _configuration(getattr(options, "config", None), router)
    for item in load_config(router, build_grammar(), text):
        print(f"{source}:{item.number}: {item.text}  <- {item.reason}", file=sys.stderr)
    if options.hostname:
        load_config(router, build_grammar(), f"hostname {options.hostname}\n")
    if not text:
        for name in FRESH_INTERFACES:
            router.interfaces.add(name)
        router.commit()
    for name, spec in bindings:
        try:
            router.attach(name, open_port(clock, spec))
        except PortError as error:
            router.stop()
            raise SetupError(str(error)) from error
    return router


def _bindings(texts: list[str]) -> list[tuple[InterfaceName, str]]:
    try:
        found = [parse_binding(text) for text in texts]
    except PortError as error:
        raise SetupError(str(error)) from error
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            raise SetupError(f"interface {name} is bound twice")
    return found


def _configuration(path: Path | None, router: Router) -> tuple[str, str]:
    """The text to load and what to call it: the file named, else startup-config."""
    if path is not None:
        try:
            return path.read_text(), str(path)
        except OSError as error:
            raise SetupError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SetupError(f"{path}: this is not a text file") from error
    saved = router.nvram.read(STARTUP_CONFIG)
    return (saved.decode(errors="replace") if saved else ""), STARTUP_CONFIG


async def _run_items(router: Router, items: list[str], clock: Clock) -> None:
    session = build_session(router, privilege=15)
    for item in items:
        words = item.split()
        if words[:1] == ["wait"] and len(words) == 2:
            try:
                await clock.wait(float(words[1]))
            except ValueError:
                raise SetupError(f"wait {words[1]}: a number of seconds is needed") from None
        else:
            sys.stdout.write(await run_command(session, item, clock))


async def _console(router: Router, clock: Clock) -> None:
    from iosemu.shell.console import Console

    await Console(build_session(router), clock).run()


async def until_terminated() -> None:
    """Wait for SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
