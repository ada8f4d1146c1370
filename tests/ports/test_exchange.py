"""A running router takes ports and leaves them."""

from __future__ import annotations

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router
from iosemu.ports.memory import Wire
from iosemu.router.clock import VirtualClock
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router

PORT = InterfaceName("GigabitEthernet", "0/0")


def router(clock: VirtualClock, number: int) -> Router:
    made = build_router(clock, identity=f"R{number}")
    load_config(
        made, build_grammar(), f"interface GigabitEthernet0/0\n ip address 10.0.0.{number} 255.255.255.0\nend\n"
    )
    return made


def test_port_comes_goes_and_is_replaced_while_the_router_runs() -> None:
    clock = VirtualClock()
    lines: list[str] = []
    left, right = router(clock, 1), router(clock, 2)
    left.syslog.subscribe(lambda message: lines.append(message.line()))
    first, second = Wire(clock), Wire(clock)
    right.attach(PORT, first.end())
    assert not left.ip.routes.routes
    left.attach(PORT, first.end())
    assert [route.code for route in left.ip.routes.routes] == ["C", "L"]
    left.detach(PORT)
    left.detach(PORT)
    assert not left.ip.routes.routes
    right.attach(PORT, second.end())
    left.attach(PORT, second.end())
    clock.run_until(10)
    assert not any(end.connected for end in first._ends)
    states = [line.rsplit(" ", 1)[-1] for line in lines if "LINEPROTO" in line]
    assert states == ["up", "down", "up"]
