"""Lines of real routers that have no effect here: kept verbatim and printed back where IOS prints them."""

from iosemu.features.feature import Feature
from iosemu.features.unemulated.blocks import BLOCK_SECTIONS
from iosemu.features.unemulated.blocks import TABLE as BLOCKS
from iosemu.features.unemulated.lines import CONTRIBUTION, LINE_SECTIONS
from iosemu.features.unemulated.lines import TABLE as LINES

FEATURE = Feature(
    "unemulated",
    tables=(LINES, BLOCKS),
    sections=(*LINE_SECTIONS, *BLOCK_SECTIONS),
    contributions=(CONTRIBUTION,),
)
