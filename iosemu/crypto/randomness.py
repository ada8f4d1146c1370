"""Where octets come from when nobody asked for repeatable ones."""

from __future__ import annotations

import os
from collections.abc import Callable

RandomBytes = Callable[[int], bytes]

system_random: RandomBytes = os.urandom
