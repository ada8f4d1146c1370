"""Every system message of GET VPN, in one place: facility, severity, mnemonic, and a text with the event's fields."""

from __future__ import annotations

from dataclasses import asdict

from iosemu.engines.common import Event
from iosemu.engines.esp.time_replay import TimeError
from iosemu.engines.gdoi import events
from iosemu.engines.gdoi import member_events as gm
from iosemu.engines.gdoi import server_events as ks
from iosemu.router.syslog import Syslog

DEFAULT_VRFS = "fvrf default ivrf default"
TEXTS: dict[type[Event], tuple[str, int, str, str]] = {
    ks.MemberRegistered: (
        "GDOI", 5, "KS_REGS_COMPL", "KS completed successful registration in group {group} with GM {member}.",
    ),
    ks.UnknownIdentity: (
        "GDOI", 1, "KS_BAD_ID", "Registration: Config mis-match between KS and the GM {member} group {group}",
    ),
    ks.MemberUnauthorized: (
        "GDOI", 1, "UNAUTHORIZED_IPADDR",
        "Group {group} received registration from unauthorized ip address: {member}",
    ),
    ks.IdentityUnauthorized: (
        "GDOI", 1, "UNAUTHORIZED_IDENTITY",
        "Group {group} received registration from unauthorized identity:    {identity}. Peer Address: {member}",
    ),
    ks.MemberTooOld: (
        "GDOI", 5, "KS_UNAUTHORIZED", "Registration: Unauthorized {member} tried to join the group {group}.",
    ),
    ks.NoSenderIds: (
        "GDOI", 3, "KS_NO_SID_AVAILABLE",
        "GM {member} needs a sender ID in group {group}, and this KS has no KSSID of its own for one.",
    ),
    ks.WrongInterface: (
        "GDOI", 1, "UNREGISTERED_INTERFACE", "Group {group} received registration from unregistered interface.",
    ),
    ks.LastMemberLeft: ("GDOI", 5, "KS_LAST_GM", "Last GM {member} leaving group {group}."),
    ks.MemberExcluded: ("GDOI", 4, "KS_GM_REVOKED", "Re-Key: GM {member} revoked by KS in group {group}."),
    ks.MemberEjected: ("GDOI", 5, "KS_NACK_GM_EJECT", "KS ejected GM {member} in group {group}."),
    ks.UnsolicitedAcknowledgement: (
        "GDOI", 4, "KS_UNSOL_ACK", "KS received unsolicited ACK from GM {source} in group {group}.",
    ),
    ks.AcknowledgementIgnored: ("GDOI", 4, "KS_BLACKHOLE_ACK", "KS blackholing GM {member} in group {group}."),
    ks.HierarchyBegun: ("GDOI", 5, "LKH_ENABLED", "LKH enabled in group {group}."),
    ks.SigningKeyMissing: (
        "GDOI", 3, "KS_NO_RSA_KEYS", "{algorithm} Key - {label} : Not found, Required for group {group}",
    ),
    gm.RegistrationStarted: (
        "CRYPTO", 5, "GM_REGSTER",
        "Start registration to KS {server} for group {group} using address {member} {vrfs}",
    ),
    gm.RegistrationComplete: (
        "GDOI", 5, "GM_REGS_COMPL",
        "Registration to KS {server} complete for group {group} using address {member} {vrfs}",
    ),
    gm.PolicyRejected: (
        "GDOI", 4, "GM_REJECTING_SA_PAYLOAD",
        "Registration: Policy in SA payload sent by KS {server} rejected by GM in the group {group} reason {reason}",
    ),
    gm.RekeyReceived: (
        "GDOI", 5, "GM_RECV_REKEY", "Received Rekey for group {group} from {server} to {member} with seq # {sequence}",
    ),
    gm.RekeyOutOfSequence: (
        "GDOI", 3, "GDOI_REKEY_SEQ_FAILURE",
        "Failed to process rekey seq # {sequence} in seq payload for group {group}, last seq # {last}",
    ),
    gm.RekeyRefused: (
        "GDOI", 3, "GDOI_REKEY_FAILURE",
        "Processing of REKEY payloads failed on GM {member} in the group {group}, with peer at {server}",
    ),
    gm.RekeyTooOld: (
        "GDOI", 3, "PSEUDO_TIME_TOO_OLD",
        "Rekey received in group {group} is too old and fail PST check: my_pst is {mine:.0f} sec, "
        "peer_pst is {peer:.0f} sec, allowable_skew is {allowed:.0f} sec",
    ),
    gm.PseudotimeAdjusted: (
        "GDOI", 3, "PSEUDO_TIME_LARGE",
        "Pseudotime difference between KS ({peer:.0f} secs) and GM ({mine:.0f} secs) is larger than expected "
        "in group {group}. Adjust to new PST",
    ),
    gm.AclMerged: ("GDOI", 5, "GM_ACL_MERGE", "ACL between KS and GM in group {group} merged."),
    gm.KekUpdated: ("GDOI", 5, "SA_KEK_UPDATED", "SA KEK was updated"),
    gm.TekUpdated: ("GDOI", 5, "SA_TEK_UPDATED", "SA TEK was updated"),
    gm.RegistrationExpiring: (
        "GDOI", 4, "GM_RE_REGISTER",
        "The IPSec SA created for group {group} may have expired/been cleared, or didn't go through. "
        "Re-register to KS.",
    ),
    gm.RekeyMissed: (
        "GDOI", 5, "GM_REKEY_NOT_RECD", "GM did not receive rekey from KS {server} in group {group}.",
    ),
    gm.SignatureKeyDropped: (
        "GDOI", 3, "UNEXPECTED_SIGKEY", "Unexpected Signature Key detected: freeing it",
    ),
    gm.MemberLeft: ("GDOI", 5, "GM_UNREGISTER", "GM left the group {group}."),
}  # fmt: skip
INSTALLED = (
    "SUCCESS: Installation of Reg/Rekey policies from KS {server} for group {group} & gm identity {member} {vrfs}"
)

