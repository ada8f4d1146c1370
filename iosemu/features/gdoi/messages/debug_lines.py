"""`debug crypto gdoi`: what an event looks like in debug output, `GDOI:FEATURE:LEVEL:(group:connection):text`."""

from __future__ import annotations

from iosemu.engines.common import Event
from iosemu.engines.gdoi import events
from iosemu.engines.gdoi import member_events as gm
from iosemu.engines.gdoi import server_events as ks

# Feature, level, and a text with the event's fields.
TEXTS: dict[type[Event], tuple[str, str, str]] = {
    gm.RegistrationStarted: ("GM REGISTRATION", "EVT", "GM registration started to KS {server}"),
    gm.Phase1Needed: ("INFRA", "DET", "IKE phase 1 SA with {remote} wanted for GROUPKEY-PULL"),
    gm.RegistrationComplete: ("GM REGISTRATION", "EVT", "Registered with KS {server}, policy and keys installed"),
    gm.PolicyRejected: ("GM REGISTRATION", "ERR", "Policy of KS {server} rejected: {reason}"),
    events.PullRefused: ("INFRA", "ERR", "GROUPKEY-PULL from {peer} dropped: {reason}"),
    gm.ServerSilent: ("GM REGISTRATION", "ERR", "No answer to GROUPKEY-PULL"),
    gm.RegistrationExpiring: ("GM REGISTRATION", "TER", "Keys are about to end, registering again"),
    gm.RekeyMissed: ("GM REKEY", "TER", "No rekey of KS {server} came in time"),
    gm.KekUpdated: ("GM REKEY", "TER", "New KEK in use"),
    gm.TekUpdated: ("GM REKEY", "TER", "New TEK in use"),
    gm.AcknowledgementSent: ("GM REKEY", "DET", "Sent ack of rekey seq {sequence} to {server}"),
    gm.SignatureKeyDropped: ("GM REKEY", "ERR", "Signature key without a KEK dropped"),
    gm.RekeyReceived: ("GM REKEY", "EVT", "Received rekey seq {sequence} from {server}"),
    gm.RekeyOutOfSequence: ("GM REKEY", "ERR", "Rekey seq {sequence} is not above {last}, dropped"),
    gm.RekeyRefused: ("GM REKEY", "ERR", "Rekey from {server} dropped: {reason}"),
    gm.RekeyTooOld: ("GM REPLAY", "ERR", "Rekey of pseudotime {peer:.2f} dropped, own is {mine:.2f}"),
    gm.PseudotimeAdjusted: ("GM REPLAY", "EVT", "Pseudotime {mine:.2f} follows that of the KS, {peer:.2f}"),
    gm.SentAway: ("GM CLEANUP", "EVT", "Delete received, registering again in {pause:.0f} sec"),
    gm.MemberLeft: ("GM CLEANUP", "TER", "Group left, SAs deleted"),
    gm.DirectionChanged: ("GM ACLS", "TER", "KS {server} changed the direction of the SAs"),
    gm.PolicyChanged: ("GM ACLS", "DET", "Policy given to the data plane"),
    gm.AclMerged: ("GM ACLS", "EVT", "Downloaded ACL merged behind the local one"),
    ks.MemberRegistered: ("KS REGISTRATION", "EVT", "GM {member} registered"),
    ks.MemberUnauthorized: ("KS REGISTRATION", "ERR", "GM {member} is not on the authorization list"),
    ks.IdentityUnauthorized: ("KS REGISTRATION", "ERR", "GM {member} is not authorized: {identity}"),
    ks.UnknownIdentity: ("KS REGISTRATION", "ERR", "GM {member} asked for a group that is not served"),
    ks.MemberTooOld: ("KS REGISTRATION", "TER", "GM {member} is too old for the policy"),
    ks.NoSenderIds: ("KS REGISTRATION", "TER", "No sender ID for GM {member}"),
    ks.WrongInterface: ("KS REGISTRATION", "TER", "GM {member} came in where the group takes no registrations"),
    ks.RegistrationBlocked: (
        "KS REGISTRATION",
        "TER",
        "GM {member} must wait, keys in force are not known yet",
    ),
    ks.LastMemberLeft: ("KS REGISTRATION", "TER", "Last GM {member} left"),
    ks.SigningKeyMissing: ("KS REKEY", "TER", "No {algorithm} key {label} to sign rekeys with"),
    ks.GroupCleared: ("KS INFRASTRUCTURE", "TER", "Keys and GMs are forgotten"),
    ks.AcknowledgementTaken: ("KS REKEY", "DET", "GM {member} acknowledged rekey seq {sequence}"),
    ks.RekeySent: ("KS REKEY", "EVT", "Sent rekey seq {sequence} from {source}"),
    ks.MemberExcluded: ("KS REKEY", "EVT", "GM {member} left out of the next KEK"),
    ks.MemberEjected: ("KS REKEY", "EVT", "GM {member} removed, three rekeys were not acknowledged"),
    ks.AcknowledgementIgnored: ("KS REKEY", "ERR", "Rekey ack of GM {member} ignored, it was removed"),
    ks.UnsolicitedAcknowledgement: ("KS REKEY", "ERR", "Unexpected rekey ack from {source}"),
}


def debug_line(event: Event) -> str | None:
    """The line of an event, None for one that has nothing to say. Keys are in none of them."""
    found = TEXTS.get(type(event))
    if found is None or not isinstance(event, events.GroupEvent):
        return None
    feature, level, text = found
    fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
    return f"GDOI:{feature}:{level}:({event.group}:0):{text.format(**fields)}"
