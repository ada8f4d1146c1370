"""Identities of phase 1 as a person reads them."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.wire.isakmp_payloads import Identity, IdType


def identity_text(identity: Identity | None) -> str:
    """An address or a name; what is binary is shown as digits."""
    if identity is None:
        return "(none)"
    if identity.kind == IdType.IPV4_ADDR:
        return str(IPv4Address(identity.data))
    if identity.kind in (IdType.FQDN, IdType.USER_FQDN, IdType.KEY_ID):
        text = identity.data.decode("ascii", "replace")
        return text if text.isprintable() else identity.data.hex()
    return identity.data.hex()
