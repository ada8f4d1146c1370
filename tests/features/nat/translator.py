"""B, which translates between A, inside, and D, outside."""

from __future__ import annotations

from tests.features.three_routers import Row, build_row

SIDES = """
interface GigabitEthernet0/0
 ip nat inside
interface GigabitEthernet0/1
 ip nat outside
access-list 1 permit 10.0.0.0 0.0.0.255
access-list 1 permit 10.255.0.0 0.0.255.255
"""
OVERLOAD = "ip nat inside source list 1 interface GigabitEthernet0/1 overload"


def translating(*lines: str) -> Row:
    """The row of three with these lines on B."""
    row = build_row()
    row.b.configure(SIDES + "\n".join(lines))
    return row
