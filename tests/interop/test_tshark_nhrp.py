"""Wireshark's dissector reads each kind of NHRP packet in GRE as we mean it."""

from __future__ import annotations

import json
import subprocess
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from iosemu.ports.pcapng import PcapngWriter
from iosemu.wire.ethernet import IPV4, Frame
from iosemu.wire.gre import PROTOCOL_NHRP, GrePacket
from iosemu.wire.ipv4 import GRE, Packet
from iosemu.wire.nhrp import INDICATIONS, ErrorCode, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Extension, ExtensionType, authentication
from tests.interop.tshark import esp_preferences, tshark
from tests.lab.driver import ROOT, boot, do
from tests.requirements import require

NBMA, SOURCE, TARGET = (IPv4Address(text) for text in ("203.0.113.6", "10.13.0.2", "10.13.3.10"))
QUOTED = Packet(TARGET, SOURCE, 1, bytes.fromhex("0800f7ff00000000"), identification=9).pack()


def sample(operation: Operation) -> NhrpPacket:
    if operation is Operation.ERROR_INDICATION:
        return NhrpPacket(
            operation,
            NBMA,
            SOURCE,
            TARGET,
            error=ErrorCode.AUTHENTICATION_FAILURE,
            quoted=sample(Operation.REGISTRATION_REQUEST).pack(),
        )
    if operation is Operation.TRAFFIC_INDICATION:
        return NhrpPacket(operation, NBMA, SOURCE, TARGET, quoted=QUOTED, extensions=(authentication("GETDM13"),))
    entry = ClientEntry(prefix=24, mtu=17912, holding=7200, nbma=NBMA, protocol=SOURCE)
    transit = Extension(ExtensionType.FORWARD_TRANSIT, entry.pack())
    extensions = Extension(ExtensionType.RESPONDER_ADDRESS), transit, authentication("GETDM13")
    return NhrpPacket(operation, NBMA, SOURCE, TARGET, 0x1234, 0xE002, (entry,), extensions)


def dissected(capture: Path) -> dict[str, Any]:
    require("tshark")
    command = ["tshark", "-r", str(capture), "-T", "json", "--no-duplicate-keys"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    layers: dict[str, Any] = json.loads(done.stdout)[0]["_source"]["layers"]
    return layers


@pytest.mark.parametrize("operation", list(Operation))
def test_each_kind(operation: Operation, tmp_path: Path) -> None:
    packet = sample(operation)
    writer = PcapngWriter(tmp_path / "one.pcapng", "one", 0.0)
    outer = Packet(NBMA, IPv4Address("203.0.113.2"), GRE, GrePacket(PROTOCOL_NHRP, packet.pack(), 13).pack())
    writer.write(1.0, Frame(b"\x02" * 6, b"\x04" * 6, IPV4, outer.pack()).pack())
    writer.close()
    layers = dissected(tmp_path / "one.pcapng")
    text = json.dumps(layers)
    assert "_ws.malformed" not in text
    assert "expert" not in text.lower()
    assert layers["gre"]["gre.key"] == "0x0000000d"
    read = layers["nhrp"]
    for name, value in {
        "nhrp.hdr.op.type": str(int(operation)),
        "nhrp.hdr.chksum.status": "1",
        "nhrp.src.nbma.addr": str(NBMA),
        "nhrp.src.prot.addr": str(SOURCE),
        "nhrp.dst.prot.addr": str(TARGET),
    }.items():
        assert f'"{name}": "{value}"' in json.dumps(read), name
    if operation not in INDICATIONS:
        assert '"nhrp.client.prot.addr": "10.13.0.2"' in json.dumps(read)
        assert '"nhrp.htime": "7200"' in json.dumps(read)
        assert '"nhrp.auth_ext.spi": "1"' in json.dumps(read)
    if operation is Operation.TRAFFIC_INDICATION:
        assert '"ip.src": "10.13.3.10"' in text


def test_what_is_inside_the_esp_of_a_dmvpn_below_a_group(tmp_path: Path) -> None:
    lab = boot(ROOT / "running-configs" / "13-dmvpn-over-getvpn", pcap=tmp_path, keys=tmp_path / "keys.json")
    do(lab, "wait 60", "H2: ping 10.13.3.10")
    lab.close()
    preferences = esp_preferences(tmp_path / "keys.json")
    capture = tmp_path / "SPOKE1--PE.pcapng"

    def fields(shown: str, *names: str) -> list[str]:
        wanted = [option for name in names for option in ("-e", name)]
        return tshark(capture, *preferences, "-Y", shown, "-T", "fields", *wanted)

    assert tshark(capture, *preferences, "-Y", "_ws.malformed || esp.icv_good == 0") == []
    # All but the first registration and its reply, which left before there were keys.
    assert fields("gre && !esp", "nhrp.hdr.op.type") == ["3", "4"]
    inside = fields("esp && nhrp", "nhrp.hdr.op.type", "nhrp.hdr.chksum.status", "gre.key")
    assert sorted(inside) == [f"{kind}\t1\t0x0000000d" for kind in (1, 1, 2, 2, 8)]
    # Directly to the other spoke, by the last ping at the latest.
    assert fields("esp && icmp.type == 8", "ip.dst")[-1] == "203.0.113.10,203.0.113.10,10.13.3.10"
