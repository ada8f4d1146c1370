"""crypto pki certificate chain: certificates as they stand in a running-config."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context, Mode, Session
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.features.pki.config import CERT_CHAIN, CRL_BODY, ChainCertificate, PkiConfig
from iosemu.features.pki.spelling import declare, pki_helps

TABLE = CommandTable()
QUIT = "quit"


def certificate_chain(ctx: Context, name: str) -> None:
    config = ctx.router.model.block(PkiConfig)
    if ctx.negated:
        config.chains.pop(name, None)
    else:
        ctx.enter(CERT_CHAIN, name)


_CHAIN = "crypto pki certificate chain WORD$name"
declare(
    TABLE,
    CONFIG,
    _CHAIN,
    pki_helps("Actions on certificates", "Identify certificates", "CA trustpoint name"),
    no=_CHAIN,
)(certificate_chain)


@dataclass(slots=True)
class _Body:
    """The lines of a certificate, up to `quit`."""

    session: Session
    config: PkiConfig
    trustpoint: str
    kind: str
    serial: str
    lines: list[str] = field(default_factory=list)
    end: str = QUIT

    def take(self, line: str) -> None:
        if line.strip() != QUIT:
            self.lines.append(line)
            return
        self.config.put(self.trustpoint, self._finished(), alone=False)
        self.session.unwind(self.session.depth - 1)

    def _finished(self) -> ChainCertificate:
        """What is no certificate is kept as it stands: a save must not lose it."""
        try:
            der = bytes.fromhex("".join("".join(self.lines).split()))
            if self.kind != CRL_BODY:
                Certificate.parse(der)
                return ChainCertificate(self.kind, self.serial, der)
        except (ValueError, CryptoError):
            pass
        return ChainCertificate(self.kind, self.serial, text=tuple(self.lines))


def _take(body: _Body, line: str) -> None:
    body.take(line)


PUBKEY = Mode("crypto-ca-cert-body", "(config-pubkey)", "", CERT_CHAIN, raw=_take, verbatim=True)


def certificate(ctx: Context, serial: str, kind: str = "", storage: str = "") -> None:
    config, name = ctx.router.model.block(PkiConfig), ctx.target
    if ctx.negated:
        found = [item for item in config.chains.get(name, []) if item.kind == kind and item.serial == serial]
        for item in found:
            config.chains[name].remove(item)
        if not config.chains.get(name, True):
            del config.chains[name]
    elif storage:
        config.put(name, ChainCertificate(kind, serial, storage=storage), alone=False)
    else:
        ctx.enter(PUBKEY, _Body(ctx.session, config, name, kind, serial))


_KIND = "[(ca|self-signed|rollover|rollover-ca)$kind]"
TABLE.command(
    CERT_CHAIN,
    f"certificate {_KIND} WORD$serial [WORD$storage]",
    """Identify a certificate
    CA certificate
    Self-signed certificate
    Certificate that will follow
    CA certificate that will follow
    Serial number in hexadecimal
    Where the certificate is stored""",
    no=f"certificate {_KIND} WORD$serial",
)(certificate)


def crl(ctx: Context, serial: str = "") -> None:
    config = ctx.router.model.block(PkiConfig)
    if ctx.negated:
        config.drop(ctx.target, CRL_BODY)
    else:
        ctx.enter(PUBKEY, _Body(ctx.session, config, ctx.target, CRL_BODY, serial))


TABLE.command(CERT_CHAIN, "crl LINE$serial", "Certificate revocation list\nWhich one", no=ARGUMENTS_OPTIONAL)(crl)
