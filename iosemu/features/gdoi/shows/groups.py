"""show crypto gdoi."""

from __future__ import annotations

from iosemu.cli import CommandTable, Context
from iosemu.features.gdoi.configuration.config import GdoiGroup, GdoiGroups
from iosemu.features.gdoi.cooperation.role import CoopRole
from iosemu.features.gdoi.entry_text import acl_line
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.gdoi.shows import member_blocks, server_blocks
from iosemu.features.gdoi.shows.coop import redundancy_lines
from iosemu.features.gdoi.shows.old_layouts import as_printed
from iosemu.features.gdoi.shows.table import memberships_of, served_groups, show, text_of
from iosemu.features.ipsec.config import IpsecConfig

TABLE = CommandTable()


@show(TABLE, "[group WORD$name] [detail]", "One group\nGroup name\nAll there is")
def show_gdoi(ctx: Context, name: str | None = None) -> str:
    return _groups(ctx, name, None)


def _groups(ctx: Context, name: str | None, family: str | None) -> str:
    now = ctx.router.clock.now()
    groups = [
        group
        for group in ctx.router.model.block(GdoiGroups).groups.values()
        if name in (None, group.name) and family in (None, group.family)
    ]
    if not groups:
        return ""
    lines = [] if name else ["GROUP INFORMATION", ""]
    for group in groups:
        if group.local is not None:
            server = ctx.router.service(ServerRole).servers.get(group.name)
            block = server_blocks.group_block(group, server, _redundancy(ctx, group), _lifetimes(ctx, group), now)
            lines += as_printed(block, ctx.router.model)
        else:
            memberships = ctx.router.service(MemberRole).of_group(group.name)
            lines += member_blocks.group_block(group, memberships, now)
    return text_of(lines)


@show(TABLE, "(ipv4|ipv6)$family", "Groups for IPv4 traffic\nGroups for IPv6 traffic")
def show_family(ctx: Context, family: str) -> str:
    return _groups(ctx, None, family)


def _redundancy(ctx: Context, group: GdoiGroup) -> list[str]:
    return redundancy_lines(ctx.router.service(CoopRole).servers.get(group.name))


def _lifetimes(ctx: Context, group: GdoiGroup) -> dict[int, int]:
    """The configured TEK lifetime of each `sa ipsec`."""
    assert group.local is not None
    ipsec = ctx.router.model.block(IpsecConfig)
    found = {}
    for number, sa in group.local.sas.items():
        profile = ipsec.profiles.get(sa.profile or "")
        found[number] = profile.lifetime if profile and profile.lifetime else ipsec.lifetime
    return found


@show(TABLE, "gm", "Group member")
def show_gm(ctx: Context) -> str:
    now = ctx.router.clock.now()
    return text_of([line for item in memberships_of(ctx) for line in member_blocks.member_block(item, now)])


@show(
    TABLE,
    "gm acl [(local|download)$which]",
    "Group member\nAccess lists\nThe one configured here\nThe one of the key server",
)
def show_gm_acl(ctx: Context, which: str | None = None) -> str:
    lines = []
    for membership in memberships_of(ctx):
        lines.append(f"Group Name: {membership.member.config.group}")
        if which != "local":
            lines += [
                line.replace("access-list   ", "access-list  ")
                for line in member_blocks.downloaded_acl(membership.member)
            ]
        if which != "download":
            lines.append(" ACL Configured Locally: ")
            if membership.local_acl_name:
                lines.append(f"  Map Name: {membership.map_name}")
                lines += [
                    f"   access-list {membership.local_acl_name} {acl_line(entry)}" for entry in membership.local_acl
                ]
        lines.append("")
    return text_of(lines)


@show(TABLE, "gm rekey [detail]", "Group member\nRekeys\nAll there is")
def show_gm_rekey(ctx: Context) -> str:
    number = ctx.router.service(MemberRole).connections.number
    return text_of([line for item in memberships_of(ctx) for line in member_blocks.rekey_block(item, number)])


@show(TABLE, "ks [detail]", "Key server\nAll there is")
def show_ks(ctx: Context) -> str:
    servers = ctx.router.service(ServerRole).servers
    total = sum(len(server.members) for server in servers.values())
    lines = [f"Total group members registered to this box: {total}", ""]
    for group in served_groups(ctx):
        lines += server_blocks.ks_block(group, servers.get(group.name), _redundancy(ctx, group))
    return text_of(lines)


@show(TABLE, "ks members", "Key server\nMembers")
def show_ks_members(ctx: Context) -> str:
    servers = ctx.router.service(ServerRole).servers.values()
    return text_of([line for server in servers for line in server_blocks.members_block(server)])


@show(TABLE, "ks policy", "Key server\nPolicy and keys")
def show_ks_policy(ctx: Context) -> str:
    servers = ctx.router.service(ServerRole).servers
    now = ctx.router.clock.now()
    lines = ["Key Server Policy:"]
    for group in served_groups(ctx):
        if group.name in servers:
            lines += server_blocks.policy_block(group, servers[group.name], now)
    return text_of(lines)


@show(TABLE, "ks acl", "Key server\nAccess lists")
def show_ks_acl(ctx: Context) -> str:
    servers = ctx.router.service(ServerRole).servers
    found = [group for group in served_groups(ctx) if group.name in servers]
    return text_of([line for group in found for line in server_blocks.acl_block(group, servers[group.name])])
