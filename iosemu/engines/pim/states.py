"""What a neighbour downstream has asked for on an interface, and every transition that exists.

In sparse mode nothing goes out before a join (RFC 7761 section 4.5); in dense mode, and for a source on the shared
tree, everything does until a prune (RFC 3973 section 4.4, RFC 7761 section 4.5.3). The table is the truth: `advance`
refuses anything else.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """The first three are those of joins, the others those of prunes."""

    ABSENT = "no join"
    JOINED = "joined"
    LEAVING = "prune pending (joined)"
    FLOODED = "no prune"
    PRUNE_PENDING = "prune pending"
    PRUNED = "pruned"


class Step(Enum):
    """What moves an interface on."""

    JOIN = "join or graft received"
    PRUNE = "prune received"
    OVERRIDABLE = "nobody has overridden the prune"
    EXPIRED = "hold time has passed"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.ABSENT, Step.JOIN): State.JOINED,
    (State.JOINED, Step.JOIN): State.JOINED,
    (State.JOINED, Step.PRUNE): State.LEAVING,
    (State.JOINED, Step.EXPIRED): State.ABSENT,
    (State.LEAVING, Step.PRUNE): State.LEAVING,
    (State.LEAVING, Step.JOIN): State.JOINED,
    (State.LEAVING, Step.OVERRIDABLE): State.ABSENT,
    (State.LEAVING, Step.EXPIRED): State.ABSENT,
    (State.FLOODED, Step.PRUNE): State.PRUNE_PENDING,
    (State.PRUNE_PENDING, Step.PRUNE): State.PRUNE_PENDING,
    (State.PRUNE_PENDING, Step.JOIN): State.FLOODED,
    (State.PRUNE_PENDING, Step.OVERRIDABLE): State.PRUNED,
    (State.PRUNE_PENDING, Step.EXPIRED): State.FLOODED,
    (State.PRUNED, Step.PRUNE): State.PRUNED,
    (State.PRUNED, Step.JOIN): State.FLOODED,
    (State.PRUNED, Step.EXPIRED): State.FLOODED,
}
# Without a record.
RESTING = (State.ABSENT, State.FLOODED)
WAITING = (State.LEAVING, State.PRUNE_PENDING)


def advance(state: State, step: Step) -> State:
    """The state after a step; raises KeyError for a transition that is not in the table."""
    return TRANSITIONS[state, step]


class RegisterState(Enum):
    """Whether a first-hop router registers a source with the RP (RFC 7761 section 4.4.1)."""

    NO_INFO = "not our source"
    JOIN = "registering"
    JOIN_PENDING = "a null register was sent"
    PRUNE = "stopped by the RP"


class RegisterStep(Enum):
    """What moves a registration on."""

    SOURCE = "the source is ours and sends"
    STOP = "register-stop received"
    TIMER = "the register-stop timer has expired"
    GONE = "the source is not ours any more"


REGISTER_TRANSITIONS: dict[tuple[RegisterState, RegisterStep], RegisterState] = {
    (RegisterState.NO_INFO, RegisterStep.SOURCE): RegisterState.JOIN,
    (RegisterState.JOIN, RegisterStep.STOP): RegisterState.PRUNE,
    (RegisterState.JOIN_PENDING, RegisterStep.STOP): RegisterState.PRUNE,
    (RegisterState.PRUNE, RegisterStep.TIMER): RegisterState.JOIN_PENDING,
    (RegisterState.JOIN_PENDING, RegisterStep.TIMER): RegisterState.JOIN,
    (RegisterState.JOIN, RegisterStep.GONE): RegisterState.NO_INFO,
    (RegisterState.JOIN_PENDING, RegisterStep.GONE): RegisterState.NO_INFO,
    (RegisterState.PRUNE, RegisterStep.GONE): RegisterState.NO_INFO,
}
