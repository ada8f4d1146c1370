"""Quality of service, zones, and the control plane."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

POLICY = (
    Outline(
        "class-map",
        Place.CLASS_MAP,
        """
class-map [type WORD] [(match-any|match-all)] WORD > config-cmap
 description = LINE
 match LINE
""",
    ),
    Outline(
        "policy-map",
        Place.POLICY_MAP,
        """
policy-map [type WORD] WORD > config-pmap
 description = LINE
 class LINE > config-pmap-c
  priority [LINE]
  bandwidth LINE
  shape LINE
  police LINE > config-pmap-c-police
   conform-action LINE
   exceed-action LINE
   violate-action LINE
  set LINE
  queue-limit LINE
  random-detect [LINE]
  fair-queue [LINE]
  inspect [LINE]
  drop [LINE]
  pass [LINE]
  service-policy LINE
  trust LINE
  compression LINE
""",
    ),
    Outline(
        "zone",
        Place.ZONE,
        """
zone security WORD > config-sec-zone
 description = LINE
zone-pair security WORD LINE > config-sec-zone-pair
 description = LINE
 service-policy LINE
""",
    ),
    Outline(
        "control-plane",
        Place.CONTROL_PLANE,
        """
control-plane [(host|transit|cef-exception)] > config-cp
 service-policy LINE
""",
    ),
)
