"""Configurations as wholes: archive, comparison, replacement, rollback."""

from iosemu.features.archive.config import SECTION
from iosemu.features.archive.config import TABLE as BLOCK
from iosemu.features.archive.replace_commands import TABLE as REPLACE
from iosemu.features.archive.service import ArchiveService
from iosemu.features.archive.show import TABLE as SHOW
from iosemu.features.feature import Feature

FEATURE = Feature("archive", order=90, tables=(BLOCK, REPLACE, SHOW), sections=(SECTION,), services=(ArchiveService,))
