"""States of a connection and every transition that exists (RFC 9293 section 3.3.2).

The table is the truth: `advance` refuses anything else.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """The value is what shows print."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYNSENT"
    SYN_RECEIVED = "SYNRCVD"
    ESTABLISHED = "ESTAB"
    FIN_WAIT_1 = "FINWAIT1"
    FIN_WAIT_2 = "FINWAIT2"
    CLOSE_WAIT = "CLOSEWAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LASTACK"
    TIME_WAIT = "TIMEWAIT"


class Step(Enum):
    """What moves a connection on."""

    ACTIVE_OPEN = "we connect"
    PASSIVE_OPEN = "we listen"
    SYN = "SYN received"
    SYN_ACK = "SYN received that acknowledges ours"
    SYN_ACKNOWLEDGED = "our SYN is acknowledged"
    CLOSE = "we have nothing more to send"
    FIN = "FIN received"
    FIN_ACKNOWLEDGED = "our FIN is acknowledged"
    EXPIRED = "two segment lifetimes have passed"
    ABANDON = "reset by either side, or given up"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.CLOSED, Step.ACTIVE_OPEN): State.SYN_SENT,
    (State.CLOSED, Step.PASSIVE_OPEN): State.LISTEN,
    (State.LISTEN, Step.SYN): State.SYN_RECEIVED,
    (State.SYN_SENT, Step.SYN): State.SYN_RECEIVED,
    (State.SYN_SENT, Step.SYN_ACK): State.ESTABLISHED,
    (State.SYN_RECEIVED, Step.SYN_ACKNOWLEDGED): State.ESTABLISHED,
    (State.SYN_RECEIVED, Step.CLOSE): State.FIN_WAIT_1,
    (State.ESTABLISHED, Step.CLOSE): State.FIN_WAIT_1,
    (State.ESTABLISHED, Step.FIN): State.CLOSE_WAIT,
    (State.FIN_WAIT_1, Step.FIN_ACKNOWLEDGED): State.FIN_WAIT_2,
    (State.FIN_WAIT_1, Step.FIN): State.CLOSING,
    (State.FIN_WAIT_2, Step.FIN): State.TIME_WAIT,
    (State.CLOSING, Step.FIN_ACKNOWLEDGED): State.TIME_WAIT,
    (State.CLOSE_WAIT, Step.CLOSE): State.LAST_ACK,
    (State.LAST_ACK, Step.FIN_ACKNOWLEDGED): State.CLOSED,
    (State.TIME_WAIT, Step.EXPIRED): State.CLOSED,
    **{(state, Step.ABANDON): State.CLOSED for state in State if state is not State.CLOSED},
}
# What a state still lets us do.
MAY_CLOSE = frozenset(state for state, step in TRANSITIONS if step is Step.CLOSE)
MAY_WRITE = MAY_CLOSE | {State.SYN_SENT}
EXPECTS_FIN = frozenset(state for state, step in TRANSITIONS if step is Step.FIN)


def advance(state: State, step: Step) -> State:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[state, step]
