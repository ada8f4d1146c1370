"""How a member gets to its keys: it tries one key server after the other (RFC 6407 section 3)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes, fraction
from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.download import Download
from iosemu.engines.gdoi.events import PullRefused
from iosemu.engines.gdoi.member_events import Phase1Needed, PolicyRejected, RegistrationStarted, ServerSilent
from iosemu.engines.gdoi.output import Output
from iosemu.engines.gdoi.pull_client import PolicyRefusedError, PullClient
from iosemu.engines.gdoi.states import MemberState, Step, advance
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import Header


class Registration:
    """The servers of a group and the exchange with one of them. The counters are what shows print."""

    def __init__(self, config: MemberConfig, output: Output, random: RandomBytes) -> None:
        self.config = config
        self.state = MemberState.IDLE
        self.server_index = 0
        self.registered_with: IPv4Address | None = None
        self.attempts = 0
        self.successes = 0
        self.resend_at: float | None = None
        self._output = output
        self._random = random
        self._pull: PullClient | None = None
        self._resent = 0

    @property
    def server(self) -> IPv4Address:
        """The key server that is used or tried."""
        return self.config.servers[self.server_index % len(self.config.servers)]

    def begin(self) -> None:
        """Try the first server."""
        self.server_index = 0
        self.step(Step.START)
        self._try_server()

    def forget(self) -> None:
        """Give up what is under way and what was."""
        self.registered_with = self.resend_at = self._pull = None

    def step(self, step: Step) -> None:
        """Change the state."""
        self.state = advance(self.state, step)

    def phase1_ready(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA with the server is up: pull."""
        if self.state is not MemberState.PHASE1 or sa.remote.address != self.server:
            return
        self.step(Step.PHASE1_READY)
        self._pull = PullClient(sa, self.config, self._random)
        self._output.events += self._pull.messages.take_seen(self.config.group, self.config.profile)
        self._send_pull(now, first=True)

    def phase1_failed(self, remote: Endpoint, now: float) -> None:
        """No phase 1 SA could be made: next server."""
        if self.state is MemberState.PHASE1 and remote.address == self.server:
            self._next_server(now)

    def refused(self, now: float) -> None:
        """The server turned the registration down (an authentic notification): next server."""
        if self.state is MemberState.PULL:
            self._next_server(now)

    @property
    def exchange(self) -> bytes:
        """The message ID of the exchange under way, as a refusal names it; empty without one."""
        return self._pull.message_id.to_bytes(4, "big") if self._pull is not None else b""

    def serves(self, sa: IsakmpSa, message_id: int) -> bool:
        """Whether a message of exchange 32 belongs to this registration."""
        return self._pull is not None and (self._pull.sa, self._pull.message_id) == (sa, message_id)

    def receive_pull(self, header: Header, data: bytes, now: float) -> Download | None:
        """Take a message for which `serves` is true; the last one brings the download."""
        assert self._pull is not None
        pull = self._pull
        try:
            download = pull.receive(header, data, now)
        except WireError as error:
            sa, group = pull.sa, self.config.group
            self._output.events.append(PullRefused(group, sa.remote, self.config.endpoint, str(error)))
            return None
        except PolicyRefusedError as error:
            self._output.events.append(PolicyRejected(self.config.group, self.server, self.config.local, str(error)))
            self._next_server(now)
            return None
        finally:
            self._output.events += pull.messages.take_seen(self.config.group, self.config.profile)
        if download is None:
            self._send_pull(now, first=True)
            return None
        if download.kek is not None:
            download.kek.sequence = pull.sequence
        self._pull = self.resend_at = None
        self.step(Step.DOWNLOADED)
        self.successes += 1
        self.registered_with = self.server
        return download

    def handle_timer(self, now: float) -> None:
        """Retransmit, or begin again after a pause."""
        if self.resend_at is None or self.resend_at > now:
            return
        self.resend_at = None
        if self.state is MemberState.WAITING:
            self.begin()
        elif self.state is MemberState.PULL:
            self._resend(now)

    def _try_server(self) -> None:
        self.attempts += 1
        again = self.successes > 0
        self._output.events.append(RegistrationStarted(self.config.group, self.server, self.config.local, again))
        remote = Endpoint(self.server, GDOI_PORT, self.config.vrf)
        self._output.events.append(Phase1Needed(self.config.group, self.config.endpoint, remote))

    def _next_server(self, now: float) -> None:
        self._pull = self.resend_at = None
        if self.server_index + 1 < len(self.config.servers):
            self.step(Step.FAILED)
            self.server_index += 1
            self._try_server()
            return
        self.step(Step.PAUSE)
        self.resend_at = now + self.config.retry_pause * (0.5 + fraction(self._random))

    def _send_pull(self, now: float, first: bool) -> None:
        assert self._pull is not None
        if first:
            self._resent = 0
        self.resend_at = now + self.config.retransmit_interval
        self._output.datagrams.append(Datagram(self._pull.sent, self._pull.sa.local, self._pull.sa.remote))

    def _resend(self, now: float) -> None:
        assert self._pull is not None
        if self._resent >= self.config.retransmit_attempts:
            self._output.events.append(ServerSilent(self.config.group, self._pull.sa))
            self._next_server(now)
            return
        self._resent += 1
        self._send_pull(now, first=False)
