"""Lines: console, auxiliary and vty blocks, and who is on them."""

from iosemu.features.feature import Feature
from iosemu.features.line.commands import TABLE
from iosemu.features.line.config import SECTION
from iosemu.features.line.send import TABLE as SEND
from iosemu.features.line.service import LineService
from iosemu.features.line.show import TABLE as SHOW
from iosemu.router.running_config import Default

_LINE = ("line",)

DEFAULTS = (
    Default("exec-timeout 10 0", _LINE, key="exec-timeout"),
    Default("history size 10", _LINE, key="history size"),
    Default("length 24", _LINE, key="length"),
    Default("width 80", _LINE, key="width"),
    Default("editing", _LINE),
)
FEATURE = Feature("line", tables=(TABLE, SHOW, SEND), sections=(SECTION,), services=(LineService,), defaults=DEFAULTS)
