"""Public key infrastructure: trustpoints, certificates, CRLs; the certificates that IKE shows and believes."""

from iosemu.features.feature import Feature
from iosemu.features.pki.actions import TABLE as ACTIONS
from iosemu.features.pki.authenticate import TABLE as AUTHENTICATE
from iosemu.features.pki.bundles import TABLE as BUNDLES
from iosemu.features.pki.chain import TABLE as CHAIN
from iosemu.features.pki.commands import TABLE
from iosemu.features.pki.enroll import TABLE as ENROLL
from iosemu.features.pki.import_certificate import TABLE as IMPORT
from iosemu.features.pki.printer import SECTIONS
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.show import TABLE as SHOW
from iosemu.features.pki.show_certificates import TABLE as SHOW_CERTIFICATES
from iosemu.features.pki.show_trustpoints import TABLE as SHOW_TRUSTPOINTS
from iosemu.features.pki.trustpoint import TABLE as TRUSTPOINT
from iosemu.features.pki.trustpoint_contents import TABLE as CONTENTS
from iosemu.features.pki.trustpoint_validation import TABLE as VALIDATION

_LINES = (TABLE, TRUSTPOINT, CONTENTS, VALIDATION, CHAIN)
_ACTIONS = (AUTHENTICATE, ENROLL, IMPORT, BUNDLES, ACTIONS)
_SHOWS = (SHOW_CERTIFICATES, SHOW_TRUSTPOINTS, SHOW)
FEATURE = Feature(
    "pki",
    order=35,
    tables=(*_LINES, *_ACTIONS, *_SHOWS),
    sections=SECTIONS,
    services=(PkiService,),
)
