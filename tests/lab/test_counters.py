"""What routers count is what the captures of the same run have, packet by packet and octet by octet."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from iosemu.ports.pcapng import read_capture
from iosemu.router.names import InterfaceName
from iosemu.wire.ipv4 import ESP
from tests.lab.driver import BASIC, ROOT, boot, do

IPV4 = b"\x08\x00"
# Where each interface of the routers looked at is captured.
GROUP = {("GM1", "0/0"): "GM1--P", ("GM1", "0/1"): "H1--GM1", ("GM2", "0/0"): "GM2--P", ("GM2", "0/1"): "H2--GM2"}
SITES = {("R1", "0/0"): "R1--ISP", ("R1", "0/1"): "H1--R1", ("R2", "0/0"): "R2--ISP", ("R2", "0/1"): "H2--R2"}
LABS = {
    "group": (BASIC, GROUP, "192.168.2.10"),
    "crypto maps": (ROOT / "examples" / "site-to-site", SITES, "10.2.2.10"),
}


def traffic(lab: Lab, destination: str) -> None:
    """Pings of all sizes, fragments among them, into the void, and through rekeys."""
    do(lab, f"H1: ping {destination} repeat 7 size 1400", f"H1: ping {destination} repeat 3 size 3000")
    do(lab, f"H1: ping {destination.rpartition('.')[0]}.99 repeat 2", "wait 4000", f"H1: ping {destination} repeat 50")


def interface_counters(lab: Lab, node: str, interface: str) -> list[int]:
    """Frames, octets and broadcasts in, frames and octets out."""
    shown = do(lab, f"{node}: show interfaces GigabitEthernet{interface}")
    came = (r"(\d+) packets input", r"input, (\d+) bytes", r"Received (\d+) broadcasts")
    went = (r"(\d+) packets output", r"output, (\d+) bytes")
    found = [re.search(pattern, shown) for pattern in (*came, *went)]
    return [int(match[1]) for match in found if match]


def mac_address(lab: Lab, node: str, interface: str) -> bytes:
    found = lab.routers[node].interfaces.get(InterfaceName("GigabitEthernet", interface))
    assert found is not None
    return found.mac


def captured(frames: list[bytes], mac: bytes) -> list[int]:
    """The same of a capture, where an interface has an address."""
    out = [frame for frame in frames if frame[6:12] == mac]
    into = [frame for frame in frames if frame[6:12] != mac]
    groups = sum(frame[0] & 1 for frame in into)
    return [len(into), sum(map(len, into)), groups, len(out), sum(map(len, out))]


def esp_by_spi(frames: list[bytes], mac: bytes) -> tuple[Counter[bytes], Counter[bytes]]:
    """ESP packets by SPI, out and in."""
    spis = [(frame[6:12] == mac, frame[34:38]) for frame in frames if frame[12:14] == IPV4 and frame[23] == ESP]
    return Counter(spi for out, spi in spis if out), Counter(spi for out, spi in spis if not out)


def connections(lab: Lab, node: str) -> dict[bytes, list[int]]:
    """What the connections of the crypto engine have done, out and in, by the SPIs of `show crypto ipsec sa`."""
    shown = do(lab, f"{node}: show crypto ipsec sa")
    rows = re.findall(r" +(\d+)  IPsec +\S+ +(\d+) +(\d+)", do(lab, f"{node}: show crypto engine connections active"))
    done = {number: (int(out), int(into)) for number, out, into in rows}
    found: dict[bytes, list[int]] = {}
    for spi, number in re.findall(r"spi: 0x([0-9A-F]+)\(\d+\)\n +transform.*\n.*\n +conn id: (\d+)", shown):
        both = found.setdefault(bytes.fromhex(spi.zfill(8)), [0, 0])
        both[0] += done[number][0]
        both[1] += done[number][1]
    return found


def totals(lab: Lab, node: str) -> list[int]:
    """Packets encapsulated and decapsulated."""
    shown = do(lab, f"{node}: show crypto ipsec sa")
    return [sum(map(int, re.findall(rf"#pkts {word}: (\d+)", shown))) for word in ("encaps", "decaps")]


@pytest.mark.parametrize("name", LABS)
def test_counters_are_those_of_the_captures(name: str, tmp_path: Path) -> None:
    folder, places, destination = LABS[name]
    lab = boot(folder, pcap=tmp_path)
    do(lab, "wait 30")
    # From here on: before, captures have what was sent to interfaces that were not up yet.
    started = lab.clock.wall().timestamp()
    before = {place: interface_counters(lab, *place) for place in places}
    do(lab, "wait 1")
    traffic(lab, destination)
    do(lab, "wait 1")
    ended = lab.clock.wall().timestamp()
    after = {place: interface_counters(lab, *place) for place in places}
    nodes = sorted({node for node, _ in places})
    macs = {place: mac_address(lab, *place) for place in places}
    done = {node: (totals(lab, node), connections(lab, node)) for node in nodes}
    members = {node: do(lab, f"{node}: show crypto gdoi gm dataplane counters") for node in nodes}
    lab.close()

    for place, link in places.items():
        node, interface = place
        frames = [f.data for f in read_capture(tmp_path / f"{link}.pcapng") if started < f.timestamp < ended]
        counted = [now - then for now, then in zip(after[place], before[place], strict=True)]
        assert counted == captured(frames, macs[place]), place
        if interface == "0/0":
            out, into = esp_by_spi(frames, macs[place])
            encapsulated, by_spi = done[node]
            everything = [out.total(), into.total()]
            assert everything[0] > 60
            for spi, both in by_spi.items():
                assert both == [out[spi], into[spi]]
            if name == "group":
                # What is shown of a flow is what the SAs that live have done, what the group has done is more.
                assert encapsulated == [sum(out[spi] for spi in by_spi), sum(into[spi] for spi in by_spi)]
                found = re.search(r"encrypt +: (\d+) +#pkts decrypt +: (\d+)", members[node])
                assert found is not None
                encapsulated = [int(found[1]), int(found[2])]
            assert encapsulated == everything
