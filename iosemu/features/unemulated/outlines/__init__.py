"""What is kept, written as outlines."""

from iosemu.features.unemulated.outlines.ike import IKE
from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.features.unemulated.outlines.pki import PKI
from iosemu.features.unemulated.outlines.platform import PLATFORM
from iosemu.features.unemulated.outlines.policy import POLICY
from iosemu.features.unemulated.outlines.routing import ROUTING
from iosemu.features.unemulated.outlines.services import SERVICES

OUTLINES: tuple[Outline, ...] = (*PLATFORM, *PKI, *IKE, *SERVICES, *ROUTING, *POLICY)
