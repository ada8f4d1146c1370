"""Every system message of PKI, in one place: severity, mnemonic, and a text with fields."""

from __future__ import annotations

from iosemu.router.router import Router

_FAILED = "Certificate chain validation has failed."
TEXTS: dict[str, tuple[int, str]] = {
    "CERTRET": (6, "Certificate received from Certificate Authority"),
    "CERTREJECT": (6, "Certificate enrollment request was rejected by Certificate Authority"),
    "CERTPENDING": (6, "Certificate enrollment request is pending at the Certificate Authority"),
    "CERTFAIL": (6, "Certificate enrollment failed."),
    "CERTRENEWAUTO": (6, "Renewing the router certificate for trustpoint {trustpoint}"),
    "CERTRENEWMANUAL": (6, "Please re-enroll trustpoint {trustpoint}: its certificate will expire"),
    "CERT_ENROLL_AUTO": (6, "Auto initial enrollment for trustpoint {trustpoint}"),
    "SHADOWAUTO": (6, "Getting the next CA certificate for trustpoint {trustpoint}"),
    "CACERT_ROLLOVER": (6, "The next certificates of trustpoint {trustpoint} have taken effect"),
    "NOAUTOSAVE": (4, 'Configuration was modified.  Issue "write memory" to save new certificate'),
    "SOCKETSELECT": (3, "Failed to select the socket."),
    "GETCARESP": (6, "Failed to receive the Certificate Authority certificate: {reason}"),
    "CERTIFICATE_INVALID": (3, f"{_FAILED}"),
    "CERTIFICATE_INVALID_EXPIRED": (
        3, f"{_FAILED}  The certificate (SN: {{serial}}) has expired.    Validity period ended on {{when}}",
    ),
    "CERTIFICATE_INVALID_NOT_YET_VALID": (
        3, f"{_FAILED}  The certificate (SN: {{serial}}) is not yet valid   Validity period starts on {{when}}",
    ),
    "CERTIFICATE_INVALID_UNAUTHORIZED": (3, f"{_FAILED} Unauthorized"),
    "CERTIFICATE_REVOKED": (3, f"{_FAILED}  The certificate (SN: {{serial}}) is revoked"),
    "CRL_FETCH_FAIL": (3, "CRL fetch for trustpoint {trustpoint} failed\n     Reason : {reason}"),
    "CRL_INSERT_FAIL": (3, "CRL download for trustpoint \"{trustpoint}\" has been discarded\n     Reason : {reason}"),
}  # fmt: skip


def log(router: Router, mnemonic: str, **fields: str) -> None:
    """Print a message in the log."""
    severity, text = TEXTS[mnemonic]
    router.syslog.log("PKI", severity, mnemonic, text.format(**fields))


TRANSACTIONS, MESSAGES, VALIDATION = "crypto pki transactions", "crypto pki messages", "crypto pki validation"


def trace(router: Router, flag: str, text: str) -> None:
    """A line of debug output."""
    router.debugging.emit(flag, f"CRYPTO_PKI: {text}")
