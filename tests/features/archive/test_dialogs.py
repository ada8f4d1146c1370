"""archive, configure replace, configure revert: as they are typed."""

from __future__ import annotations

from tests.features.typist import Typist, new_router

QUESTION = (
    "This will apply all necessary additions and deletions\nto replace the current running configuration with the\n"
    "contents of the specified configuration file, which is\nassumed to be a complete configuration, not a partial\n"
    "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
)


def prepared() -> Typist:
    """A router with an archive, and its configuration in flash:a."""
    typist = new_router(
        "hostname R1\narchive\n path flash:arch-\n maximum 2\n"
        "interface Loopback0\n ip address 1.1.1.1 255.255.255.255\n"
    )
    typist.configure("file prompt quiet")
    typist.type("copy running-config flash:a")
    return typist


def test_replace_asks_and_does_nothing_without_a_yes() -> None:
    typist = prepared()
    typist.configure("hostname R2")
    assert typist.type("configure replace flash:a", "") == f"{QUESTION}\n"
    assert typist.session.prompt == "R2#"
    done = typist.type("configure replace flash:a", "y")
    assert done == f"{QUESTION}y\n\nTotal number of passes: 1\nRollback Done\n\n"
    assert typist.session.prompt == "R1#"
    assert "%SYS-5-CONFIG_R: Config Replace is Done" in typist.log()


def test_replace_lists_its_commands() -> None:
    typist = prepared()
    typist.configure("interface Loopback0\nip address 2.2.2.2 255.255.255.255\nno file prompt quiet")
    assert typist.type("configure replace flash:a list force") == (
        "!Pass 1\n\n!List of Rollback Commands:\n"
        "interface Loopback0\n no ip address 2.2.2.2 255.255.255.255\n"
        "file prompt quiet\ninterface Loopback0\n ip address 1.1.1.1 255.255.255.255\nend\n\n"
        "\nTotal number of passes: 1\nRollback Done\n\n"
    )


def test_a_file_that_is_no_configuration_is_refused() -> None:
    typist = prepared()
    typist.router.flash.write("bad", b"just words\n")
    assert typist.type("configure replace flash:bad force") == "%The input file is not a valid config file.\n"


def test_a_bad_line_is_named_or_reverts_everything() -> None:
    typist = prepared()
    text = typist.type("more flash:a").replace("hostname R1", "hostname R7\nfrobnicate")
    typist.router.flash.write("bad", text.encode())
    printed = typist.type("configure replace flash:bad force revert trigger error")
    assert "Failed to apply command frobnicate\nAborting Rollback.\n" in printed
    assert typist.session.prompt == "R1#"
    printed = typist.type("configure replace flash:bad force")
    assert "The following commands are failed to apply to the IOS image.\n********\nfrobnicate\n" in printed
    assert typist.session.prompt == "R7#"


def test_show_archive_before_and_after() -> None:
    assert new_router().type("show archive") == " Archive feature not enabled\n"
    assert new_router().type("archive config") == " Archive feature not enabled\n% Error caught by command handler\n"
    typist = prepared()
    for _ in range(3):
        typist.type("archive config")
    assert typist.type("show archive") == (
        "The maximum archive configurations allowed is 2.\n"
        "The next archive file will be named flash:arch-<timestamp>-3\n"
        " Archive #  Name\n"
        "   1        flash:arch-Jan--5-10-00-00.000-1 \n"
        "   2        flash:arch-Jan--5-10-00-00.000-2 <- Most Recent \n"
    )
    assert [item.name for item in typist.router.flash.entries()] == [
        "a",
        "arch-Jan--5-10-00-00.000-1",
        "arch-Jan--5-10-00-00.000-2",
    ]


