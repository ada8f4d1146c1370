"""Times as the shows of multicast print them."""

from __future__ import annotations

_DAY, _WEEK, _YEAR = 86400, 7 * 86400, 365 * 86400


def span(seconds: float) -> str:
    """A length of time: `00:12:33`, `1d02h`, `3w4d` or `1y2w`."""
    whole = max(0, int(seconds))
    if whole < _DAY:
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    if whole < _WEEK:
        return f"{whole // _DAY}d{whole % _DAY // 3600:02d}h"
    if whole < _YEAR:
        return f"{whole // _WEEK}w{whole % _WEEK // _DAY}d"
    return f"{whole // _YEAR}y{whole % _YEAR // _WEEK}w"
