"""`curl` of a host."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context, Interaction, Wait
from iosemu.features.http.messages import HttpFailure, Response, status_line
from iosemu.features.http.service import HttpService
from iosemu.features.http.transfer import Options, Outcome

TABLE = CommandTable()
TIMEOUT = 30.0
# The exit codes of curl.
_CODES = {
    HttpFailure.BAD_URL: 3,
    HttpFailure.UNKNOWN_HOST: 6,
    HttpFailure.REFUSED: 7,
    HttpFailure.UNREACHABLE: 7,
    HttpFailure.TIMED_OUT: 28,
    HttpFailure.RESET: 56,
}


@TABLE.command(
    USER_EXEC,
    "curl [-i$head] WORD$url",
    "Fetch a URL\nPrint the head of the answer too\nhttp://HOST[:PORT]/PATH",
)
def curl(ctx: Context, url: str, head: str = "") -> Interaction:
    outcomes: list[Outcome] = []
    url = url if "://" in url else f"http://{url}"
    transfer = ctx.router.service(HttpService).client.get(url, outcomes.append, Options(timeout=TIMEOUT))
    try:
        while not outcomes:
            yield Wait(TIMEOUT, lambda: bool(outcomes))
    finally:
        if not outcomes:
            transfer.cancel()
    (outcome,) = outcomes
    if isinstance(outcome, HttpFailure):
        yield f"curl: ({_CODES.get(outcome, 1)}) {outcome.value}\n"
        return
    if head:
        yield _head(outcome)
    text = outcome.body.decode(errors="replace")
    yield text if not text or text.endswith("\n") else f"{text}\n"


def _head(answer: Response) -> str:
    lines = [f"HTTP/1.1 {status_line(answer.status)}", *(f"{name}: {value}" for name, value in answer.headers), ""]
    return "".join(f"{line}\n" for line in lines)
