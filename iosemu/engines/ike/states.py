"""States of a phase 1 SA, by the names that IOS shows, and every transition that exists.

The table is the truth: `advance` refuses anything else.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """What `show crypto isakmp sa` prints."""

    MM_NO_STATE = "MM_NO_STATE"
    MM_SA_SETUP = "MM_SA_SETUP"
    MM_KEY_EXCH = "MM_KEY_EXCH"
    GDOI_IDLE = "GDOI_IDLE"


class Step(Enum):
    """What moves a main mode exchange on: a message with these payloads arrived and was accepted."""

    SA = "SA"
    KEY_EXCHANGE = "KE, NONCE"
    AUTHENTICATION = "ID, HASH"


# (is initiator, state, step): next state
TRANSITIONS: dict[tuple[bool, State, Step], State] = {
    (True, State.MM_NO_STATE, Step.SA): State.MM_SA_SETUP,
    (True, State.MM_SA_SETUP, Step.KEY_EXCHANGE): State.MM_KEY_EXCH,
    (True, State.MM_KEY_EXCH, Step.AUTHENTICATION): State.GDOI_IDLE,
    (False, State.MM_NO_STATE, Step.SA): State.MM_SA_SETUP,
    (False, State.MM_SA_SETUP, Step.KEY_EXCHANGE): State.MM_KEY_EXCH,
    (False, State.MM_KEY_EXCH, Step.AUTHENTICATION): State.GDOI_IDLE,
}


def expected_step(initiator: bool, state: State) -> Step | None:
    """The only step that a state waits for; None when main mode is over."""
    for role, source, step in TRANSITIONS:
        if (role, source) == (initiator, state):
            return step
    return None


def advance(initiator: bool, state: State, step: Step) -> State:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[initiator, state, step]
