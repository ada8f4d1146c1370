"""Phase 2 proposals in words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from iosemu.crypto.esp_transforms import from_numbers
from iosemu.engines.ipsec.proposals import PROTOCOL_ESP
from iosemu.wire.attributes import Attribute, number
from iosemu.wire.isakmp_payloads import Proposal, Transform
from iosemu.wire.transform_attributes import Encapsulation, IpsecAttribute, LifeType

_SIZE_AND_INTEGRITY = IpsecAttribute.KEY_LENGTH, IpsecAttribute.AUTHENTICATION_ALGORITHM
_VALUES: dict[int, type[IntEnum]] = {
    IpsecAttribute.LIFE_TYPE: LifeType,
    IpsecAttribute.ENCAPSULATION_MODE: Encapsulation,
}


def proposal_lines(proposal: Proposal) -> list[str]:
    """A proposal with its transforms and their attributes."""
    protocol = "ESP" if proposal.protocol == PROTOCOL_ESP else f"protocol {proposal.protocol}"
    lines = [f"proposal {proposal.number} {protocol} SPI 0x{proposal.spi.hex()}"]
    for transform in proposal.transforms:
        lines += [f"transform {transform.number} {_name(transform)}", *_attributes(transform.attributes)]
    return lines


def _name(transform: Transform) -> str:
    """The words of IOS for a transform that is known."""
    attributes = transform.attributes
    numbers = [number(attributes, kind, 0) for kind in _SIZE_AND_INTEGRITY]
    found = from_numbers(transform.transform_id, *numbers)
    return found.display() if found is not None else f"identifier {transform.transform_id}"


def _attributes(attributes: Iterable[Attribute]) -> list[str]:
    return [f"  {_kind(item.kind)} = {_value(item)}" for item in attributes]


def _kind(kind: int) -> str:
    return IpsecAttribute(kind).name if kind in set(IpsecAttribute) else str(kind)


def _value(item: Attribute) -> str:
    names = _VALUES.get(item.kind)
    value = item.as_int()
    return names(value).name if names is not None and value in set(names) else str(value)
