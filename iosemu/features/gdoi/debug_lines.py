"""`debug crypto gdoi`: what an event looks like in debug output, `GDOI:FEATURE:LEVEL:(group:connection):text`."""

from __future__ import annotations

from iosemu.engines.common import Event
from iosemu.engines.gdoi import events

# Feature, level, and a text with the event's fields.
TEXTS: dict[type[Event], tuple[str, str, str]] = {
    events.RegistrationStarted: ("GM REGISTRATION", "EVT", "GM registration started to KS {server}"),
    events.Phase1Needed: ("INFRA", "DET", "IKE phase 1 SA with {remote} wanted for GROUPKEY-PULL"),
    events.RegistrationComplete: ("GM REGISTRATION", "EVT", "Registered with KS {server}, policy and keys installed"),
    events.PolicyRejected: ("GM REGISTRATION", "ERR", "Policy of KS {server} rejected: {reason}"),
    events.PullRefused: ("INFRA", "ERR", "GROUPKEY-PULL from {peer} dropped: {reason}"),
    events.ServerSilent: ("GM REGISTRATION", "ERR", "No answer to GROUPKEY-PULL"),
    events.RegistrationExpiring: ("GM REGISTRATION", "TER", "Keys are about to end, registering again"),
    events.RekeyMissed: ("GM REKEY", "TER", "No rekey of KS {server} came in time"),
    events.KekUpdated: ("GM REKEY", "TER", "New KEK in use"),
    events.TekUpdated: ("GM REKEY", "TER", "New TEK in use"),
    events.AcknowledgementSent: ("GM REKEY", "DET", "Sent ack of rekey seq {sequence} to {server}"),
    events.SignatureKeyDropped: ("GM REKEY", "ERR", "Signature key without a KEK dropped"),
    events.RekeyReceived: ("GM REKEY", "EVT", "Received rekey seq {sequence} from {server}"),
    events.RekeyOutOfSequence: ("GM REKEY", "ERR", "Rekey seq {sequence} is not above {last}, dropped"),
    events.RekeyRefused: ("GM REKEY", "ERR", "Rekey from {server} dropped: {reason}"),
    events.RekeyTooOld: ("GM REPLAY", "ERR", "Rekey of pseudotime {peer:.2f} dropped, own is {mine:.2f}"),
    events.PseudotimeAdjusted: ("GM REPLAY", "EVT", "Pseudotime {mine:.2f} follows that of the KS, {peer:.2f}"),
    events.SentAway: ("GM CLEANUP", "EVT", "Delete received, registering again in {pause:.0f} sec"),
    events.MemberLeft: ("GM CLEANUP", "TER", "Group left, SAs deleted"),
    events.DirectionChanged: ("GM ACLS", "TER", "KS {server} changed the direction of the SAs"),
    events.PolicyChanged: ("GM ACLS", "DET", "Policy given to the data plane"),
    events.AclMerged: ("GM ACLS", "EVT", "Downloaded ACL merged behind the local one"),
    events.MemberRegistered: ("KS REGISTRATION", "EVT", "GM {member} registered"),
    events.MemberUnauthorized: ("KS REGISTRATION", "ERR", "GM {member} is not on the authorization list"),
    events.IdentityUnauthorized: ("KS REGISTRATION", "ERR", "GM {member} is not authorized: {identity}"),
    events.UnknownIdentity: ("KS REGISTRATION", "ERR", "GM {member} asked for a group that is not served"),
    events.MemberTooOld: ("KS REGISTRATION", "TER", "GM {member} is too old for the policy"),
    events.NoSenderIds: ("KS REGISTRATION", "TER", "No sender ID for GM {member}"),
    events.WrongInterface: ("KS REGISTRATION", "TER", "GM {member} came in where the group takes no registrations"),
    events.RegistrationBlocked: (
        "KS REGISTRATION",
        "TER",
        "GM {member} must wait, keys in force are not known yet",
    ),
    events.LastMemberLeft: ("KS REGISTRATION", "TER", "Last GM {member} left"),
    events.SigningKeyMissing: ("KS REKEY", "TER", "No {algorithm} key {label} to sign rekeys with"),
    events.GroupCleared: ("KS INFRASTRUCTURE", "TER", "Keys and GMs are forgotten"),
    events.AcknowledgementTaken: ("KS REKEY", "DET", "GM {member} acknowledged rekey seq {sequence}"),
    events.RekeySent: ("KS REKEY", "EVT", "Sent rekey seq {sequence} from {source}"),
    events.MemberExcluded: ("KS REKEY", "EVT", "GM {member} left out of the next KEK"),
    events.MemberEjected: ("KS REKEY", "EVT", "GM {member} removed, three rekeys were not acknowledged"),
    events.AcknowledgementIgnored: ("KS REKEY", "ERR", "Rekey ack of GM {member} ignored, it was removed"),
    events.UnsolicitedAcknowledgement: ("KS REKEY", "ERR", "Unexpected rekey ack from {source}"),
}


def debug_line(event: Event) -> str | None:
    """The line of an event, None for one that has nothing to say. Keys are in none of them."""
    found = TEXTS.get(type(event))
    if found is None or not isinstance(event, events.GroupEvent):
        return None
    feature, level, text = found
    fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
    return f"GDOI:{feature}:{level}:({event.group}:0):{text.format(**fields)}"
