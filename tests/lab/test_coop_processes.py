"""Five routers, each a process of its own, on UDP links: the primary key server is killed while it sends a rekey."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.driver import ROOT
from tests.requirements import free_ports

SCENARIO = ROOT / "running-configs" / "05-coop-2ks"
SPEED = 20
ROUTES = {"GM1": "198.51.100.1", "GM2": "198.51.100.5"}
# Ends of the provider's links: what is plugged in there.
LINKS = ("KS1", "KS2", "GM1", "GM2")


class Site:
    """The routers, their links, and a folder for what they keep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = free_ports(2 * len(LINKS))
        self.ends = {name: (ports[2 * index], ports[2 * index + 1]) for index, name in enumerate(LINKS)}
        self.running: dict[str, subprocess.Popen[str]] = {}
        for name, gateway in ROUTES.items():
            text = (
                (SCENARIO / f"{name}.cfg")
                .read_text()
                .replace("\nend\n", f"\nip route 0.0.0.0 0.0.0.0 {gateway}\nend\n")
            )
            (folder / f"{name}.cfg").write_text(text)
        for name in ("PE", "KS1", "KS2"):
            shutil.copy(SCENARIO / f"{name}.cfg", folder)

    def start(self, name: str, *commands: str) -> None:
        """Start a router that executes commands; `seconds` of `wait` are emulated ones."""
        if name == "PE":
            links = [
                f"GigabitEthernet0/{index}=udp:127.0.0.1:{there}:127.0.0.1:{here}"
                for index, (here, there) in enumerate(self.ends.values())
            ]
        else:
            here, there = self.ends[name]
            links = [f"GigabitEthernet0/0=udp:127.0.0.1:{here}:127.0.0.1:{there}"]
            if name in ROUTES:
                # Nobody listens there, but the interface of the LAN is up.
                links.append("GigabitEthernet0/1=udp:127.0.0.1:0:127.0.0.1:9")
        self.running[name] = subprocess.Popen(
            self.line(name, links, commands), stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def line(self, name: str, links: list[str], commands: tuple[str, ...]) -> list[str]:
        words = [sys.executable, "-m", "iosemu", "run", str(self.folder / f"{name}.cfg"), "--speed", str(SPEED)]
        words += ["--nvram", str(self.folder / f"{name}.nvram")]
        for link in links:
            words += ["--port", link]
        for command in commands:
            words += ["-c", command]
        return words

    def make_keys(self) -> None:
        """One RSA pair for both key servers."""
        line = self.line("KS1", [], ("crypto key generate rsa general-keys label GET-REKEY modulus 1024 exportable",))
        subprocess.run(line, check=True, capture_output=True, timeout=60, cwd=ROOT)
        shutil.copytree(self.folder / "KS1.nvram", self.folder / "KS2.nvram")

    def output(self, name: str) -> str:
        """What a router has printed when it is through with its commands."""
        text, _ = self.running.pop(name).communicate(timeout=120)
        return text

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
            process.communicate()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.stop()


def emulated(seconds: float) -> None:
    time.sleep(seconds / SPEED)


def test_the_primary_is_killed_while_it_sends_a_rekey(site: Site) -> None:
    site.make_keys()
    site.start("PE", "wait 100000")
    rekeys = ["crypto gdoi ks rekey", "wait 2"] * 300
    # It must be primary less than 90 seconds after the end of the other one, which comes at 160.
    shows = "show crypto gdoi ks coop", "wait 90", "show logging", "show crypto gdoi ks members"
    site.start("KS2", "wait 240", *shows)
    site.start("KS1", "wait 100", *rekeys)
    ping = "ping 10.5.2.1 source GigabitEthernet0/1 repeat 220 timeout 1"
    site.start("GM2", "wait 100000")
    site.start("GM1", "wait 90", "debug crypto gdoi", ping, "wait 30", "show logging", "show crypto gdoi")
    emulated(160)
    killed = site.running["KS1"]
    killed.send_signal(signal.SIGKILL)
    assert killed.wait(timeout=10) == -signal.SIGKILL
    killed.communicate()
    emulated(110)
    site.start("KS1", "wait 60", "show crypto gdoi ks coop", "crypto gdoi ks rekey")
    returned, second, member = site.output("KS1"), site.output("KS2"), site.output("GM1")
    assert "Local KS Role: Primary" in second, second
    assert "Local KS Role: Secondary" in returned, returned
    assert "can only execute this command on Primary KS" in returned
    assert "%GDOI-3-COOP_KS_UNREACH: Cooperative KS 192.0.2.1" in second, second
    rate = re.findall(r"Success rate is (\d+) percent \((\d+)/(\d+)\)", member)
    assert rate, member
    assert int(rate[0][1]) >= int(rate[0][2]) - 2, member
    assert "GM_RE_REGISTER" not in member
    assert len(re.findall(r"Group Member ID", second)) == 2
