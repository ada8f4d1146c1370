"""Making key pairs: what commands, trustpoints and certificate servers share."""

from __future__ import annotations

from dataclasses import replace

from iosemu.cli import CommandError
from iosemu.crypto.ec import EcKey
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.rsa import RsaKey
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.store import KeyPair, Usage
from iosemu.features.dns.config import NamesConfig
from iosemu.router.router import Router


def default_label(router: Router) -> str:
    """The fully qualified name of the router; raises CommandError without a domain."""
    domain = router.model.block(NamesConfig).domain
    if domain is None:
        raise CommandError("% Please define a domain-name first.")
    return f"{router.hostname}.{domain}"


def check_label(label: str) -> None:
    """Raises CommandError for a label that cannot be the name of a file."""
    if not store.LABEL.fullmatch(label):
        raise CommandError("% Invalid key label")


def make_rsa(router: Router, label: str, bits: int, *, usage: Usage = Usage.GENERAL, exportable: bool = False) -> None:
    """Make and keep an RSA pair. Raises CommandError."""
    keep(router, KeyPair(label, RsaKey.generate(bits, _random(router)), usage, exportable))


def make_ec(router: Router, label: str, bits: int, *, exportable: bool = False) -> None:
    """Make and keep an elliptic curve pair. Raises CommandError."""
    keep(router, KeyPair(label, EcKey.generate(bits, _random(router)), Usage.SIGNATURE, exportable))


def keep(router: Router, item: KeyPair) -> None:
    """Keep a pair that was made or imported now; a label names a general-purpose pair or usage keys, never both. Raises
    CommandError."""
    check_label(item.label)
    old = store.pair(router.nvram, item.label, item.key.kind)
    try:
        if Usage.GENERAL in (item.usage, old.usage if old is not None else None):
            store.remove(router.nvram, item.label, item.key.kind)
        store.save(router.nvram, replace(item, generated=router.calendar.utc()))
    except OSError as error:
        raise CommandError(f"% The keys could not be saved: {error.strerror}") from error


def _random(router: Router) -> RandomBytes | None:
    return router.clock.random_bytes if router.clock.repeatable else None
