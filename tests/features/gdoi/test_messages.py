"""What events say in the log, word by word; tests/lab has the situations in which they come about."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.engines.common import Endpoint, Event
from iosemu.engines.coop import events as coop
from iosemu.engines.gdoi import events
from iosemu.engines.gdoi import member_events as gm
from iosemu.engines.gdoi import server_events as ks
from iosemu.features.gdoi.messages import coop_messages, system_messages
from iosemu.router.syslog import Syslog
from tests.features.typist import new_router

KS, GM = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.1")
G = "GETVPN"


def logged(event: Event) -> list[str]:
    log: Syslog = new_router().router.syslog
    before = len(log.buffer)
    system_messages.log_event(log, event)
    coop_messages.log_event(log, event)
    return [message.text for message in log.buffer][before:]


TOO_NEW = (
    f"COOP-KS {KS} in group {G} has incompatible major-version {{}}. "
    "COOP should not be used between KSs with different major-versions"
)


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (
            coop.MembersSentAway(G, KS),
            [
                f"%GDOI-4-COOP_SID_REINIT: Sender IDs given out here in group {G} may be in use with the keys of "
                f"Primary KS {KS}: members must register again"
            ],
        ),
        (
            gm.RekeyMissed(G, KS),
            [f"%GDOI-5-GM_REKEY_NOT_RECD: GM did not receive rekey from KS {KS} in group {G}."],
        ),
        (
            gm.SignatureKeyDropped(G),
            ["%GDOI-3-UNEXPECTED_SIGKEY: Unexpected Signature Key detected: freeing it"],
        ),
        (
            ks.UnsolicitedAcknowledgement(G, GM),
            [f"%GDOI-4-KS_UNSOL_ACK: KS received unsolicited ACK from GM {GM} in group {G}."],
        ),
        (ks.AcknowledgementIgnored(G, GM), [f"%GDOI-4-KS_BLACKHOLE_ACK: KS blackholing GM {GM} in group {G}."]),
        (ks.LastMemberLeft(G, GM), [f"%GDOI-5-KS_LAST_GM: Last GM {GM} leaving group {G}."]),
        (ks.MemberEjected(G, GM), [f"%GDOI-5-KS_NACK_GM_EJECT: KS ejected GM {GM} in group {G}."]),
        (
            ks.MemberUnauthorized(G, GM),
            [f"%GDOI-1-UNAUTHORIZED_IPADDR: Group {G} received registration from unauthorized ip address: {GM}"],
        ),
        (
            ks.WrongInterface(G, GM),
            [f"%GDOI-1-UNREGISTERED_INTERFACE: Group {G} received registration from unregistered interface."],
        ),
        (
            ks.RekeySent(G, KS, 3, False),
            [f"%GDOI-5-KS_SEND_UNICAST_REKEY: Sending Unicast Rekey for group {G} from address {KS} with seq # 3"],
        ),
        (
            ks.RekeySent(G, KS, 3, True),
            [
                "%GDOI-5-KS_SEND_UNICAST_REKEY: Sending Unicast Rekey with policy-replace "
                f"for group {G} from address {KS} with seq # 3"
            ],
        ),
        (
            coop.VersionMismatch(G, KS, "2.0.0", True),
            [f"%GDOI-3-COOP_MAJORVERSION_MISMATCH: {TOO_NEW.format('2.0.0')}"],
        ),
        (
            coop.VersionMismatch(G, KS, "0.9.0", True, True),
            [
                f"%GDOI-3-COOP_MAJORVERSION_MISMATCH: {TOO_NEW.format('0.9.0')}",
                f"%GDOI-5-COOP_KS_VER_TOO_OLD: {TOO_NEW.format('0.9.0')}",
            ],
        ),
        (
            coop.VersionMismatch(G, KS, "1.1.0", False),
            [
                f"%GDOI-4-COOP_MINORVERSION_MISMATCH: COOP-KS {KS} in group {G} has different minor-version 1.1.0. "
                "It is strongly recommended to run with same versions"
            ],
        ),
        (
            coop.PseudotimeIgnored(G, KS, 10.2, 99.8),
            [
                f"%GDOI-4-GDOI_ANN_TIMESTAMP_LARGE_NO_UPDATE: COOP_KS ANN from KS {KS} in group {G} has PST bigger "
                "than myself: my_pst is 10 peer_pst is 100"
            ],
        ),
        (
            coop.PseudotimeAhead(G, KS, 10.2, 99.8),
            [
                f"%GDOI-4-GDOI_ANN_TIMESTAMP_LARGE: COOP_KS ANN from KS {KS} in group {G} has PST bigger than myself. "
                "Adjust to new PST: my_old_pst is 10 peer_pst is 100"
            ],
        ),
        (
            coop.LimitReached(G, KS, "base"),
            [
                f"%GDOI-3-COOP_LIMIT_REACHED: Peer {KS} has reached COOP limit of maximum number of gms. "
                "COOP GM database sync fails. Upgrade to COOP version optimize and above"
            ],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_lines(event: Event, lines: list[str]) -> None:
    assert logged(event) == lines


def test_hashes_that_are_wrong() -> None:
    log = new_router().router.syslog
    before = len(log.buffer)
    event = events.PullRefused(G, Endpoint(GM, 848), Endpoint(KS, 848), "HASH is wrong")
    system_messages.log_bad_request(log, event)
    event = events.PullRefused(G, Endpoint(KS, 848), Endpoint(GM, 848), "HASH is wrong")
    system_messages.log_bad_answer(log, event)
    assert [message.text for message in log.buffer][before:] == [
        f"%GDOI-4-KS_HASH_FAIL: Registration: Bad(No) Hash in Message sent by the GM {GM} to KS {KS} in group {G}",
        f"%GDOI-4-GM_HASH_FAIL: Registration: Bad(No) hash in message sent by the KS {KS} to the GM in the group {G}.",
    ]
