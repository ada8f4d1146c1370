"""Asking the servers of a CA over HTTP, from the address and in the VRF of its trustpoint."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.features.http.client import Options, Outcome, Transfer
from iosemu.features.http.messages import HttpFailure, Response
from iosemu.features.http.service import HttpService
from iosemu.features.pki.config import Trustpoint
from iosemu.features.pki.messages import TRANSACTIONS, trace
from iosemu.router.router import Router

# Called with the answer, or with the reason why there is none.
OnAnswer = Callable[["Response | str"], None]


def get(router: Router, trustpoint: Trustpoint, url: str, on_answer: OnAnswer) -> Transfer:
    """Fetch a URL; an answer other than 200 is a failure."""
    trace(router, TRANSACTIONS, f"locked trustpoint {trustpoint.name}, refcount is 1")
    trace(router, TRANSACTIONS, f"GET {url}")

    def done(outcome: Outcome) -> None:
        answer = _judged(outcome)
        text = f"HTTP failure: {answer}" if isinstance(answer, str) else f"HTTP response of {len(answer.body)} octets"
        trace(router, TRANSACTIONS, text)
        trace(router, TRANSACTIONS, f"unlocked trustpoint {trustpoint.name}, refcount is 0")
        on_answer(answer)

    client = router.service(HttpService).client
    return client.get(url, done, Options(source=trustpoint.source_interface, vrf=trustpoint.vrf))


def _judged(outcome: Outcome) -> Response | str:
    if isinstance(outcome, HttpFailure):
        return outcome.value
    return outcome if outcome.status == 200 else f"HTTP status {outcome.status}"
