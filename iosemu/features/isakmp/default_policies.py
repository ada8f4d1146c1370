"""The protection suites that hold while none is configured."""

from __future__ import annotations

from iosemu.features.isakmp.config import PolicyConfig

DEFAULT_POLICIES = tuple(
    PolicyConfig(65507 + index, cipher, hash_name, method, group)
    for index, (cipher, group, hash_name, method) in enumerate(
        (cipher, group, hash_name, method)
        for cipher, group in ((("aes", 128), 5), (("3des", 0), 2))
        for hash_name in ("sha", "md5")
        for method in ("rsa-sig", "pre-share")
    )
)
