"""Certificates: trustpoints, certificate maps, certificate servers, certificates themselves."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

PKI = (
    Outline(
        "pki",
        Place.PKI,
        """
crypto pki server WORD > cs-server
 database level = (minimum|names|complete)
 database url [(cnm|crl|crt|ser|pem|p12)] LINE
 *database archive [LINE]
 database username = LINE
 issuer-name = LINE
 grant LINE
 hash = (md5|sha1|sha256|sha384|sha512)
 lifetime crl = LINE
 lifetime certificate = LINE
 lifetime ca-certificate = LINE
 lifetime enrollment-request = LINE
 cdp-url = WORD
 auto-rollover [LINE]
 eku LINE
 mode LINE
 serial-number LINE
 redundancy
 shutdown
crypto pki trustpoint WORD > ca-trustpoint
 enrollment url = LINE
 enrollment terminal [pem]
 enrollment selfsigned
 enrollment retry count = <1-100>
 enrollment retry period = <1-60>
 enrollment mode ra
 enrollment profile = WORD
 enrollment http-proxy = LINE
 enrollment pkcs12
 serial-number [none]
 fqdn = WORD
 ip-address = WORD
 subject-name = LINE
 subject-alt-name = LINE
 fingerprint = WORD
 hash = (md5|sha1|sha256|sha384|sha512)
 revocation-check = LINE
 crl query = WORD
 crl cache = LINE
 ocsp url = WORD
 ocsp LINE
 match certificate LINE
 chain-validation = LINE
 auto-enroll [LINE]
 auto-trigger
 regenerate
 password = LINE
 source interface = INTERFACE
 usage = LINE
 vrf = WORD
 storage = WORD
 authorization list = WORD
 authorization username = LINE
 primary
 root LINE
 eku request LINE
 rsakeypair = LINE
 eckeypair = WORD
 on = WORD
crypto pki profile enrollment WORD > ca-profile-enroll
 authentication LINE
 enrollment LINE
 parameter LINE
 source-interface = INTERFACE
crypto pki certificate map WORD <1-65535> > ca-certificate-map
 subject-name LINE
 issuer-name LINE
 alt-subject-name LINE
 unstructured-subject-name LINE
 name LINE
 serial-number LINE
 valid-start LINE
 expires-on LINE
crypto pki crl cache size = <0-131072>
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
crypto pki certificate chain WORD > config-cert-chain
 certificate [(ca|self-signed|rollover|rollover-ca)] WORD WORD
 certificate [(ca|self-signed|rollover|rollover-ca)] WORD > config-pubkey body quit
 crl LINE > config-pubkey body quit
crypto key pubkey-chain rsa > config-pubkey-chain
 addressed-key A.B.C.D [(encryption|signature)] > config-pubkey-key
  address = A.B.C.D
  key-string > config-pubkey body quit
 named-key WORD [(encryption|signature)] > config-pubkey-key
  address = A.B.C.D
  key-string > config-pubkey body quit
""",
    ),
)
