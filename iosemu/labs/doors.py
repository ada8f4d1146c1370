"""SSH and telnet into the nodes of a lab, and the files that clients find them by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from iosemu.labs.lab import Lab
from iosemu.labs.topology import LabError, RouterNode
from iosemu.router.router import Router
from iosemu.shell.listener import ListenError, parse_address
from iosemu.shell.service import Door, Doors


def open_lab(lab: Lab, ssh: str | None, telnet: str | None, folder: Path | None) -> Doors:
    """Let the routers of a lab listen, node i on PORT+i, and write the files for clients; raises LabError."""
    doors = Doors(lab.clock)
    nodes = [name for name, node in lab.topology.nodes.items() if isinstance(node, RouterNode)]
    try:
        for protocol, text in (("ssh", ssh), ("telnet", telnet)):
            if text is None:
                continue
            address, port = parse_address(text)
            for number, name in enumerate(nodes):
                doors.add(name, protocol, address, port + number if port else 0, _finder(lab, name))
    except ListenError as error:
        doors.close()
        raise LabError(str(error)) from error
    if folder is not None:
        _write(folder, lab.topology.name, [door for door in doors.open if door.protocol == "ssh"])
    return doors


def _finder(lab: Lab, name: str) -> Callable[[], Router | None]:
    """Finds the router that a node is now."""
    return lambda: lab.routers.get(name)


def _write(folder: Path, name: str, doors: list[Door]) -> None:
    if not doors:
        raise LabError("files for clients need nodes that listen: --ssh ADDR:PORT")
    files = {
        "inventory.yml": yaml.safe_dump(_inventory(doors), sort_keys=False),
        "testbed.yaml": yaml.safe_dump(_testbed(name, doors), sort_keys=False),
        "ssh_config": "".join(_ssh_config(door) for door in doors),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            (folder / file).write_text(text)
    except OSError as error:
        raise LabError(f"{folder}: {error.strerror}") from error


def _inventory(doors: list[Door]) -> dict[str, object]:
    """For Ansible; who logs in is said on its command line or in its vault, never here."""
    hosts = {door.node: {"ansible_host": door.address, "ansible_port": door.port} for door in doors}
    common = {
        "ansible_connection": "ansible.netcommon.network_cli",
        "ansible_network_os": "cisco.ios.ios",
        "ansible_become": True,
        "ansible_become_method": "enable",
    }
    return {"all": {"children": {"routers": {"hosts": hosts, "vars": common}}}}


def _testbed(name: str, doors: list[Door]) -> dict[str, object]:
    """For pyATS; credentials come from its environment variables."""
    credentials = {
        "default": {"username": "%ENV{PYATS_USERNAME}", "password": "%ENV{PYATS_PASSWORD}"},
        "enable": {"password": "%ENV{PYATS_ENABLE}"},
    }
    devices = {
        door.node: {
            "os": "iosxe",
            "type": "router",
            "connections": {"cli": {"protocol": "ssh", "ip": door.address, "port": door.port}},
        }
        for door in doors
    }
    return {"testbed": {"name": name, "credentials": credentials}, "devices": devices}


def _ssh_config(door: Door) -> str:
    """For OpenSSH; the keys of emulated routers change, so that they are not remembered."""
    return (
        f"Host {door.node}\n  HostName {door.address}\n  Port {door.port}\n"
        "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n"
    )
