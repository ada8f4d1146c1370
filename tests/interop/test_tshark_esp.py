"""tshark, scapy and `iosemu decode` open all ESP of captures with every transform, by the key log alone.

tshark has no word for GMAC, which scapy verifies, and shows no verdict where a cipher has no HMAC.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from iosemu.decode.tool import run
from iosemu.labs.lab import Lab
from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import ESP as PROTOCOL_ESP
from tests.interop.esp_dissector import esp_preferences, security_associations
from tests.interop.esp_suites import GCM, GMAC, SEPARATE, WITHOUT_HMAC
from tests.interop.test_tshark import tshark
from tests.lab import test_basic_lab, test_site_to_site
from tests.lab.driver import configure, do
from tests.requirements import require

TRANSFORMS = (*SEPARATE, *GCM, *GMAC, *WITHOUT_HMAC)
IPV4 = b"\x08\x00"
# Octets of the pings' packets: every length of padding, and a large one.
SIZES = (*range(100, 116), 1300)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture of the outside, the key log, and by outer source and destination what the inner ones are."""

    pcap: Path
    keys: Path
    ends: dict[tuple[str, str], tuple[str, str]]

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


def tunnels(lab: Lab) -> dict[tuple[str, str], tuple[str, str]]:
    """Two gateways with crypto maps: tunnel mode for the LANs, transport mode for what they say themselves."""
    for transform in TRANSFORMS:
        for node in test_site_to_site.BOTH:
            sets = (f"crypto ipsec transform-set {name} {transform}" for name in ("TS", "TS-HOST"))
            configure(lab, node, *sets, "mode transport")
            do(lab, f"{node}: clear crypto sa")
        # The first packet of each entry goes to make the SAs.
        do(lab, "wait 1", "H1: ping 10.2.2.10 repeat 1", "R1: ping 203.0.113.2 repeat 3", "wait 3")
        pings(lab, "10.2.2.10")
    one, other = "198.51.100.2", "203.0.113.2"
    return {(one, other): ("10.1.1.10", "10.2.2.10"), (other, one): ("10.2.2.10", "10.1.1.10")}


def group(lab: Lab) -> dict[tuple[str, str], tuple[str, str]]:
    """Members of a group with counters against replay, and then with time stamps; outside are the hosts' addresses."""
    do(lab, "wait 30")
    for replay in ("counter window-size 64", "time window-size 5"):
        configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "sa ipsec 10", f"replay {replay}")
        for transform in TRANSFORMS:
            configure(lab, "KS1", f"crypto ipsec transform-set GET-TS {transform}")
            # With the first counter mode members have to register for their sender IDs.
            do(lab, "KS1: crypto gdoi ks rekey replace-now", "wait 60")
            pings(lab, "192.168.2.10")
    one, other = "192.168.1.10", "192.168.2.10"
    return {(one, other): (one, other), (other, one): (other, one)}


LABS: dict[str, tuple[Callable[..., Lab], Callable[[Lab], dict[tuple[str, str], tuple[str, str]]], str]] = {
    "crypto maps": (test_site_to_site.boot, tunnels, "R1--ISP.pcapng"),
    "group": (test_basic_lab.boot, group, "GM1--P.pcapng"),
}


@pytest.fixture(scope="module", params=LABS)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    require("tshark")
    boot, traffic, pcap = LABS[request.param]
    folder = tmp_path_factory.mktemp("esp")
    keys = folder / "keys.json"
    lab = boot(pcap=folder, keys=keys)
    ends = traffic(lab)
    lab.close()
    return Recorded(folder / pcap, keys, ends)


def words(sa: dict[str, str]) -> str:
    """The transform of a record of the key log, as a transform set has it."""
    size = [str(sa["key_bits"])] if sa["key_bits"] not in (0, 128) else []
    return " ".join([sa["encryption"], *size, *([sa["integrity"]] if sa["integrity"] else [])])


def test_every_icv_is_good(recorded: Recorded) -> None:
    """Each packet of each transform: its ICV, the checksum of the ICMP message inside, and the addresses of both
    headers, which are the same in a group."""
    packets = recorded.esp(recorded.keys, "esp.icv_good", "esp.icv_bad", "icmp.checksum.status", "ip.src", "ip.dst")
    counted = dict.fromkeys(TRANSFORMS, 0)
    for sa in security_associations(recorded.keys):
        rows, transform = packets.pop(sa["spi"], []), words(sa)
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
    from scapy.layers.ipsec import ESP, SecurityAssociation

    keys = {bytes.fromhex(sa["spi"]): sa for sa in security_associations(recorded.keys) if words(sa) in GMAC}
    opened = 0
    for frame in read_capture(recorded.pcap):
        outer, spi = IP(frame.data[14:]), frame.data[34:38]
        if frame.data[12:14] == IPV4 and outer.proto == PROTOCOL_ESP and spi in keys:
            key = bytes.fromhex(keys[spi]["encryption_key"] + keys[spi]["salt"])
            cipher = {"crypt_algo": "AES-NULL-GMAC", "crypt_key": key, "tunnel_header": IP()}
            inside = SecurityAssociation(ESP, int.from_bytes(spi, "big"), **cipher).decrypt(outer)
            assert IP not in inside or (inside.src, inside.dst) == recorded.ends[outer.src, outer.dst]
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
