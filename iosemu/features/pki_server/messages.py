"""Every system message of certificate servers, in one place: severity, mnemonic, and a text with fields."""

from __future__ import annotations

from iosemu.router.router import Router

# Those beside CS_ENABLED are unverified.
TEXTS: dict[str, tuple[int, str]] = {
    "CS_ENABLED": (6, "Certificate server now enabled."),
    "CS_DISABLED": (6, "Certificate server now disabled."),
    "CS_GRANT_AUTO": (6, "All enrollment requests will be automatically granted."),
    "CS_CRIT_STORAGE": (3, "Critical certificate server storage, {url}, is inaccessible, server disabled."),
    "CS_CACERT_ROLLOVER": (6, "The next CA certificate and key have been generated."),
    "CS_ROLLED_OVER": (6, "The CA has rolled over to its next certificate and key."),
    "CS_CACERT_EXPIRED": (3, "The CA certificate has expired; no requests are granted."),
    "NOAUTOSAVE": (4, 'Configuration was modified.  Issue "write memory" to save new certificate'),
}
FLAG = "crypto pki server"


def log(router: Router, mnemonic: str, **fields: str) -> None:
    """Print a message in the log."""
    severity, text = TEXTS[mnemonic]
    router.syslog.log("PKI", severity, mnemonic, text.format(**fields))


def trace(router: Router, text: str) -> None:
    """A line of debug output."""
    router.debugging.emit(FLAG, f"CRYPTO_CS: {text}")
