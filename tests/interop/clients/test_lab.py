"""A lab whose nodes listen: netmiko drives all of them, and the group works meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.interop.clients.conftest import ROOT
from tests.requirements import require

EXAMPLE = ROOT / "examples" / "getvpn-basic"
USER, PASSWORD = "lab", "l4b"


def listening_lab(folder: Path) -> Path:
    """The example with a user, and lines that take SSH."""
    for file in [EXAMPLE / "lab.yml", *(EXAMPLE / "configs").iterdir()]:
        text = file.read_text().replace(" login\n transport input none\n", " login local\n transport input ssh\n")
        if file.suffix == ".cfg":
            text = text.replace("\nend\n", f"\nusername {USER} privilege 15 secret 0 {PASSWORD}\nend\n")
        place = folder / file.relative_to(EXAMPLE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def test_every_node_of_a_lab_is_driven(tmp_path: Path) -> None:
    require("module:netmiko")
    from netmiko import ConnectHandler

    folder = listening_lab(tmp_path / "lab")
    command = [sys.executable, "-m", "iosemu", "lab", "run", str(folder), "--ssh", "127.0.0.1:0", "--no-console"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            rows = [process.stdout.readline().split() for _ in range(5)]
            ports = {node: int(address.rpartition(":")[2]) for node, _, address in rows}
            assert list(ports) == ["KS1", "P", "GM1", "GM2", "GM3"]
            for node, port in ports.items():
                who = {"username": USER, "password": PASSWORD}
                with ConnectHandler(device_type="cisco_ios", host="127.0.0.1", port=port, **who) as connection:
                    assert connection.find_prompt() == f"{node}#"
                    connection.send_config_set(["interface Loopback77", f"description {node}"])
                    assert node in connection.send_command("show running-config interface Loopback77")
                    if node == "GM1":
                        answer = connection.send_command("ping 192.168.2.1 source GigabitEthernet0/1", read_timeout=30)
                        assert "Success rate is 100 percent" in answer or "(4/5)" in answer
                        assert "#pkts encrypt: 0" not in connection.send_command("show crypto ipsec sa")
                        for show in ("show arp", "show crypto session detail"):
                            assert isinstance(connection.send_command(show, use_textfsm=True), list)
        finally:
            process.terminate()
