"""SSH as it is configured and shown; `shell` serves it."""

from iosemu.features.feature import Feature
from iosemu.features.ssh.config import SECTION, TABLE
from iosemu.features.ssh.service import SshService
from iosemu.features.ssh.show import TABLE as SHOW
from iosemu.router.running_config import Default, Place

DEFAULTS = (
    Default("ip ssh time-out 120", place=Place.USERNAME, key="ip ssh time-out"),
    Default("ip ssh authentication-retries 3", place=Place.USERNAME, key="ip ssh authentication-retries"),
)
FEATURE = Feature("ssh", order=35, tables=(TABLE, SHOW), sections=(SECTION,), services=(SshService,), defaults=DEFAULTS)
