"""TUN, TAP and raw ports against the kernel."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from iosemu.ports.batches import channel
from iosemu.ports.device import DevicePort
from iosemu.ports.errors import PortError, refusal
from iosemu.ports.raw import RawNic
from iosemu.ports.tuntap import TunTap
from tests.ports.kernel import in_namespace, ip, until
from tests.requirements import require


def opened(port: DevicePort) -> tuple[list[bytes], list[bool]]:
    """What the port hands up, and the carrier after each change."""
    frames: list[bytes] = []
    carriers: list[bool] = []
    port.connect(frames.append, lambda: carriers.append(port.carrier))
    return frames, carriers


def test_tun_carries_packets_of_the_kernel_with_good_checksums() -> None:
    async def body() -> None:
        port = DevicePort(TunTap("tun", "lan0"))
        frames, _ = opened(port)
        port.resize(1400)
        ip("address add 10.1.1.10/24 dev lan0")
        host = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        host.bind(("10.1.1.10", 7000))
        host.sendto(b"question", ("10.1.1.1", 7))
        await until(lambda: any(item[0] == 0x45 for item in frames))
        question = next(item for item in frames if item[0] == 0x45)
        packet = IP(question)
        assert bytes(packet[UDP].payload) == b"question"
        del packet[UDP].chksum
        assert bytes(packet) == question
        answer = IP(src="10.1.1.1", dst="10.1.1.10") / UDP(sport=7, dport=7000) / Raw(b"answer")
        assert port.send(bytes(answer))
        assert host.recv(100) == b"answer"
        mtu = subprocess.run(["ip", "link", "show", "lan0"], capture_output=True, text=True, check=True).stdout
        assert "mtu 1400" in mtu
        port.close()
        assert subprocess.run(["ip", "link", "show", "lan0"], capture_output=True, check=False).returncode

    in_namespace(body)


def test_raw_nic_hears_frames_for_any_address_and_not_its_own() -> None:
    async def body() -> None:
        ip("link add left type veth peer name right")
        ip("link set left up")
        ip("link set right up")
        left, right = DevicePort(RawNic("left")), DevicePort(RawNic("right"))
        heard_left, _ = opened(left)
        heard_right, _ = opened(right)
        frame = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x88B5) / bytes(100))
        assert left.send(frame)
        await until(lambda: frame in heard_right)
        assert frame not in heard_left
        assert not left.send(frame + bytes(1600))
        assert left.losses.oversized == 1
        assert not left.send(b"short")
        left.close()
        right.close()

    in_namespace(body)


def test_carrier_follows_the_device() -> None:
    async def body() -> None:
        port = DevicePort(TunTap("tap", "tap7"))
        _, carriers = opened(port)
        assert port.carrier
        ip("link set tap7 down")
        await until(lambda: carriers[-1:] == [False])
        assert not port.send(bytes(60))
        assert port.losses.down == 1
        ip("link set tap7 up")
        await until(lambda: carriers[-1:] == [True])
        assert port.send(bytes(60))
        port.close()

    in_namespace(body)


@pytest.mark.parametrize("kind", ["tun", "raw"])
def test_removed_device_is_a_port_without_carrier(kind: str) -> None:
    async def body() -> None:
        if kind == "raw":
            ip("link add lan0 type veth peer name other")
            ip("link set other up")
            ip("link set lan0 up")
        port = DevicePort(RawNic("lan0") if kind == "raw" else TunTap("tun", "lan0"))
        _, carriers = opened(port)
        assert port.carrier
        ip("link delete lan0")
        await until(lambda: carriers[-1:] == [False])
        assert not port.send(bytes(60))
        assert port.losses.down == 1
        assert port.overruns() == 0
        port.close()

    in_namespace(body)


def test_frame_whose_offload_header_is_nonsense_is_handed_up_empty() -> None:
    async def body() -> None:
        port = DevicePort(TunTap("tun", "lan0"))
        frames, _ = opened(port)
        port.deliver(b"\x01\x01" + bytes(40))
        assert frames == [b""]
        assert port.losses.malformed == 1
        port.close()

    in_namespace(body)


def test_queue_of_a_raw_nic_overflows_and_is_counted() -> None:
    async def body() -> None:
        ip("link add left type veth peer name right")
        ip("link set left up")
        ip("link set right up")
        left, right = DevicePort(RawNic("left")), DevicePort(RawNic("right"))
        frame = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x88B5) / bytes(1400))
        sent = 0
        while right.overruns() == 0:
            sent += left.send(frame)
            assert sent < 200000
        heard, _ = opened(right)
        lost = right.overruns()
        await until(lambda: heard.count(frame) + lost >= sent)
        left.close()
        right.close()

    in_namespace(body)


def test_missing_devices_are_named() -> None:
    async def body() -> None:
        with pytest.raises(PortError, match=r"^raw:nic9: .*no such network card"):
            RawNic("nic9")
        ip("link add dummy7 type veth peer name dummy8")
        with pytest.raises(PortError, match=r"^tun:dummy7: Invalid argument; a device of this name"):
            TunTap("tun", "dummy7")
        first = TunTap("tap", "tap0")
        with pytest.raises(PortError, match=r"^tap:tap0: .*; another process has it open"):
            TunTap("tap", "tap0")
        first.close()

    in_namespace(body)


def test_error_without_the_right_names_every_way_to_it() -> None:
    text = str(refusal("tun:lan0", OSError(errno.EPERM, "no"), "CAP_NET_ADMIN"))
    assert text.startswith("tun:lan0: Operation not permitted; this needs CAP_NET_ADMIN.")
    for way in ("run as root", "`unshare -Urn`", "`sudo setcap cap_net_admin+ep /", "--cap-add NET_ADMIN --device"):
        assert way in text
    assert "\n" not in text


def test_user_without_rights_gets_one_line() -> None:
    require("root", "setpriv")
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
    command += [sys.executable, "-m", "iosemu", "run", "--port=Gi0/0=tun:lan0", "-c", "show version"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "CAP_NET_ADMIN" in result.stderr
    assert "setcap" in result.stderr


@pytest.mark.parametrize("kind", ["raw", "tun"])
def test_queues_share_flows_and_get_each_frame_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOSEMU_WORKERS", "2")

    async def body() -> None:
        if kind == "raw":
            ip("link add left type veth peer name lan0")
            ip("link set left up")
            ip("link set lan0 up")
        first: RawNic | TunTap = RawNic("left") if kind == "raw" else TunTap("tun", "lan0")
        second = first.queue()
        ip("address add 10.1.1.10/24 dev lan0")
        if kind == "raw":
            ip("neighbour add 10.1.1.1 lladdr 02:00:00:00:00:01 dev lan0")
        host = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for port in range(1000, 1100):
            host.sendto(b"once %d." % port, ("10.1.1.1", port))
        shares = [[frame for frame in received(device) if b"once " in frame] for device in (first, second)]
        texts = [frame[frame.index(b"once ") :] for share in shares for frame in share]
        assert sorted(texts) == [b"once %d." % port for port in range(1000, 1100)]
        assert all(len(share) > 10 for share in shares)
        second.close()
        host.sendto(b"once more", ("10.1.1.1", 1001))
        assert any(b"once more" in frame for frame in received(first))
        first.close()

    def received(device: RawNic | TunTap) -> list[bytes]:
        reader = channel(device.fileno())
        frames: list[bytes] = []
        while found := reader.receive():
            frames += found
        return frames

    in_namespace(body)
