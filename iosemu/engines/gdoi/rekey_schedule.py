"""When keys are renewed: the formulas that IOS follows."""

from __future__ import annotations

from math import ceil

from iosemu.engines.gdoi.config import KekPolicy

TEK_BASE = 90
KEK_BASE = 200
BATCH = 50
BATCH_PAUSE = 5
# A lifetime that is shorter than its margin must not make a rekey at every tick.
MINIMUM_INTERVAL = 30
# Re-registration: at least this long before the first key ends.
REGISTRATION_MARGIN = 60


def margin(base: int, lifetime: int, policy: KekPolicy, members: int) -> float:
    """Seconds before the end of a key at which its rekey starts: time for all batches and retransmissions."""
    retransmissions = policy.retransmit_interval * policy.retransmit_attempts
    return max(base, 0.1 * lifetime) + retransmissions + BATCH_PAUSE * ceil(members / BATCH)


def time_on_the_way(policy: KekPolicy, members: int) -> int:
    """For how many seconds after a push was made copies of it may still be sent."""
    attempts = 65535 if policy.retransmit_periodic else policy.retransmit_interval * policy.retransmit_attempts
    return int(min(65535, attempts + BATCH_PAUSE * ceil(members / BATCH)))


def rekey_time(base: int, lifetime: int, expires_at: float, policy: KekPolicy, members: int) -> float:
    """When a key is renewed."""
    created_at = expires_at - lifetime
    return max(expires_at - margin(base, lifetime, policy, members), created_at + MINIMUM_INTERVAL)


def registration_margin(lifetime: int, jitter: float) -> float:
    """Seconds before the end of a key at which a member registers again; `jitter` is in [0, 1)."""
    return max(REGISTRATION_MARGIN, 0.02 * lifetime) + jitter * 0.03 * lifetime


def shortened_lifetime(configured: int) -> int:
    """Seconds for which replaced TEKs live on after a rekey that an administrator triggered."""
    return int(max(90, min(0.05 * configured, 3600)))
