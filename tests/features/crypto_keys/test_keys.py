"""Key pairs: every way to make, move, show and destroy them; OpenSSL reads what is exported, and we read its keys."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from iosemu.crypto.keys import parse_private_key
from iosemu.crypto.rsa import RsaKey
from iosemu.features.assembly import build_router
from iosemu.features.crypto_keys import store
from iosemu.router.clock import VirtualClock
from iosemu.router.nvram import DirectoryNvram
from tests.features.typist import Typist, new_router
from tests.requirements import require

DOMAIN = "hostname R1\nip domain name lab.local\n"
SECRET = "cisco-123"
GENERATE = "crypto key generate rsa label KEY modulus 1024"


def blocks(printed: str) -> list[str]:
    """The PEM texts on the screen."""
    found = re.finditer(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", printed, re.DOTALL)
    return [match[0] for match in found]


def openssl(*arguments: str, stdin: str = "") -> str:
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_screen_of_a_generation_with_its_modulus_on_the_line() -> None:
    typist = new_router()
    assert typist.type("crypto key generate rsa modulus 1024 label GETVPN-REKEY exportable") == (
        "The name for the keys will be: GETVPN-REKEY\n\n"
        "% The key modulus size is 1024 bits\n"
        "% Generating 1024 bit RSA keys, keys will be exportable...\n"
        "[OK] (elapsed time was 0 seconds)\n\n"
    )


def test_a_generation_asks_for_the_modulus_until_it_can_be_used() -> None:
    typist = new_router(DOMAIN)
    printed = typist.type("crypto key generate rsa", "many", "100", "512")
    assert printed == (
        "The name for the keys will be: R1.lab.local\n"
        "Choose the size of the key modulus in the range of 360 to 4096 for your\n"
        "  General Purpose Keys. Choosing a key modulus greater than 512 may take\n"
        "  a few minutes.\n\n"
        "How many bits in the modulus [1024]: many\n"
        "% A decimal number between 360 and 4096.\n"
        "How many bits in the modulus [1024]: 100\n"
        "% A decimal number between 360 and 4096.\n"
        "How many bits in the modulus [1024]: 512\n"
        "% Generating 512 bit RSA keys, keys will be non-exportable...\n"
        "[OK] (elapsed time was 0 seconds)\n\n"
    )


def test_small_keys_are_made_without_a_seed_too() -> None:
    for bits in (360, 512, 768):
        assert RsaKey.generate(bits).bits == bits


def test_without_a_label_and_a_domain_there_is_no_name() -> None:
    assert "% Please define a domain-name first." in new_router().type("crypto key generate rsa modulus 512")


@pytest.mark.parametrize(
    ("words", "usages"),
    [
        ("general-keys", ["General Purpose Key"]),
        ("usage-keys", ["Signature Key", "Encryption Key"]),
        ("signature", ["Signature Key"]),
        ("encryption", ["Encryption Key"]),
    ],
)
def test_each_usage_is_made_and_shown(words: str, usages: list[str]) -> None:
    typist = new_router()
    typist.type(f"crypto key generate rsa {words} label KEY modulus 512")
    shown = typist.type("show crypto key mypubkey rsa")
    assert re.findall(r" Usage: (.*)", shown) == usages
    assert shown.count(" Key is not exportable.") == len(usages)


def test_the_show_has_the_time_the_usage_and_the_key() -> None:
    typist = new_router()
    typist.type("crypto key generate rsa label K modulus 512 exportable redundancy storage usbtoken0:")
    rows = typist.type("show crypto key mypubkey rsa K").splitlines()
    assert rows[:7] == [
        "% Key pair was generated at: 10:00:00 UTC Jan 5 2026", "Key name: K", "Key type: RSA KEYS",
        " Storage Device: usbtoken0:", " Usage: General Purpose Key", " Key is exportable. Redundancy enabled.",
        " Key Data:",
    ]  # fmt: skip
    key = store.pairs(typist.router.nvram)[0].key
    assert bytes.fromhex("".join(rows[7:])) == key.public.spki
    assert re.fullmatch(r"  ([0-9A-F]{8} ){8}", rows[7])


def test_a_second_pair_of_a_label_is_asked_about() -> None:
    typist = new_router()
    typist.type(GENERATE)
    first = store.load(typist.router.nvram, "KEY")
    assert "% Do you really want to replace them? [yes/no]: no" in typist.type(GENERATE, "no")
    assert store.load(typist.router.nvram, "KEY") == first
    typist.type(GENERATE, "yes")
    assert store.load(typist.router.nvram, "KEY") != first


def test_the_same_seed_gives_the_same_keys_of_either_kind() -> None:
    def made() -> list[bytes]:
        typist = new_router(seed=7)
        typist.type(GENERATE)
        typist.type("crypto key generate ec keysize 384 label CURVE")
        return [item.key.to_pem() for item in store.pairs(typist.router.nvram)]

    assert made() == made()


@pytest.mark.parametrize("size", [256, 384, 521])
def test_elliptic_curves(size: int) -> None:
    typist = new_router()
    assert typist.type(f"crypto key generate ec keysize {size} label CURVE exportable") == (
        "The name for the keys will be: CURVE\n"
    )
    shown = typist.type("show crypto key mypubkey ec")
    assert "Key type: EC KEYS\n" in shown
    assert " Usage: Signature Key\n Key is exportable.\n" in shown
    assert shown == typist.type("show crypto key mypubkey all")
    assert typist.type("show crypto key mypubkey rsa") == ""
    assert store.pairs(typist.router.nvram)[0].key.bits == size


def test_zeroize_asks_and_destroys_what_was_named() -> None:
    typist = new_router(DOMAIN)
    typist.type("crypto key generate rsa usage-keys label A modulus 512")
    typist.type("crypto key generate rsa label B modulus 512")
    typist.type("crypto key generate ec keysize 256 label A")
    assert typist.type("crypto key zeroize rsa A", "no") == (
        "% Keys to be removed are named 'A'.\n"
        "% All router certs issued using these keys will also be removed.\n"
        "Do you really want to remove these keys? [yes/no]: no\n"
    )
    typist.type("crypto key zeroize rsa A", "yes")
    assert [item.label for item in store.pairs(typist.router.nvram)] == ["B", "A"]
    assert "% All keys will be removed.\n" in typist.type("crypto key zeroize rsa", "yes")
    assert "% No RSA keys found." in typist.type("crypto key zeroize rsa")
    typist.type("crypto key zeroize ec A", "yes")
    assert store.pairs(typist.router.nvram) == []


def test_the_screen_of_an_export() -> None:
    typist = new_router()
    typist.type(f"{GENERATE} exportable")
    printed = typist.type(f"crypto key export rsa KEY pem terminal 3des {SECRET}")
    assert printed.startswith(
        "% Key name: KEY\n   Usage: General Purpose Key\n   Key data:\n-----BEGIN PUBLIC KEY-----\n"
    )
    assert re.search(
        r"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,[0-9A-F]{16}\n\n", printed
    )


@pytest.mark.parametrize(
    ("kind", "generate"), [("rsa", GENERATE), ("ec", "crypto key generate ec keysize 256 label KEY")]
)
@pytest.mark.parametrize("cipher", ["3des", "des"])
def test_an_exported_pair_is_imported_elsewhere_and_stays_there(kind: str, generate: str, cipher: str) -> None:
    typist, other = new_router(), new_router(seed=2)
    typist.type(f"{generate} exportable")
    public, private = blocks(typist.type(f"crypto key export {kind} KEY pem terminal {cipher} {SECRET}"))
    short = "General Purpose" if kind == "rsa" else "Signature"
    printed = other.type(
        f"crypto key import {kind} COPY terminal {SECRET}", *public.splitlines(), "", *private.splitlines(), "quit"
    )
    assert printed.startswith(
        f"% Enter PEM-formatted public {short} key or certificate.\n"
        '% End with a blank line or "quit" on a line by itself.\n'
    )
    assert f'% Enter PEM-formatted encrypted private {short} key.\n% End with "quit" on a line by itself.\n' in printed
    assert printed.endswith("quit\n% Key pair import succeeded.\n")
    ours, theirs = store.pairs(typist.router.nvram)[0], store.pairs(other.router.nvram)[0]
    assert ours.key.to_pem() == theirs.key.to_pem()
    assert not theirs.exportable
    assert "is not exportable" in other.type(f"crypto key export {kind} COPY pem terminal 3des {SECRET}")


def test_an_import_is_exportable_when_that_is_asked_for_and_a_move_ends_it() -> None:
    typist = new_router()
    typist.type(f"{GENERATE} exportable")
    text = blocks(typist.type(f"crypto key export rsa KEY pem terminal 3des {SECRET}"))
    answers = [*text[0].splitlines(), "", *text[1].splitlines(), "quit"]
    assert "% Please delete it first." in typist.type(f"crypto key import rsa KEY terminal {SECRET}")
    typist.type(f"crypto key import rsa COPY pem exportable terminal {SECRET}", *answers)
    assert typist.type(f"crypto key export rsa COPY pem terminal 3des {SECRET}").count("BEGIN") == 2
    assert typist.type("crypto key move rsa COPY non-exportable") == ""
    assert "% RSA keypair COPY is not exportable." in typist.type(
        f"crypto key export rsa COPY pem terminal 3des {SECRET}"
    )


def test_wrong_passphrases_and_halves_that_do_not_fit_are_refused() -> None:
    typist = new_router()
    for label in "AB":
        typist.type(f"crypto key generate rsa label {label} modulus 1024 exportable")
    first, second = (blocks(typist.type(f"crypto key export rsa {label} pem terminal 3des {SECRET}")) for label in "AB")
    for public, private, secret in (
        (first[0], first[1], "another-1"),
        (second[0], first[1], SECRET),
        ("", "x", SECRET),
    ):
        printed = typist.type(
            f"crypto key import rsa C terminal {secret}", *public.splitlines(), "", *private.splitlines(), "quit"
        )
        assert printed.endswith("% Key pair import failed.\n")
    assert "at least 8 characters" in typist.type("crypto key export rsa A pem terminal 3des short")
    assert store.pairs(typist.router.nvram, label="C") == []


def test_files_of_flash_carry_both_halves_of_usage_keys() -> None:
    typist = new_router()
    typist.type("crypto key generate rsa usage-keys label KEY modulus 1024 exportable")
    printed = typist.type(f"crypto key export rsa KEY pem url flash: 3des {SECRET}")
    assert (
        "Exporting public key...\nDestination filename [KEY-sign.pub]? \nWriting file to flash:KEY-sign.pub\n"
        in printed
    )
    assert [entry.path for entry in typist.router.flash.entries()] == [
        "KEY-encr.prv", "KEY-encr.pub", "KEY-sign.prv", "KEY-sign.pub",
    ]  # fmt: skip
    printed = typist.type(f"crypto key export rsa KEY pem url flash:KEY 3des {SECRET}")
    assert "% Do you really want to overwrite it? [yes/no]: " in printed
    typist.type("crypto key zeroize rsa KEY", "yes")
    printed = typist.type(f"crypto key import rsa KEY pem usage-keys url flash:KEY {SECRET}")
    assert "Source filename [KEY-encr.prv]? \nReading file from flash:KEY-encr.prv\n" in printed
    assert [item.usage.value for item in store.pairs(typist.router.nvram)] == ["Signature Key", "Encryption Key"]
    assert "%Error opening" in typist.type(f"crypto key import rsa X url flash:nothing {SECRET}")


@pytest.mark.parametrize(
    ("kind", "generate"), [("rsa", GENERATE), ("ec", "crypto key generate ec keysize 521 label KEY")]
)
def test_openssl_reads_an_export_and_is_read(kind: str, generate: str, tmp_path: Path) -> None:
    require("openssl")
    typist = new_router()
    typist.type(f"{generate} exportable")
    public, private = blocks(typist.type(f"crypto key export {kind} KEY pem terminal 3des {SECRET}"))
    read = openssl("pkey", "-passin", f"pass:{SECRET}", stdin=f"{private}\n")
    key = store.pairs(typist.router.nvram)[0].key
    assert parse_private_key(read.encode()).to_pem() == key.to_pem()
    assert openssl("pkey", "-pubin", stdin=f"{public}\n").strip() == public
    for cipher in ("-des3", "-aes256"):
        theirs = openssl("pkey", "-traditional", cipher, "-passout", f"pass:{SECRET}", stdin=read)
        label = f"COPY{cipher}"
        printed = typist.type(
            f"crypto key import {kind} {label} terminal {SECRET}",
            *public.splitlines(),
            "",
            *theirs.splitlines(),
            "quit",
        )
        assert printed.endswith("% Key pair import succeeded.\n")


def test_keys_survive_a_reload_with_their_attributes_and_are_for_nobody_else(tmp_path: Path) -> None:
    def boot() -> Typist:
        clock = VirtualClock(seed=1)
        return Typist(build_router(clock, DirectoryNvram(tmp_path)), clock)

    typist = boot()
    typist.type("crypto key generate rsa usage-keys label KEY modulus 1024 exportable")
    typist.type("crypto key generate ec keysize 256 label CURVE")
    shown = typist.type("show crypto key mypubkey all")
    assert boot().type("show crypto key mypubkey all") == shown
    files = [path for path in (tmp_path / "private").iterdir() if path.suffix]
    assert len(files) == 3
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)


def test_a_file_of_an_earlier_version_is_a_general_purpose_pair() -> None:
    typist = new_router()
    typist.type(GENERATE)
    key = store.pairs(typist.router.nvram)[0].key
    typist.router.nvram.write("private/OLD.rsa", key.to_pem())
    old = store.pair(typist.router.nvram, "OLD")
    assert old is not None
    assert (old.usage, old.exportable, old.generated) == (store.Usage.GENERAL, False, None)
    typist.router.nvram.write("private/BAD.rsa", b"nothing")
    assert store.pairs(typist.router.nvram, label="BAD") == []


def test_no_repr_tells_a_key() -> None:
    typist = new_router()
    typist.type(GENERATE)
    assert "BEGIN" not in repr(store.pairs(typist.router.nvram))
    assert "RsaKey()" not in repr(store.pairs(typist.router.nvram))
