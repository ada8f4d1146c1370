"""GET VPN: groups, key servers, group members."""

from iosemu.features.feature import Feature
from iosemu.features.gdoi.actions import TABLE as ACTIONS
from iosemu.features.gdoi.client_commands import TABLE as CLIENT
from iosemu.features.gdoi.coop_actions import TABLE as COOP_ACTIONS
from iosemu.features.gdoi.coop_role import CoopRole
from iosemu.features.gdoi.entries import GroupEntries
from iosemu.features.gdoi.event_lines import EventLines
from iosemu.features.gdoi.event_trace import TABLE as EVENT_TRACE
from iosemu.features.gdoi.group_commands import TABLE as GROUP
from iosemu.features.gdoi.identity import SECTION as IDENTITY_SECTION
from iosemu.features.gdoi.identity import TABLE as IDENTITY
from iosemu.features.gdoi.map_commands import TABLE as MAP
from iosemu.features.gdoi.member_role import MemberRole
from iosemu.features.gdoi.printer import SECTION
from iosemu.features.gdoi.reauthentication import Reauthentication
from iosemu.features.gdoi.redundancy_commands import TABLE as REDUNDANCY
from iosemu.features.gdoi.rekey_commands import TABLE as REKEY
from iosemu.features.gdoi.sa_commands import TABLE as SA
from iosemu.features.gdoi.sender_id_commands import TABLE as SENDER_ID
from iosemu.features.gdoi.server_commands import TABLE as SERVER
from iosemu.features.gdoi.server_role import ServerRole
from iosemu.features.gdoi.show import TABLE as SHOW
from iosemu.features.gdoi.show_coop import TABLE as SHOW_COOP
from iosemu.features.gdoi.show_feature import TABLE as SHOW_FEATURE
from iosemu.features.gdoi.show_replay import TABLE as SHOW_REPLAY
from iosemu.features.gdoi.show_sas import TABLE as SHOW_SAS
from iosemu.features.gdoi.switch import GdoiSwitch
from iosemu.router.running_config import Default

_SERVER = ("crypto gdoi group", "server local")

DEFAULTS = (
    Default("rekey algorithm 3des-cbc", _SERVER, key="rekey algorithm"),
    Default("rekey sig-hash algorithm sha", _SERVER, key="rekey sig-hash algorithm"),
    Default("rekey lifetime seconds 86400", _SERVER, key="rekey lifetime"),
    Default("rekey retransmit 10 number 2", _SERVER, key="rekey retransmit"),
    Default("rekey acknowledgement cisco", _SERVER, key="rekey acknowledgement"),
    Default("local priority 1", (*_SERVER, "redundancy"), key="local priority"),
    Default("protocol version base", (*_SERVER, "redundancy"), key="protocol version"),
)
FEATURE = Feature(
    "gdoi",
    order=40,
    tables=(
        *(GROUP, CLIENT, IDENTITY, SERVER, REKEY, SENDER_ID, SA, REDUNDANCY, MAP),
        *(SHOW, SHOW_COOP, SHOW_FEATURE, SHOW_REPLAY, SHOW_SAS),
        *(ACTIONS, COOP_ACTIONS, EVENT_TRACE),
    ),
    sections=(SECTION, IDENTITY_SECTION),
    services=(EventLines, GdoiSwitch, ServerRole, CoopRole, MemberRole, GroupEntries, Reauthentication),
    defaults=DEFAULTS,
)
