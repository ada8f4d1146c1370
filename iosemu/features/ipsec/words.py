"""Words that crypto maps, profiles and the global lines of IPsec have in common."""

from __future__ import annotations

from iosemu.cli import CommandError, Context
from iosemu.features.ipsec.config import IpsecConfig

LIFETIME_HELP = """security association lifetime
Time-based key duration in seconds
Security association duration in seconds
Time-based key duration in days
Security association duration in days
Volume-based key duration
Security association duration in kilobytes encrypted
Disable volume-based rekey"""
NO_LIFETIME = "lifetime (seconds|days|kilobytes)"
REPLAY = "replay (window-size (64|128|256|512|1024)$size|disable$disable)"
REPLAY_HELP = """Set replay checking
Set replay window size
64
128
256
512
1024
Disable replay checking"""
NO_REPLAY = "replay [window-size|disable]"
DF_HELP = """Clear DF bit for encapsulated tunnel
Copy DF bit from inner header
Set DF bit for encapsulated tunnel"""


def lifetime(maximum: int) -> str:
    """The spec of a lifetime of at most so many seconds."""
    volume = "kilobytes (<2560-4294967295>$kilobytes|disable$disable)"
    return f"lifetime (seconds <120-{maximum}>$seconds|days <1-30>$days|{volume})"


def transform_set_names(ctx: Context, names: str) -> list[str]:
    """The names of a list; raises CommandError for one that is no transform set."""
    known = ctx.router.model.block(IpsecConfig).transform_sets
    wanted = names.split()
    for name in wanted:
        if name not in known:
            raise CommandError(f'ERROR: transform set with tag "{name}" does not exist.')
    return wanted
