"""show crypto gdoi feature: which devices of a group have what, by their software versions."""

from __future__ import annotations

from iosemu.cli import CommandTable, Context
from iosemu.engines.gdoi.config import GM_REMOVAL, POLICY_REPLACE
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.ike.vendor import Version
from iosemu.features.gdoi.configuration.config import GdoiGroup
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.gdoi.shows.table import memberships_of, served_groups, show, text_of
from iosemu.features.gdoi.shows.text import version_text

TABLE = CommandTable()
# The first version that has it.
FEATURES: dict[str, Version] = {
    "gm-removal": GM_REMOVAL,
    "policy-replace": POLICY_REPLACE,
    "gdoi-mib": (1, 0, 3),
    "long-sa-lifetime": (1, 0, 4),
    "suite-b": (1, 0, 4),
    "cts-sgt": (1, 0, 5),
    "crl-check": (1, 0, 6),
    "dp-recovery": (1, 0, 10),
    "ipv6-crypto-path": (1, 0, 11),
    "gdoi-interop-ack": (1, 0, 27),
    "ip-d3p": (1, 0, 27),
    "gikev2": (1, 0, 27),
    "ckm": (1, 0, 27),
    "pfs": (1, 0, 27),
}
_MEMBERS = "    Group Member ID     Version   Feature Supported"


@show(
    TABLE,
    f"feature [({'|'.join(sorted(FEATURES))})$name]",
    "Features of the members\n" + "\n".join(f"Feature {name}" for name in sorted(FEATURES)),
)
def show_feature(ctx: Context, name: str | None = None) -> str:
    lines: list[str] = []
    for feature in [name] if name else sorted(FEATURES):
        if name is None:
            lines += [f"Feature: {feature}", ""]
        since = FEATURES[feature]
        for group in served_groups(ctx):
            lines += _group(ctx, group, since)
        for membership in memberships_of(ctx):
            config = membership.member.config
            lines += [f"Group Name: {config.group}", _MEMBERS, _device(config.local, config.version, since), ""]
    return text_of(lines)


def _group(ctx: Context, group: GdoiGroup, since: Version) -> list[str]:
    server = ctx.router.service(ServerRole).servers.get(group.name)
    if server is None:
        return []
    assert group.local is not None
    return [
        f"Group Name: {group.name}",
        "    Key Server ID       Version   Feature Supported",
        _device(group.local.address or "0.0.0.0", server.config.version, since),
        "",
        _MEMBERS,
        *(_device(member.address, member.version, since) for member in server.members.values()),
        "",
    ]


def _device(address: object, version: Version | None, since: Version) -> str:
    answer = "Yes" if version is not None and version >= since else "No"
    return f"        {address}          {version_text(version)}         {answer}"


def has_older(server: KeyServer, since: Version) -> bool:
    """Whether a member of the group says that it is older. Foreign members say nothing, and go by the standard."""
    return any(member.version is not None and member.version < since for member in server.members.values())
