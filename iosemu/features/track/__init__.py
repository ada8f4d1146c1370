"""Tracking of stub objects: who sets them and who asks for their state are features of their own."""

from iosemu.features.feature import Feature
from iosemu.features.track.commands import SECTION, TABLE
from iosemu.features.track.service import TrackService

FEATURE = Feature("track", tables=(TABLE,), sections=(SECTION,), services=(TrackService,))
