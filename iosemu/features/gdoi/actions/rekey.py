"""crypto gdoi ks rekey. Where nothing can be sent, a line per group says why."""

from __future__ import annotations

from iosemu.cli import CommandTable, Context, Interaction, yes_or_no
from iosemu.engines.gdoi.config import POLICY_REPLACE
from iosemu.features.gdoi.actions.obstacles import not_sent, not_served
from iosemu.features.gdoi.actions.words import GROUP, QUESTION, check_group, execute, not_primary, warnings
from iosemu.features.gdoi.servers.role import ServerRole

TABLE = CommandTable()


@execute(
    TABLE,
    "ks rekey [group WORD$name] [replace-now$replace]",
    f"""Key server commands
    Send a rekey
    {GROUP}
    Replace the old keys at once""",
)
def rekey(ctx: Context, name: str | None = None, replace: str | None = None) -> Interaction:
    check_group(ctx, name)
    yield not_served(ctx, name, "rekey")
    role = ctx.router.service(ServerRole)
    led, others = role.led(name)
    yield not_primary(others)
    yield not_sent(led, "rekey")
    told = [server for server in led if server.pushes.possible]
    text = "some devices cannot support POLICY-REPLACE and will not replace policies."
    doubts = warnings(told, POLICY_REPLACE, text) if replace else ""
    yield doubts
    if not doubts or (yield from yes_or_no(QUESTION)):
        role.rekey(led, bool(replace))
