"""Attributes of the transforms in a proposal: phase 1 (RFC 2409 appendix A) and IPsec (RFC 2407 section 4.5)."""

from __future__ import annotations

from enum import IntEnum


class Phase1Attribute(IntEnum):
    """Attributes of phase 1."""

    ENCRYPTION = 1
    HASH = 2
    AUTHENTICATION = 3
    GROUP = 4
    LIFE_TYPE = 11
    LIFE_DURATION = 12
    KEY_LENGTH = 14


class IpsecAttribute(IntEnum):
    """Attributes of IPsec."""

    LIFE_TYPE = 1
    LIFE_DURATION = 2
    GROUP = 3
    ENCAPSULATION_MODE = 4
    AUTHENTICATION_ALGORITHM = 5
    KEY_LENGTH = 6
    KEY_ROUNDS = 7
    ECN_TUNNEL = 10
    EXTENDED_SEQUENCE_NUMBER = 11


class LifeType(IntEnum):
    """Units of a lifetime."""

    SECONDS = 1
    KILOBYTES = 2


class Encapsulation(IntEnum):
    """Modes; the UDP ones are for peers with a NAT between them, the last two those of drafts of RFC 3947."""

    TUNNEL = 1
    TRANSPORT = 2
    UDP_TUNNEL = 3
    UDP_TRANSPORT = 4
    DRAFT_UDP_TUNNEL = 61443
    DRAFT_UDP_TRANSPORT = 61444
