"""States of a group member and every transition that exists; `advance` refuses anything else."""

from __future__ import annotations

from enum import Enum


class MemberState(Enum):
    """Where a member stands; the value is what shows print."""

    IDLE = "Not registered"
    WAITING = "Registering (pause)"
    PHASE1 = "Registering (phase 1)"
    PULL = "Registering (pull)"
    REGISTERED = "Registered"


class Step(Enum):
    """What moves a member on."""

    START = "registration begins"
    PHASE1_READY = "phase 1 SA is up"
    FAILED = "server did not answer or was refused"
    PAUSE = "all servers were tried"
    DOWNLOADED = "policy and keys are complete"
    LEAVE = "group is left"


_BUSY = (MemberState.WAITING, MemberState.PHASE1, MemberState.PULL)
TRANSITIONS: dict[tuple[MemberState, Step], MemberState] = {
    (MemberState.IDLE, Step.START): MemberState.PHASE1,
    (MemberState.WAITING, Step.START): MemberState.PHASE1,
    (MemberState.REGISTERED, Step.START): MemberState.PHASE1,
    (MemberState.PHASE1, Step.PHASE1_READY): MemberState.PULL,
    (MemberState.PULL, Step.DOWNLOADED): MemberState.REGISTERED,
    (MemberState.PHASE1, Step.FAILED): MemberState.PHASE1,
    (MemberState.PULL, Step.FAILED): MemberState.PHASE1,
    (MemberState.PHASE1, Step.PAUSE): MemberState.WAITING,
    (MemberState.PULL, Step.PAUSE): MemberState.WAITING,
    **{(state, Step.LEAVE): MemberState.IDLE for state in MemberState},
}


def advance(state: MemberState, step: Step) -> MemberState:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[state, step]


def registering(state: MemberState) -> bool:
    """Whether a registration is under way."""
    return state in _BUSY
