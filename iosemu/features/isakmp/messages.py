"""What the speaker's events say in the log."""

from __future__ import annotations

from iosemu.engines.common import Event
from iosemu.engines.ike.events import MessageRefused, Reason
from iosemu.router.syslog import Syslog
from iosemu.wire.isakmp import ExchangeType

_MALFORMED = (Reason.MALFORMED, Reason.BAD_DECRYPTION, Reason.BAD_HASH, Reason.EXCHANGE)
_FAILURES = (
    Reason.NO_PROPOSAL,
    Reason.NO_PSK,
    Reason.NO_CERTIFICATE,
    Reason.BAD_PUBLIC_VALUE,
    Reason.IDENTITY,
    Reason.AGGRESSIVE_MODE,
)


def log_event(syslog: Syslog, event: Event) -> None:
    """One line for each event that IOS tells of."""
    if not isinstance(event, MessageRefused):
        return
    peer = event.source.address
    mode = "Aggressive" if event.exchange == ExchangeType.AGGRESSIVE else "Main"
    if event.reason in _MALFORMED:
        text = f"IKE message from {peer} failed its sanity check or is malformed"
        syslog.log("CRYPTO", 4, "IKMP_BAD_MESSAGE", text)
    elif event.reason is Reason.UNKNOWN_SA:
        text = f"IKE message from {peer} has no SA and is not an initialization offer"
        syslog.log("CRYPTO", 4, "IKMP_NO_SA", text)
    elif event.reason is Reason.CERTIFICATE:
        syslog.log("CRYPTO", 5, "IKMP_INVAL_CERT", f"Certificate received from {peer} is bad: {event.detail}")
    elif event.reason is Reason.BAD_SIGNATURE:
        text = f"IKE message from {peer} has a signature that does not verify"
        syslog.log("CRYPTO", 4, "IKMP_BAD_MESSAGE", text)
        _mode_failure(syslog, mode, str(peer))
    elif event.reason in _FAILURES:
        _mode_failure(syslog, mode, str(peer))


def _mode_failure(syslog: Syslog, mode: str, peer: str) -> None:
    syslog.log("CRYPTO", 6, "IKMP_MODE_FAILURE", f"Processing of {mode} mode failed with peer at {peer}")
