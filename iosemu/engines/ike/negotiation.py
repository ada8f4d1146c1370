"""Phase 1 proposals: what is offered and what is chosen (RFC 2409 section 5 and appendix A)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iosemu.crypto.suites import HASH_BY_NUMBER, HASHES, block_cipher, block_cipher_by_number
from iosemu.engines.ike.config import IkePolicy
from iosemu.wire.attributes import Attribute, duration, number
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Doi
from iosemu.wire.isakmp_payloads import KEY_IKE, PROTOCOL_ISAKMP, Proposal, SecurityAssociation, Transform
from iosemu.wire.transform_attributes import LifeType, Phase1Attribute

# RFC 2407 section 4.5.4: what an offer without a lifetime means.
DEFAULT_LIFETIME = 28800
# What must agree, in the order in which it is compared.
_FIELDS = ("encryption", "key_bits", "hash", "authentication", "group")
SITUATIONS = {Doi.GDOI: bytes(4), Doi.IPSEC: b"\x00\x00\x00\x01"}


def offer(policies: Iterable[IkePolicy], doi: int = Doi.GDOI) -> SecurityAssociation:
    """The initiator's SA payload: one proposal, a transform per policy in priority order."""
    ordered = sorted(policies, key=lambda policy: policy.priority)
    transforms = tuple(_transform(index, policy) for index, policy in enumerate(ordered, start=1))
    return SecurityAssociation(doi, SITUATIONS[Doi(doi)], (Proposal(1, PROTOCOL_ISAKMP, b"", transforms),))


def choose(offered: SecurityAssociation, policies: Iterable[IkePolicy]) -> tuple[SecurityAssociation, IkePolicy] | None:
    """The responder's answer: its own policies in priority order, each against all transforms offered, as IOS does.

    Returns the SA payload with the one transform chosen, untouched, and the policy with the smaller lifetime; None when
    nothing matches. Raises WireError for an offer that is not one proposal for ISAKMP.
    """
    if offered.doi not in SITUATIONS or len(offered.proposals) != 1:
        raise WireError("phase 1 needs one proposal under DOI 1 or 2")
    proposal = offered.proposals[0]
    readable = [(transform, policy) for transform in proposal.transforms if (policy := _read(transform)) is not None]
    for own in sorted(policies, key=lambda policy: policy.priority):
        for transform, theirs in readable:
            if not _difference(theirs, own):
                answer = replace(offered, proposals=(replace(proposal, spi=b"", transforms=(transform,)),))
                return answer, replace(own, lifetime=min(own.lifetime, theirs.lifetime))
    return None


def mismatches(offered: SecurityAssociation, policies: Iterable[IkePolicy]) -> list[tuple[int, int, str]]:
    """Each comparison that a responder makes, up to the one that fits: number of the transform, priority of the policy,
    and the field that differs, "" where none does."""
    found = []
    for own in sorted(policies, key=lambda policy: policy.priority):
        for transform in offered.proposals[0].transforms if offered.proposals else ():
            theirs = _read(transform)
            differs = "transform" if theirs is None else _difference(theirs, own)
            found.append((transform.number, own.priority, differs))
            if not differs:
                return found
    return found


def accepted(answer: SecurityAssociation, policies: Iterable[IkePolicy]) -> IkePolicy:
    """The policy that a responder chose; raises WireError when the answer is not one of those offered."""
    if len(answer.proposals) != 1 or len(answer.proposals[0].transforms) != 1:
        raise WireError("the answer holds more than one transform")
    chosen = choose(answer, policies)
    if chosen is None:
        raise WireError("the answer was not offered")
    return chosen[1]


def _difference(theirs: IkePolicy, own: IkePolicy) -> str:
    return next((name for name in _FIELDS if getattr(theirs, name) != getattr(own, name)), "")


def _transform(index: int, policy: IkePolicy) -> Transform:
    cipher = block_cipher(policy.encryption, policy.key_bits)
    attributes = [Attribute(Phase1Attribute.ENCRYPTION, cipher.number)]
    if cipher.key_bits:
        attributes.append(Attribute(Phase1Attribute.KEY_LENGTH, cipher.key_bits))
    attributes += [
        Attribute(Phase1Attribute.HASH, HASHES[policy.hash].number),
        Attribute(Phase1Attribute.GROUP, policy.group),
        Attribute(Phase1Attribute.AUTHENTICATION, policy.authentication),
        Attribute(Phase1Attribute.LIFE_TYPE, LifeType.SECONDS),
        Attribute(Phase1Attribute.LIFE_DURATION, duration(policy.lifetime)),
    ]
    return Transform(index, KEY_IKE, tuple(attributes))


def _read(transform: Transform) -> IkePolicy | None:
    """A transform as a policy, None when it asks for something that is not known here."""
    attributes = transform.attributes
    try:
        cipher = block_cipher_by_number(
            number(attributes, Phase1Attribute.ENCRYPTION), number(attributes, Phase1Attribute.KEY_LENGTH, 0)
        )
        algorithm = HASH_BY_NUMBER.get(number(attributes, Phase1Attribute.HASH))
        group = number(attributes, Phase1Attribute.GROUP)
        authentication = number(attributes, Phase1Attribute.AUTHENTICATION)
    except WireError:
        return None
    if cipher is None or algorithm is None or transform.transform_id != KEY_IKE:
        return None
    if number(attributes, Phase1Attribute.LIFE_TYPE, LifeType.SECONDS) != LifeType.SECONDS:
        return None
    lifetime = number(attributes, Phase1Attribute.LIFE_DURATION, DEFAULT_LIFETIME)
    return IkePolicy(0, cipher.name, cipher.key_bits, algorithm.name, authentication, group, lifetime)
