"""Which data SA of a group a member sends with, and until when."""

from __future__ import annotations

from collections.abc import Collection
from math import inf

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.rules import Rule
from iosemu.engines.esp.sa import EspSa

# Before this much of the old SA is left, senders stay on it: members that were told late can follow (seconds).
SEND_MARGIN = 30.0


def sending_sa(sas: Collection[EspSa], entry: AclEntry, now: float) -> EspSa | None:
    """The SA for packets of an entry: the oldest with some life left, so that all members hold the next one before its
    use. Where the key server said when the next one is to be used, that counts."""
    alive = sorted(
        (sa for sa in sas if sa.tek.expires_at > now and entry in sa.entries), key=lambda sa: sa.tek.expires_at
    )
    activated = [sa for sa in alive if sa.tek.activates_at is not None and sa.tek.activates_at <= now]
    if activated:
        return activated[-1]
    for sa in alive:
        if sa.tek.expires_at - now > SEND_MARGIN:
            return sa
    return alive[-1] if alive else None


def choose_sa(rule: Rule, sas: Collection[EspSa], now: float) -> None:
    """Give a rule its SA, and the time at which to choose again."""
    rule.sa = sending_sa(sas, rule.entry, now)
    # Nothing but a new policy brings an SA where there is none.
    rule.until = inf
    if rule.sa is not None:
        ends = rule.sa.tek.expires_at
        rule.until = ends - SEND_MARGIN if ends - now > SEND_MARGIN else ends
    activations = [sa.tek.activates_at for sa in sas if sa.tek.activates_at is not None]
    rule.until = min([rule.until, *(time for time in activations if time > now)])
