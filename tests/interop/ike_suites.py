"""The phase 1 suites that IOS and strongSwan both have, by the words of each."""

from __future__ import annotations

from dataclasses import dataclass

# The word of an isakmp policy: that of a proposal of strongSwan.
ENCRYPTION = {"des": "des", "3des": "3des", "aes": "aes128", "aes 192": "aes192", "aes 256": "aes256"}
HASH = {"md5": "md5", "sha": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}
GROUP = {
    1: "modp768",
    2: "modp1024",
    5: "modp1536",
    14: "modp2048",
    15: "modp3072",
    16: "modp4096",
    19: "ecp256",
    20: "ecp384",
    21: "ecp521",
    24: "modp2048s256",
}


@dataclass(frozen=True, slots=True)
class Suite:
    """One protection suite with pre-shared keys."""

    encryption: str
    hash: str
    group: int

    @property
    def proposal(self) -> str:
        """In strongSwan's words."""
        return f"{ENCRYPTION[self.encryption]}-{HASH[self.hash]}-{GROUP[self.group]}"

    def policy(self, priority: int, authentication: str = "pre-share") -> str:
        """In those of IOS."""
        return (
            f"crypto isakmp policy {priority}\n encr {self.encryption}\n hash {self.hash}\n"
            f" authentication {authentication}\n group {self.group}\n"
        )


def every_suite() -> list[Suite]:
    """All that both have."""
    return [Suite(encryption, digest, group) for encryption in ENCRYPTION for digest in HASH for group in GROUP]


def pairs_of_suites() -> list[Suite]:
    """Few suites in which every encryption meets every hash and every group, and every hash every group."""
    hashes = list(HASH)
    return [
        Suite(encryption, hashes[(row + column) % len(hashes)], group)
        for row, encryption in enumerate(ENCRYPTION)
        for column, group in enumerate(GROUP)
    ]
