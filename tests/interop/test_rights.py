"""What a user without rights is told when a port needs them, and that each way which is named works."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.interop.netns import namespaces, run
from tests.interop.nobody import ROOT, as_nobody
from tests.requirements import require, unmet

CONFIG = "hostname R1\ninterface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n no shutdown\nend\n"
IOSEMU = ("-m", "iosemu", "run")
SHOW = ("-c", "show ip interface brief")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    file = tmp_path / "R1.cfg"
    file.write_text(CONFIG)
    return file


@pytest.mark.parametrize(
    ("port", "capability"), [("tap:t0", "net_admin"), ("tun:t0", "net_admin"), ("raw:lo", "net_raw")]
)
def test_the_error_names_every_way(config: Path, port: str, capability: str) -> None:
    command = (sys.executable, *IOSEMU, str(config), f"--port=Gi0/0={port}", *SHOW)
    result = run(*as_nobody(*command, reads=[config.parent]))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"iosemu: {port}: Operation not permitted; this needs CAP_{capability.upper()}.")
    assert len(result.stderr.splitlines()) == 1
    device = " --device /dev/net/tun" if capability == "net_admin" else ""
    container = f"`--cap-add {capability.upper()}{device}`"
    for way in ("root", "`unshare -Urn`", f"`sudo setcap cap_{capability}+ep ", container):
        assert way in result.stderr


def test_a_network_namespace_of_ones_own(config: Path) -> None:
    """`unshare -Urn`, as the error says, and inside it a TAP device and a raw port: the router answers the kernel."""
    require("unshare", "ip", "ping")
    own = as_nobody("unshare", "-Urn", reads=[config.parent])
    if run(*own, "true").returncode:
        unmet("user namespaces are not allowed here")
    for port, prepare in (("tap:t0", ""), ("raw:v0", "ip link add v0 type veth peer name t0; ip link set v0 up;")):
        router = shlex.join([sys.executable, *IOSEMU, str(config), f"--port=Gi0/0={port}", "--no-console"])
        script = f"""{prepare} {router} & router=$!
            until ip address add 192.0.2.2/24 dev t0 2> /dev/null; do kill -0 $router || exit 1; sleep 0.1; done
            ip link set t0 up
            until ping -c 1 -W 1 192.0.2.1; do kill -0 $router || exit 1; done
            kill $router; wait $router"""
        result = run(*own, "sh", "-c", script)
        assert "1 received, 0% packet loss" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize(("port", "capability"), [("tap:t0", "net_admin"), ("raw:lo", "net_raw")])
def test_the_right_of_the_interpreter(config: Path, tmp_path: Path, port: str, capability: str) -> None:
    """`setcap`, as the error says, here for a copy of the interpreter: nobody gets the device."""
    require("setcap")
    if os.statvfs(tmp_path).f_flag & os.ST_NOSUID:
        unmet("files have no rights here")
    python = str(shutil.copy(os.path.realpath(sys.executable), tmp_path / "python3"))
    if run("setcap", f"cap_{capability}+ep", python).returncode:
        unmet("files may not be given rights here")
    paths = f"PYTHONHOME={sys.base_prefix}", f"PYTHONPATH={os.pathsep.join([str(ROOT), *sys.path])}"
    options = (str(config), f"--port=Gi0/0={port}", *SHOW)
    command = as_nobody("env", *paths, python, *IOSEMU, *options, reads=[tmp_path])
    with namespaces("rights") as (namespace,):
        result = run(*command, namespace=namespace)
    assert "192.0.2.1" in result.stdout, result.stderr


@pytest.mark.parametrize(
    ("port", "capability"), [("tap:t0", "net_admin"), ("tun:t0", "net_admin"), ("raw:lo", "net_raw")]
)
def test_the_one_right_of_a_container(config: Path, port: str, capability: str) -> None:
    """What `--cap-add` gives to the root of a container, without all else that a root has."""
    require("setpriv")
    alone = ("setpriv", f"--bounding-set=-all,+{capability}", "--inh-caps=-all")
    with namespaces("contained") as (namespace,):
        result = run(*alone, sys.executable, *IOSEMU, str(config), f"--port=Gi0/0={port}", *SHOW, namespace=namespace)
    assert "192.0.2.1" in result.stdout, result.stderr


def test_the_example_of_kernel_hosts_needs_no_root() -> None:
    """`unshare -Urnm`, as its script says: nobody cables six network namespaces."""
    require("unshare", "ip")
    own = as_nobody("unshare", "-Urnm")
    if run(*own, "true").returncode:
        unmet("user namespaces are not allowed here")
    program = f"import sys; sys.path.insert(0, {str(ROOT / 'examples' / 'linux-gateways')!r})\n"
    program += "import linux_gateways as g\n"
    program += "with g.cabling('own') as boxes: print(g.check('ip', 'address', namespace=boxes.host_a))"
    result = run(*own, sys.executable, "-c", program)
    assert "10.1.1.10/24" in result.stdout, result.stderr
