"""`ip ssh` and `ip scp` lines."""

from __future__ import annotations

import base64
import hashlib
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from iosemu.cli import CONFIG, CommandTable
from iosemu.cli.kept import Kept, declare
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
DEFAULT_TIMEOUT, DEFAULT_RETRIES = 120, 3
CHAIN = "ip ssh pubkey-chain"
OUTLINE = """
!ip ssh time-out = <1-120>
!ip ssh authentication-retries = <0-5>
ip ssh source-interface = INTERFACE
ip ssh logging events
!ip ssh version = <1-2>
ip ssh dh min size = <1024-4096>
!ip ssh rsa keypair-name = WORD
ip ssh maxstartups = <2-128>
ip ssh port = LINE
ip ssh server algorithm LINE
ip ssh client algorithm LINE
!ip ssh pubkey-chain > conf-ssh-pubkey
 !username WORD > conf-ssh-pubkey-user
  !key-hash LINE
  !key-string > conf-ssh-pubkey-data body exit
!ip scp server enable
"""


@dataclass
class SshConfig:
    """The lines as they were entered."""

    kept: Kept = field(default_factory=Kept)

    @property
    def timeout(self) -> int:
        """Seconds that somebody has for the login."""
        return int(self._value("ip ssh time-out") or DEFAULT_TIMEOUT)

    @property
    def retries(self) -> int:
        """How many wrong passwords end a connection."""
        return int(self._value("ip ssh authentication-retries") or DEFAULT_RETRIES)

    @property
    def key_label(self) -> str | None:
        """The key pair that was chosen for the server."""
        return self._value("ip ssh rsa keypair-name")

    @property
    def copies(self) -> bool:
        """Whether files may be copied to and from here."""
        return "ip scp server enable" in self.kept.items

    def fingerprints(self, user: str) -> set[str]:
        """The MD5 fingerprints of a user's public keys, in hexadecimal capitals."""
        chain = self.kept.items.get(CHAIN)
        item = chain.block.items.get(f"username {user}") if chain is not None and chain.block is not None else None
        found = set()
        for line in item.block.items.values() if item is not None and item.block is not None else []:
            words = line.line.split()
            if words[0] == "key-hash" and len(words) > 2:
                found.add(words[2].upper())
            elif words[0] == "key-string" and line.block is not None:
                found.add(_fingerprint(line.block.text))
        return found

    def _value(self, words: str) -> str | None:
        item = self.kept.items.get(words)
        return item.line.split()[-1] if item is not None else None


def _fingerprint(text: list[str]) -> str:
    """That of a key that was entered as text: base64, with or without the name of its type in front."""
    body = "".join(line.strip() for line in text if line.strip() != "exit")
    blob = next((part for part in body.split() if part.startswith("AAAA")), body)
    try:
        return hashlib.md5(base64.b64decode(blob, validate=True), usedforsecurity=False).hexdigest().upper()
    except (Base64Error, ValueError):
        return ""


declare(TABLE, CONFIG, lambda ctx: ctx.router.model.block(SshConfig).kept, OUTLINE)


def _paragraphs(router: Router) -> list[Lines]:
    return router.model.block(SshConfig).kept.paragraphs()


SECTION = Section(Place.USERNAME, _paragraphs, 60)