def test_differences_show_signs_behind_the_indentation() -> None:
    typist = prepared()
    typist.configure(
        "interface Loopback0\nip address 2.2.2.2 255.255.255.255\n"
        "interface Loopback9\nip address 9.9.9.9 255.255.255.255"
    )
    assert typist.type("show archive config differences flash:a system:running-config") == (
        "\n!Contextual Config Diffs:\n"
        "interface Loopback0\n +ip address 2.2.2.2 255.255.255.255\n -ip address 1.1.1.1 255.255.255.255\n"
        "+interface Loopback9\n +ip address 9.9.9.9 255.255.255.255\n\n"
    )
    assert typist.type("show archive config differences flash:a flash:a") == "!No changes were found\n"


def test_incremental_differences_list_what_a_file_would_add() -> None:
    typist = prepared()
    typist.router.flash.write("m", b"hostname R1\ninterface Loopback0\n description new\nno ip http server\n")
    assert typist.type("show archive config incremental-diffs flash:m ignorecase") == (
        "!List of Commands:\ninterface Loopback0\n description new\nend\n\n"
    )
    typist.router.flash.write("m", b"hostname R1\n")
    assert typist.type("show archive config incremental-diffs flash:m") == "!No changes were found\n"


def test_an_unconfirmed_change_is_taken_back() -> None:
    typist = prepared()
    assert typist.type("configure confirm") == "%No Rollback Confirmed Change pending\n"
    assert typist.type("configure terminal revert timer 5") == (
        "Rollback Confirmed Change: Backing up current running config to flash:arch-Jan--5-10-00-00.000-0\n\n"
        "Enter configuration commands, one per line.  End with CNTL/Z.\n"
    )
    typist.type("hostname R2")
    typist.type("end")
    assert typist.type("show archive config rollback timer") == (
        "Time configured(UTC): 10:00:00 UTC Mon Jan 5 2026\n"
        "Timer type: absolute timer\nTimer value: 5 min\nUser: console\n"
    )
    typist.clock.run_until(241)
    assert "ROLLBK_CNFMD_CHG_WARNING_ABSTIMER: System will rollback to config" in typist.log()
    assert typist.session.prompt == "R2#"
    typist.clock.run_until(301)
    assert typist.session.prompt == "R1#"
    assert typist.type("show archive config rollback timer") == "%No Rollback Confirmed Change pending\n"


def test_a_confirmed_change_stays_and_revert_now_does_not_wait() -> None:
    typist = prepared()
    typist.type("configure terminal revert timer 5")
    typist.type("hostname R2")
    typist.type("end")
    typist.type("configure confirm")
    typist.clock.run_until(400)
    assert typist.session.prompt == "R2#"
    typist.type("configure terminal revert timer 5")
    typist.type("hostname R3")
    typist.type("end")
    assert typist.type("configure revert now").endswith("Rollback Done\n\n")
    assert typist.session.prompt == "R2#"


def test_without_an_archive_nothing_can_be_taken_back() -> None:
    assert new_router().type("configure terminal revert timer 5") == (
        "%Please turn config archive on before using Rollback Confirmed Change\n"
    )


def test_commands_are_logged_without_their_secrets() -> None:
    typist = new_router("archive\n log config\n  logging enable\n  notify syslog\n  hidekeys\n")
    typist.configure("enable secret verysecret\ninterface Loopback1")
    printed = typist.type("show archive log config all")
    assert "console@console  |  interface Loopback1 " in printed
    assert "|  enable secret ***** " in printed
    assert "verysecret" not in printed + typist.log()
    assert "%PARSER-5-CFGLOG_LOGGEDCMD: User:console  logged command:interface Loopback1" in typist.log()


def test_write_memory_and_time_make_copies() -> None:
    typist = new_router("archive\n path flash:$h-$t\n write-memory\n time-period 60\n")
    typist.type("write memory")
    typist.clock.run_until(3601)
    names = [item.name for item in typist.router.flash.entries()]
    assert names == ["Router-Jan--5-10-00-00.000-0", "Router-Jan--5-11-00-00.000-1"]
