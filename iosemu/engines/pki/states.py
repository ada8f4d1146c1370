"""States of an enrollment and every transition that exists; `advance` refuses anything else."""

from __future__ import annotations

from enum import Enum


class EnrollmentState(Enum):
    """Where an enrollment stands; the value is for a person."""

    IDLE = "not begun"
    REQUESTED = "request sent"
    WAITING = "no answer, trying again"
    PENDING = "waiting for the CA to grant"
    POLLING = "asked again"
    GRANTED = "granted"
    REFUSED = "refused"
    FAILED = "failed"


class Step(Enum):
    """What moves an enrollment on."""

    START = "request goes out"
    POLL = "CA is asked again"
    NO_ANSWER = "request or answer was lost"
    ANSWERED_PENDING = "CA queues the request"
    ANSWERED_GRANTED = "CA sends the certificate"
    ANSWERED_REFUSED = "CA refuses"
    GIVE_UP = "too many attempts, or an answer of no use"


_ANSWERS = {
    Step.ANSWERED_PENDING: EnrollmentState.PENDING,
    Step.ANSWERED_GRANTED: EnrollmentState.GRANTED,
    Step.ANSWERED_REFUSED: EnrollmentState.REFUSED,
    Step.GIVE_UP: EnrollmentState.FAILED,
}
TRANSITIONS: dict[tuple[EnrollmentState, Step], EnrollmentState] = {
    (EnrollmentState.IDLE, Step.START): EnrollmentState.REQUESTED,
    (EnrollmentState.IDLE, Step.GIVE_UP): EnrollmentState.FAILED,
    (EnrollmentState.WAITING, Step.START): EnrollmentState.REQUESTED,
    (EnrollmentState.WAITING, Step.GIVE_UP): EnrollmentState.FAILED,
    (EnrollmentState.REQUESTED, Step.NO_ANSWER): EnrollmentState.WAITING,
    (EnrollmentState.PENDING, Step.POLL): EnrollmentState.POLLING,
    (EnrollmentState.PENDING, Step.GIVE_UP): EnrollmentState.FAILED,
    (EnrollmentState.POLLING, Step.NO_ANSWER): EnrollmentState.PENDING,
    **{
        (state, step): result
        for state in (EnrollmentState.REQUESTED, EnrollmentState.POLLING)
        for step, result in _ANSWERS.items()
    },
}
ENDED = (EnrollmentState.GRANTED, EnrollmentState.REFUSED, EnrollmentState.FAILED)


def advance(state: EnrollmentState, step: Step) -> EnrollmentState:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[state, step]
