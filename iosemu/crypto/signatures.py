"""Algorithms of signatures as certificates, requests and CRLs name them (RFC 3279, 4055, 5758)."""

from __future__ import annotations

from typing import Any, NamedTuple

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import Kind, PublicKey

_OIDS: dict[tuple[Kind, str], str] = {
    ("rsa", "md5"): "1.2.840.113549.1.1.4",
    ("rsa", "sha1"): "1.2.840.113549.1.1.5",
    ("rsa", "sha256"): "1.2.840.113549.1.1.11",
    ("rsa", "sha384"): "1.2.840.113549.1.1.12",
    ("rsa", "sha512"): "1.2.840.113549.1.1.13",
    ("ec", "sha1"): "1.2.840.10045.4.1",
    ("ec", "sha256"): "1.2.840.10045.4.3.2",
    ("ec", "sha384"): "1.2.840.10045.4.3.3",
    ("ec", "sha512"): "1.2.840.10045.4.3.4",
}
_BY_OID = {oid: pair for pair, oid in _OIDS.items()}


class SignatureAlgorithm(NamedTuple):
    """The algorithm of a key and the name of a hash of `suites.HASHES`."""

    kind: Kind
    hash_name: str

    def verify(self, key: PublicKey, data: bytes, signature: bytes) -> bool:
        """Check a signature by a key that may be of another kind."""
        return key.kind == self.kind and key.verify(self.hash_name, data, signature)

    def structure(self) -> Any:
        """AlgorithmIdentifier; raises CryptoError for a pair that nobody has defined."""
        from asn1crypto import algos, core

        oid = _OIDS.get((self.kind, self.hash_name))
        if oid is None:
            raise CryptoError(f"no signatures of {self.kind} with {self.hash_name}")
        # RSA has NULL for parameters, ECDSA has none.
        parameters = {"parameters": core.Null()} if self.kind == "rsa" else {}
        return algos.SignedDigestAlgorithm({"algorithm": oid, **parameters})


def read_algorithm(structure: Any) -> SignatureAlgorithm | None:
    """The algorithm of an AlgorithmIdentifier, None for one of no use here."""
    pair = _BY_OID.get(structure["algorithm"].dotted)
    return SignatureAlgorithm(*pair) if pair is not None else None
