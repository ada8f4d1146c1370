"""The scenario 02-pki-identity: a router is the CA, key server and members enroll by SCEP and register with RSA
signatures; who is revoked cannot come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.pki.chains import authority_of, own_of
from iosemu.ports.memory import Wire
from iosemu.router.clock import VirtualClock
from iosemu.router.names import parse_name
from iosemu.router.nvram import DirectoryNvram, Nvram
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, connect

FOLDER = Path(__file__).resolve().parents[2] / "running-configs" / "02-pki-identity"
# The provider's routing protocol is not emulated.
DEFAULT = {"GM1": "ip route 0.0.0.0 0.0.0.0 198.51.100.1", "GM2": "ip route 0.0.0.0 0.0.0.0 198.51.100.5"}
PING = "ping 10.2.2.1 source GigabitEthernet0/1"
FAILED = "Certificate chain validation has failed."


class Net:
    """All routers by name."""

    def __init__(self, folder: Path | None = None) -> None:
        self.clock = VirtualClock(seed=1)
        self.folder = folder
        self.routers = {name: self.boot(name) for name in ("CA1", "KS1", "GM1", "GM2")}
        self.provider = self._load("PE", (FOLDER / "PE.cfg").read_text(), None)
        lan = Wire(self.clock)
        name = parse_name("g0/0")
        assert name is not None
        for typist in (self.provider, self.routers["CA1"], self.routers["KS1"]):
            typist.router.attach(name, lan.end())
        connect(self.routers["GM1"], "g0/0", self.provider, "g0/1")
        connect(self.routers["GM2"], "g0/0", self.provider, "g0/2")
        for member in ("GM1", "GM2"):
            wire = Wire(self.clock)
            inside = parse_name("g0/1")
            assert inside is not None
            self.routers[member].router.attach(inside, wire.end())
            # Somebody must be there for the line to be up.
            wire.end().connect(lambda frame: None, lambda: None)

    def boot(self, name: str) -> Typist:
        nvram = DirectoryNvram(self.folder / name) if self.folder is not None else None
        text = (FOLDER / f"{name}.cfg").read_text().replace("\nend\n", f"\n{DEFAULT.get(name, '')}\nend\n")
        return self._load(name, text, nvram)

    def _load(self, name: str, text: str, nvram: Nvram | None) -> Typist:
        router = build_router(self.clock, nvram, name)
        saved = router.nvram.read("startup-config")
        assert load_config(router, build_grammar(), saved.decode() if saved else text) == []
        return Typist(router, self.clock)

    def run(self, seconds: float) -> None:
        self.clock.run_until(self.clock.now() + seconds)

    def type(self, name: str, line: str, *answers: str) -> str:
        return self.routers[name].type(line, *answers)

    def begin(self, *settings: str) -> None:
        """Start the CA with some more settings, enroll everybody."""
        self.run(5)
        self.type("KS1", "crypto key generate rsa general-keys label GET-REKEY modulus 2048")
        self.type("CA1", "configure terminal")
        self.type("CA1", "crypto pki server GET-CA")
        for line in settings:
            self.type("CA1", line)
        assert "Certificate Server enabled" in self.type("CA1", "no shutdown", "cisco-123", "cisco-123")
        self.type("CA1", "end")
        for name in ("KS1", "GM1", "GM2"):
            self.type(name, "configure terminal")
            assert "accepted" in self.type(name, "crypto pki authenticate GET-CA", "yes")
            self.type(name, "crypto pki enroll GET-CA", "secret", "secret", "yes")
            self.type(name, "end")
        self.run(180)

    def log(self, name: str) -> str:
        return "\n".join(message.text for message in self.routers[name].router.syslog.buffer)

    @property
    def members(self) -> set[str]:
        (server,) = self.routers["KS1"].router.service(ServerRole).servers.values()
        return {str(address) for address in server.members}


@pytest.fixture
def net(tmp_path: Path) -> Net:
    found = Net(tmp_path)
    found.begin()
    return found


def test_everybody_enrolls_and_registers_with_signatures(net: Net) -> None:
    for name in ("KS1", "GM1", "GM2"):
        router = net.routers[name].router
        own, authority = own_of(router, "GET-CA"), authority_of(router, "GET-CA")
        assert own is not None
        assert authority is not None
        assert own.is_signed_by(authority.public_key)
        assert own.subject.values("ou") == ["GETVPN"]
        assert "%PKI-6-CERTRET: Certificate received from Certificate Authority" in net.log(name)
    assert net.members == {"198.51.100.2", "198.51.100.6"}
    assert "CRL Issuer Name" in net.type("KS1", "show crypto pki crls")
    assert "!!!!!" in net.type("GM1", PING)
    assert "Chain has 2 certificates\nCertificate chain for GET-CA is valid" in net.type(
        "GM1", "crypto pki certificate validate GET-CA"
    )


def test_a_revoked_member_cannot_come_back(net: Net) -> None:
    own = own_of(net.routers["GM2"].router, "GET-CA")
    assert own is not None
    net.type("CA1", f"crypto pki server GET-CA revoke {own.serial:#x}")
    net.type("KS1", "clear crypto pki crls")
    for name in ("GM1", "GM2", "KS1"):
        net.routers[name].router.service(IsakmpService).clear()
    net.type("KS1", "clear crypto gdoi", "yes")
    net.run(60)
    for name in ("GM1", "GM2"):
        net.type(name, "clear crypto gdoi", "yes")
    net.run(300)
    assert net.members == {"198.51.100.2"}
    assert f"%PKI-3-CERTIFICATE_REVOKED: {FAILED}  The certificate (SN: {own.serial:02X}) is revoked" in net.log("KS1")


def test_what_was_saved_comes_back_after_a_reload(net: Net) -> None:
    for name in net.routers:
        net.type(name, "write memory")
    before = {name: print_running_config(typist.router) for name, typist in net.routers.items()}
    again = Net(net.folder)
    for name, typist in again.routers.items():
        assert print_running_config(typist.router) == before[name]
    again.run(180)
    assert again.members == {"198.51.100.2", "198.51.100.6"}
    assert "!!!!!" in again.type("GM1", PING)


def test_members_renew_before_their_certificates_end(tmp_path: Path) -> None:
    net = Net(tmp_path)
    net.begin("lifetime certificate 2")
    first = own_of(net.routers["GM1"].router, "GET-CA")
    net.routers["GM1"].configure("crypto pki trustpoint GET-CA\nauto-enroll 50 regenerate\npassword 0 secret")
    net.run(1.2 * 86400)
    second = own_of(net.routers["GM1"].router, "GET-CA")
    assert first is not None
    assert second is not None
    assert second.serial != first.serial
    assert second.public_key.spki != first.public_key.spki
    assert "!!!!!" in net.type("GM1", PING)
    net.run(1.5 * 86400)
    third = own_of(net.routers["GM1"].router, "GET-CA")
    assert third is not None
    assert third.serial != second.serial
    # The key server has not renewed: rekeys still come, but nobody registers with it any more.
    for name in ("GM1", "KS1"):
        net.routers[name].router.service(IsakmpService).clear()
    net.type("GM1", "clear crypto gdoi", "yes")
    net.run(120)
    assert f"%PKI-3-CERTIFICATE_INVALID_EXPIRED: {FAILED}" in net.log("GM1")
