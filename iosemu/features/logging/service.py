"""Messages go to syslog servers (RFC 3164 form, over UDP), and are stamped as configured."""

from __future__ import annotations

from iosemu.cli import Session
from iosemu.engines.common import Endpoint
from iosemu.features.logging.config import FACILITIES, LoggingConfig, LogHost
from iosemu.router.router import Router
from iosemu.router.syslog import Message

# The port that a router sends from; any would do.
SOURCE_PORT = 55412


def shown_on(session: Session, message: Message) -> bool:
    """Whether a session gets a message: the console always does, another line when its user has asked for it."""
    config = session.router.model.block(LoggingConfig)
    console = session.seat.kind == "con"
    level = config.console if console else config.monitor
    return config.on and (console or session.monitoring) and level is not None and message.severity <= level


class LoggingService:
    """Sends log messages to the servers that are configured. `sent` counts datagrams by server."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.sent: dict[LogHost, int] = {}
        self._stop = router.syslog.subscribe(self._forward)

    def reconcile(self) -> None:
        """Take the stamps over."""
        config = self._router.model.block(LoggingConfig)
        syslog = self._router.syslog
        syslog.log_stamp, syslog.debug_stamp = config.log_stamp, config.debug_stamp
        syslog.sequence_numbers = config.sequence_numbers

    def stop(self) -> None:
        """Forward nothing more."""
        self._stop()

    def _forward(self, message: Message) -> None:
        config = self._router.model.block(LoggingConfig)
        if not config.hosts or not config.on or config.trap is None or message.severity > config.trap:
            return
        priority = FACILITIES[config.facility] * 8 + message.severity
        origin = f"{self._origin(config)}: " if config.origin else ""
        data = f"<{priority}>{message.number}: {origin}{message.line()}".encode()
        for host in config.hosts:
            # Not from within the code that logs: it may be in the middle of its work.
            self._router.clock.call_later(0, lambda host=host: self._send(host, data))  # type: ignore[misc]

    def _send(self, host: LogHost, data: bytes) -> None:
        config = self._router.model.block(LoggingConfig)
        interface = self._router.interfaces.get(config.source) if config.source else None
        source = interface.address if interface else self._router.ip.source_for(host.address)
        if source is not None:
            self.sent[host] = self.sent.get(host, 0) + 1
            self._router.ip.udp.send(data, Endpoint(source, SOURCE_PORT), Endpoint(host.address, host.port))

    def _origin(self, config: LoggingConfig) -> str:
        kind, _, text = (config.origin or "").partition(" ")
        return text if kind == "string" else self._router.hostname
