"""What a member accepts of a key server's policy: `client rekey ...` and `client transform-sets`."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.engines.acl import AclEntry
from iosemu.wire.errors import WireError


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Allowed ciphers of rekeys (name, key bits), their signature hashes, and data transforms; empty, or None for the
    transforms, means any. `ipv6` is the family of the traffic that the member has the policy for, None where either
    will do."""

    ciphers: tuple[tuple[str, int], ...] = ()
    hashes: tuple[str, ...] = ()
    transforms: tuple[EspTransform, ...] | None = None
    ipv6: bool | None = None

    def check_kek(self, cipher: str, key_bits: int, sig_hash: str) -> None:
        """Raise WireError for a rekey SA that is not allowed."""
        if self.ciphers and (cipher, key_bits) not in self.ciphers:
            raise WireError("rekey encryption algorithm is not allowed")
        if self.hashes and sig_hash not in self.hashes:
            raise WireError("rekey signature hash is not allowed")

    def check_transform(self, transform: EspTransform) -> None:
        """Raise WireError for a data transform that is not allowed."""
        if self.transforms is not None and transform not in self.transforms:
            raise WireError("IPsec transform is not allowed")

    def check_family(self, entries: tuple[AclEntry, ...]) -> None:
        """Raise WireError for a policy about traffic of the other family."""
        if self.ipv6 is not None and any(entry.ipv6 is not self.ipv6 for entry in entries):
            raise WireError(f"policy is not about {'IPv6' if self.ipv6 else 'IPv4'}")


NO_RESTRICTIONS = Restrictions()
