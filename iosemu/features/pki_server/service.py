"""Certificate servers that follow the model."""

from __future__ import annotations

from iosemu.engines.pki.messages import Owner
from iosemu.features.http.config import HttpConfig
from iosemu.features.http.service import HttpService
from iosemu.features.pki_server.config import CertificateServer, CertificateServers
from iosemu.features.pki_server.messages import log
from iosemu.features.pki_server.running import RunningServer, owner_of
from iosemu.router.router import Router

SCEP_PATH = "/cgi-bin/pkiclient.exe"


class CertificateServerService:
    """Runs each server that is not shut down and has its key and certificate, while the HTTP server runs."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._running: dict[str, RunningServer] = {}
        self._faults: dict[str, str] = {}

    def running(self, name: str) -> RunningServer | None:
        """A server that answers."""
        return self._running.get(name)

    def try_again(self, name: str) -> None:
        """Believe that a storage which could not be used can be used now."""
        self._faults.pop(name, None)

    def reconcile(self) -> None:
        """Compare and change."""
        servers = self._router.model.block(CertificateServers).servers
        wanted = {name: owner for name, server in servers.items() if (owner := self._owner(server)) is not None}
        for name in list(self._running):
            fault = self._running[name].storage_fault
            if name not in wanted or fault:
                self._stop(name, fault)
        for name, owner in wanted.items():
            running = self._running.get(name)
            if running is None:
                if name not in self._faults:
                    self._start(servers[name], owner)
            else:
                running.authority.settings = servers[name].settings()

    def stop(self) -> None:
        """End all."""
        for running in self._running.values():
            running.stop()

    def why_not(self, server: CertificateServer) -> str:
        """Why a server does not run, in the words of the show; empty when it does."""
        if server.name in self._running:
            return ""
        if server.shutdown or owner_of(self._router, server.name) is None:
            return "disabled"
        if server.name in self._faults:
            return f"check failed; storage {self._faults[server.name]} is inaccessible"
        if server.mode:
            return f"check failed; mode {server.mode} is not emulated"
        return "disabled" if self._router.model.block(HttpConfig).server else "check failed; HTTP Server is disabled"

    def _owner(self, server: CertificateServer) -> Owner | None:
        """The CA, where everything is there to run it."""
        if server.shutdown or server.mode or not self._router.model.block(HttpConfig).server:
            return None
        running = self._running.get(server.name)
        # Past the end of a CA certificate the running one knows what follows.
        return running.authority.owner if running is not None else owner_of(self._router, server.name)

    def _start(self, server: CertificateServer, owner: Owner) -> None:
        running = RunningServer(self._router, server, owner)
        if running.storage_fault:
            running.stop()
            self._faults[server.name] = running.storage_fault
            return
        self._running[server.name] = running
        http = self._router.service(HttpService).server
        http.register(SCEP_PATH, running.serve)
        http.register(f"/{server.name}.crl", running.serve_crl)
        log(self._router, "CS_ENABLED")

    def _stop(self, name: str, fault: str) -> None:
        if fault:
            self._faults[name] = fault
        self._running.pop(name).stop()
        http = self._router.service(HttpService).server
        http.unregister(SCEP_PATH)
        http.unregister(f"/{name}.crl")
        log(self._router, "CS_DISABLED")
