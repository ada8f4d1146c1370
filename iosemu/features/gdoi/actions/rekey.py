"""crypto gdoi ks rekey. Where nothing can be sent, a line per group says why."""

from __future__ import annotations

from iosemu.cli import CommandError, CommandTable, Context, Interaction, yes_or_no
from iosemu.engines.gdoi.config import POLICY_REPLACE
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.push_sender import Obstacle
from iosemu.features.gdoi.actions.words import GROUP, QUESTION, check_group, execute, not_primary, refusal, warnings
from iosemu.features.gdoi.configuration.config import GdoiGroups
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
    yield _not_served(ctx, name)
    role = ctx.router.service(ServerRole)
    led, others = role.led(name)
    yield not_primary(others)
    for server in led:
        if (obstacle := server.pushes.obstacle) is not None:
            yield refusal(server.config.group, f"no rekey was sent: {_reason(obstacle, server)}")
    told = [server for server in led if server.pushes.possible]
    text = "some devices cannot support POLICY-REPLACE and will not replace policies."
    doubts = warnings(told, POLICY_REPLACE, text) if replace else ""
    yield doubts
    if not doubts or (yield from yes_or_no(QUESTION)):
        role.rekey(led, bool(replace))


def _not_served(ctx: Context, name: str | None) -> str:
    """About the group that is named, or all key servers of this router, as far as they do not work yet."""
    groups = ctx.router.model.block(GdoiGroups).groups.values()
    meant = [group for group in groups if (group.local is not None if name is None else group.name == name)]
    if not meant:
        raise CommandError("% No key server is configured.")
    lines = []
    for group in meant:
        if group.local is None:
            lines.append(refusal(group.name, "this router is no key server of the group"))
        elif group.name not in ctx.router.service(ServerRole).servers:
            lines.append(refusal(group.name, "no rekey was sent: the configuration of the group is not complete"))
    return "".join(lines)


def _reason(obstacle: Obstacle, server: KeyServer) -> str:
    config = server.config
    if obstacle is Obstacle.NO_MEMBERS:
        return "no group member is registered"
    if obstacle is Obstacle.NO_SIGNING_KEY and config.signing_label is None:
        return "rekey authentication is not configured"
    if obstacle is Obstacle.NO_SIGNING_KEY:
        return f"there is no {config.signing_kind.upper()} key {config.signing_label}"
    if server.kek is None:
        return "the group members registered without a rekey policy"
    if server.kek.destination is None:
        return "address ipv4 is not configured"
    return "rekey address ipv4 names no source address of this router"
