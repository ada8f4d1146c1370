"""One router."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from iosemu.router.calendar import Calendar
from iosemu.router.clock import Clock
from iosemu.router.config_history import ConfigHistory
from iosemu.router.debugging import Debugging
from iosemu.router.flash import Flash
from iosemu.router.interfaces import Interface, InterfaceTable
from iosemu.router.ip import IpStack
from iosemu.router.ip6 import Ip6Stack
from iosemu.router.link import LinkLayer
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.nvram import MemoryNvram, Nvram
from iosemu.router.plugins import Plugins
from iosemu.router.port import Port
from iosemu.router.services import Service
from iosemu.router.syslog import Syslog
from iosemu.router.tcp_host import TcpHost

S = TypeVar("S")


class Router:
    """Model, kernel and services. Config handlers edit `model`; `commit` makes everything else follow.

    `identity` makes MAC addresses and serial numbers differ between the routers of a lab.
    """

    def __init__(self, clock: Clock, plugins: Plugins, nvram: Nvram | None = None, identity: str = "Router") -> None:
        self.clock = clock
        self.identity = identity
        self.plugins = plugins
        self.nvram: Nvram = nvram if nvram is not None else MemoryNvram()
        self.calendar = Calendar(clock)
        self.flash = Flash(self.nvram, self.calendar.utc)
        self.model = Model()
        self.history = ConfigHistory()
        self.hostname = "Router"
        self.syslog = Syslog(self.calendar)
        self.debugging = Debugging(self.syslog)
        self.interfaces = InterfaceTable(identity)
        self.link = LinkLayer(clock)
        self.ip = IpStack(clock, self.interfaces, self.link)
        self.ip6 = Ip6Stack(clock, self.interfaces, self.link)
        self.tcp = TcpHost(clock, self.ip)
        self.booted_at = clock.now()
        # Who waits until somebody has ended configuring.
        self.configured: list[Callable[[], None]] = []
        self._ports: dict[InterfaceName, Port] = {}
        self._services: list[Service] = []
        for factory in plugins.services:
            # One by one: a later service may look for an earlier one.
            self._services.append(factory(self))

    def service(self, kind: type[S]) -> S:
        """The service of a type; raises LookupError when its feature is absent."""
        for service in self._services:
            if isinstance(service, kind):
                return service
        raise LookupError(kind.__name__)

    def add_service(self, service: Service) -> None:
        """Take a service that is no part of a feature; it follows the model behind the others."""
        self._services.append(service)
        service.reconcile()

    @property
    def ports(self) -> Mapping[InterfaceName, Port]:
        """What is plugged in."""
        return self._ports

    def tell_configured(self, source: str, actor: str) -> None:
        """Somebody has left configuration mode, or merged a file."""
        self.end_configuring()
        self.syslog.log("SYS", 5, "CONFIG_I", f"Configured from {source} by {actor}")

    def end_configuring(self) -> None:
        """A change of the configuration is whole now."""
        for listener in self.configured:
            listener()

    def commit(self) -> None:
        """Make the running roles match the model."""
        for service in self._services:
            service.reconcile()

    def attach(self, name: InterfaceName, port: Port) -> None:
        """Plug something into an interface, which comes to exist by that; what was in it is closed."""
        self.detach(name)
        interface = self.interfaces.add(name)
        interface.port = port
        self._ports[name] = port
        port.connect(lambda frame: self.link.receive(frame, interface), lambda: self._carrier_changed(interface))
        port.resize(interface.mtu)
        self._carrier_changed(interface)

    def detach(self, name: InterfaceName) -> None:
        """Pull out what an interface is plugged into, while the router runs."""
        port = self._ports.pop(name, None)
        if port is None:
            return
        interface = self.interfaces.add(name)
        interface.port = None
        port.close()
        self._carrier_changed(interface)

    def stop(self) -> None:
        """Switch off: all services end, all ports are closed."""
        for service in self._services:
            service.stop()
        self.tcp.stop()
        for port in self._ports.values():
            port.close()

    def _carrier_changed(self, interface: Interface) -> None:
        if not interface.line_up:
            self.ip.arp.flush(interface)
            self.ip6.neighbors.flush(interface)
        self.commit()
