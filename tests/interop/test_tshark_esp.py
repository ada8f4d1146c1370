"""tshark, scapy and `iosemu decode` open all ESP of captures with every transform, by the key log alone.

tshark has no word for GMAC, which scapy verifies, and shows no verdict where a cipher has no HMAC.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from iosemu.decode.tool import run
from iosemu.labs.lab import Lab
from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import ESP as PROTOCOL_ESP
from tests.interop.esp_suites import GCM, GMAC, SEPARATE, WITHOUT_HMAC
from tests.interop.tshark import esp_preferences, security_associations, tshark
from tests.lab.driver import ROOT, boot, configure, do
from tests.requirements import require

TRANSFORMS = (*SEPARATE, *GCM, *GMAC, *WITHOUT_HMAC)
BY_COUNTER, BY_TIME = "counter window-size 64", "time window-size 5"
# The status of the inner ICMP message's checksum, the addresses of both headers; in the words of either family.
FIELDS = ("icmp.checksum.status", "icmpv6.checksum.status", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst")
# Octets of the pings' packets: every length of padding, and a large one.
SIZES = (*range(100, 116), 1300)


Ends = dict[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture of the outside, the key log, and by outer source and destination what the inner ones are."""

    pcap: Path
    keys: Path
    ends: Ends

    def esp(self, keys: Path, *fields: str) -> dict[str, list[tuple[str, ...]]]:
        """Fields of all ESP packets by SPI, as tshark shows them with a key log."""
        shown = [item for field in fields for item in ("-e", field)]
        found: dict[str, list[tuple[str, ...]]] = {}
        for line in tshark(self.pcap, *esp_preferences(keys), "-Y", "esp", "-T", "fields", "-e", "esp.spi", *shown):
            spi, *values = line.split("\t")
            found.setdefault(spi.removeprefix("0x"), []).append(tuple(values))
        return found


def pings(lab: Lab, destination: str) -> None:
    for size in SIZES:
        assert "100 percent" in do(lab, f"H1: ping {destination} repeat 1 size {size}")


def tunnels(lab: Lab) -> Ends:
    """Two gateways with crypto maps: tunnel mode for the LANs, transport mode for what they say themselves."""
    for transform in TRANSFORMS:
        for node in ("R1", "R2"):
            sets = (f"crypto ipsec transform-set {name} {transform}" for name in ("TS", "TS-HOST"))
            configure(lab, node, *sets, "mode transport")
            do(lab, f"{node}: clear crypto sa")
        # The first packet of each entry goes to make the SAs.
        do(lab, "wait 1", "H1: ping 10.2.2.10 repeat 1", "R1: ping 203.0.113.2 repeat 3", "wait 3")
        pings(lab, "10.2.2.10")
    one, other = "198.51.100.2", "203.0.113.2"
    return {(one, other): ("10.1.1.10", "10.2.2.10"), (other, one): ("10.2.2.10", "10.1.1.10")}


def group(lab: Lab, name: str, one: str, other: str, replays: tuple[str, ...] = (BY_TIME,)) -> Ends:
    """Members of a group with one way against replay after the other; outside are the hosts' addresses."""
    do(lab, "wait 60")
    for replay in replays:
        configure(lab, "KS1", f"crypto gdoi group {name}", "server local", "sa ipsec 10", f"replay {replay}")
        for transform in TRANSFORMS:
            configure(lab, "KS1", f"crypto ipsec transform-set GET-TS {transform}")
            # With the first counter mode members have to register for their sender IDs.
            do(lab, "KS1: crypto gdoi ks rekey replace-now", "wait 60")
            pings(lab, other)
    return {(one, other): (one, other), (other, one): (other, one)}


LABS: dict[str, tuple[str, Callable[[Lab], Ends], str]] = {
    "crypto maps": ("examples/site-to-site", tunnels, "R1--ISP"),
    "group": (
        "examples/getvpn-basic",
        partial(group, name="GETVPN", one="192.168.1.10", other="192.168.2.10", replays=(BY_COUNTER, BY_TIME)),
        "GM1--P",
    ),
    "group for IPv6": (
        "running-configs/12-ipv6",
        partial(group, name="ipv6 GETV6", one="2001:db8:12:1::10", other="2001:db8:12:2::10"),
        "GM1--PE",
    ),
}


