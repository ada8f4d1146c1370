"""What `debug crypto isakmp` tells: messages, what a responder compares, and how states change."""

from __future__ import annotations

from itertools import pairwise

from iosemu.engines.common import Datagram, Endpoint, Event
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.events import MessageRefused, Phase1Established, StateChanged
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.negotiation import mismatches
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.states import Step
from iosemu.features.isakmp.identity_text import identity_text
from iosemu.router.debugging import Debugging
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import HEADER_LENGTH, NO_COOKIE, ExchangeType, Header, PayloadType, find_payload, parse_payloads
from iosemu.wire.isakmp_payloads import SecurityAssociation

DEBUG = "crypto isakmp"
_PHASE1 = (ExchangeType.MAIN_MODE, ExchangeType.AGGRESSIVE)
_DIFFERENCES = {
    "transform": "Transform is not known here!",
    "encryption": "Encryption algorithm offered does not match policy!",
    "key_bits": "Proposed key length does not match policy",
    "hash": "Hash algorithm offered does not match policy!",
    "authentication": "Authentication method offered does not match policy!",
    "group": "Diffie-Hellman group offered does not match policy!",
}
# What a step moves the exchange through, by the names of IOS; the initiator's steps begin where the last one ended.
_PATHS: dict[tuple[bool, Step | None], tuple[str, ...]] = {
    (True, Step.SA): ("IKE_I_MM1", "IKE_I_MM2", "IKE_I_MM3"),
    (True, Step.KEY_EXCHANGE): ("IKE_I_MM3", "IKE_I_MM4", "IKE_I_MM5"),
    (True, Step.AUTHENTICATION): ("IKE_I_MM5", "IKE_I_MM6", "IKE_P1_COMPLETE"),
    (False, Step.SA): ("IKE_READY", "IKE_R_MM1", "IKE_R_MM2"),
    (False, Step.KEY_EXCHANGE): ("IKE_R_MM2", "IKE_R_MM3", "IKE_R_MM4"),
    (False, Step.AUTHENTICATION): ("IKE_R_MM4", "IKE_R_MM5", "IKE_P1_COMPLETE"),
    (True, Step.AGGRESSIVE_ANSWER): ("IKE_I_AM1", "IKE_P1_COMPLETE"),
    (False, Step.AGGRESSIVE_OFFER): ("IKE_READY", "IKE_R_AM2"),
    (False, Step.AGGRESSIVE_PROOF): ("IKE_R_AM2", "IKE_P1_COMPLETE"),
}


class Narrator:
    """Prints while the flag is set; nothing that it prints is a secret."""

    def __init__(self, debugging: Debugging) -> None:
        self._debugging = debugging

    @property
    def listening(self) -> bool:
        """Whether anything would be printed."""
        return DEBUG in self._debugging.active

    def sent(self, datagram: Datagram) -> None:
        """A message goes out."""
        self._packet("sending packet to", datagram.destination, datagram.source)

    def received(self, header: Header, datagram: Datagram, policies: tuple[IkePolicy, ...]) -> None:
        """A message came in; for a first one, how its offers compare with the policies."""
        if not self.listening:
            return
        self._packet("received packet from", datagram.source, datagram.destination)
        if header.responder_cookie == NO_COOKIE and header.exchange in (
            ExchangeType.MAIN_MODE,
            ExchangeType.AGGRESSIVE,
        ):
            try:
                payloads = parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:])
                self._offer(SecurityAssociation.parse(find_payload(payloads, PayloadType.SA)), policies)
            except WireError:
                # The engine says what is wrong with it.
                return

    def event(self, event: Event) -> None:
        """What happened in the engine."""
        if not self.listening:
            return
        if isinstance(event, StateChanged):
            self._state(event.sa, event.step)
        elif isinstance(event, Phase1Established):
            self._say(event.sa, f"SA has been authenticated with {event.sa.remote.address}")
            self._say(event.sa, f"peer identity {identity_text(event.sa.peer_identity)}")
        elif isinstance(event, MessageRefused):
            detail = f" ({event.detail})" if event.detail else ""
            self._print(f"ISAKMP-ERROR: (0):from {event.source.address}: {event.reason.value}{detail}")

    def _packet(self, what: str, peer: Endpoint, own: Endpoint) -> None:
        self._print(f"ISAKMP-PAK: (0):{what} {peer.address} my_port {own.port} peer_port {peer.port}")

    def _offer(self, offered: SecurityAssociation, policies: tuple[IkePolicy, ...]) -> None:
        self._print("ISAKMP: (0):processing SA payload. message ID = 0")
        checks = mismatches(offered, policies)
        for transform, priority, differs in checks:
            self._print(f"ISAKMP: (0):Checking ISAKMP transform {transform} against priority {priority} policy")
            if differs:
                self._print(f"ISAKMP-ERROR: (0):{_DIFFERENCES[differs]}")
            acceptable = "not acceptable" if differs else "acceptable"
            self._print(f"ISAKMP: (0):atts are {acceptable}")
        if not checks or checks[-1][2]:
            self._print("ISAKMP-ERROR: (0):no offers accepted!")

    def _state(self, sa: IsakmpSa, step: Step | None) -> None:
        if step is None:
            first = "IKE_I_AM1" if sa.state.value.startswith("AG") else "IKE_I_MM1"
            path: tuple[str, ...] = ("IKE_READY", first)
            self._print(f"ISAKMP: (0):local port {sa.local.port}, remote port {sa.remote.port}")
            self._print(f"ISAKMP: (0):beginning {'Aggressive' if 'AM' in first else 'Main'} Mode exchange")
        else:
            path = _PATHS[sa.initiator, step]
        if step in (Step.SA, Step.AGGRESSIVE_OFFER) and sa.suite is not None:
            self._say(sa, f"authentication by {Authentication(sa.suite.authentication).name.lower().replace('_', ' ')}")
        for old, new in pairwise(path):
            self._say(sa, f"Old State = {old}  New State = {new} ")

    def _say(self, sa: IsakmpSa, text: str) -> None:
        self._print(f"ISAKMP: ({sa.connection_id}):{text}")

    def _print(self, text: str) -> None:
        self._debugging.emit(DEBUG, text)
