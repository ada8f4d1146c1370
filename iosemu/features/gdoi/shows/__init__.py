"""What GET VPN shows: the commands of `show crypto gdoi`, and a group's part of those of crypto maps."""

from iosemu.features.gdoi.shows.coop import TABLE as COOP
from iosemu.features.gdoi.shows.feature import TABLE as FEATURE
from iosemu.features.gdoi.shows.groups import TABLE as GROUPS
from iosemu.features.gdoi.shows.replay import TABLE as REPLAY
from iosemu.features.gdoi.shows.sas import TABLE as SAS

TABLES = (GROUPS, COOP, FEATURE, REPLAY, SAS)
