"""`iosemu run`: one router, on this terminal, as a service, or for some commands."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from iosemu.cli import load_config, read_as_text
from iosemu.cli.seat import CONSOLE
from iosemu.features.assembly import build_grammar, build_router, build_session
from iosemu.features.line.service import LineService
from iosemu.features.system.service import SystemService
from iosemu.labs.key_file import KeyFile
from iosemu.labs.saved import UnreadableError, load_saved, read_saved
from iosemu.ports.errors import PortError
from iosemu.ports.spec import open_port, parse_binding
from iosemu.router.clock import Clock, RealClock
from iosemu.router.names import InterfaceName
from iosemu.router.nvram import STARTUP_CONFIG, DirectoryNvram, MemoryNvram, Nvram
from iosemu.router.router import Router
from iosemu.shell.listener import ListenError, parse_address
from iosemu.shell.plain import run_command, seconds_of
from iosemu.shell.service import Doors


class SetupError(Exception):
    """The router cannot be set up as asked; the text says why in one line."""


# How often a reload that is under way is looked at, in seconds.
REBOOT_POLL = 0.1
# What a router without a configuration has.
FRESH_INTERFACES = tuple(InterfaceName("GigabitEthernet", f"0/{number}") for number in range(4))


async def run_router(options: argparse.Namespace, clock: Clock) -> None:
    """Boot a router and do what the options say."""
    machine = Machine(options, clock)
    doors = Doors(clock)
    try:
        for protocol in ("ssh", "telnet"):
            _open(doors, machine, protocol, getattr(options, protocol))
        print(doors.table(), end="", flush=True)
        if options.items is not None:
            await _run_items(machine, options.items, clock)
        elif options.no_console:
            await until_terminated()
        else:
            await _console(machine, clock)
    finally:
        doors.close()
        machine.router.stop()
    machine.check_files()


class Machine:
    """What the router runs on: it boots, and boots again when the router reloads."""

    def __init__(self, options: argparse.Namespace, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._bindings = _bindings(options.port)
        self._nvram: Nvram = MemoryNvram()
        if options.nvram is not None:
            try:
                self._nvram = DirectoryNvram(options.nvram)
            except OSError as error:
                raise SetupError(f"{options.nvram}: {error.strerror}") from error
        self._key_file: KeyFile | None = None
        if options.keys is not None:
            try:
                self._key_file = KeyFile(options.keys)
            except OSError as error:
                raise SetupError(f"{options.keys}: {error.strerror}") from error
        self.reloading = False
        self.router = self._boot(getattr(options, "config", None))

    def _boot(self, config: Path | None) -> Router:
        options = self._options
        text, source = _configuration(config, self._nvram)
        router = build_router(self._clock, self._nvram, options.hostname or _hostname(text))
        if self._key_file is not None:
            self._key_file.follow(router)
        for line in load_saved(router, text, source)[0]:
            print(line, file=sys.stderr)
        if options.hostname and load_config(router, build_grammar(), f"hostname {options.hostname}\n"):
            raise SetupError(f"{options.hostname!r} is not a hostname")
        if not text:
            for name in FRESH_INTERFACES:
                router.interfaces.add(name)
            router.commit()
        for name, spec in self._bindings:
            try:
                router.attach(name, open_port(self._clock, spec))
            except PortError as error:
                router.stop()
                raise SetupError(str(error)) from error
        if isinstance(self._clock, RealClock) and sys.platform == "linux":
            from iosemu.fastpath.service import FastPath

            router.add_service(FastPath(router, self._clock))
        router.service(SystemService).reload = self._reload
        if options.no_console:
            router.syslog.subscribe(lambda message: print(message.line(), flush=True))
        return router

    def check_files(self) -> None:
        """Raises SetupError where the keys could not be written to the last."""
        if self._key_file is not None and self._key_file.failure is not None:
            raise SetupError(self._key_file.failure)

    def _reload(self) -> None:
        """From the event queue: the command that asked for it must have ended."""
        self.reloading = True
        self._clock.call_later(0, self._restart)

    def _restart(self) -> None:
        old = self.router
        old.service(LineService).clear(CONSOLE.kind, CONSOLE.number)
        old.stop()
        # The file that was named stands for the startup-config until there is one.
        saved = self._nvram.read(STARTUP_CONFIG) is not None
        try:
            self.router = self._boot(None if saved else getattr(self._options, "config", None))
        except SetupError as error:
            print(f"iosemu: {error}", file=sys.stderr)
        self.reloading = False


def _open(doors: Doors, machine: Machine, protocol: str, address: str | None) -> None:
    if address is None:
        return
    try:
        doors.add(machine.router.hostname, protocol, *parse_address(address), lambda: machine.router)
    except ListenError as error:
        raise SetupError(str(error)) from error


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


def _configuration(path: Path | None, nvram: Nvram) -> tuple[str, str]:
    """The text to load and what to call it: the file named, else startup-config."""
    if path is not None:
        try:
            return read_saved(path), str(path)
        except UnreadableError as error:
            raise SetupError(str(error)) from error
    try:
        saved = nvram.read(STARTUP_CONFIG)
    except OSError as error:
        raise SetupError(f"{STARTUP_CONFIG}: {error.strerror}") from error
    return (read_as_text(saved) if saved else ""), STARTUP_CONFIG


def _hostname(text: str) -> str:
    """The name in a configuration: two routers on one wire differ in their MAC addresses by it."""
    lines = (line.split() for line in text.splitlines())
    return next((words[1] for words in lines if words[:1] == ["hostname"] and len(words) == 2), "Router")


async def _run_items(machine: Machine, items: list[str], clock: Clock) -> None:
    session = build_session(machine.router, privilege=15)
    for item in items:
        words = item.split()
        if words[:1] == ["wait"] and len(words) == 2:
            try:
                await clock.wait(seconds_of(words[1]))
            except ValueError as error:
                raise SetupError(f"{item}: {error}") from None
        else:
            sys.stdout.write(await run_command(session, item, clock))
        if await _rebooted(machine, session.router, clock):
            session = build_session(machine.router, privilege=15)


async def _console(machine: Machine, clock: Clock) -> None:
    from iosemu.shell.console import Console

    while True:
        router = machine.router
        await Console(build_session(router), clock).run()
        if not await _rebooted(machine, router, clock):
            return
        print("\nPress RETURN to get started!\n")


async def _rebooted(machine: Machine, router: Router, clock: Clock) -> bool:
    """Whether another router runs now, or soon will."""
    while machine.reloading:
        await clock.wait(REBOOT_POLL, lambda: not machine.reloading)
    return machine.router is not router


async def until_terminated() -> None:
    """Wait for SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
