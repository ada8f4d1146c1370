"""IKEv2, client configuration, admission limits."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

IKE = (
    Outline(
        "ikev2",
        Place.IKEV2,
        """
crypto logging ikev2
crypto ikev2 authorization policy WORD > config-ikev2-author-policy
 LINE
crypto ikev2 proposal WORD > config-ikev2-proposal
 encryption = LINE
 prf = LINE
 integrity = LINE
 group = LINE
crypto ikev2 policy WORD > config-ikev2-policy
 match fvrf = WORD
 match address local A.B.C.D
 proposal WORD
crypto ikev2 keyring WORD > config-ikev2-keyring
 peer WORD > config-ikev2-keyring-peer after !
  description = LINE
  hostname = WORD
  address = LINE
  identity LINE
  pre-shared-key = LINE
crypto ikev2 profile WORD > config-ikev2-profile
 description = LINE
 aaa LINE
 ~match identity remote address A.B.C.D [A.B.C.D]
 match LINE
 identity local = LINE
 authentication remote = LINE
 authentication local = LINE
 keyring local = WORD
 keyring aaa LINE
 pki trustpoint LINE
 lifetime = <120-86400>
 dpd = LINE
 ivrf = WORD
 nat LINE
 virtual-template = LINE
 reconnect LINE
crypto ikev2 dpd = LINE
crypto ikev2 disconnect-revoked-peers
crypto ikev2 nat keepalive = <5-3600>
crypto ikev2 limit LINE
crypto ikev2 cookie-challenge = <0-1000>
crypto ikev2 fragmentation [LINE]
crypto ikev2 diagnose LINE
crypto ikev2 window = <1-20>
crypto ikev2 http-url LINE
crypto ikev2 name-mangler WORD > config-ikev2-name-mangler
 LINE
""",
    ),
    Outline(
        "keyring",
        Place.KEYRING,
        """
crypto call admission limit LINE
crypto mib ipsec flowmib history (failure|tunnel) size = <0-5000000>
crypto engine (accelerator|compliance|slot) LINE
crypto skip-client WORD > config-crypto-skip-client
 server (ipv4|ipv6|fqdn) LINE
 psk id LINE
""",
        60,
    ),
    Outline(
        "isakmp profile",
        Place.ISAKMP_PROFILE,
        """
crypto isakmp client configuration group WORD > config-isakmp-group
 key = LINE
 dns = LINE
 wins = LINE
 domain = WORD
 pool = WORD
 acl = WORD
 netmask = A.B.C.D
 save-password
 max-users = <1-5000>
 LINE
""",
    ),
)
