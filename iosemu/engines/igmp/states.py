"""Whether a segment has members of a group, as its routers know it (RFC 2236 section 7).

The table is the truth: `advance` refuses anything else.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """What a router knows of a group on a segment; the last state is that of a group without a record."""

    PRESENT = "members present"
    CHECKING = "checking membership"
    ABSENT = "no members present"


class Step(Enum):
    """What moves a group on."""

    REPORT = "report received"
    LEAVE = "leave received"
    EXPIRED = "nobody has reported in time"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.ABSENT, Step.REPORT): State.PRESENT,
    (State.PRESENT, Step.REPORT): State.PRESENT,
    (State.PRESENT, Step.LEAVE): State.CHECKING,
    (State.PRESENT, Step.EXPIRED): State.ABSENT,
    (State.CHECKING, Step.REPORT): State.PRESENT,
    (State.CHECKING, Step.EXPIRED): State.ABSENT,
}


def advance(state: State, step: Step) -> State:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[state, step]
