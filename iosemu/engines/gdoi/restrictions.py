"""What a member accepts of a key server's policy: `client rekey ...` and `client transform-sets`."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.wire.errors import WireError


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Allowed ciphers of rekeys (name, key bits), their signature hashes, and data transforms; empty means any."""

    ciphers: tuple[tuple[str, int], ...] = ()
    hashes: tuple[str, ...] = ()
    transforms: tuple[EspTransform, ...] = ()

    def check_kek(self, cipher: str, key_bits: int, sig_hash: str) -> None:
        """Raise WireError for a rekey SA that is not allowed."""
        if self.ciphers and (cipher, key_bits) not in self.ciphers:
            raise WireError("rekey encryption algorithm is not allowed")
        if self.hashes and sig_hash not in self.hashes:
            raise WireError("rekey signature hash is not allowed")

    def check_transform(self, transform: EspTransform) -> None:
        """Raise WireError for a data transform that is not allowed."""
        if self.transforms and transform not in self.transforms:
            raise WireError("IPsec transform is not allowed")


NO_RESTRICTIONS = Restrictions()
