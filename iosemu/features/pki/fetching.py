"""Asking the servers of a CA over HTTP, from the address and in the VRF of its trustpoint."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.engines.pki.scep_exchange import MESSAGE_TYPE, ScepRequest
from iosemu.features.http.messages import HttpFailure, Response
from iosemu.features.http.service import HttpService
from iosemu.features.http.transfer import Options, Outcome, Transfer
from iosemu.features.pki.config import Trustpoint
from iosemu.features.pki.messages import MESSAGES, TRANSACTIONS, trace
from iosemu.router.router import Router

# Called with the answer, or with the reason why there is none.
OnAnswer = Callable[["Response | str"], None]
_PROGRAM = "pkiclient.exe"


def get(router: Router, trustpoint: Trustpoint, url: str, on_answer: OnAnswer, body: bytes | None = None) -> Transfer:
    """Fetch a URL, or post a message to it; an answer other than 200 is a failure."""
    trace(router, TRANSACTIONS, f"locked trustpoint {trustpoint.name}, refcount is 1")
    trace(router, MESSAGES, f"{'GET' if body is None else 'POST'} {url}")

    def done(outcome: Outcome) -> None:
        answer = _judged(outcome)
        if isinstance(answer, str):
            trace(router, TRANSACTIONS, f"status = 65535: failed to send out the pki message: {answer}")
        else:
            trace(router, MESSAGES, f"Reply HTTP header: 200, {answer.content_type}, {len(answer.body)} octets")
        trace(router, TRANSACTIONS, f"unlocked trustpoint {trustpoint.name}, refcount is 0")
        on_answer(answer)

    client = router.service(HttpService).client
    options = Options(source=trustpoint.source_interface, vrf=trustpoint.vrf)
    if body is None:
        return client.get(url, done, options)
    return client.post(url, body, MESSAGE_TYPE, done, options)


def ask(router: Router, trustpoint: Trustpoint, request: ScepRequest, on_answer: OnAnswer) -> Transfer:
    """Send a message of SCEP to the CA of a trustpoint."""
    return get(router, trustpoint, f"{scep_url(trustpoint.place)}?{request.query}", on_answer, request.body)


def scep_url(place: str) -> str:
    """The program of a CA: IOS adds its name where a URL does not tell it."""
    place = place.rstrip("/")
    if place.endswith(_PROGRAM):
        return place
    scheme, _, rest = place.partition("://")
    return f"{place}/{_PROGRAM}" if "/" in rest else f"{scheme}://{rest}/cgi-bin/{_PROGRAM}"


def _judged(outcome: Outcome) -> Response | str:
    if isinstance(outcome, HttpFailure):
        return outcome.value
    return outcome if outcome.status == 200 else f"HTTP status {outcome.status}"
