"""`crypto pki server`: the router as a certification authority, asked over SCEP and by hand."""

from iosemu.features.feature import Feature
from iosemu.features.pki_server.actions import TABLE as ACTIONS
from iosemu.features.pki_server.commands import TABLE
from iosemu.features.pki_server.paper import TABLE as PAPER
from iosemu.features.pki_server.printer import DEFAULTS, SECTION
from iosemu.features.pki_server.service import CertificateServerService
from iosemu.features.pki_server.settings import TABLE as SETTINGS
from iosemu.features.pki_server.show import TABLE as SHOW
from iosemu.features.pki_server.switch import TABLE as SWITCH

FEATURE = Feature(
    "pki_server",
    order=45,
    tables=(TABLE, SETTINGS, SWITCH, ACTIONS, PAPER, SHOW),
    sections=(SECTION,),
    defaults=DEFAULTS,
    services=(CertificateServerService,),
)
