"""Phase 2 proposals: what is offered and what is chosen (RFC 2407 section 4.5, RFC 3947 section 5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from iosemu.crypto.dh import GROUP_NUMBERS
from iosemu.crypto.esp_transforms import EspTransform, from_numbers
from iosemu.engines.ipsec.config import TransformSet, TunnelPolicy
from iosemu.wire.attributes import Attribute, duration, number
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Doi
from iosemu.wire.isakmp_payloads import Proposal, SecurityAssociation, Transform
from iosemu.wire.transform_attributes import Encapsulation, IpsecAttribute, LifeType

PROTOCOL_ESP = 3
SPI_OCTETS = 4
SITUATION_IDENTITY_ONLY = b"\x00\x00\x00\x01"
# RFC 2407 section 4.5.4: what a transform without a lifetime means.
ASSUMED_LIFETIME = 28800


_TRANSPORT = (Encapsulation.TRANSPORT, Encapsulation.UDP_TRANSPORT, Encapsulation.DRAFT_UDP_TRANSPORT)
_PLAIN = (Encapsulation.TUNNEL, Encapsulation.TRANSPORT)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transform says: `transport` is the mode, `lifetime` seconds, `kilobytes` None without a limit, `group`
    the PFS group or 0."""

    transform: EspTransform
    transport: bool
    lifetime: int
    kilobytes: int | None
    group: int

    def limited(self, lifetime: int, kilobytes: int | None) -> Terms:
        """With the smaller of both lifetimes."""
        volumes = [volume for volume in (self.kilobytes, kilobytes) if volume is not None]
        return replace(self, lifetime=min(self.lifetime, lifetime), kilobytes=min(volumes, default=None))


@dataclass(frozen=True, slots=True)
class Setting:
    """What beside the policy decides: whether the traffic is that of the peers themselves, so that transport mode is
    possible, and whether ESP goes in UDP."""

    between_peers: bool
    udp: bool = False


def offer(policy: TunnelPolicy, spi: bytes, setting: Setting) -> SecurityAssociation:
    """The initiator's SA payload: a proposal per transform set in order of preference, all with our SPI."""
    proposals = []
    for index, item in enumerate(policy.transforms, start=1):
        transport = item.transport and setting.between_peers
        transform = _transform(policy, item.transform, transport, setting.udp)
        proposals.append(Proposal(index, PROTOCOL_ESP, spi, (transform,)))
    return SecurityAssociation(Doi.IPSEC, SITUATION_IDENTITY_ONLY, tuple(proposals))


def choose(
    offered: SecurityAssociation, policy: TunnelPolicy, setting: Setting
) -> tuple[SecurityAssociation, Terms, bytes] | None:
    """The responder's answer: the first of the initiator's transforms that one of our transform sets accepts.

    Returns the SA payload with it, still with the initiator's SPI, the terms, and that SPI; None when nothing fits.
    """
    for proposal, transform in _single_esp(offered):
        terms = _read(transform, setting.udp)
        if terms is None or (policy.pfs_group and terms.group != policy.pfs_group):
            continue
        if any(_accepts(item, terms, setting) for item in policy.transforms):
            answer = replace(offered, proposals=(replace(proposal, transforms=(transform,)),))
            return answer, terms, proposal.spi
    return None


def accepted(answer: SecurityAssociation, offered: SecurityAssociation, udp: bool) -> tuple[Terms, bytes]:
    """Terms and SPI that a responder chose; raises WireError when they were not offered."""
    if len(answer.proposals) != 1 or len(answer.proposals[0].transforms) != 1:
        raise WireError("the answer holds more than one transform")
    proposal = answer.proposals[0]
    if proposal.protocol != PROTOCOL_ESP or len(proposal.spi) != SPI_OCTETS:
        raise WireError("the answer is not for ESP")
    terms = _read(proposal.transforms[0], udp)
    if terms is None or terms not in [_read(transform, udp) for _, transform in _single_esp(offered)]:
        raise WireError("the answer was not offered")
    return terms, proposal.spi


