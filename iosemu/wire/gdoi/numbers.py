"""Numbers of GDOI payloads (RFC 6407 section 5, RFC 8263)."""

from __future__ import annotations

from enum import IntEnum

GDOI_PORT = 848
PROTOCOL_UDP = 17


class KekAttribute(IntEnum):
    """Attributes of the SA KEK payload (section 5.3.1, RFC 8263 section 4)."""

    MANAGEMENT_ALGORITHM = 1
    ALGORITHM = 2
    KEY_LENGTH = 3
    KEY_LIFETIME = 4
    SIG_HASH_ALGORITHM = 5
    SIG_ALGORITHM = 6
    SIG_KEY_LENGTH = 7
    ACK_REQUESTED = 9


class KekAlgorithm(IntEnum):
    """Values of KekAttribute.ALGORITHM."""

    DES = 1
    TRIPLE_DES = 2
    AES = 3


class SigHash(IntEnum):
    """Values of KekAttribute.SIG_HASH_ALGORITHM."""

    MD5 = 1
    SHA1 = 2
    SHA256 = 3
    SHA384 = 4
    SHA512 = 5


class SigAlgorithm(IntEnum):
    """Values of KekAttribute.SIG_ALGORITHM."""

    RSA = 1
    DSS = 2
    ECDSS = 3
    ECDSA_256 = 4
    ECDSA_384 = 5
    ECDSA_521 = 6


class AckRequested(IntEnum):
    """Values of KekAttribute.ACK_REQUESTED (RFC 8263)."""

    KEK_SHA256 = 1
    LKH_SHA256 = 2
    KEK_SHA512 = 3
    LKH_SHA512 = 4


class TekAttribute(IntEnum):
    """IPsec SA attributes as used in the SA TEK payload (RFC 2407 section 4.5, RFC 6407 section 5.5.1)."""

    LIFE_TYPE = 1
    LIFE_DURATION = 2
    ENCAPSULATION_MODE = 4
    AUTHENTICATION_ALGORITHM = 5
    KEY_LENGTH = 6
    ADDRESS_PRESERVATION = 14
    SA_DIRECTION = 15


class TekProtocol(IntEnum):
    """Protocol-ID of SA TEK and of deletes (section 5.5)."""

    KEK = 0
    ESP = 1
    AH = 2


class GapAttribute(IntEnum):
    """Attributes of the group associated policy payload (section 5.4)."""

    ACTIVATION_TIME_DELAY = 1
    DEACTIVATION_TIME_DELAY = 2
    SENDER_ID_REQUEST = 3


class KeyType(IntEnum):
    """Kinds of key packets (section 5.6)."""

    TEK = 1
    KEK = 2
    LKH = 3
    SID = 4


class TekKey(IntEnum):
    """Attributes of a TEK key packet."""

    ALGORITHM_KEY = 1
    INTEGRITY_KEY = 2
    SOURCE_AUTH_KEY = 3


class KekKey(IntEnum):
    """Attributes of a KEK key packet; ALGORITHM_KEY is the IV followed by the key."""

    ALGORITHM_KEY = 1
    SIG_ALGORITHM_KEY = 2


class LkhAttribute(IntEnum):
    """Attributes of an LKH key packet; both arrays hold keys of the tree, see `lkh`."""

    DOWNLOAD_ARRAY = 1
    UPDATE_ARRAY = 2
    SIG_ALGORITHM_KEY = 3


class Management(IntEnum):
    """Values of KekAttribute.MANAGEMENT_ALGORITHM."""

    LKH = 1


class SidKey(IntEnum):
    """Attributes of a SID key packet."""

    NUMBER_OF_SID_BITS = 1
    SID_VALUE = 2
