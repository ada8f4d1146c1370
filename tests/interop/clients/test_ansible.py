"""Ansible's cisco.ios collection: a playbook whose assertions must hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.interop.clients.conftest import Served
from tests.requirements import require

PLAYBOOK = Path(__file__).parent / "playbook.yml"


def test_a_playbook_runs_and_changes_nothing_twice(router: Served, tmp_path: Path) -> None:
    require("module:ansible_collections.cisco.ios")
    inventory = {
        "all": {
            "hosts": {"R1": {"ansible_host": router.host, "ansible_port": router.ssh}},
            "vars": {
                "ansible_connection": "ansible.netcommon.network_cli",
                "ansible_network_os": "cisco.ios.ios",
                "ansible_user": router.user,
                "ansible_password": router.password,
                "ansible_become": True,
                "ansible_become_method": "enable",
                "ansible_become_password": router.enable,
            },
        }
    }
    file = tmp_path / "inventory.yml"
    file.write_text(yaml.safe_dump(inventory))
    programs = Path(sys.executable).parent
    environment = os.environ | {
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_HOME": str(tmp_path),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        [programs / "ansible-playbook", "-i", file, PLAYBOOK],
        env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed=0" in done.stdout
