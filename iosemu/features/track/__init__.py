"""Tracked objects: who sets stub objects and who asks for a state are features of their own."""

from iosemu.features.feature import Feature
from iosemu.features.track.commands import SECTION, TABLE
from iosemu.features.track.service import TrackService

# In front of those who follow objects, such as routes.
FEATURE = Feature("track", order=10, tables=(TABLE,), sections=(SECTION,), services=(TrackService,))
