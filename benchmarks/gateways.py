"""Two kernel hosts behind two gateways: iosemu beside strongSwan (kernel-libipsec), OpenVPN and wireguard-go.

All in one topology of network namespaces (that of examples/linux-gateways), one after the other in each round, so that
figures of one round can be compared; those of another machine cannot. Needs root, iperf3, and the Debian packages
openvpn, wireguard-go, wireguard-tools, strongswan-swanctl, libcharon-extra-plugins; a peer that is missing is left out.

    sudo python3 benchmarks/gateways.py [ROUNDS]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples" / "linux-gateways"))

from gateways import HOST_B, Boxes, cabling, check, gateways, iperf_server, run

SECONDS = "4"
# Packets per second that are offered one after the other; the last rate with less loss than LOSS counts.
RATES = (5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 80_000)
LOSS = 0.1
PROBE_SECONDS = "2"
SIZES = (1400, 256, 64)
HEADERS = 28
CHARON = "/usr/sbin/charon-systemd"
# A name of a figure, and what it is of a run.
Figures = dict[str, float]


@contextmanager
def iosemu(folder: Path) -> Iterator[Boxes]:
    """Two members of a group, AES-128-GCM with time stamps."""
    with gateways(f"bench{os.getpid()}", folder) as boxes:
        yield boxes


@contextmanager
def kernel_gateways() -> Iterator[Boxes]:
    """The same boxes with gateways that forward in the kernel."""
    with cabling(f"bench{os.getpid()}") as boxes:
        for number, box in ((1, boxes.gm1), (2, boxes.gm2)):
            check("ip", "address", "add", f"192.0.2.{number}/24", "dev", "wan", namespace=box)
            check("ip", "address", "add", f"10.1.{number}.1/24", "dev", "lan", namespace=box)
            check("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward", namespace=box)
        yield boxes


@contextmanager
def daemons(*commands: tuple[str, str]) -> Iterator[None]:
    """Shell commands that run in namespaces, each in a session of its own, until the block ends."""
    started = [
        subprocess.Popen(
            ["ip", "netns", "exec", box, "sh", "-c", command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for box, command in commands
    ]
    try:
        yield
    finally:
        for process in started:
            os.killpg(process.pid, 15)
            process.wait()


@contextmanager
def wireguard(folder: Path) -> Iterator[Boxes]:
    """wireguard-go."""
    keys = [check("wg", "genkey").strip() for _ in range(2)]
    public = [subprocess.check_output(["wg", "pubkey"], input=key, text=True).strip() for key in keys]
    with kernel_gateways() as boxes:
        members = (boxes.gm1, boxes.gm2)
        names = [f"wg{os.getpid() % 10000}{number}" for number in (1, 2)]
        with daemons(*((box, f"exec wireguard-go -f {name}") for box, name in zip(members, names, strict=True))):
            time.sleep(1)
            for number, (box, name) in enumerate(zip(members, names, strict=True)):
                other = 2 - number
                (folder / name).write_text(keys[number])
                peer = f"peer {public[1 - number]} allowed-ips 10.1.{other}.0/24 endpoint 192.0.2.{other}:51820"
                check(
                    "wg", "set", name, *f"listen-port 51820 private-key {folder / name} {peer}".split(), namespace=box
                )
                check("ip", "link", "set", name, "up", namespace=box)
                check("ip", "route", "add", f"10.1.{other}.0/24", "dev", name, namespace=box)
            yield boxes


@contextmanager
def openvpn(folder: Path) -> Iterator[Boxes]:
    """OpenVPN without its kernel module, AES-128-GCM."""
    prints = []
    for number in (1, 2):
        files = ("-keyout", str(folder / f"{number}.key"), "-out", str(folder / f"{number}.crt"))
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN=gw{number}")
        check("openssl", "req", "-x509", *kind, *files)
        printed = check("openssl", "x509", "-in", str(folder / f"{number}.crt"), "-noout", "-fingerprint", "-sha256")
        prints.append(printed.strip().partition("=")[2])
    with kernel_gateways() as boxes:
        commands = []
        for number, box in ((1, boxes.gm1), (2, boxes.gm2)):
            other = 3 - number
            role = "--tls-server --dh none" if number == 1 else "--tls-client"
            commands.append(
                (
                    box,
                    f"exec openvpn --dev tun --disable-dco --proto udp --remote 192.0.2.{other} {role} --cert "
                    f"{folder}/{number}.crt --key {folder}/{number}.key --peer-fingerprint {prints[other - 1]} "
                    f"--data-ciphers AES-128-GCM --ifconfig 10.9.0.{number} 10.9.0.{other} "
                    f"--route 10.1.{other}.0 255.255.255.0 --txqueuelen 1000",
                )
            )
        with daemons(*commands):
            yield boxes


@contextmanager
def strongswan(folder: Path) -> Iterator[Boxes]:
    """strongSwan with kernel-libipsec, AES-128-GCM in UDP."""
    with kernel_gateways() as boxes:
        commands = []
        for number, box in ((1, boxes.gm1), (2, boxes.gm2)):
            other = 3 - number
            home = folder / f"swan{number}"
            home.mkdir()
            (home / "strongswan.conf").write_text(
                "charon-systemd { load_modular = no\n install_routes = yes\n port = 500\n threads = 32\n"
                " load = random nonce aes sha1 sha2 hmac kdf openssl curve25519 gcm kernel-libipsec kernel-netlink"
                " socket-default vici updown\n"
                f" plugins {{ vici {{ socket = unix://{home}/vici }} }} }}\n"
            )
            (home / "swanctl.conf").write_text(
                f"connections {{ gw {{ version = 2\n local_addrs = 192.0.2.{number}\n remote_addrs = 192.0.2.{other}\n"
                f" proposals = aes128-sha256-x25519\n local {{ auth = psk\n id = gw{number} }}\n"
                f" remote {{ auth = psk\n id = gw{other} }}\n children {{ net {{ local_ts = 10.1.{number}.0/24\n"
                f" remote_ts = 10.1.{other}.0/24\n esp_proposals = aes128gcm16\n start_action = trap }} }} }} }}\n"
                "secrets { ike { secret = Bench01Key } }\n"
            )
            commands.append((box, f"mount -t tmpfs none /run; STRONGSWAN_CONF={home}/strongswan.conf exec {CHARON}"))
        with daemons(*commands):
            time.sleep(2)
            for number, box in ((1, boxes.gm1), (2, boxes.gm2)):
                home = folder / f"swan{number}"
                uri = f"--uri=unix://{home}/vici"
                check("swanctl", "--load-all", f"--file={home}/swanctl.conf", uri, namespace=box)
            uri = f"--uri=unix://{folder}/swan1/vici"
            check("swanctl", "--initiate", "--child=net", "--timeout=10", uri, namespace=boxes.gm1)
            yield boxes


PEERS: dict[str, tuple[Callable[[Path], AbstractContextManager[Boxes]], tuple[str, ...]]] = {
    "iosemu": (iosemu, ()),
    "strongSwan": (strongswan, (CHARON, "swanctl")),
    "OpenVPN": (openvpn, ("openvpn", "openssl")),
    "wireguard-go": (wireguard, ("wireguard-go", "wg")),
}


def cpu_seconds(boxes: Boxes) -> float:
    """User and system time of all processes in both gateways."""
    ticks = 0
    for box in (boxes.gm1, boxes.gm2):
        for pid in check("ip", "netns", "pids", box).split():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def iperf(boxes: Boxes, *options: str) -> dict[str, object]:
    """The summary of an iperf3 run from host to host."""
    result = run("iperf3", "-J", "-c", HOST_B, *options, namespace=boxes.host_a)
    return dict(json.loads(result.stdout)["end"])


def lossless(boxes: Boxes, size: int) -> float:
    """Packets per second, from RATES, that arrive with less than LOSS percent lost."""
    best = 0.0
    payload = size - HEADERS
    for rate in RATES:
        found = iperf(boxes, "-u", "-l", str(payload), "-b", str(rate * payload * 8), "-t", PROBE_SECONDS)["sum"]
        assert isinstance(found, dict)
        # What the sending host itself could not keep up with is no merit of the gateway.
        if found["lost_percent"] > LOSS or found["packets"] / float(PROBE_SECONDS) < rate * 0.9:
            break
        best = rate
    return best


def measure(boxes: Boxes) -> Figures:
    """All figures of one peer."""
    for _ in range(100):
        if run("ping", "-c", "1", "-W", "1", HOST_B, namespace=boxes.host_a).returncode == 0:
            break
    figures: Figures = {}
    printed = run("ping", "-q", "-c", "200", "-i", "0.01", HOST_B, namespace=boxes.host_a).stdout
    times = re.search(r"= [\d.]+/([\d.]+)/", printed)
    figures["ping ms"] = float(times[1]) if times else float("nan")
    with iperf_server(boxes.host_b):
        before = cpu_seconds(boxes)
        end = iperf(boxes, "-t", SECONDS)["sum_received"]
        assert isinstance(end, dict)
        figures["TCP Mbit/s"] = end["bits_per_second"] / 1e6
        figures["CPU s/GB"] = (cpu_seconds(boxes) - before) / (end["bytes"] / 1e9)
        for size in SIZES:
            figures[f"UDP {size} kpps"] = lossless(boxes, size) / 1000
    return figures


def main() -> int:
    """Print medians, and the ratio of iosemu to each peer as the median of the rounds' own ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=3, help="how often each peer has its turn")
    rounds = parser.parse_args().rounds
    if os.geteuid():
        print("gateways.py: network namespaces need root", file=sys.stderr)
        return 2
    peers = {name: peer for name, (peer, needs) in PEERS.items() if all(map(shutil.which, needs))}
    results: dict[str, list[Figures]] = {name: [] for name in peers}
    for number in range(rounds):
        for name, peer in peers.items():
            with tempfile.TemporaryDirectory() as folder, peer(Path(folder)) as boxes:
                results[name].append(measure(boxes))
            print(number + 1, name, {key: round(value, 2) for key, value in results[name][-1].items()}, flush=True)
    for key in results["iosemu"][0]:
        print(f"\n{key}")
        for name, found in results.items():
            ratios = [own[key] / other[key] for own, other in zip(results["iosemu"], found, strict=True) if other[key]]
            ratio = f"iosemu is {statistics.median(ratios):.2f} of it" if ratios else ""
            print(f"  {name:<14} {statistics.median(item[key] for item in found):9.2f}  {ratio}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
