"""The language of the terminal: matching, carets, help, completion, modes, modifiers. Typed on a whole router."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.cli import Ask, Session, load_config
from iosemu.cli.modifiers import ModifierError, parse, translate
from iosemu.cli.spec import SpecError, build, words
from iosemu.features.assembly import build_grammar, build_router, build_session
from iosemu.features.feature import discover
from iosemu.router.clock import VirtualClock


def session(privilege: int = 15) -> Session:
    return build_session(build_router(VirtualClock(1)), privilege=privilege)


def typed(line: Session, *texts: str) -> str:
    """What the lines print; questions get Enter, those that insist on a word get a no."""
    printed = []
    for text in texts:
        interaction = line.execute(text)
        answer: str | None = None
        try:
            while True:
                step = interaction.send(answer)
                answer = None
                if isinstance(step, Ask):
                    answer = "no" if "yes/no" in step.prompt else ""
                if isinstance(step, str):
                    printed.append(step)
        except StopIteration:
            pass
    return "".join(printed)


def caret(line: Session, text: str) -> int:
    """The index in the typed line over the caret."""
    return typed(line, text).splitlines()[0].index("^") - len(line.prompt)


def test_every_declaration_of_the_program_builds() -> None:
    tables = [table for feature in discover() for table in feature.tables]
    assert len(tables) > 15
    for table in tables:
        table.check()


def test_what_help_does_not_show_makes_no_abbreviation_ambiguous() -> None:
    """`encr`, as a running-config has it, beside `encryption`; `ip domain-lookup` beside `ip domain lookup`."""
    line = session()
    lines = ("configure terminal", "no ip doma look", "crypto isakmp policy 10", "enc aes 256")
    assert typed(line, *lines).splitlines()[1:] == []
    shown = typed(line, "end", "show running-config")
    assert "no ip domain lookup\n" in shown
    assert " encr aes 256\n" in shown


@pytest.mark.parametrize(("short", "long"), [("log", "logging"), ("mem", "memory statistics"), ("flash", "flash:")])
def test_what_everybody_types(short: str, long: str) -> None:
    line = session()
    assert typed(line, f"show {short}") == typed(line, f"show {long}") != ""


@pytest.mark.parametrize(
    ("spec", "helps"),
    [("show clock", ["one"]), ("show clock", ["one", "two", "three"]), ("show [detail]", ["one"])],
)
def test_a_missing_help_text_is_a_build_error(spec: str, helps: list[str]) -> None:
    with pytest.raises(SpecError):
        build(spec, helps)


def test_words_of_a_spec_in_order() -> None:
    assert words("a (b|c WORD$x) [<1-5>$n] {d|e}") == ["a", "b", "c", "WORD", "<1-5>", "d", "e"]


@pytest.mark.parametrize("text", ["sh ip int br", "SHOW IP INTERFACE BRIEF", "  show   ip interface  brief  "])
def test_abbreviations_case_and_blanks(text: str) -> None:
    assert typed(session(), text).startswith("Interface ")


@pytest.mark.parametrize(
    ("text", "column"),
    [("show ip rouet", 11), ("show clock now", 11), ("show version detail", 13), ("ping 10.0.0.1 repeat x", 21)],
)
def test_the_caret_stands_under_the_first_wrong_character(text: str, column: int) -> None:
    assert caret(session(), text) == column


def test_the_caret_counts_the_prompt_of_the_mode() -> None:
    line = session()
    typed(line, "configure terminal", "interface Loopback0")
    assert caret(line, "ip adress 1.1.1.1 255.0.0.0") == 5


def test_the_other_error_forms() -> None:
    line = session()
    assert typed(line, "show ip") == "% Incomplete command.\n\n"
    assert typed(line, "sh") == '% Type "show ?" for a list of subcommands\n'
    assert typed(line, "e") == '% Ambiguous command:  "e"\n'
    assert "Translating" in typed(line, "foo")
    assert typed(line, "! a comment") == ""


def test_modes_and_prompts() -> None:
    line = session(privilege=1)
    assert line.prompt == "Router>"
    typed(line, "enable")
    assert line.prompt == "Router#"
    typed(line, "conf t", "hostname A-very-long-hostname-indeed")
    assert line.prompt == "A-very-long-hostname(config)#"
    typed(line, "crypto gdoi group G", "server local", "sa ipsec 1")
    assert line.prompt == "A-very-long-hostname(gkm-sa-ipsec)#"
    typed(line, "exit")
    assert line.prompt.endswith("(gkm-local-server)#")
    typed(line, "interface Loopback7")
    assert line.prompt.endswith("(config-if)#")
    typed(line, "exit")
    assert line.prompt.endswith("(config)#")
    typed(line, "end")
    assert line.prompt == "A-very-long-hostname-indeed#"
    typed(line, "exit")
    assert line.closed


def test_a_line_of_an_outer_mode_is_accepted_and_its_own_mode_wins() -> None:
    line = session()
    typed(line, "conf t", "crypto gdoi group G", "server local", "sa ipsec 1", "address ipv4 10.0.0.1")
    assert line.mode.name == "gkm-local-server"
    assert " address ipv4 10.0.0.1" in typed(line, "do show running-config | include address")


def test_do_and_no_and_default() -> None:
    line = session()
    typed(line, "conf t", "interface Loopback0", "description one two")
    assert " description one two" in typed(line, "do sh run | s interface")
    typed(line, "no description")
    assert "description" not in typed(line, "do sh run | s interface")
    typed(line, "hostname X", "default hostname")
    assert line.router.hostname == "Router"


def test_help_in_its_three_forms() -> None:
    line = session()
    assert line.help("").startswith("Exec commands:\n  archive          manage archive files\n")
    assert line.help("sh") == "show  \n\n"
    assert line.help("show clo") == "clock  \n\n"
    assert line.help("show clock ") == (
        "  detail  Display detailed information\n  |       Output modifiers\n  <cr>\n\n"
    )
    assert line.help("terminal length ") == "  <0-512>  Number of lines on screen (0 for no pausing)\n\n"
    assert line.help("show nonsense ") == "% Unrecognized command\n"
    assert "include" in line.help("show clock | ")
    typed(line, "conf t")
    assert line.help("do show clo") == "clock  \n\n"


def test_tab() -> None:
    line = session()
    assert line.complete("sh") == "show "
    assert line.complete("show ip int") == "show ip interface "
    assert line.complete("e") is None
    assert line.complete("show ") is None
    typed(line, "conf t")
    assert line.complete("do sh") == "do show "


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        ("include hostname", "hostname Router\n"),
        ("count ^interface", "Number of lines which match regexp = 1\n"),
        ("b ^end", "\nend\n\n"),
        ("section ^interface", "interface Loopback0\n no ip address\n"),
        ("inc host|end", "hostname Router\nend\n"),
    ],
)
def test_output_modifiers(modifier: str, expected: str) -> None:
    line = session()
    typed(line, "conf t", "interface Loopback0", "end")
    assert typed(line, f"show running-config | {modifier}") == expected


def test_wrong_modifiers() -> None:
    line = session()
    assert caret(line, "show clock | grep x") == 13
    assert typed(line, "show clock | include") == "% Incomplete command.\n\n"
    assert "regular expression" in typed(line, "show clock | include (")
    with pytest.raises(ModifierError):
        parse("")
    assert translate(r"a_b\.{") == r"a(?:^|$|[ ,{}()_])b\.\{"


def test_history_keeps_exec_and_configuration_apart() -> None:
    line = session()
    typed(line, "show clock", "conf t", "hostname R2", "end")
    assert typed(line, "show history") == "  show clock\n  conf t\n  show history\n"


@settings(max_examples=300)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_random_text_never_raises(texts: list[str]) -> None:
    line = session()
    for text in ["conf t", *texts]:
        typed(line, text)
        assert isinstance(line.help(text), str)
        line.complete(text)


GRAMMAR_WORDS = sorted({c.spec.split()[0] for f in discover() for t in f.tables for c in t.commands})


@settings(max_examples=300)
@given(
    st.lists(
        st.lists(
            st.sampled_from([*GRAMMAR_WORDS, "10.0.0.1", "255.0.0.0", "7", "any", "Gi0/0", "|", "no"]), max_size=6
        ),
        max_size=5,
    )
)
def test_random_words_of_the_language_never_raise(lines: list[list[str]]) -> None:
    line = session()
    for text in lines:
        typed(line, " ".join(text))
        line.help(" ".join(text) + " ")


def test_the_loader_names_the_line_and_goes_on() -> None:
    router = build_router(VirtualClock(1))
    text = "hostname R1\nfrobnicate\n x\ninterface Loopback0\n ip address 10.0.0.1 255.255.255.255\n shut down\nend\n"
    refusals = load_config(router, build_grammar(), text)
    assert [(item.number, item.text) for item in refusals] == [(2, "frobnicate"), (3, " x"), (6, " shut down")]
    assert refusals[1].reason == "the line above it was refused"
    assert router.hostname == "R1"
    assert "ip address 10.0.0.1" in typed(build_session(router, privilege=15), "show running-config")