def lifetime_attributes(lifetime: int, kilobytes: int | None) -> tuple[Attribute, ...]:
    """Life types with their durations; also the data of RESPONDER-LIFETIME (RFC 2407 section 4.6.3.1)."""
    found = [Attribute(IpsecAttribute.LIFE_TYPE, LifeType.SECONDS)]
    found.append(Attribute(IpsecAttribute.LIFE_DURATION, duration(lifetime)))
    if kilobytes is not None:
        found.append(Attribute(IpsecAttribute.LIFE_TYPE, LifeType.KILOBYTES))
        found.append(Attribute(IpsecAttribute.LIFE_DURATION, duration(kilobytes)))
    return tuple(found)


def read_lifetimes(attributes: tuple[Attribute, ...]) -> dict[int, int]:
    """Durations by life type: each belongs to the type in front of it."""
    found: dict[int, int] = {}
    unit = 0
    for attribute in attributes:
        if attribute.kind == IpsecAttribute.LIFE_TYPE:
            unit = attribute.as_int()
        elif attribute.kind == IpsecAttribute.LIFE_DURATION:
            found[unit] = attribute.as_int()
    return found


def _transform(policy: TunnelPolicy, transform: EspTransform, transport: bool, udp: bool) -> Transform:
    mode = Encapsulation.TRANSPORT if transport else Encapsulation.TUNNEL
    attributes = [Attribute(IpsecAttribute.ENCAPSULATION_MODE, mode + 2 if udp else mode)]
    attributes += lifetime_attributes(policy.lifetime, policy.kilobytes)
    if transform.authentication_algorithm:
        attributes.append(Attribute(IpsecAttribute.AUTHENTICATION_ALGORITHM, transform.authentication_algorithm))
    if transform.key_bits:
        attributes.append(Attribute(IpsecAttribute.KEY_LENGTH, transform.key_bits))
    if policy.pfs_group:
        attributes.append(Attribute(IpsecAttribute.GROUP, policy.pfs_group))
    return Transform(1, transform.transform_id, tuple(attributes))


def _single_esp(offered: SecurityAssociation) -> Iterator[tuple[Proposal, Transform]]:
    """All transforms of proposals for ESP alone: those of one number belong together (RFC 2408 section 4.2)."""
    numbers = [proposal.number for proposal in offered.proposals]
    for proposal in offered.proposals:
        if numbers.count(proposal.number) > 1 or proposal.protocol != PROTOCOL_ESP or len(proposal.spi) != SPI_OCTETS:
            continue
        for transform in proposal.transforms:
            yield proposal, transform


def _read(transform: Transform, udp: bool) -> Terms | None:
    """A transform as terms, None when it asks for something that is not known here."""
    attributes = transform.attributes
    if any(item.kind not in set(IpsecAttribute) for item in attributes):
        return None
    # Extended sequence numbers are not served.
    if number(attributes, IpsecAttribute.EXTENDED_SEQUENCE_NUMBER, 0):
        return None
    found = from_numbers(
        transform.transform_id,
        number(attributes, IpsecAttribute.KEY_LENGTH, 0),
        number(attributes, IpsecAttribute.AUTHENTICATION_ALGORITHM, 0),
    )
    mode = number(attributes, IpsecAttribute.ENCAPSULATION_MODE, Encapsulation.TUNNEL + 2 * udp)
    group = number(attributes, IpsecAttribute.GROUP, 0)
    if found is None or mode not in set(Encapsulation) or (mode in _PLAIN) is udp:
        return None
    if group and group not in GROUP_NUMBERS:
        return None
    lifetimes = read_lifetimes(attributes)
    seconds, kilobytes = lifetimes.get(LifeType.SECONDS, ASSUMED_LIFETIME), lifetimes.get(LifeType.KILOBYTES)
    if seconds <= 0 or kilobytes == 0:
        return None
    return Terms(found, mode in _TRANSPORT, seconds, kilobytes, group)


def _accepts(own: TransformSet, terms: Terms, setting: Setting) -> bool:
    if own.transform != terms.transform:
        return False
    if terms.transport:
        return own.transport and setting.between_peers
    return not (own.transport and own.required)
