"""What is done to GET VPN from EXEC mode: clear, rekey, event traces."""

from iosemu.features.gdoi.actions.coop import TABLE as COOP
from iosemu.features.gdoi.actions.event_trace import TABLE as EVENT_TRACE
from iosemu.features.gdoi.actions.groups import TABLE as GROUPS
from iosemu.features.gdoi.actions.rekey import TABLE as REKEY

TABLES = (GROUPS, REKEY, COOP, EVENT_TRACE)
