"""The command line: exit status, one-line errors, and two processes that register over UDP."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.requirements import free_ports

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "getvpn-basic"


def iosemu(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "iosemu", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT, check=False)


def test_run_executes_commands_and_exits(tmp_path: Path) -> None:
    config = tmp_path / "r1.cfg"
    config.write_text("hostname R1\ninterface Loopback0\n ip address 10.0.0.1 255.255.255.255\nend\n")
    result = iosemu("run", str(config), "-c", "show ip interface brief", "-c", "ping 10.0.0.1")
    assert result.returncode == 0
    assert "Loopback0                  10.0.0.1" in result.stdout
    assert "Success rate is 100 percent (5/5)" in result.stdout
    assert result.stderr == ""


def test_startup_config_survives_in_nvram(tmp_path: Path) -> None:
    nvram = str(tmp_path / "nvram")
    change = ["-c", "configure terminal", "-c", "hostname SAVED", "-c", "end", "-c", "write memory"]
    key = ["-c", "crypto key generate rsa label K modulus 1024"]
    assert "[OK]" in iosemu("run", "--nvram", nvram, *change, *key).stdout
    result = iosemu("run", "--nvram", nvram, "-c", "show running-config", "-c", "show crypto key mypubkey rsa")
    assert "hostname SAVED" in result.stdout
    assert "Key name: K" in result.stdout
    assert "PRIVATE" not in result.stdout
    private = tmp_path / "nvram" / "private"
    assert [oct(path.stat().st_mode)[-3:] for path in (private, private / "K.rsa")] == ["700", "600"]


def test_check_names_file_and_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.cfg", tmp_path / "bad.cfg"
    good.write_text("hostname R1\nend\n")
    bad.write_text("hostname R1\ninterface GigabitEthernet0/0\n ip adress 10.0.0.1 255.0.0.0\nend\n")
    assert iosemu("check", str(good)).returncode == 0
    result = iosemu("check", str(good), str(bad))
    assert result.returncode == 1
    assert result.stdout.startswith(f"{bad}:3:  ip adress 10.0.0.1 255.0.0.0  <- ")
    assert iosemu("check", str(tmp_path / "absent.cfg")).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "absent.cfg", "-c", "show clock"),
        ("run", "--port", "Gi0/0=udp:1:2:3", "-c", "show clock"),
        ("run", "--port", "nonsense", "-c", "show clock"),
        ("run", "-c", "wait long"),
        ("lab", "run", "absent", "-c", "wait 1"),
        ("lab", "run", str(EXAMPLE), "-c", "wait soon"),
        ("lab", "run", str(EXAMPLE), "-c", "GM9: show clock"),
        ("decode", "absent.pcap"),
        ("run", "--speed", "0"),
        ("fly",),
    ],
)
def test_bad_usage_gives_status_2_and_no_traceback(arguments: tuple[str, ...]) -> None:
    result = iosemu(*arguments)
    assert result.returncode == 2
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_two_processes_register_over_loopback_udp(tmp_path: Path) -> None:
    configs = EXAMPLE / "configs"
    member = (configs / "GM1.cfg").read_text().replace("203.0.113.6 255.255.255.252", "192.0.2.2 255.255.255.252")
    (tmp_path / "gm.cfg").write_text(member)
    server = (configs / "KS1.cfg").read_text().replace("203.0.113.6", "192.0.2.2")
    (tmp_path / "ks.cfg").write_text(server)
    nvram = str(tmp_path / "nvram")
    key = "crypto key generate rsa general-keys label GETVPN-REKEY modulus 2048"
    assert "[OK]" in iosemu("run", str(tmp_path / "ks.cfg"), "--nvram", nvram, "-c", key).stdout
    a, b = free_ports(2)
    port = f"Gi0/0=udp:127.0.0.1:{a}:127.0.0.1:{b}"
    command = [sys.executable, "-m", "iosemu", "run", str(tmp_path / "ks.cfg"), "--nvram", nvram, "--no-console"]
    process = subprocess.Popen([*command, "--port", port], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        time.sleep(1)
        port = f"Gi0/0=udp:127.0.0.1:{b}:127.0.0.1:{a}"
        shows = ["-c", "wait 5", "-c", "show crypto gdoi"]
        result = iosemu("run", str(tmp_path / "gm.cfg"), "--port", port, *shows)
    finally:
        process.terminate()
        log, _ = process.communicate(timeout=20)
    assert "Registration status   : Registered" in result.stdout
    assert "KS_REGS_COMPL: KS completed successful registration in group GETVPN with GM 192.0.2.2." in log
