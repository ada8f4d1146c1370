"""Messages of one key server on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.engines.coop import events
from iosemu.engines.coop.peers import Peer
from iosemu.wire.coop import CoopFlag, CoopMessage, CoopRole, Kind
from iosemu.wire.coop_members import DatabasePart, record_size

if TYPE_CHECKING:
    from iosemu.engines.coop.sending import Sending

# Octets of a message without keys and members, generously.
_FIXED = 500


class Outbox:
    """Makes messages of what its server knows, with everything that the peer has not got yet."""

    def __init__(self, server: Sending) -> None:
        self.sequence = 0
        self._server = server
        self._queue: list[tuple[Peer, CoopMessage]] = []
        self._over_limit = False
        self._key_size: tuple[int, int] = (-1, 0)

    def take(self) -> list[tuple[Peer, CoopMessage]]:
        """What must go out now."""
        taken, self._queue = self._queue, []
        return taken

    def send(self, peer: Peer, flags: CoopFlag, kind: Kind, now: float) -> None:
        """Queue a message to a peer; one that is queued to it already says less and gives way."""
        for index, (other, queued) in enumerate(self._queue):
            if other is peer and queued.kind is kind:
                self._queue[index] = peer, self._compose(peer, flags | queued.flags, kind, queued.sequence, now)
                return
        self.sequence += 1
        self._queue.append((peer, self._compose(peer, flags, kind, self.sequence, now)))

    def _compose(self, peer: Peer, flags: CoopFlag, kind: Kind, sequence: int, now: float) -> CoopMessage:
        server, config = self._server, self._server.config
        return CoopMessage(
            config.group,
            config.local,
            config.priority,
            server.role,
            server.incarnation,
            sequence,
            kind,
            flags,
            server.beat,
            config.version,
            config.coop_version,
            server.pseudotime(now),
            server.primary if server.role is CoopRole.SECONDARY else None,
            config.fingerprint,
            server.keys.current(now),
            self._members(peer, now),
            server.server_ids(),
            server.used_by(peer.address),
            server.handed_to(peer),
        )

    def pages(self, peer: Peer) -> bool:
        """Whether the peer needs more than one message to have the whole table."""
        return len(self._server.database) * record_size(self._server.config.form) > self._server.config.pdu // 2

    def _members(self, peer: Peer, now: float) -> DatabasePart:
        server, config = self._server, self._server.config
        known = (peer.incarnation or 0, peer.seen)
        too_many = len(server.database) > config.form.limit
        if too_many and not self._over_limit:
            server.events_for(events.LimitReached(config.name, peer.address, config.form.name.lower()))
        self._over_limit = too_many
        if too_many or peer.acknowledged >= server.database.version:
            return DatabasePart(config.form, *known, peer.acknowledged, peer.acknowledged, not too_many)
        room = config.pdu - _FIXED - self._keys_size(now)
        return server.database.changes(config.form, peer.acknowledged, room, known)

    def _keys_size(self, now: float) -> int:
        keys = self._server.keys
        if self._key_size[0] != keys.generation:
            self._key_size = keys.generation, len(keys.current(now).pack())
        return self._key_size[1]
