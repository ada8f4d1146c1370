"""The file system, typed: dialogs, listings, errors, and what a kill or a bad name cannot do."""

from __future__ import annotations

import errno
from datetime import datetime
from pathlib import Path

import pytest

from iosemu.features.assembly import build_router
from iosemu.router.clock import VirtualClock
from iosemu.router.flash import Flash, FlashError
from iosemu.router.nvram import DirectoryNvram, MemoryNvram, Nvram
from tests.features.typist import Typist, new_router

EMPTY = """\
Directory of flash0:/

No files in directory

268435456 bytes total (268435456 bytes free)
"""


def test_a_copy_of_the_running_config_asks_once_and_is_listed() -> None:
    typist = new_router("hostname R1\n")
    assert typist.type("dir") == EMPTY
    printed = typist.type("copy running-config flash:x")
    size = len(typist.type("more flash:x").encode())
    assert printed.startswith(f"Destination filename [x]? \n{size} bytes copied in 0.001 secs (")
    assert f"    1  -rw-  {size:10}   Jan 5 2026 10:00:00 +00:00  x\n" in typist.type("dir")
    assert typist.type("dir flash:/x").startswith("Directory of flash:/x\n")


def test_an_existing_file_is_overwritten_only_when_confirmed() -> None:
    typist = new_router("hostname R1\n")
    typist.type("copy running-config flash:x")
    typist.configure("hostname R2")
    asked = typist.type("copy running-config flash:x", "", "n")
    assert asked == (
        "Destination filename [x]? \n%Warning:There is a file already existing with this name\n"
        "Do you want to over write? [confirm]n\n"
    )
    assert "hostname R1" in typist.type("more flash:x")
    typist.configure("file prompt quiet")
    assert "?" not in typist.type("copy running-config flash:x")
    assert "hostname R2" in typist.type("more flash:x")
    assert "file prompt quiet" in typist.type("show running-config")


def test_a_merge_shows_refused_lines_and_takes_the_rest() -> None:
    typist = new_router("hostname R1\n")
    typist.type("show clock | redirect flash:m")
    typist.router.flash.write(
        "m", b"hostname R9\nfrobnicate now\ninterface Loopback5\n ip address 5.5.5.5 255.255.255.255\n"
    )
    printed = typist.type("copy flash:m running-config")
    assert "frobnicate now\n ^\n% Invalid input detected at '^' marker.\n" in printed
    assert typist.session.prompt == "R9#"
    assert typist.section("interface Loopback5") == ["interface Loopback5", " ip address 5.5.5.5 255.255.255.255"]
    assert "%SYS-5-CONFIG_I: Configured from memory by console" in typist.type("show logging")


def test_a_merge_shows_the_warnings_that_typing_the_lines_shows() -> None:
    lines = "interface Loopback5\n ip pim sparse-mode\ncrypto gdoi group G\n server local\n  rekey lkh\n  redundancy\n"
    merged = new_router("hostname R1\n")
    merged.router.flash.write("m", lines.encode())
    printed = merged.type("copy flash:m running-config")
    warnings = [row for row in new_router("").configure(lines).splitlines() if row.startswith(("WARNING", "% WARNING"))]
    assert len(warnings) == 2
    assert [row for row in printed.splitlines() if row in warnings] == warnings
    assert "redundancy" in "".join(merged.section("crypto gdoi group G"))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("more flash:none", "%Error opening flash:/none (No such file or directory)\n"),
        ("dir flash:none", "%Error opening flash:/none (No such file or directory)\n"),
        ("copy flash:none flash:x", "%Error opening flash:/none (No such file or directory)\n"),
        ("more flash:../../etc/passwd", "%Error opening flash:/../../etc/passwd (Invalid filename)\n"),
        ("delete /force flash:none", "%Error deleting flash:/none (No such file or directory)\n"),
        ("cd nowhere", "%Error changing dir flash:/nowhere (No such file or directory)\n"),
        ("cd (x|y)", "%Error changing dir flash:/(x|y) (Invalid filename)\n"),
        ("more system:other", "%Error opening system:other (No such file or directory)\n"),
    ],
)
def test_what_is_not_there_is_said(line: str, text: str) -> None:
    assert new_router().type(line) == text


def test_folders_are_made_walked_and_removed() -> None:
    typist = new_router()
    assert typist.type("mkdir d") == "Create directory filename [d]? \nCreated dir flash:/d\n"
    typist.type("cd d")
    assert typist.type("pwd") == "flash0:/d\n"
    typist.type("show clock | redirect flash:/d/c")
    assert typist.type("more c") == "*10:00:00.000 UTC Mon Jan 5 2026\n"
    assert "Directory not empty" in typist.type("rmdir /d")
    assert typist.type("rename c e") == "Destination filename [d/e]? \n"
    assert typist.type("delete e") == "Delete filename [d/e]? \nDelete flash:/d/e? [confirm]\n"
    typist.type("cd ..")
    assert typist.type("rmdir d").endswith("Removed dir flash:/d\n")
    assert typist.type("dir") == EMPTY


