"""Certificates: trustpoints, certificate maps, certificate servers, certificates themselves."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

PKI = (
    Outline(
        "pki",
        Place.PKI,
        """
crypto pki profile enrollment WORD > ca-profile-enroll
 authentication LINE
 enrollment LINE
 parameter LINE
 source-interface = INTERFACE
crypto pki crl download LINE
crypto pki http max-buffer-size = <0-65535>
crypto pki trustpool policy > ca-trustpool
 cabundle url LINE
 chain-validation [LINE]
 crl LINE
 match LINE
 revocation-check = LINE
 source interface = INTERFACE
 storage = WORD
 auto-update LINE
 vrf = WORD
crypto pki token LINE
""",
    ),
)
