"""Two kernel hosts behind two gateways: iosemu beside strongSwan (kernel-libipsec), OpenVPN and wireguard-go.

All in one topology of network namespaces (that of examples/linux-gateways), one after the other in each round and in
another order each time, so that figures of one round can be compared; those of another machine cannot. Needs root,
iperf3, and the Debian packages openvpn, wireguard-go, wireguard-tools, charon-systemd, strongswan-swanctl and
libcharon-extra-plugins; a peer that is missing is left out.

TCP is one stream. UDP is the highest rate, found by bisection, of which no more than a thousandth is lost on the way to
the other host; sizes are those of IP packets. CPU is that of all processes in both gateways during the TCP stream. What
would favour one of them is the same for all: the hosts' MTU of 1400 and with it the MSS, outer packets that need no
fragments, a queue of 1,000 packets before each TUN device, AES-128-GCM from OpenSSL (wireguard-go has ChaCha20-Poly1305
and nothing else). charon has 32 threads: kernel-libipsec keeps some, and with few of them charon hangs.

    sudo python3 benchmarks/gateways.py [ROUNDS] [--peers iosemu,strongSwan] [--figures ping,TCP,64]
"""

from __future__ import annotations

import argparse
import json
import math
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

from linux_gateways import HOST_B, Boxes, cabling, check, gateways, iperf_server, run

SECONDS = "4"
# Packets per second between which the lossless rate is looked for, how exactly, and what counts as a loss (percent).
SLOWEST, FASTEST, PRECISION = 2_000, 200_000, 1.1
LOSS = 0.1
PROBE_SECONDS = 2
TUN_QUEUE = "1000"
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
                check("ip", "link", "set", name, "txqueuelen", TUN_QUEUE, "up", namespace=box)
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
                    f"--route 10.1.{other}.0 255.255.255.0 --txqueuelen {TUN_QUEUE}",
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
                " load = random nonce openssl hmac kdf curve25519 kernel-libipsec kernel-netlink"
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
                check("ip", "link", "set", "ipsec0", "txqueuelen", TUN_QUEUE, namespace=box)
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
    """The summary of an iperf3 run from host to host, with a server of its own: one that missed the end is busy."""
    with iperf_server(boxes.host_b):
        result = json.loads(run("iperf3", "-J", "-c", HOST_B, *options, namespace=boxes.host_a).stdout)
    if "error" in result:
        raise RuntimeError(f"iperf3: {result['error']}")
    return dict(result["end"])


def overflows(boxes: Boxes) -> int:
    """Datagrams that have reached the other host and found no room in iperf3's socket there."""
    names, values = re.findall(r"^Udp: (.*)$", check("cat", "/proc/net/snmp", namespace=boxes.host_b), re.MULTILINE)
    return int(dict(zip(names.split(), values.split(), strict=True))["RcvbufErrors"])


def arrives(boxes: Boxes, size: int, rate: float) -> bool:
    """Whether the other host gets all packets of a size at a rate, but for LOSS percent."""
    before = overflows(boxes)
    payload = size - HEADERS
    options = ("-u", "-l", str(payload), "-b", str(int(rate * payload * 8)), "-t", str(PROBE_SECONDS))
    try:
        found = iperf(boxes, *options)["sum"]
    except RuntimeError:
        return False  # so much is lost that the two ends of iperf3 lose each other
    assert isinstance(found, dict)
    lost = found["lost_packets"] - (overflows(boxes) - before)
    # What the sending host itself could not keep up with is no merit of the gateway.
    return bool(lost <= found["packets"] * LOSS / 100 and found["packets"] >= rate * PROBE_SECONDS * 0.9)


def lossless(boxes: Boxes, size: int) -> float:
    """Packets per second that arrive; 0 where not even SLOWEST do."""
    best, low, high = 0.0, float(SLOWEST), float(FASTEST)
    while high > low * PRECISION:
        middle = math.sqrt(low * high)
        if arrives(boxes, size, middle):
            best = low = middle
        else:
            high = middle
    return best


def measure(boxes: Boxes, wanted: list[str]) -> Figures:
    """The figures of one peer: "ping", "TCP", and "64" for datagrams of 64 octets."""
    for _ in range(100):
        if run("ping", "-c", "1", "-W", "1", HOST_B, namespace=boxes.host_a).returncode == 0:
            break
    figures: Figures = {}
    if "ping" in wanted:
        printed = run("ping", "-q", "-c", "200", "-i", "0.01", HOST_B, namespace=boxes.host_a).stdout
        times = re.search(r"= [\d.]+/([\d.]+)/", printed)
        figures["ping ms"] = float(times[1]) if times else float("nan")
    if "TCP" in wanted:
        before = cpu_seconds(boxes)
        end = iperf(boxes, "-t", SECONDS)["sum_received"]
        assert isinstance(end, dict)
        figures["TCP Mbit/s"] = end["bits_per_second"] / 1e6
        figures["CPU s/GB"] = (cpu_seconds(boxes) - before) / (end["bytes"] / 1e9)
    for size in SIZES:
        if str(size) in wanted:
            figures[f"UDP {size} kpps"] = lossless(boxes, size) / 1000
    return figures


def report(results: dict[str, list[Figures]]) -> None:
    """Print medians, and the ratio of iosemu to each peer: the median of the rounds' own ratios, and their range."""
    own = results.get("iosemu", [])
    for key in next((found[0] for found in results.values() if found), {}):
        print(f"\n{key}")
        for name, found in results.items():
            ratios = [mine[key] / other[key] for mine, other in zip(own, found, strict=False) if other[key]]
            ratio = ""
            if ratios and name != "iosemu":
                ratio = f"iosemu is {statistics.median(ratios):.2f} of it ({min(ratios):.2f} to {max(ratios):.2f})"
            print(f"  {name:<14} {statistics.median(item[key] for item in found):9.2f}  {ratio}")


def main() -> int:
    """Run the rounds and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=3, help="how often each peer has its turn")
    parser.add_argument("--peers", default=",".join(PEERS), help="iosemu and whom to compare it with")
    parser.add_argument("--figures", default=f"ping,TCP,{','.join(map(str, SIZES))}", help="what to measure")
    options = parser.parse_args()
    rounds, named, wanted = options.rounds, options.peers.split(","), options.figures.split(",")
    if os.geteuid():
        print("gateways.py: network namespaces need root", file=sys.stderr)
        return 2
    peers = {name: peer for name, (peer, needs) in PEERS.items() if name in named and all(map(shutil.which, needs))}
    results: dict[str, list[Figures]] = {name: [] for name in peers}
    for number in range(rounds):
        names = list(peers)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            with tempfile.TemporaryDirectory() as folder, peers[name](Path(folder)) as boxes:
                results[name].append(measure(boxes, wanted))
            print(number + 1, name, {key: round(value, 2) for key, value in results[name][-1].items()}, flush=True)
    report(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
