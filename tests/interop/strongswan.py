"""strongSwan's charon in a network namespace: started, asked and ended by a test, with a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.netns import run
from tests.requirements import require

# What continuous integration tests against: that of Debian 12.
VERSION = "5.9.8"
CHARON = "/usr/sbin/charon-systemd"
# In the order of Debian's defaults; kernel-libipsec comes before kernel-netlink, which then only serves addresses.
PLUGINS = (
    "random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pem openssl gcrypt hmac kdf {kernel} kernel-netlink "
    "socket-default vici updown"
)
SETTINGS = """
charon-systemd {{
  load = {plugins}
  # kernel-libipsec keeps some of the threads for itself.
  threads = 32
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  install_routes = {routes}
  {settings}
  plugins {{
    vici {{
      socket = {uri}
    }}
    kernel-libipsec {{
      allow_peer_ts = yes
    }}
  }}
  filelog {{
    charon {{
      path = {log}
      time_format = %T
      flush_line = yes
      default = {level}
      ike = {ike_level}
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Charon:
    """A running charon. `folder` holds its configuration, certificates (x509, x509ca, private) and log."""

    namespace: str
    folder: Path
    pid: int

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return (self.folder / "charon.log").read_text()

    def load(self, *sections: str) -> None:
        """Replace connections and secrets by those of the texts, in the syntax of swanctl.conf; the log begins anew."""
        os.truncate(self.folder / "charon.log", 0)
        file = self.folder / "swanctl.conf"
        file.write_text("\n".join(sections))
        result = self.swanctl("--load-all", "--clear", "--file", str(file))
        assert result.returncode == 0, result.stdout + result.stderr

    def initiate(self, connection: str, child: str = "", timeout: float = 40) -> bool:
        """Begin phase 1, or a child of it; whether it came up."""
        what = ("--child", child, "--ike", connection) if child else ("--ike", connection)
        return self.swanctl("--initiate", *what, "--timeout", str(int(timeout))).returncode == 0

    def terminate(self, connection: str) -> None:
        """Delete the SAs of a connection, and tell the peer."""
        self.swanctl("--terminate", "--ike", connection, "--timeout", "5")

    def sas(self) -> str:
        """The established SAs, as swanctl lists them."""
        return self.swanctl("--list-sas").stdout

    def swanctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Ask charon over its own socket."""
        environment = {
            **os.environ,
            "STRONGSWAN_CONF": str(self.folder / "strongswan.conf"),
            "SWANCTL_DIR": str(self.folder),
        }
        uri = f"unix://{self.folder / 'vici'}"
        command = ["ip", "netns", "exec", self.namespace, "swanctl", *arguments, "--uri", uri]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)

    def wait_for_log(self, pattern: str, timeout: float = 40) -> re.Match[str]:
        """Wait until a line of the log matches."""
        deadline = time.monotonic() + timeout
        while (found := re.search(pattern, self.log)) is None:
            assert time.monotonic() < deadline, f"charon did not log {pattern!r}:\n{self.log}"
            time.sleep(0.05)
        return found


@contextmanager
def charon(
    namespace: str, folder: Path, *, carries_traffic: bool = False, settings: str = "", level: int = 1
) -> Iterator[Charon]:
    """A charon in a namespace. With `carries_traffic` it encrypts in its own process, through a TUN device ipsec0,
    and insists on UDP encapsulation; else it negotiates only. `settings` are more lines for strongswan.conf."""
    require("root", CHARON, "swanctl")
    folder.mkdir(parents=True, exist_ok=True)
    text = SETTINGS.format(
        plugins=PLUGINS.format(kernel="kernel-libipsec" if carries_traffic else ""),
        routes="yes" if carries_traffic else "no",
        uri=f"unix://{folder / 'vici'}",
        log=folder / "charon.log",
        settings=settings,
        level=level,
        ike_level=2 if level == 1 else level,
    )
    (folder / "strongswan.conf").write_text(text)
    environment = {**os.environ, "STRONGSWAN_CONF": str(folder / "strongswan.conf"), "SWANCTL_DIR": str(folder)}
    command = ["ip", "netns", "exec", namespace, CHARON]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            deadline = time.monotonic() + 20
            while not (folder / "vici").exists():
                assert process.poll() is None, (folder / "output").read_text()
                assert time.monotonic() < deadline, "charon does not listen"
                time.sleep(0.05)
            yield Charon(namespace, folder, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def installed_version() -> str:
    """The version of the strongSwan at hand."""
    require("swanctl")
    found = re.search(r"\d+(\.\d+)+", run("swanctl", "--help").stdout)
    assert found is not None
    return found.group()
