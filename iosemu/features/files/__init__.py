"""Files: flash:, nvram:, system:, and copying between them."""

from iosemu.features.feature import Feature
from iosemu.features.files.config import SECTION
from iosemu.features.files.config import TABLE as PROMPT
from iosemu.features.files.copy import TABLE as COPY
from iosemu.features.files.directory import TABLE as DIRECTORY
from iosemu.features.files.manage import TABLE as MANAGE
from iosemu.features.files.tcl import TABLE as TCL
from iosemu.router.running_config import Default, Place

DEFAULTS = (Default("file prompt alert", place=Place.ARCHIVE, key="file prompt"),)
FEATURE = Feature("files", tables=(PROMPT, COPY, DIRECTORY, MANAGE, TCL), sections=(SECTION,), defaults=DEFAULTS)
