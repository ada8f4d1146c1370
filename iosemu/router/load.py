"""How much goes through an interface per second, as IOS shows it: an exponential average of samples of five seconds."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

SAMPLE = 5.0
# The time after which a step has arrived to 63 percent (seconds).
DEFAULT_INTERVAL = 300


@dataclass(slots=True)
class Load:
    """One direction. Samples that are over are averaged when somebody asks, or when the next packet comes: time that
    passes without either costs nothing."""

    interval: int = DEFAULT_INTERVAL
    bits: float = 0.0
    packets: float = 0.0
    _sample: int = 0
    _sample_octets: int = 0
    _sample_packets: int = 0

    def add(self, packets: int, octets: int, now: float) -> None:
        """Packets went through."""
        if now >= (self._sample + 1) * SAMPLE:
            self._close(now)
        self._sample_packets += packets
        self._sample_octets += octets

    def rates(self, now: float) -> tuple[float, float]:
        """Bits and packets per second."""
        self._close(now)
        return self.bits, self.packets

    def _close(self, now: float) -> None:
        sample = int(now // SAMPLE)
        passed = sample - self._sample
        if passed <= 0:
            return
        keep = exp(-SAMPLE / self.interval)
        # The sample that is over, then those in which nothing came.
        rest = keep ** (passed - 1)
        self.bits = (self.bits * keep + self._sample_octets * 8 / SAMPLE * (1 - keep)) * rest
        self.packets = (self.packets * keep + self._sample_packets / SAMPLE * (1 - keep)) * rest
        self._sample, self._sample_octets, self._sample_packets = sample, 0, 0
