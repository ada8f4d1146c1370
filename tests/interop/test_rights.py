"""What a user without rights is told when a port needs them, and that each way which is named works."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.interop.netns import namespaces, run
from tests.requirements import require

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "hostname R1\ninterface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n no shutdown\nend\n"
NOBODY = ("--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
IOSEMU = (sys.executable, "-m", "iosemu", "run")
SHOW = ("-c", "show ip interface brief")


@functools.cache
def nobody_reads() -> bool:
    """Whether the user nobody may read the program."""
    require("root", "setpriv")
    # Not even setpriv may look for it: it has its rights until it becomes another program.
    return run("setpriv", *NOBODY, "sh", "-c", f"exec {sys.executable} -c 'import iosemu'").returncode == 0


def unprivileged() -> tuple[str, ...]:
    """Makes a command one of nobody's, or of a root without rights in the network where that one cannot read it."""
    some = ("--bounding-set=-net_admin,-net_raw", "--inh-caps=-net_admin,-net_raw")
    return ("setpriv", *(NOBODY if nobody_reads() else some))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where nobody may read it."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    file = tmp_path / "R1.cfg"
    file.write_text(CONFIG)
    return file


@pytest.mark.parametrize(
    ("port", "capability"), [("tap:t0", "net_admin"), ("tun:t0", "net_admin"), ("raw:lo", "net_raw")]
)
def test_the_error_names_every_way(config: Path, port: str, capability: str) -> None:
    result = run(*unprivileged(), *IOSEMU, str(config), f"--port=Gi0/0={port}", *SHOW)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"iosemu: {port}: Operation not permitted; this needs CAP_{capability.upper()}.")
    assert len(result.stderr.splitlines()) == 1
    for way in ("root", "`unshare -Urn`", f"`sudo setcap cap_{capability}+ep ", f"`--cap-add {capability.upper()} "):
        assert way in result.stderr


def test_a_network_namespace_of_ones_own(config: Path) -> None:
    """`unshare -Urn`, as the error says, and inside it a TAP device and a raw port: the router answers the kernel."""
    require("unshare", "ip", "ping")
    if run(*unprivileged(), "unshare", "-Urn", "true").returncode:
        pytest.skip("user namespaces are not allowed here")
    for port, prepare in (("tap:t0", ""), ("raw:v0", "ip link add v0 type veth peer name t0; ip link set v0 up;")):
        router = shlex.join([*IOSEMU, str(config), f"--port=Gi0/0={port}", "--no-console"])
        script = f"""{prepare} {router} & router=$!
            until ip address add 192.0.2.2/24 dev t0 2> /dev/null; do kill -0 $router || exit 1; sleep 0.1; done
            ip link set t0 up
            until ping -c 1 -W 1 192.0.2.1; do kill -0 $router || exit 1; done
            kill $router; wait $router"""
        result = run(*unprivileged(), "unshare", "-Urn", "sh", "-c", script)
        assert "1 received, 0% packet loss" in result.stdout, result.stdout + result.stderr


def test_the_right_of_the_interpreter(config: Path, tmp_path: Path) -> None:
    """`setcap`, as the error says, here for a copy of the interpreter: nobody gets a TAP device."""
    require("setcap")
    if not nobody_reads():
        pytest.skip("nobody may not read the program")
    if os.statvfs(tmp_path).f_flag & os.ST_NOSUID:
        pytest.skip("files have no rights here")
    python = shutil.copy(os.path.realpath(sys.executable), tmp_path / "python3")
    if run("setcap", "cap_net_admin+ep", python).returncode:
        pytest.skip("files may not be given rights here")
    paths = f"PYTHONHOME={sys.base_prefix}", f"PYTHONPATH={os.pathsep.join([str(ROOT), *sys.path])}"
    command = ("setpriv", *NOBODY, "env", *paths, python, *IOSEMU[1:], str(config), "--port=Gi0/0=tap:t0", *SHOW)
    with namespaces("rights") as (namespace,):
        result = run(*command, namespace=namespace)
    assert "192.0.2.1" in result.stdout, result.stderr