def test_verify_computes_the_md5_digest() -> None:
    typist = new_router()
    typist.router.flash.write("abc", b"abc")
    # RFC 1321, appendix A.5.
    digest = "900150983cd24fb0d6963f7d28e17f72"
    assert typist.type("verify /md5 flash:abc") == f"{'.' * 20}Done!\nverify /md5 (flash:/abc) = {digest}\n\n"
    assert typist.type(f"verify /md5 flash:abc {digest}").endswith(f"Verified (flash:/abc) = {digest}\n\n")
    assert "%Error verifying" in typist.type("verify /md5 flash:abc 00")


def test_output_goes_to_files() -> None:
    typist = new_router("hostname R1\n")
    assert typist.type("show privilege | redirect flash:o") == ""
    assert typist.type("show privilege | append flash:o") == ""
    assert typist.type("show privilege | tee flash:t") == "Current privilege level is 15\n"
    assert typist.type("more flash:o") == "Current privilege level is 15\n" * 2
    assert typist.type("more flash:o | count level") == "Number of lines which match regexp = 2\n"
    assert typist.type("show clock | redirect tftp://1.1.1.1/x") == (
        "%Error opening tftp://1.1.1.1/x (Permission denied)\n"
    )


def test_nobody_answers_a_transfer_and_it_says_so_after_a_while() -> None:
    typist = new_router()
    printed = typist.type("copy tftp://10.0.0.9/x flash:y")
    assert printed.endswith("Accessing tftp://10.0.0.9/x...\n%Error opening tftp://10.0.0.9/x (Timed out)\n")
    assert typist.clock.now() > 5


def test_startup_config_is_written_shown_erased() -> None:
    typist = new_router("hostname R1\n")
    assert typist.type("show startup-config") == "startup-config is not present\n"
    assert typist.type("copy  run start") == (
        "Destination filename [startup-config]? \nBuilding configuration...\n[OK]\n"
    )
    assert typist.type("show startup-config").startswith("Using ")
    assert "! NVRAM config last updated at 10:00:00 UTC Mon Jan 5 2026" in typist.type("show running-config")
    assert typist.type("write erase").endswith("[OK]\nErase of nvram: complete\n")
    assert typist.type("show startup-config") == "startup-config is not present\n"


class LockedNvram(MemoryNvram):
    """A folder of the host that nobody may use any more."""

    def read(self, name: str) -> bytes | None:
        raise PermissionError(errno.EACCES, "Permission denied")

    def write(self, name: str, data: bytes, modified: datetime | None = None) -> None:
        self.read(name)

    def delete(self, name: str) -> None:
        self.read(name)


@pytest.mark.parametrize(
    "line", ["show startup-config", "write memory", "write erase", "crypto key generate rsa label K modulus 1024"]
)
def test_what_the_host_refuses_is_an_error_of_the_command(line: str) -> None:
    typist = new_router("hostname R1\n")
    typist.router.nvram = LockedNvram()
    assert "Permission denied" in typist.type(line)
    assert typist.type("show clock")


@pytest.fixture(params=["memory", "directory"])
def nvram(request: pytest.FixtureRequest, tmp_path: Path) -> Nvram:
    return MemoryNvram() if request.param == "memory" else DirectoryNvram(tmp_path / "nv")


def test_both_kinds_of_nvram_keep_files_alike(nvram: Nvram) -> None:
    flash = Flash(nvram, VirtualClock().wall)
    flash.make_folder("d")
    flash.write("d/x", b"12345")
    flash.write("y", b"1")
    assert [(item.path, item.is_folder, item.size) for item in flash.entries(recursive=True)] == [
        ("d", True, 0),
        ("d/x", False, 5),
        ("y", False, 1),
    ]
    found = flash.find("d/x")
    assert found is not None
    assert found.modified == VirtualClock().wall()
    assert flash.free == 268435456 - 6
    for path in ("../x", "d/../../x", ".hidden", "a\0b", "a/./b", "nowhere/x", "", "d"):
        with pytest.raises(FlashError):
            flash.write(path, b"")
    flash.delete("d/x")
    flash.remove_folder("d")
    assert [item.path for item in flash.entries()] == ["y"]


def test_flash_survives_the_process(tmp_path: Path) -> None:
    first = Typist(build_router(VirtualClock(), DirectoryNvram(tmp_path)), VirtualClock())
    first.type("copy running-config flash:kept")
    second = Typist(build_router(VirtualClock(), DirectoryNvram(tmp_path)), VirtualClock())
    assert "kept" in second.type("dir")
