"""Why a key server sends nothing that it was asked to send: a line per group."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.cli import CommandError, Context
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.push_sender import Obstacle
from iosemu.features.gdoi.actions.words import refusal
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.servers.role import ServerRole


def not_served(ctx: Context, name: str | None, message: str) -> str:
    """About the group that is named, or all key servers of this router, as far as they do not work yet.

    Raises CommandError where there is none at all.
    """
    groups = ctx.router.model.block(GdoiGroups).groups.values()
    meant = [group for group in groups if (group.local is not None if name is None else group.name == name)]
    if not meant:
        raise CommandError("% No key server is configured.")
    lines = []
    for group in meant:
        if group.local is None:
            lines.append(refusal(group.name, "this router is no key server of the group"))
        elif group.name not in ctx.router.service(ServerRole).servers:
            lines.append(_not_sent(group.name, message, "the configuration of the group is not complete"))
    return "".join(lines)


def not_sent(servers: Iterable[KeyServer], message: str) -> str:
    """About those of some key servers that can send nothing to their members."""
    return "".join(
        _not_sent(server.config.group, message, _reason(obstacle, server))
        for server in servers
        if (obstacle := server.pushes.obstacle) is not None
    )


def _not_sent(group: str, message: str, reason: str) -> str:
    return refusal(group, f"no {message} was sent: {reason}")


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
