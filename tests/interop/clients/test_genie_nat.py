"""Genie's parsers read the shows of a router that translates, and what they read is so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.nat.translator import OVERLOAD, translating
from tests.features.three_routers import Row
from tests.interop.clients.genie import parsed


@pytest.fixture(scope="module")
def row() -> Row:
    lines = "ip nat pool P 10.1.0.20 10.1.0.29 prefix-length 24", "ip nat inside source list 7 pool P"
    made = translating(OVERLOAD, *lines, "ip nat inside source static tcp 10.255.0.1 22 10.1.0.9 2222")
    made.a.type("ping 10.1.0.2")
    return made


def read_of(row: Row, command: str) -> dict[str, Any]:
    return parsed("B", command, row.b.type(command))


def test_translations(row: Row) -> None:
    found = list(read_of(row, "show ip nat translations")["vrf"]["default"]["index"].values())
    assert [item["protocol"] for item in found] == ["icmp", "tcp"]
    assert found[0]["inside_global"].startswith("10.1.0.1:")
    assert found[0]["outside_global"].startswith("10.1.0.2:")
    assert (found[1]["inside_global"], found[1]["inside_local"]) == ("10.1.0.9:2222", "10.255.0.1:22")


def test_statistics(row: Row) -> None:
    read = read_of(row, "show ip nat statistics")
    assert read["active_translations"] == {"total": 2, "static": 1, "dynamic": 1, "extended": 1}
    assert read["interfaces"] == {"outside": ["GigabitEthernet0/1"], "inside": ["GigabitEthernet0/0"]}
    assert (read["hits"], read["misses"]) == (10, 1)
    sources = read["dynamic_mappings"]["inside_source"]["id"]
    assert (sources[1]["interface"], sources[1]["refcount"]) == ("GigabitEthernet0/1", 1)
    assert sources[2]["pool"]["P"]["total_addresses"] == 10