@pytest.fixture(scope="module", params=LABS)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    require("tshark")
    topology, traffic, link = LABS[request.param]
    folder = tmp_path_factory.mktemp("esp")
    keys = folder / "keys.json"
    lab = boot(ROOT / topology, pcap=folder, keys=keys)
    ends = traffic(lab)
    lab.close()
    return Recorded(folder / f"{link}.pcapng", keys, ends)


def words(sa: dict[str, Any]) -> str:
    """The transform of a record of the key log, as a transform set has it."""
    size = [str(sa["key_bits"])] if sa["key_bits"] not in (0, 128) else []
    return " ".join([sa["encryption"], *size, *([sa["integrity"]] if sa["integrity"] else [])])


def test_every_icv_is_good(recorded: Recorded) -> None:
    """Each packet of each transform: its ICV, the checksum of the ICMP message inside, and the addresses of both
    headers, which are the same in a group."""
    packets = recorded.esp(recorded.keys, "esp.icv_good", "esp.icv_bad", *FIELDS)
    counted = dict.fromkeys(TRANSFORMS, 0)
    for sa in security_associations(recorded.keys):
        transform = words(sa)
        rows = [(*row[:2], *map("".join, zip(row[2::2], row[3::2], strict=True))) for row in packets.pop(sa["spi"], [])]
        counted[transform] += len(rows)
        icv = {**dict.fromkeys(GMAC, ("", "", "")), **dict.fromkeys(WITHOUT_HMAC, ("", "", "1"))}
        assert {row[:3] for row in rows} <= {icv.get(transform, ("1", "0", "1"))}, transform
        for sources, destinations in (row[3:] for row in rows):
            (source, *inner_source), (destination, *inner_destination) = sources.split(","), destinations.split(",")
            assert tuple(inner_source + inner_destination) in ((), recorded.ends[source, destination])
    assert packets == {}
    assert min(counted.values()) >= 2 * len(SIZES)


def test_wrong_keys_are_noticed(recorded: Recorded, tmp_path: Path) -> None:
    """With one wrong bit in the keys no ICV is good: tshark did verify."""
    wrong = tmp_path / "wrong.json"
    records = security_associations(recorded.keys)
    for record in records:
        name = "integrity_key" if record["integrity"] else "encryption_key"
        record[name] = record[name][:-1] + f"{int(record[name][-1], 16) ^ 2:x}"
    wrong.write_text("\n".join(map(json.dumps, records)))
    verdicts = {row for rows in recorded.esp(wrong, "esp.icv_good", "esp.icv_bad").values() for row in rows}
    assert verdicts == {("0", "1"), ("", "")}


def test_scapy_verifies_gmac(recorded: Recorded) -> None:
    """GMAC, by an implementation that is neither ours nor tshark's."""
    require("module:scapy")
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.ipsec import ESP, SecurityAssociation
    from scapy.layers.l2 import Ether

    keys = {bytes.fromhex(sa["spi"]): sa for sa in security_associations(recorded.keys) if words(sa) in GMAC}
    opened = 0
    for frame in read_capture(recorded.pcap):
        packet = Ether(frame.data)
        outer = next((packet[kind] for kind in (IP, IPv6) if kind in packet), None)
        if outer is None or PROTOCOL_ESP not in (outer.fields.get("proto"), outer.fields.get("nh")):
            continue
        spi = bytes(outer.payload)[:4]
        if spi in keys:
            key = bytes.fromhex(keys[spi]["encryption_key"] + keys[spi]["salt"])
            cipher = {"crypt_algo": "AES-NULL-GMAC", "crypt_key": key, "tunnel_header": type(outer)()}
            inside = SecurityAssociation(ESP, int.from_bytes(spi, "big"), **cipher).decrypt(outer)
            assert type(outer) not in inside or (inside.src, inside.dst) == recorded.ends[outer.src, outer.dst]
            opened += 1
    assert opened >= len(GMAC) * 2 * len(SIZES)


def test_decode_verifies_all(recorded: Recorded) -> None:
    """`iosemu decode` verifies the ICV of every packet that has one."""
    out = io.StringIO()
    assert run(recorded.pcap, recorded.keys, False, out, out) == 0
    packets = recorded.esp(recorded.keys)
    bare = {sa["spi"] for sa in security_associations(recorded.keys) if words(sa) in WITHOUT_HMAC}
    with_icv = sum(len(rows) for spi, rows in packets.items() if spi not in bare)
    assert out.getvalue().count("ICV: verified") == with_icv > 0
