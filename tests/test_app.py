"""The command line: exit status, one-line errors, and two processes that register over UDP."""

from __future__ import annotations

import argparse
import asyncio
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iosemu import app
from iosemu.app import with_clock
from iosemu.router.clock import Clock
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


LKH = """\
crypto gdoi group GETVPN
 identity number 1
 server local
  rekey lkh
  redundancy
interface GigabitEthernet0/0
 ip pim sparse-mode
end
"""


def test_a_line_that_is_taken_with_a_warning_is_no_refusal(tmp_path: Path) -> None:
    config = tmp_path / "ks.cfg"
    config.write_text(LKH)
    result = iosemu("check", str(config))
    assert result.returncode == 0
    lkh, multicast = result.stdout.splitlines()
    assert lkh.startswith(f"{config}:5:   redundancy  <- WARNING: rekey lkh has no effect in a group with redundancy")
    assert multicast.startswith(
        f'{config}:7:  ip pim sparse-mode  <- WARNING: "ip multicast-routing" is not configured,'
    )
    assert iosemu("run", str(config), "-c", "show clock").stderr == result.stdout
    config.write_text(LKH.replace("end", "bogus"))
    result = iosemu("check", str(config))
    assert result.returncode == 1
    assert [line.partition("<- ")[2].split(" ")[0] for line in result.stdout.splitlines()] == [
        "WARNING:",
        "WARNING:",
        "invalid",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "absent.cfg", "-c", "show clock"),
        ("run", "--port", "Gi0/0=udp:1:2:3", "-c", "show clock"),
        ("run", "--port", "nonsense", "-c", "show clock"),
        ("run", "-c", "wait long"),
        ("run", "-c", "wait nan"),
        ("run", "-c", "wait -1"),
        ("run", "--port", "Loopback0=udp:127.0.0.1:0:127.0.0.1:9", "-c", "show clock"),
        ("run", "--hostname", "two words", "-c", "show clock"),
        ("run", "--speed", "fast", "-c", "show clock"),
        ("lab", "run", "absent", "-c", "wait 1"),
        ("lab", "run", str(EXAMPLE), "-c", "wait soon"),
        ("lab", "run", str(EXAMPLE), "-c", "wait inf"),
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
    assert " _" not in result.stderr


@pytest.mark.parametrize(
    ("octets", "description"),
    [
        (b"\xef\xbb\xbfhostname R1\ninterface Loopback0\n description Z\xc3\xbcrich\n", "Z\u00fcrich"),
        (b"hostname R1\r\ninterface Loopback0\r\n description Z\xfcrich \x96 Basel\r\n", "Z\u00fcrich \u2013 Basel"),
    ],
)
def test_files_of_other_systems_are_texts_too(tmp_path: Path, octets: bytes, description: str) -> None:
    config = tmp_path / "r1.cfg"
    config.write_bytes(octets)
    assert iosemu("check", str(config)).returncode == 0
    assert f"description {description}\n" in iosemu("run", str(config), "-c", "show running-config").stdout


def test_what_was_copied_from_a_terminal_is_a_saved_configuration(tmp_path: Path) -> None:
    """With the lines above it, and numbers of lines as in the file."""
    config = tmp_path / "r1.cfg"
    shown = iosemu("run", "-c", "show running-config").stdout
    for head in ("", "Using 300 out of 262144 bytes\n"):
        config.write_text(f"{head}{shown.partition(chr(10))[2] if head else shown}")
        assert "Current configuration : " in config.read_text()
        assert iosemu("check", str(config)).stdout == ""
    config.write_text("Building configuration...\n\nCurrent configuration : 9 bytes\n!\nbogus\nend\n")
    assert iosemu("check", str(config)).stdout.startswith(f"{config}:5: bogus  <- ")


def test_what_is_no_text_is_refused_as_a_whole(tmp_path: Path) -> None:
    config = tmp_path / "r1.cfg"
    config.write_bytes(bytes(range(256)))
    for command in (("check", str(config)), ("run", str(config), "-c", "show clock")):
        result = iosemu(*command)
        assert (result.returncode, result.stderr) == (2, f"iosemu: {config}: this is not a text file\n")


