"""tclsh: what clients send to write a file without a transfer protocol."""

from __future__ import annotations

import pytest

from tests.features.typist import Typist, new_router


def in_tcl() -> Typist:
    typist = new_router("hostname A-very-long-hostname-indeed\n")
    assert typist.type("tclsh") == ""
    assert typist.session.prompt == "A-very-long-hostname-indeed(tcl)#"
    return typist


def test_a_text_in_braces_becomes_a_file() -> None:
    typist = in_tcl()
    lines = (
        'puts [open "flash0:m.txt" w+] {interface Loopback0',
        " ip address 1.1.1.1 255.255.255.255",
        "",
        "!",
        "end}",
    )
    assert "".join(typist.type(line) for line in lines) == ""
    assert typist.session.prompt == "A-very-long-hostname-indeed(tcl)#"
    wanted = "interface Loopback0\n ip address 1.1.1.1 255.255.255.255\n\n!\nend\n"
    assert typist.type("more flash:m.txt") == wanted
    assert typist.type("tclquit") == ""
    assert typist.session.prompt == "A-very-long-hostname-indeed#"
    assert typist.router.flash.read("m.txt").decode() == wanted


def test_braces_in_the_text_are_counted_and_the_prompt_tells_that_more_is_wanted() -> None:
    typist = in_tcl()
    typist.type('puts [open "flash:b" w] {a {')
    assert typist.session.prompt == "+>"
    typist.type("b }")
    assert typist.session.prompt == "+>"
    typist.type("}")
    assert typist.router.flash.read("b") == b"a {\nb }\n\n"


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("puts hello", "hello\n"),
        ('puts "a\\tb"', "a\tb\n"),
        ("puts -nonewline {x y}", "x y"),
        ("puts", 'wrong # args: should be "puts ?-nonewline? ?channelId? string"\n\n'),
        ('puts [open "flash:x" r] {y}', 'channel "file0" wasn\'t opened for writing\n\n'),
        ('puts [open "flash:/no/x" w] {y}', 'couldn\'t open "flash:/no/x": no such file or directory\n\n'),
        ('puts [open "flash:../x" w] {y}', 'couldn\'t open "flash:../x": invalid filename\n\n'),
        ('puts [open "nvram:x" w] {y}', 'couldn\'t open "nvram:x": permission denied\n\n'),
        ("show privilege", "Current privilege level is 15\n"),
        ("show privilege | count level", "Number of lines which match regexp = 1\n"),
        ("", ""),
    ],
)
def test_what_a_line_prints(line: str, printed: str) -> None:
    typist = in_tcl()
    assert typist.type(line) == printed
    assert typist.session.prompt.endswith("(tcl)#")


def test_a_file_is_appended_to() -> None:
    typist = in_tcl()
    typist.type('puts [open "flash:a" w] {1}')
    typist.type('puts [open "flash:a" a+] {2}')
    assert typist.router.flash.read("a") == b"1\n2\n"


def test_configuration_comes_back_to_the_shell_and_the_abort_key_leaves_it() -> None:
    typist = in_tcl()
    assert typist.type("configure terminal") == "Enter configuration commands, one per line.  End with CNTL/Z.\n"
    typist.type("hostname R2")
    typist.type("interface Loopback7")
    assert typist.session.prompt == "R2(config-if)#"
    typist.type("end")
    assert typist.session.prompt == "R2(tcl)#"
    typist.type("configure terminal")
    typist.type("exit")
    assert typist.session.prompt == "R2(tcl)#"
    typist.type("puts {unfinished")
    typist.session.end()
    assert typist.session.prompt == "R2#"
    assert not typist.session.closed


def test_help_and_completion_are_those_of_exec() -> None:
    typist = in_tcl()
    assert typist.session.help("show clo") == "clock  \n\n"
    assert typist.session.complete("show clo") == "show clock "