FAILED = "FAILED: Installation of Reg/Rekey policies from KS {server} for group {group} & gm identity {member}"


def log_event(log: Syslog, event: Event, vrfs: str = DEFAULT_VRFS) -> None:
    """Log what an event means; some events mean nothing to a reader. `vrfs` names those of a member."""
    fields = asdict(event) if type(event) in TEXTS or isinstance(event, _SPECIAL) else {}
    if isinstance(event, ks.RekeySent):
        _log_rekey(log, event)
    elif isinstance(event, gm.TransportChanged):
        suffix, kind = ("MULTI", "Multicast") if event.multicast else ("UNI", "Unicast")
        log.log("GDOI", 5, f"GM_REKEY_TRANS_2_{suffix}", f"Group {event.group} transitioned to {kind} Rekey.")
    elif isinstance(event, gm.DirectionChanged):
        if event.receive_only:
            text = f"Receive only ACL received from KS {event.server} in group {event.group}."
            log.log("GDOI", 5, "GM_SA_INGRESS", text)
        else:
            text = f"IPSec SAs converted to Duplex in group {event.group} on the GM."
            log.log("GDOI", 5, "GM_CONV_SA_DUPLEX", text)
    elif isinstance(event, gm.SentAway):
        _log_sent_away(log, event)
    elif type(event) in TEXTS:
        facility, severity, mnemonic, text = TEXTS[type(event)]
        log.log(facility, severity, mnemonic, text.format(vrfs=vrfs, **fields))
    if isinstance(event, gm.PolicyRejected):
        log.log("GDOI", 3, "GM_INSTALL_POLICIES_FAIL", FAILED.format(**fields))
    if isinstance(event, gm.RegistrationComplete):
        log.log("GDOI", 5, "GM_INSTALL_POLICIES_SUCCESS", INSTALLED.format(vrfs=vrfs, **fields))


def _log_rekey(log: Syslog, event: ks.RekeySent) -> None:
    policy = " with policy-replace" if event.replace else ""
    kind = "Unicast" if event.multicast is None else "Multicast"
    to = "" if event.multicast is None else f" to {event.multicast}"
    text = f"Sending {kind} Rekey{policy} for group {event.group} from address {event.source}{to}"
    mnemonic = "KS_SEND_UNICAST_REKEY" if event.multicast is None else "KS_SEND_MCAST_REKEY"
    log.log("GDOI", 5, mnemonic, f"{text} with seq # {event.sequence}")


def log_bad_request(log: Syslog, event: events.PullRefused) -> None:
    """A key server dropped a message of a registration."""
    text = f"Registration: Bad(No) Hash in Message sent by the GM {event.peer.address} to KS {event.local.address}"
    log.log("GDOI", 4, "KS_HASH_FAIL", f"{text} in group {event.group or 'unknown'}")


def log_bad_answer(log: Syslog, event: events.PullRefused) -> None:
    """A member did."""
    text = f"Registration: Bad(No) hash in message sent by the KS {event.peer.address} to the GM"
    log.log("GDOI", 4, "GM_HASH_FAIL", f"{text} in the group {event.group}.")


def log_time_error(log: Syslog, group: str, error: TimeError) -> None:
    """A packet whose time stamp is outside the window."""
    text = f"An anti replay check has failed in group {group}: my_pseudotime = {error.mine:.2f} secs,"
    text += f" peer_pseudotime = {error.peer:.2f} secs, replay_window = {error.window} (sec),"
    log.log("GDOI", 4, "TIMEBASED_REPLAY_FAILED", f"{text} src_addr = {error.source}, dst_addr = {error.destination}")


def _log_sent_away(log: Syslog, event: gm.SentAway) -> None:
    if event.immediately:
        text = f"GM receive REMOVAL-NOW in group {event.group} to cleanup downloaded policy now."
        text += f" Re-registration will start in a randomly chosen period of {int(event.pause)} sec"
        log.log("GDOI", 4, "GM_RECV_DELETE_IMMEDIATE", text)
    elif event.authenticate:
        text = f"GM received Re-auth-msg from KS in group {event.group}. re-registration will start before SA expiry"
        log.log("GDOI", 4, "GM_RECV_RE_AUTH", text)
    else:
        text = f"GM received delete-msg from KS in group {event.group}. TEKs lifetime are reduced"
        log.log("GDOI", 4, "GM_RECV_DELETE", f"{text} and re-registration will start before SA expiry")


_SPECIAL = (gm.RegistrationComplete,)
