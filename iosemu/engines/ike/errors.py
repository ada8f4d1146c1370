"""Ways in which a message stops an exchange; none of them leaves the IKE engine."""

from __future__ import annotations

from iosemu.engines.ike.events import Reason


class ExchangeRefusedError(Exception):
    """A message must be dropped."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail


class VerdictPendingError(Exception):
    """A message must wait until its sender's certificate can be judged."""
