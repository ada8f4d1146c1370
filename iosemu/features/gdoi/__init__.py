"""GET VPN: groups, key servers, group members."""

from iosemu.features.feature import Feature
from iosemu.features.gdoi import actions, configuration, shows
from iosemu.features.gdoi.cooperation.role import CoopRole
from iosemu.features.gdoi.entries import GroupEntries
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.messages.event_lines import EventLines
from iosemu.features.gdoi.servers.reauthentication import Reauthentication
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.gdoi.switch import GdoiSwitch

FEATURE = Feature(
    "gdoi",
    order=40,
    tables=(*configuration.TABLES, *shows.TABLES, *actions.TABLES),
    sections=configuration.SECTIONS,
    services=(EventLines, GdoiSwitch, ServerRole, CoopRole, MemberRole, GroupEntries, Reauthentication),
    defaults=configuration.DEFAULTS,
)
