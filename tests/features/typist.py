"""Somebody who types commands in a test and reads the screen."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PASTED, Ask, Session, Wait, load_config
from iosemu.features.assembly import build_grammar, build_router, build_session
from iosemu.ports.memory import Wire, WireEnd
from iosemu.router.clock import VirtualClock
from iosemu.router.interfaces import Interface
from iosemu.router.names import parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config


class Typist:
    """A session of a router; every question that a command asks takes the next answer (none left: Enter, `no` where a
    word is wanted, or `quit` where a text is pasted)."""

    def __init__(self, router: Router, clock: VirtualClock, privilege: int = 15) -> None:
        self.router = router
        self.clock = clock
        self.session: Session = build_session(router, privilege=privilege)
        self.questions: list[str] = []

    def interface(self, name: str) -> Interface:
        """An interface that the router has, by its name as it is typed."""
        parsed = parse_name(name)
        assert parsed is not None
        found = self.router.interfaces.get(parsed)
        assert found is not None
        return found

    def type(self, line: str, *answers: str) -> str:
        """Type a line and return what it printed, questions and answers included."""
        waiting = list(answers)
        printed = []
        interaction = self.session.execute(line)
        reply: str | None = None
        try:
            while True:
                step = interaction.send(reply)
                reply = None
                if isinstance(step, Wait):
                    self.clock.run_until(self.clock.now() + step.seconds, step.until)
                elif isinstance(step, Ask):
                    self.questions.append(step.prompt)
                    default = "quit" if step == PASTED else "no" if "[yes/no]" in step.prompt else ""
                    reply = waiting.pop(0) if waiting else default
                    printed.append(f"{step.prompt}{reply if step.echo else ''}\n")
                else:
                    printed.append(step)
        except StopIteration:
            return "".join(printed)

    def configure(self, text: str) -> str:
        """Type lines in configuration mode; returns all that they printed but the greeting."""
        self.type("configure terminal")
        printed = "".join(self.type(line) for line in text.strip().splitlines())
        self.type("end")
        return printed

    def wait(self, seconds: float) -> None:
        """Let emulated time pass."""
        self.clock.run_until(self.clock.now() + seconds)

    def log(self) -> str:
        """What `show logging` shows."""
        return self.type("show logging")

    def section(self, opening: str) -> list[str]:
        """The block of the running-config that begins with a line."""
        return self.type(f"show running-config | section ^{opening}").splitlines()


def new_router(text: str = "", *, seed: int = 1) -> Typist:
    """A router of its own clock with a saved configuration."""
    clock = VirtualClock(seed=seed)
    return boot(clock, text)


def boot(clock: VirtualClock, text: str, identity: str = "Router") -> Typist:
    """A router with a saved configuration; nothing of it may be refused."""
    router = build_router(clock, identity=identity)
    assert load_config(router, build_grammar(), text) == []
    return Typist(router, clock)


def reloaded(typist: Typist) -> Router:
    """Another router that starts with the first one's running-config."""
    router = build_router(typist.clock)
    assert load_config(router, build_grammar(), print_running_config(typist.router)) == []
    return router


def connect(left: Typist, left_interface: str, right: Typist, right_interface: str) -> Wire:
    """A wire between two routers."""
    wire = Wire(left.clock)
    for typist, text in ((left, left_interface), (right, right_interface)):
        name = parse_name(text)
        assert name is not None
        typist.router.attach(name, wire.end())
    return wire


def cut(typist: Typist, name: str) -> None:
    """Cut the wire that is in an interface."""
    port = typist.interface(name).port
    assert isinstance(port, WireEnd)
    port._wire.set_up(False)


def success_rate(screen: str) -> int:
    """How many per cent of the pings on a screen were answered."""
    return int(screen.split("Success rate is ")[1].split(" ")[0])


def address(text: str) -> IPv4Address:
    """An IPv4 address."""
    return IPv4Address(text)
