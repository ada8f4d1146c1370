"""The key servers that there are: begun, changed and ended as the configuration wants it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.engines.gdoi.config import ServerConfig
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.features.gdoi.configuration.config import GdoiGroup, GdoiGroups
from iosemu.features.gdoi.policy import PolicyError, has_too_many_entries, refused_sas, server_config
from iosemu.features.gdoi.switch import GdoiSwitch
from iosemu.router.router import Router


class ServedGroups:
    """One KeyServer per complete group with `server local`, by name."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.servers: dict[str, KeyServer] = {}
        self._complaints: set[str] = set()
        # Groups that have been complete, with their addresses, and those of them that the log does not know of yet.
        self._addresses: dict[str, str] = {}
        self._untold: set[str] = set()
        self._booting = True
        # What policies were before configuration mode was entered.
        self._policies: dict[str, object] = {}
        router.configured.append(self._configured)

    @property
    def configured(self) -> bool:
        """Whether there are groups to serve; a policy that is incomplete while it is edited changes nothing."""
        return bool(self._addresses)

    def follow(self) -> None:
        """Start, change and end key servers."""
        groups = self._router.model.block(GdoiGroups).groups
        for name in [name for name in self._addresses if name not in groups or groups[name].local is None]:
            self._end(name)
        for group in groups.values():
            if group.local is not None:
                self._follow_group(group)
                self._note_address(group.name, group.local.address)
        if self._booting:
            self._booting = False
            self._tell_added()
        self._router.service(GdoiSwitch).need("server", self.configured)

    def _end(self, name: str) -> None:
        self.servers.pop(name, None)
        address = self._addresses.pop(name)
        if name in self._untold:
            self._untold.remove(name)
        else:
            self._log(5, "KS_GROUP_DELETE", f"Config KS {address} removed from the Group {name}.")

    def _follow_group(self, group: GdoiGroup) -> None:
        server = self.servers.get(group.name)
        config = self._config_of(group)
        if config is None:
            # While a policy is being edited its members keep what they have.
            if server is not None and not server.members:
                del self.servers[group.name]
        elif server is None:
            self.servers[group.name] = KeyServer(config, self._router.clock.random_bytes)
            if group.name not in self._addresses:
                self._addresses[group.name] = "0.0.0.0"
                self._untold.add(group.name)
        elif server.config != config:
            self._change(server, config)

    def _config_of(self, group: GdoiGroup) -> ServerConfig | None:
        """What the model says of a group, None where it is incomplete; what is wrong with it is logged."""
        try:
            config = server_config(self._router.model, self._router.nvram, group)
        except PolicyError as error:
            self._complain(error.mnemonic, error.text)
            return None
        for refused in refused_sas(self._router.model, group):
            self._complain(refused.mnemonic, refused.text)
        for name in has_too_many_entries(self._router.model, group):
            text = f"The ACL {name} has too many entries."
            self._complain("GDOI_ACL_NUM", f"{text} GDOI will honor only the first 100 ACL entries specified.")
        if config.multicast is not None and not self._router.ip.is_local(config.multicast[0].address):
            # Nothing can be sent from another's address.
            return replace(config, multicast=None)
        return config

    def _change(self, server: KeyServer, config: ServerConfig) -> None:
        self._policies.setdefault(config.group, _policy(server.config))
        moved = config.unicast != server.config.unicast
        server.update_config(config)
        if moved:
            suffix, kind = ("UNI", "Unicast Rekey") if config.unicast else ("MULTI", "multicast rekey")
            self._log(5, f"KS_REKEY_TRANS_2_{suffix}", f"Group {config.group} transitioned to {kind}.")

    def _configured(self) -> None:
        """Somebody has left configuration mode: tell of new groups, and of policies that are not what they were."""
        self._tell_added()
        before, self._policies = self._policies, {}
        for name, policy in before.items():
            server = self.servers.get(name)
            if server is not None and server.members and _policy(server.config) != policy:
                text = f"GDOI group {name} policy has changed. Use 'crypto gdoi ks rekey' to send a rekey,"
                self._log(5, "POLICY_CHANGE", f"{text} or the changes will be send in the next scheduled rekey")

    def _note_address(self, name: str, address: IPv4Address | None) -> None:
        """A group is told of as soon as it has its address. One that is left without serves at any address, which only
        the end of the configuration shows."""
        if name in self._addresses and address is not None:
            self._addresses[name] = str(address)
            self._tell_of(name)

    def _tell_added(self) -> None:
        for name in sorted(self._untold):
            self._tell_of(name)

    def _tell_of(self, name: str) -> None:
        """Once for each `server local`, however often its policy is incomplete in between."""
        if name in self._untold and name in self.servers:
            self._untold.remove(name)
            self._log(5, "KS_GROUP_ADD", f"Config KS {self._addresses[name]} to the Group {name}.")

    def _complain(self, mnemonic: str, text: str) -> None:
        """Each complaint once, not at every commit."""
        if mnemonic and text not in self._complaints:
            self._complaints.add(text)
            self._log(3, mnemonic, text)

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        self._router.syslog.log("GDOI", severity, mnemonic, text)


def _policy(config: ServerConfig) -> object:
    """What members are told of a group's policy; how rekeys are repeated is the key server's own affair."""
    kek = config.kek
    return kek.encryption, kek.key_bits, kek.lifetime, kek.sig_hash, kek.acknowledgement, config.teks
