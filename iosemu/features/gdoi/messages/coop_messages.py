"""What cooperative key servers log and tell those who debug: texts with the events' fields."""

from __future__ import annotations

from dataclasses import asdict

from iosemu.engines.common import Event
from iosemu.engines.coop import events
from iosemu.router.syslog import Syslog

TEXTS: dict[type[Event], tuple[int, str, str]] = {
    events.PeerAdded: (5, "COOP_KS_ADD", "{peer} added as COOP Key Server in group {group}."),
    events.PeerRemoved: (5, "COOP_KS_REMOVE", "{peer} removed as COOP Key Server in group {group}."),
    events.ElectionStarted: (
        5, "COOP_KS_ELECTION", "KS entering election mode in group {group} (Previous Primary = {previous})",
    ),
    events.PrimaryChanged: (
        5, "COOP_KS_TRANS_TO_PRI",
        "KS {primary} in group {group} transitioned to Primary (Previous Primary = {previous})",
    ),
    events.PeerReachable: (
        5, "COOP_KS_REACH", "Reachability restored with Cooperative KS {peer} in group {group}.",
    ),
    events.PeerUnreachable: (
        3, "COOP_KS_UNREACH", "Cooperative KS {peer} Unreachable in group {group}. IKE SA Status = {contact}",
    ),
    events.PeerUnauthorized: (
        4, "COOP_KS_UNAUTH",
        "Contact from unauthorized KS {peer} in group {group} at local address {local} "
        "(Possible MISCONFIG of peer/local address)",
    ),
    events.ConfigMismatch: (
        3, "COOP_CONFIG_MISMATCH",
        "WARNING: Group {group}, {what} configuration between Primary KS and Secondary KS are mismatched",
    ),
    events.ReplayMismatch: (
        3, "GDOI_ANN_INCONSISTENT_TBAR",
        "COOP_KS ANN received from KS {primary} in group {group} has inconsistent TBAR setting inconsistent than mine",
    ),
    events.ServerIdsOverlap: (
        3, "COOP_KSSID_OVERLAP",
        "KSSIDs {numbers} in group {group} are those of COOP-KS {peer} too: neither gives out sender IDs of them",
    ),
    events.MembersSentAway: (
        4, "COOP_SID_REINIT",
        "Sender IDs given out here in group {group} may be in use with the keys of Primary KS {primary}: "
        "members must register again",
    ),
    events.AnnouncementTooLarge: (
        3, "COOP_PACKET_DROPPED", "Announcement message dropped due to packet size {size} bytes.",
    ),
    events.LimitReached: (
        3, "COOP_LIMIT_REACHED",
        "Peer {peer} has reached COOP limit of maximum number of gms. COOP GM database sync fails. "
        "Upgrade to COOP version {form} and above",
    ),
    events.PseudotimeBehind: (
        4, "GDOI_ANN_TIMESTAMP_TOO_OLD",
        "COOP_KS ANN from KS {peer} in group {group} has PST bigger than myself in group {group}. "
        "Drop the ANN pak: my_pst is {mine:.0f} peer_pst is {theirs:.0f}",
    ),
    events.PseudotimeAhead: (
        4, "GDOI_ANN_TIMESTAMP_LARGE",
        "COOP_KS ANN from KS {peer} in group {group} has PST bigger than myself. "
        "Adjust to new PST: my_old_pst is {mine:.0f} peer_pst is {theirs:.0f}",
    ),
    events.PseudotimeIgnored: (
        4, "GDOI_ANN_TIMESTAMP_LARGE_NO_UPDATE",
        "COOP_KS ANN from KS {peer} in group {group} has PST bigger than myself: "
        "my_pst is {mine:.0f} peer_pst is {theirs:.0f}",
    ),
}  # fmt: skip

