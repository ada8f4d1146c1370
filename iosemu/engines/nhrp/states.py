"""How a station stands with a next hop server and every transition that exists; `advance` refuses anything else."""

from __future__ import annotations

from enum import Enum


class ServerState(Enum):
    """The value is the letter that shows print."""

    WAITING = "W"
    EXPECTING = "E"
    RESPONDING = "RE"


class Step(Enum):
    """What moves a station on."""

    ASKED = "a registration is sent"
    ACCEPTED = "the server takes the registration"
    REFUSED = "the server refuses"
    SILENT = "several registrations got no answer"


WAITING, EXPECTING, RESPONDING = ServerState.WAITING, ServerState.EXPECTING, ServerState.RESPONDING
TRANSITIONS: dict[tuple[ServerState, Step], ServerState] = {
    (WAITING, Step.ASKED): EXPECTING,
    (EXPECTING, Step.ASKED): EXPECTING,
    (RESPONDING, Step.ASKED): RESPONDING,
    (EXPECTING, Step.ACCEPTED): RESPONDING,
    (RESPONDING, Step.ACCEPTED): RESPONDING,
    (EXPECTING, Step.REFUSED): EXPECTING,
    (RESPONDING, Step.REFUSED): EXPECTING,
    (RESPONDING, Step.SILENT): EXPECTING,
    (EXPECTING, Step.SILENT): EXPECTING,
}


def advance(state: ServerState, step: Step) -> ServerState:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[state, step]
