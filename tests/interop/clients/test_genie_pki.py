"""Genie's parsers read the shows of keys and certificates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.pki.scep_ca import CLIENT, Net, net
from tests.interop.clients.genie import parsed

COMMANDS = (
    "show crypto key mypubkey all", "show crypto key mypubkey rsa", "show crypto pki certificates",
    "show crypto pki certificates verbose CA", "show crypto pki trustpoints", "show crypto pki trustpoints status",
    "show crypto pki crls", "show crypto pki counters",
)  # fmt: skip


@pytest.fixture(scope="module")
def lab() -> Net:
    found = net(CLIENT + " auto-enroll 80\n")
    found.authenticate()
    found.run(60)
    found.client.type("crypto pki crl request CA")
    return found


def read_of(lab: Net, command: str) -> dict[str, Any]:
    return parsed("GM1", command, lab.client.type(command))


@pytest.mark.parametrize("command", COMMANDS)
def test_genie_parses_it(lab: Net, command: str) -> None:
    assert read_of(lab, command)


def test_genie_reads_the_facts(lab: Net) -> None:
    verbose = read_of(lab, "show crypto pki certificates verbose CA")["certificates"]
    assert verbose["certificate"]["subject_key_info"] == {"key_algorithm": "rsaEncryption", "key_length": "1024"}
    assert verbose["certificate"]["key_label"] == "KEY"
    assert verbose["ca_certificate"]["key_usage"]["key_usage_2"] == "Key Cert Sign"
    status = read_of(lab, "show crypto pki trustpoints status")["Trustpoints"]["CA"]
    assert status["last_enroll"] == "granted"
    assert status["state"]["issuing_ca_authenticated"] == "yes"
    assert read_of(lab, "show crypto pki crls")["retrieved_from"] == "CDP Not Published - Retrieved via SCEP"
    assert read_of(lab, "show crypto key mypubkey rsa")["keys"][1]["key_type"]["RSA KEYS"]["key"] == "not exportable"
