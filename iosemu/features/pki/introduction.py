"""What a CA says of itself over SCEP: its certificate, and what it can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.engines.pki.capabilities import Capabilities
from iosemu.engines.pki.scep_exchange import ScepRequest, read_ca_answer, read_next_ca_answer
from iosemu.features.http.messages import Response
from iosemu.features.http.transfer import Transfer
from iosemu.features.pki.config import Trustpoint
from iosemu.features.pki.fetching import ask
from iosemu.features.pki.messages import TRANSACTIONS, trace
from iosemu.router.router import Router


@dataclass(frozen=True, slots=True)
class Introduction:
    """What is learnt of a CA before the first request. `recipient` is whom messages are encrypted to: the CA, or the
    registration authority before it."""

    ca: Certificate
    recipient: Certificate
    capabilities: Capabilities = field(default_factory=Capabilities)


OnCertificates = Callable[["Introduction | str"], None]


def get_certificates(router: Router, trustpoint: Trustpoint, on_done: OnCertificates) -> Transfer:
    """GetCACert; the result is an introduction without capabilities, or why there is none."""

    def answered(answer: Response | str) -> None:
        if isinstance(answer, str):
            on_done(answer)
            return
        try:
            found = introduced(read_ca_answer(answer.body))
        except CryptoError as error:
            on_done(str(error))
            return
        trace(router, TRANSACTIONS, "transaction GetCACert completed")
        on_done(found)

    trace(router, TRANSACTIONS, "Sending CA Certificate Request")
    return ask(router, trustpoint, ScepRequest("GetCACert", trustpoint.name.encode()), answered)


def introduced(certificates: tuple[Certificate, ...]) -> Introduction:
    """Who is who in a bundle: the CA is the one below all other CAs, a registration authority is none."""
    authorities = [item for item in certificates if item.may_sign()]
    below = [
        item for item in authorities if not any(other != item and other.names_issuer(item) for other in authorities)
    ]
    ca = (below or authorities or list(certificates))[0]
    before = [item for item in certificates if item not in authorities and item.names_issuer(ca)]
    able = [item for item in before if "key_encipherment" in item.extensions.key_usage]
    return Introduction(ca, (able or before or [ca])[0])


def get_capabilities(router: Router, trustpoint: Trustpoint, on_done: Callable[[Capabilities], None]) -> Transfer:
    """GetCACaps; a server that does not know the question can do what the oldest ones could."""

    def answered(answer: Response | str) -> None:
        on_done(Capabilities() if isinstance(answer, str) else Capabilities.parse(answer.body))

    return ask(router, trustpoint, ScepRequest("GetCACaps", trustpoint.name.encode()), answered)


def get_next_certificate(
    router: Router, trustpoint: Trustpoint, ca: Certificate, on_done: Callable[[Certificate | str], None]
) -> Transfer:
    """GetNextCACert: the CA's next certificate, which that of today vouches for."""

    def answered(answer: Response | str) -> None:
        if isinstance(answer, str):
            on_done(answer)
            return
        try:
            found = introduced(read_next_ca_answer(answer.body, ca)).ca
        except CryptoError as error:
            on_done(str(error))
            return
        trace(router, TRANSACTIONS, "transaction GetNextCACert completed")
        on_done(found)

    return ask(router, trustpoint, ScepRequest("GetNextCACert", trustpoint.name.encode()), answered)
