"""All phase 1 SAs of a speaker, by what messages and roles know of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.isakmp import NO_COOKIE, Header

Pair = tuple[str, IPv4Address, IPv4Address, int]


@dataclass(slots=True)
class _Entry:
    """An SA under the keys that it was filed by: its endpoints may move later."""

    sa: IsakmpSa
    cookies: bytes
    source: Endpoint
    pair: Pair


class SaTable:
    """A look costs the same however many SAs there are."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        # A responder knows a first message again by cookie and source; later ones bear both cookies. The initiator's
        # own cookie is enough for it, as it is random.
        self._offers: dict[tuple[bytes, Endpoint], IsakmpSa] = {}
        self._cookies: dict[bytes, IsakmpSa] = {}
        self._pairs: dict[Pair, list[IsakmpSa]] = {}

    def __iter__(self) -> Iterator[IsakmpSa]:
        return iter([entry.sa for entry in self._entries.values()])

    def add(self, sa: IsakmpSa) -> None:
        """Take an SA; a responder's has both cookies by now."""
        cookies = sa.initiator_cookie if sa.initiator else sa.cookies
        entry = _Entry(sa, cookies, sa.remote, _pair(sa.local, sa.remote, sa.service_port))
        self._entries[sa.connection_id] = entry
        self._cookies[cookies] = sa
        if not sa.initiator:
            self._offers[sa.initiator_cookie, sa.remote] = sa
        self._pairs.setdefault(entry.pair, []).append(sa)

    def remove(self, sa: IsakmpSa) -> bool:
        """Forget an SA; False when it was not there."""
        entry = self._entries.pop(sa.connection_id, None)
        if entry is None:
            return False
        del self._cookies[entry.cookies]
        self._offers.pop((sa.initiator_cookie, entry.source), None)
        self._pairs[entry.pair].remove(sa)
        if not self._pairs[entry.pair]:
            del self._pairs[entry.pair]
        return True

    def get(self, connection_id: int) -> IsakmpSa | None:
        """The SA of a connection ID."""
        entry = self._entries.get(connection_id)
        return entry.sa if entry is not None else None

    def of_message(self, header: Header, source: Endpoint) -> IsakmpSa | None:
        """The SA that a message belongs to."""
        if header.responder_cookie == NO_COOKIE:
            return self._offers.get((header.initiator_cookie, source))
        sa = self._cookies.get(header.cookies) or self._cookies.get(header.initiator_cookie)
        if sa is not None and sa.responder_cookie not in (NO_COOKIE, header.responder_cookie):
            return None
        return sa

    def with_peer(self, local: Endpoint, remote: Endpoint, service_port: int) -> list[IsakmpSa]:
        """The SAs between two addresses for GDOI (848) or IPsec (500), the newest last; NATs may move the ports."""
        return list(self._pairs.get(_pair(local, remote, service_port), ()))


def _pair(local: Endpoint, remote: Endpoint, service_port: int) -> Pair:
    return local.vrf, local.address, remote.address, service_port
