"""Roles of a key server among its peers and every transition that exists; `advance` refuses anything else."""

from __future__ import annotations

from enum import Enum

from iosemu.wire.coop import CoopRole


class Step(Enum):
    """What moves a key server on."""

    START = "redundancy begins"
    NOBODY = "no primary was found in time"
    PRIMARY_HEARD = "a living primary is known"
    PRIMARY_LOST = "the primary does not answer"
    BETTER_HEARD = "a primary with higher priority or address is known"
    WON = "no better candidate"
    CLEARED = "roles were cleared"


UNKNOWN, SECONDARY, ELECTION, PRIMARY = CoopRole.UNKNOWN, CoopRole.SECONDARY, CoopRole.ELECTION, CoopRole.PRIMARY
TRANSITIONS: dict[tuple[CoopRole, Step], CoopRole] = {
    **{(role, Step.START): UNKNOWN for role in CoopRole},
    (UNKNOWN, Step.NOBODY): ELECTION,
    (UNKNOWN, Step.PRIMARY_HEARD): SECONDARY,
    (ELECTION, Step.PRIMARY_HEARD): SECONDARY,
    (ELECTION, Step.WON): PRIMARY,
    (SECONDARY, Step.PRIMARY_HEARD): SECONDARY,
    (SECONDARY, Step.BETTER_HEARD): SECONDARY,
    (SECONDARY, Step.PRIMARY_LOST): ELECTION,
    (PRIMARY, Step.BETTER_HEARD): SECONDARY,
    (SECONDARY, Step.CLEARED): ELECTION,
    (PRIMARY, Step.CLEARED): ELECTION,
    (ELECTION, Step.CLEARED): ELECTION,
}


def advance(role: CoopRole, step: Step) -> CoopRole:
    """The role after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[role, step]
