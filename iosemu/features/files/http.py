"""`copy http://HOST/FILE`: the client's side of a transfer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from iosemu.cli import Ask, CommandError, Step, Wait
from iosemu.features.files.url import Url
from iosemu.features.http.messages import HttpFailure, Response, status_line
from iosemu.features.http.service import HttpService
from iosemu.features.http.transfer import Options, Outcome
from iosemu.router.router import Router

HTTP = "http:"
MARK_EVERY = 16384
# How long somebody waits at most, and how often what came is shown.
PATIENCE, LOOK_EVERY = 3600.0, 1.0
_STATUS = {401: "Permission denied", 403: "Permission denied", 404: "No such file or directory"}
_REASONS = {
    HttpFailure.TIMED_OUT: "Timed out",
    HttpFailure.REFUSED: "Connection refused",
    HttpFailure.UNREACHABLE: "Destination unreachable",
    HttpFailure.UNKNOWN_HOST: "Unknown host",
    HttpFailure.TOO_LARGE: "File too large",
}


def complete(origin: Url) -> Generator[Step, str | None, Url]:
    """Ask for what a remote name leaves out: host and file."""
    host, _, path = origin.path.strip("/").partition("/")
    host = host or (yield Ask("Address or name of remote host []? ")) or ""
    if not host:
        raise CommandError("%Bad IP address or host name")
    path = path or (yield Ask("Source filename []? ")) or ""
    return replace(origin, path=f"//{host}/{path}")


def fetch(router: Router, origin: Url) -> Generator[Step, str | None, bytes]:
    """Get the file, with a mark for every so many octets; raises CommandError."""
    shown = _without_password(origin)
    yield f"Accessing {shown}...\n"
    outcomes: list[Outcome] = []
    came = 0

    def progress(count: int) -> None:
        nonlocal came
        came += count

    transfer = router.service(HttpService).client.get(str(origin), outcomes.append, Options(progress=progress))
    marks = 0
    until = router.clock.now() + PATIENCE
    try:
        while not outcomes and router.clock.now() < until:
            yield Wait(LOOK_EVERY, lambda: bool(outcomes))
            if came // MARK_EVERY > marks and not outcomes:
                yield ("" if marks else f"Loading {shown} ") + "!" * (came // MARK_EVERY - marks)
                marks = came // MARK_EVERY
    finally:
        if not outcomes:
            transfer.cancel()
    outcome = outcomes[0] if outcomes else HttpFailure.TIMED_OUT
    if isinstance(outcome, Response) and outcome.status == 200:
        total = came // MARK_EVERY + 1
        yield ("" if marks else f"Loading {shown} ") + "!" * (total - marks) + "\n"
        return outcome.body
    raise CommandError(f"{chr(10) if marks else ''}%Error opening {shown} ({_reason(outcome)})")


def _without_password(origin: Url) -> str:
    before, at, place = origin.path.strip("/").partition("@")
    return f"{origin.scheme}//{place}" if at and "/" not in before else str(origin)


def _reason(outcome: Outcome) -> str:
    if isinstance(outcome, Response):
        return _STATUS.get(outcome.status, status_line(outcome.status))
    return _REASONS.get(outcome, "I/O error")
