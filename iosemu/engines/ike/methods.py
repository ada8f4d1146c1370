"""Authentication methods of phase 1."""

from __future__ import annotations

from enum import IntEnum


class Authentication(IntEnum):
    """Authentication methods of phase 1 (RFC 2409 appendix A, RFC 4754 section 5)."""

    PRE_SHARED = 1
    RSA_SIGNATURES = 3
    ECDSA_256 = 9
    ECDSA_384 = 10
    ECDSA_521 = 11

    @property
    def signs(self) -> bool:
        """Whether the peers prove themselves by signatures."""
        return self is not Authentication.PRE_SHARED


# The hash that a method brings for HASH_I and HASH_R (RFC 2409 section 5.1, RFC 4754 section 3).
# They are signed as they are.
METHOD_HASH = {
    Authentication.ECDSA_256: "sha256",
    Authentication.ECDSA_384: "sha384",
    Authentication.ECDSA_521: "sha512",
}
