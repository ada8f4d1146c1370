"""States of a quick mode exchange, by the names that IOS shows, and every transition that exists.

The table is the truth: `advance` refuses anything else.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where an exchange is. `I` has sent message 1, `R` has sent message 2."""

    READY = "IKE_QM_READY"
    I_QM1 = "IKE_QM_I_QM1"
    R_QM2 = "IKE_QM_R_QM2"
    COMPLETE = "IKE_QM_PHASE2_COMPLETE"


class Step(Enum):
    """What moves an exchange on."""

    START = "we begin"
    OFFER = "HASH(1), SA, NONCE"
    ANSWER = "HASH(2), SA, NONCE"
    CONFIRMATION = "HASH(3)"


# (is initiator, state, step): next state
TRANSITIONS: dict[tuple[bool, State, Step], State] = {
    (True, State.READY, Step.START): State.I_QM1,
    (True, State.I_QM1, Step.ANSWER): State.COMPLETE,
    (False, State.READY, Step.OFFER): State.R_QM2,
    (False, State.R_QM2, Step.CONFIRMATION): State.COMPLETE,
}


def advance(initiator: bool, state: State, step: Step) -> State:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[initiator, state, step]


def may(initiator: bool, state: State, step: Step) -> bool:
    """Whether a step is one that the state waits for."""
    return (initiator, state, step) in TRANSITIONS