DEBUG_TEXTS: dict[type[Event], tuple[str, str]] = {
    events.AnnouncementSent: ("EVT", "Sending {kind} to {peer}, sequence {sequence}"),
    events.AnnouncementReceived: ("EVT", "Received {kind} from {peer}, sequence {sequence}"),
    events.AnnouncementRefused: ("ERR", "Message from {peer} dropped: {reason}"),
    events.ContactNeeded: ("EVT", "Phase 1 SA with {peer} is wanted"),
    events.KeysAdopted: ("EVT", "Keys of generation {generation} taken from {primary}"),
    events.KeysUnited: ("EVT", "Keys of {peer} united with ours"),
    events.ElectionStarted: ("EVT", "Election, previous primary {previous}"),
    events.PrimaryChanged: ("EVT", "Primary is {primary}, was {previous}"),
    events.MembersSentAway: ("EVT", "Sender IDs of others than {primary}'s: members are sent away"),
    events.PeerReachable: ("EVT", "{peer} is alive"),
    events.PeerUnreachable: ("EVT", "{peer} is dead, IKE {contact}"),
    events.PeerAdded: ("DET", "{peer} is a peer"),
    events.PeerRemoved: ("DET", "{peer} is no peer any more"),
    events.PeerUnauthorized: ("TER", "{peer} is no peer, and speaks to {local}"),
    events.ConfigMismatch: ("TER", "{what} of the primary {primary} differs"),
    events.ReplayMismatch: ("TER", "Primary {primary} and this KS check replay by different methods"),
    events.VersionMismatch: ("TER", "{peer} has the version {version}"),
    events.ServerIdsOverlap: ("TER", "KSSIDs {numbers} are those of {peer} too"),
    events.AnnouncementTooLarge: ("TER", "ANN of {size} octets for {peer} is too large"),
    events.LimitReached: ("TER", "Too many GMs for announcements of the form {form}"),
    events.PseudotimeBehind: ("TER", "Pseudotime {theirs:.2f} of {peer} went back, own is {mine:.2f}"),
    events.PseudotimeAhead: ("TER", "Pseudotime {theirs:.2f} of {peer} follows, own was {mine:.2f}"),
    events.PseudotimeIgnored: ("TER", "Pseudotime {theirs:.2f} of {peer} ignored, own is {mine:.2f}"),
}
_NEXT_FORM = {"base": "optimize"}


def log_event(log: Syslog, event: Event) -> None:
    """Log what an event means; many mean something to those who debug only."""
    fields = _fields(event)
    if isinstance(event, events.VersionMismatch):
        _log_version(log, event)
    elif type(event) in TEXTS:
        severity, mnemonic, text = TEXTS[type(event)]
        log.log("GDOI", severity, mnemonic, text.format(**fields))


def debug_line(event: Event) -> str | None:
    """What `debug crypto gdoi` prints of an event."""
    if type(event) not in DEBUG_TEXTS:
        return None
    level, text = DEBUG_TEXTS[type(event)]
    fields = _fields(event)
    return f"GDOI:KS COOP:{level}:({fields['group']}:0):{text.format(**fields)}"


def _fields(event: Event) -> dict[str, object]:
    fields: dict[str, object] = asdict(event)
    if fields.get("previous", "") is None:
        fields["previous"] = "NONE"
    if isinstance(event, events.LimitReached):
        fields["form"] = _NEXT_FORM.get(event.form, event.form)
    if isinstance(event, events.ServerIdsOverlap):
        fields["numbers"] = " ".join(map(str, event.numbers))
    if "kind" in fields:
        fields["kind"] = {"ANNOUNCEMENT": "ANN", "ELECTION": "ELECTION"}[str(fields["kind"])]
    return fields


def _log_version(log: Syslog, event: events.VersionMismatch) -> None:
    start = f"COOP-KS {event.peer} in group {event.group} has"
    if event.major:
        text = f"{start} incompatible major-version {event.version}."
        text += " COOP should not be used between KSs with different major-versions"
        log.log("GDOI", 3, "COOP_MAJORVERSION_MISMATCH", text)
        if event.older:
            log.log("GDOI", 5, "COOP_KS_VER_TOO_OLD", text)
    else:
        text = f"{start} different minor-version {event.version}."
        text += " It is strongly recommended to run with same versions"
        log.log("GDOI", 4, "COOP_MINORVERSION_MISMATCH", text)
