"""The lines of GET VPN in the configuration: the blocks that keep them, their commands, how they are printed."""

from iosemu.features.gdoi.configuration.client_commands import TABLE as CLIENT
from iosemu.features.gdoi.configuration.group_commands import TABLE as GROUP
from iosemu.features.gdoi.configuration.identity import SECTION as IDENTITY_SECTION
from iosemu.features.gdoi.configuration.identity import TABLE as IDENTITY
from iosemu.features.gdoi.configuration.map_commands import TABLE as MAP
from iosemu.features.gdoi.configuration.printer import SECTION
from iosemu.features.gdoi.configuration.redundancy_commands import TABLE as REDUNDANCY
from iosemu.features.gdoi.configuration.rekey_commands import TABLE as REKEY
from iosemu.features.gdoi.configuration.sa_commands import TABLE as SA
from iosemu.features.gdoi.configuration.sender_id_commands import TABLE as SENDER_ID
from iosemu.features.gdoi.configuration.server_commands import TABLE as SERVER
from iosemu.router.running_config import Default

_SERVER = ("crypto gdoi group", "server local")

TABLES = (GROUP, CLIENT, IDENTITY, SERVER, REKEY, SENDER_ID, SA, REDUNDANCY, MAP)
SECTIONS = (SECTION, IDENTITY_SECTION)
DEFAULTS = (
    Default("rekey algorithm 3des-cbc", _SERVER, key="rekey algorithm"),
    Default("rekey sig-hash algorithm sha", _SERVER, key="rekey sig-hash algorithm"),
    Default("rekey lifetime seconds 86400", _SERVER, key="rekey lifetime"),
    Default("rekey retransmit 10 number 2", _SERVER, key="rekey retransmit"),
    Default("rekey acknowledgement cisco", _SERVER, key="rekey acknowledgement"),
    Default("local priority 1", (*_SERVER, "redundancy"), key="local priority"),
    Default("protocol version base", (*_SERVER, "redundancy"), key="protocol version"),
)
