"""A lab at work: nodes and wires, power and cables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from iosemu.cli import Session, read_as_text
from iosemu.features.assembly import build_router, build_session
from iosemu.features.system.service import SystemService
from iosemu.labs.host import build_host, host_session
from iosemu.labs.key_file import KeyFile
from iosemu.labs.saved import UnreadableError, load_saved, read_saved
from iosemu.labs.topology import HOST_INTERFACE, HOST_PORT, EndPoint, HostNode, LabError, RouterNode, Topology
from iosemu.ports.memory import DEFAULT_DELAY, Wire, WireEnd
from iosemu.ports.pcapng import PcapngWriter
from iosemu.router.clock import Clock
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.nvram import STARTUP_CONFIG, MemoryNvram
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config
from iosemu.shell.plain import run_command

SYNTAX_ERRORS = ("% Invalid input", "% Incomplete command", "% Ambiguous command", "% Unknown command")


class Lab:
    """All nodes of a topology in this process. NVRAM survives power cycles, not the process."""

    def __init__(self, topology: Topology, clock: Clock) -> None:
        self.topology = topology
        self.clock = clock
        self.routers: dict[str, Router] = {}
        self.sessions: dict[str, Session] = {}
        self._nvram: dict[str, MemoryNvram] = {}
        self._wires: list[Wire] = []
        self._ends: dict[EndPoint, WireEnd] = {}
        self._wire_of: dict[EndPoint, Wire] = {}
        self._captures: list[PcapngWriter] = []
        self._key_file: KeyFile | None = None
        self._told: set[str] = set()
        self._cable()

    # Building

    def _cable(self) -> None:
        for link in self.topology.links:
            wire = Wire(self.clock, DEFAULT_DELAY if link.delay is None else link.delay, link.loss)
            self._wires.append(wire)
            for end in link.ends:
                if end in self._ends:
                    raise LabError(f"{end.node}:{end.interface} is cabled twice")
                self._ends[end], self._wire_of[end] = wire.end(), wire

    def capture(self, folder: Path) -> None:
        """Write every link's frames to a file of its own; raises LabError."""
        epoch = self.clock.wall().timestamp() - self.clock.now()
        names: Counter[str] = Counter()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for link, wire in zip(self.topology.links, self._wires, strict=True):
                names[link.label] += 1
                # The second wire between the same nodes.
                name = link.label if names[link.label] == 1 else f"{link.label}-{names[link.label]}"
                writer = PcapngWriter(folder / f"{name}.pcapng", name, epoch)
                wire.taps.append(writer.write)
                self._captures.append(writer)
        except OSError as error:
            raise LabError(f"{folder}: {error.strerror}") from error

    def log_keys(self, file: Path) -> None:
        """Append the keys of all nodes to a file that only its owner can read; raises LabError."""
        try:
            self._key_file = KeyFile(file)
        except OSError as error:
            raise LabError(f"{file}: {error.strerror}") from error

    async def boot(self) -> list[str]:
        """Power everything on; returns the lines of configurations that were refused."""
        refused = []
        for name in self.topology.nodes:
            refused += self._power_on(name)
        for name, node in self.topology.nodes.items():
            if isinstance(node, RouterNode):
                for line, *answers in node.boot:
                    refused += await self._type(name, line, answers)
        return refused

    async def _type(self, name: str, line: str, answers: list[str]) -> list[str]:
        """One line of a node's first boot; returns what is to be said where it is no command."""
        word, _, seconds = line.partition(" ")
        if word == "wait" and seconds.isdecimal():
            await self.clock.wait(int(seconds))
            return []
        printed = await run_command(self.sessions[name], line, self.clock, answers)
        errors = [row for row in printed.splitlines() if row.startswith(SYNTAX_ERRORS)]
        return [f"{name}: {line}  <- {error.strip('% .').lower()}" for error in errors]

    def _power_on(self, name: str) -> list[str]:
        node = self.topology.nodes[name]
        if isinstance(node, HostNode):
            end = self._ends.get(EndPoint(name, HOST_PORT))
            self.routers[name] = build_host(self.clock, node, end)
            self.sessions[name] = host_session(self.routers[name])
            return []
        nvram = self._nvram.setdefault(name, MemoryNvram())
        router = self.routers[name] = build_router(self.clock, nvram, name)
        if self._key_file is not None:
            self._key_file.follow(router)
        refused = self._configure(router, node, nvram)
        for place, wire_end in self._ends.items():
            if place.node == name:
                router.attach(place.interface, wire_end)
        router.service(SystemService).reload = lambda: self._reload(name)
        self.sessions[name] = build_session(router, privilege=15)
        return refused

    def _configure(self, router: Router, node: RouterNode, nvram: MemoryNvram) -> list[str]:
        saved = nvram.read(STARTUP_CONFIG)
        router.hostname = node.name
        if saved is not None:
            text, source = read_as_text(saved), "startup-config"
        elif node.config is not None:
            try:
                text, source = read_saved(node.config), str(node.config)
            except UnreadableError as error:
                raise LabError(str(error)) from error
        else:
            text, source = f"hostname {node.name}\n", node.name
        return load_saved(router, text, source)[0]

    # At work

    def power(self, name: str, on: bool) -> None:
        """Switch a node on or off; raises LabError."""
        self._check(name)
        if on and name not in self.routers:
            self._power_on(name)
        elif not on and name in self.routers:
            router = self.routers.pop(name)
            self.sessions.pop(name)
            router.stop()
            for end, wire_end in self._ends.items():
                if end.node == name:
                    wire_end.close()

    def reset(self, name: str | None) -> None:
        """Power-cycle a node, or all, from the start state: what was saved is forgotten, keys are kept."""
        for node in [name] if name else list(self.topology.nodes):
            self.power(node, False)
            if node in self._nvram:
                self._nvram[node].delete(STARTUP_CONFIG)
            self.power(node, True)

    def save(self) -> None:
        """Save the running-config of every router to its NVRAM."""
        for name, router in self.routers.items():
            if name in self._nvram:
                self._nvram[name].write(STARTUP_CONFIG, print_running_config(router).encode())

    def link(self, text: str, up: bool) -> None:
        """Cut or mend the link at `NODE:IFACE`; raises LabError."""
        node, _, interface = text.partition(":")
        self._check(node)
        name: InterfaceName | None = HOST_PORT if interface == HOST_INTERFACE else parse_name(interface)
        wire = self._wire_of.get(EndPoint(node, name)) if name else None
        if wire is None:
            raise LabError(f"no link at {text}")
        wire.set_up(up)

    def session(self, name: str) -> Session:
        """The console of a node; raises LabError."""
        self._check(name)
        if name not in self.sessions:
            raise LabError(f"node {name} is switched off")
        return self.sessions[name]

    def flush(self) -> None:
        """Make captures visible to readers."""
        for writer in self._captures:
            writer.flush()

    def close(self) -> None:
        """Switch everything off and finish the captures."""
        for router in self.routers.values():
            router.stop()
        for writer in self._captures:
            writer.close()

    def check_files(self) -> None:
        """Raises LabError for a capture or a key log that could not be written to the last, once for each."""
        files: list[PcapngWriter | KeyFile] = [*self._captures]
        if self._key_file is not None:
            files.append(self._key_file)
        for failure in (file.failure for file in files):
            if failure is not None and failure not in self._told:
                self._told.add(failure)
                raise LabError(failure)

    def _check(self, name: str) -> None:
        if name not in self.topology.nodes:
            raise LabError(f"node {name} does not exist")

    def _reload(self, name: str) -> None:
        """From the event queue: the command that asked for it must have ended."""

        def restart() -> None:
            self.power(name, False)
            self.power(name, True)

        self.clock.call_later(0, restart)
