"""Nothing that arrives can stop a router: it is dropped, counted, and the router goes on."""

from __future__ import annotations

import random
from pathlib import Path

from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.names import InterfaceName
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import UdpDatagram
from tests.lab.driver import basic, do, packets

WAN = InterfaceName("GigabitEthernet", "0/0")


def test_hostile_frames_and_datagrams(tmp_path: Path) -> None:
    lab = basic(pcap=tmp_path)
    do(lab, "wait 30", "H1: ping 192.168.2.10", "KS1: crypto gdoi ks rekey", "wait 60")
    lab.flush()
    genuine = [packet.pack() for name in ("KS1--P", "GM1--P") for packet in packets(tmp_path / f"{name}.pcapng")]
    assert len(genuine) > 50
    rng = random.Random(3)
    for node in ("KS1", "GM1"):
        router = lab.routers[node]
        interface = router.interfaces.get(WAN)
        assert interface is not None
        own = interface.address
        assert own is not None
        for _ in range(4000):
            data = bytearray(rng.choice(genuine))
            for _ in range(rng.randrange(4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            cut = bytes(data[: rng.randrange(1, len(data) + 1)] if rng.random() < 0.3 else data)
            router.link.receive(interface.mac + bytes(6) + b"\x08\x00" + cut, interface)
            payload = cut[28:]
            source = Packet.parse(rng.choice(genuine)).source
            packet = Packet(source, own, UDP, UdpDatagram(848, 848, payload).pack(source, own)).pack()
            router.link.receive(interface.mac + bytes(6) + b"\x08\x00" + packet, interface)
            router.link.receive(rng.randbytes(rng.randrange(80)), interface)
        assert interface.counters.input_errors > 100
        assert sum(router.service(IsakmpService).refused.values()) > 100
    do(lab, "wait 200")
    assert "100 percent" in do(lab, "H1: ping 192.168.2.10")
    assert len(lab.routers["KS1"].service(ServerRole).servers["GETVPN"].members) == 3
