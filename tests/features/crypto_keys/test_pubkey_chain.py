"""Public keys of others: entered, printed, loaded again, shown."""

from __future__ import annotations

from iosemu.crypto.rsa import RsaKey
from iosemu.features.crypto_keys.pubkey_chain import PubkeyChain
from iosemu.features.crypto_keys.show import hex_rows
from tests.features.typist import new_router, reloaded

SPKI = RsaKey.generate(512).public_spki()
ROWS = "\n".join(f"   {row}" for row in hex_rows(SPKI))
TEXT = f"""crypto key pubkey-chain rsa
 addressed-key 10.0.0.1 signature
  address 10.0.0.1
  key-string
{ROWS}
   quit
 named-key peer.lab.local
  address 10.0.0.2
  key-string
   0030 2017
   quit
"""


def test_keys_are_printed_loaded_and_removed() -> None:
    typist = new_router(TEXT)
    assert "".join(f"{line}\n" for line in typist.section("crypto key pubkey-chain")) == TEXT
    assert reloaded(typist).model == typist.router.model
    signature, general = typist.router.model.block(PubkeyChain).keys.values()
    assert (signature.spki, general.spki, general.text) == (SPKI, b"", ["   0030 2017"])
    typist.configure(
        "crypto key pubkey-chain rsa\nno named-key peer.lab.local\naddressed-key 10.0.0.1 signature\nno key-string"
    )
    assert typist.section("crypto key pubkey-chain")[1:] == [
        " addressed-key 10.0.0.1 signature", "  address 10.0.0.1",
    ]  # fmt: skip
    typist.configure("no crypto key pubkey-chain rsa")
    assert typist.section("crypto key pubkey-chain") == []


def test_prompts_and_shows() -> None:
    typist = new_router(TEXT)
    typist.type("configure terminal")
    typist.type("crypto key pubkey-chain rsa")
    assert typist.session.prompt == "Router(config-pubkey-chain)#"
    typist.type("addressed-key 10.0.0.3")
    assert typist.session.prompt == "Router(config-pubkey-key)#"
    typist.type("key-string")
    assert typist.session.prompt == ""
    for line in (*ROWS.splitlines(), "quit"):
        typist.type(line)
    assert typist.session.prompt == "Router(config-pubkey-key)#"
    typist.type("end")
    rows = typist.type("show crypto key pubkey-chain rsa").splitlines()
    assert rows[3:] == [
        "M    Signing       10.0.0.1               default",
        "M    General       10.0.0.2               default          peer.lab.local",
        "M    General       10.0.0.3               default",
    ]
    shown = typist.type("show crypto key pubkey-chain rsa address 10.0.0.3")
    assert "".join(shown.partition(" Data:\n")[2].split()) == SPKI.hex().upper()
    assert "% No such key" in typist.type("show crypto key pubkey-chain rsa name nobody")
