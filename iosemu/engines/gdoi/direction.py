"""In which directions a member uses its data SAs."""

from __future__ import annotations

from enum import Enum


class SaDirection(Enum):
    """The value is what shows print.

    INBOUND_ONLY sends in clear and takes both, as `sa receive-only` of the key server asks; INBOUND_OPTIONAL sends ESP
    and takes both, as a passive member does.
    """

    BOTH = "Both"
    INBOUND_ONLY = "Inbound Only"
    INBOUND_OPTIONAL = "Inbound Optional"

    @property
    def sends_clear(self) -> bool:
        """Whether packets that the policy protects leave as they are."""
        return self is SaDirection.INBOUND_ONLY

    @property
    def takes_clear(self) -> bool:
        """Whether clear packets come in that the policy protects."""
        return self is not SaDirection.BOTH
