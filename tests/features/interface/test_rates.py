"""`load-interval`, and the rates and the load that `show interfaces` tells."""

from __future__ import annotations

import re

from iosemu.labs.lab import Lab
from tests.lab.driver import configure, do, scenario


def rates(lab: Lab, node: str) -> tuple[str, list[int], str]:
    screen = do(lab, f"{node}: show interfaces GigabitEthernet0/0")
    found = re.findall(r"^  (.*) (?:input|output) rate (\d+) bits/sec, (\d+) packets/sec$", screen, re.MULTILINE)
    assert found[0][0] == found[1][0]
    return found[0][0], [int(figure) for row in found for figure in row[1:]], re.findall(r"tx.*", screen)[0]


def test_rates_follow_the_traffic_over_the_interval() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM1", "interface GigabitEthernet0/0", "load-interval 30", "bandwidth 1000")
    assert " load-interval 30\n" in do(lab, "GM1: show running-config interface GigabitEthernet0/0")
    assert rates(lab, "GM1") == ("30 second", [0, 0, 0, 0], "txload 1/255, rxload 1/255")
    # Twenty packets of 1486 octets and their answers, every second for two minutes: 238 kbit/s of the line's 1000.
    for _ in range(120):
        do(lab, "H1: ping 10.1.2.10 repeat 20 size 1400", "wait 1")
    period, figures, load = rates(lab, "GM1")
    assert period == "30 second"
    assert all(225_000 <= bits <= 238_000 for bits in figures[::2])
    assert figures[1::2] == [20, 20]
    assert load == "txload 59/255, rxload 59/255"
    # Over five minutes it has come a third of the way.
    period, figures, load = rates(lab, "GM2")
    assert (period, load) == ("5 minute", "txload 1/255, rxload 1/255")
    assert all(70_000 <= bits <= 90_000 for bits in figures[::2])
    do(lab, "wait 300")
    assert rates(lab, "GM1")[1] == [0, 0, 0, 0]
    assert 20_000 < rates(lab, "GM2")[1][0] < 40_000


def test_the_interval_is_counted_in_steps() -> None:
    lab = scenario("01-psk-single-ks")
    interface = "interface GigabitEthernet0/0"
    assert "% Load interval must be a multiple of 30 seconds" in configure(lab, "GM1", interface, "load-interval 45")
    assert "load-interval" not in do(lab, "GM1: show running-config")
    for seconds, period in ((60, "1 minute"), (90, "90 second"), (600, "10 minute")):
        configure(lab, "GM1", interface, f"load-interval {seconds}")
        assert rates(lab, "GM1")[0] == period
    configure(lab, "GM1", interface, "no load-interval")
    assert rates(lab, "GM1")[0] == "5 minute"
