"""States of a phase 1 SA, by the names that IOS shows, and every transition that exists.

The table is the truth: `advance` refuses anything else.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """What `show crypto isakmp sa` prints; an established SA is GDOI_IDLE or QM_IDLE there, by what runs under it."""

    MM_NO_STATE = "MM_NO_STATE"
    MM_SA_SETUP = "MM_SA_SETUP"
    MM_KEY_EXCH = "MM_KEY_EXCH"
    AG_NO_STATE = "AG_NO_STATE"
    AG_INIT_EXCH = "AG_INIT_EXCH"
    ESTABLISHED = "IDLE"


class Step(Enum):
    """What moves an exchange on: a message with these payloads arrived and was accepted."""

    SA = "SA"
    KEY_EXCHANGE = "KE, NONCE"
    AUTHENTICATION = "ID, HASH or SIG"
    AGGRESSIVE_OFFER = "SA, KE, NONCE, ID"
    AGGRESSIVE_ANSWER = "SA, KE, NONCE, ID, HASH or SIG"
    AGGRESSIVE_PROOF = "HASH or SIG"


# (is initiator, state, step): next state
TRANSITIONS: dict[tuple[bool, State, Step], State] = {
    (True, State.MM_NO_STATE, Step.SA): State.MM_SA_SETUP,
    (True, State.MM_SA_SETUP, Step.KEY_EXCHANGE): State.MM_KEY_EXCH,
    (True, State.MM_KEY_EXCH, Step.AUTHENTICATION): State.ESTABLISHED,
    (False, State.MM_NO_STATE, Step.SA): State.MM_SA_SETUP,
    (False, State.MM_SA_SETUP, Step.KEY_EXCHANGE): State.MM_KEY_EXCH,
    (False, State.MM_KEY_EXCH, Step.AUTHENTICATION): State.ESTABLISHED,
    (True, State.AG_NO_STATE, Step.AGGRESSIVE_ANSWER): State.ESTABLISHED,
    (False, State.AG_NO_STATE, Step.AGGRESSIVE_OFFER): State.AG_INIT_EXCH,
    (False, State.AG_INIT_EXCH, Step.AGGRESSIVE_PROOF): State.ESTABLISHED,
}


def expected_step(initiator: bool, state: State) -> Step | None:
    """The only step that a state waits for; None when phase 1 is over."""
    for role, source, step in TRANSITIONS:
        if (role, source) == (initiator, state):
            return step
    return None


def advance(initiator: bool, state: State, step: Step) -> State:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[initiator, state, step]