def busy(*options: str, hang_up: signal.Handlers = signal.SIG_DFL) -> subprocess.Popen[str]:
    """A lab that has come to a `wait` without an end. Whoever runs the tests may ignore signals, the lab does not."""

    def prepare() -> None:
        signal.signal(signal.SIGHUP, hang_up)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    items = ["-c", "KS1: show clock", "-c", "wait 1e9"]
    command = [sys.executable, "-m", "iosemu", "lab", "run", str(EXAMPLE), *options, *items]
    process = subprocess.Popen(
        command, text=True, cwd=ROOT, preexec_fn=prepare, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "== KS1: show clock\n"
    return process


@pytest.mark.parametrize(
    ("number", "status", "pace"),
    [
        (signal.SIGINT, 130, ["--virtual-time"]),
        (signal.SIGINT, 130, []),
        (signal.SIGTERM, 143, ["--virtual-time"]),
        (signal.SIGHUP, 129, []),
    ],
)
def test_a_signal_ends_whatever_runs_and_captures_are_whole(
    tmp_path: Path, number: signal.Signals, status: int, pace: list[str]
) -> None:
    process = busy(*pace, "--pcap", str(tmp_path))
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (status, "")
    assert iosemu("decode", str(tmp_path / "GM1--P.pcapng")).returncode == 0


def test_a_hangup_that_is_ignored_ends_nothing() -> None:
    """As `nohup` does it."""
    process = busy("--virtual-time", hang_up=signal.SIG_IGN)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143


@pytest.mark.parametrize("option", ["--pcap", "--keys"])
def test_a_disk_that_takes_no_more_stops_the_file_and_not_the_lab(tmp_path: Path, option: str) -> None:
    size = 2048
    command = [
        sys.executable,
        "-m",
        "iosemu",
        "lab",
        "run",
        str(EXAMPLE),
        "--virtual-time",
        option,
        str(tmp_path / "f"),
    ]
    result = subprocess.run(
        [*command, "-c", "wait 60", "-c", "H1: ping 192.168.2.10 repeat 100"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert "Success rate is 100 percent" in result.stdout
    assert result.returncode == 2
    assert "File too large; later " in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("run",), ("lab", "run", str(EXAMPLE), "--virtual-time")])
def test_an_output_that_takes_nothing_is_one_line(arguments: tuple[str, ...]) -> None:
    node = "KS1: " if "lab" in arguments else ""
    command = [sys.executable, "-m", "iosemu", *arguments, "-c", f"{node}show running-config"]
    with open("/dev/full", "w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert (result.returncode, result.stderr) == (2, "iosemu: No space left on device\n")


def test_what_fails_on_the_clock_ends_the_program() -> None:
    """A clock that has stopped would leave routers that answer nobody."""

    def fail() -> None:
        raise ZeroDivisionError

    async def body(options: argparse.Namespace, clock: Clock) -> None:
        clock.call_later(0, fail)
        await clock.wait(1e9)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(with_clock(argparse.Namespace(virtual_time=False, speed=1.0), 0, body))


def test_two_processes_register_over_loopback_udp(tmp_path: Path) -> None:
    configs = EXAMPLE / "configs"
    member = (configs / "GM1.cfg").read_text().replace("203.0.113.6 255.255.255.252", "192.0.2.2 255.255.255.252")
    (tmp_path / "gm.cfg").write_text(member)
    server = (configs / "KS1.cfg").read_text().replace("203.0.113.6", "192.0.2.2")
    (tmp_path / "ks.cfg").write_text(server)
    nvram = f"{tmp_path}/nvram-ks"
    key = "crypto key generate rsa general-keys label GETVPN-REKEY modulus 2048"
    assert "[OK]" in iosemu("run", str(tmp_path / "ks.cfg"), "--nvram", nvram, "-c", key).stdout
    a, b = free_ports(2)
    ends = {"ks": f"udp:127.0.0.1:{a}:127.0.0.1:{b}", "gm": f"udp:127.0.0.1:{b}:127.0.0.1:{a}"}
    both = {
        name: subprocess.Popen(
            [sys.executable, "-m", "iosemu", "run", f"{tmp_path}/{name}.cfg", "--no-console", "--port", f"Gi0/0={end}",
             "--nvram", f"{tmp_path}/nvram-{name}"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for name, end in ends.items()
    }  # fmt: skip
    wanted = {
        "gm": "GM_REGS_COMPL: Registration to KS 192.0.2.1 complete for group GETVPN using address 192.0.2.2 ",
        "ks": "KS_REGS_COMPL: KS completed successful registration in group GETVPN with GM 192.0.2.2.",
    }
    try:
        for name, message in wanted.items():
            # However long a busy machine takes; a member tries again and again.
            lines = both[name].stdout
            assert lines is not None
            assert any(message in line for line in lines)
    finally:
        for process in both.values():
            process.terminate()
            process.communicate()


def test_a_signal_in_the_middle_of_the_event_loop_is_raised_when_it_is_done() -> None:
    """The loop would lose the task that it was about to run, and wait for its end for ever."""
    ended = []

    async def work() -> None:
        frame = sys._getframe()
        while frame.f_globals["__name__"] != "asyncio.base_events":
            assert frame.f_back is not None
            frame = frame.f_back
        app._terminated(signal.SIGHUP, frame)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(SystemExit) as end:
        asyncio.run(work())
    assert end.value.code == 128 + signal.SIGHUP
    assert ended == [True]


def test_a_signal_anywhere_else_is_raised_at_once() -> None:
    async def work() -> None:
        app._interrupted(signal.SIGINT, sys._getframe())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(work())
