"""configure replace, configure terminal revert, configure confirm, archive config."""

from __future__ import annotations

from iosemu.cli import CONFIG, PRIV_EXEC, Ask, CommandError, CommandTable, Context, Interaction, read_as_text
from iosemu.cli.builtin import ENTERED
from iosemu.features.archive.diff import shown
from iosemu.features.archive.replace import NotAConfigError, Outcome, replace
from iosemu.features.archive.service import ArchiveService
from iosemu.features.files.url import parse_url, read
from iosemu.router.flash import FlashError
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()
QUESTION = """\
This will apply all necessary additions and deletions
to replace the current running configuration with the
contents of the specified configuration file, which is
assumed to be a complete configuration, not a partial
configuration. Enter Y if you are sure you want to proceed. ? [no]: """
NO_ARCHIVE = "%Please turn config archive on before using Rollback Confirmed Change"
NOTHING_PENDING = "%No Rollback Confirmed Change pending"
DEFAULT_MINUTES = 2


def _service(ctx: Context) -> ArchiveService:
    return ctx.router.service(ArchiveService)


@TABLE.command(
    PRIV_EXEC,
    "configure replace WORD$name {list$listed|force$force|ignorecase|nolock|revert trigger error$revert"
    " [timer <1-120>$timer]|time <1-120>$minutes}",
    """Enter configuration mode
    Replace the running-config with a new config file
    URL of the configuration file
    List the commands that are applied
    Force configuration replace without prompting for confirmation
    Ignore the case of the configuration
    Do not lock the configuration
    Parameters for reverting the configuration
    Trigger for a reversion
    Revert when a command fails
    Time for confirmation
    Minutes
    Time for confirmation
    Minutes""",
)
def configure_replace(
    ctx: Context,
    name: str,
    listed: str = "",
    force: str = "",
    revert: str = "",
    timer: int | None = None,
    minutes: int | None = None,
) -> Interaction:
    text = read_as_text(read(ctx.router, parse_url(ctx.session, name)))
    if not force and (yield Ask(QUESTION)) not in ("y", "Y", "yes"):
        return
    before = print_running_config(ctx.router)
    wait = timer or minutes
    if wait is not None:
        yield from _back_up(ctx, wait)
    try:
        outcome = replace(ctx.router, ctx.session.grammar, text)
    except NotAConfigError:
        raise CommandError("%The input file is not a valid config file.") from None
    ctx.session.note_change()
    if revert and outcome.failed:
        yield from _reverted(ctx, outcome, before)
        return
    yield from _report(outcome, bool(listed))
    ctx.router.syslog.log("SYS", 5, "CONFIG_R", "Config Replace is Done")


def _report(outcome: Outcome, listed: bool) -> Interaction:
    if listed:
        for number, commands in enumerate(outcome.passes, start=1):
            yield f"!Pass {number}\n\n!List of Rollback Commands:\n"
            yield "".join(f"{line}\n" for line in [*commands, "end", ""])
    if not outcome.failed:
        yield f"\nTotal number of passes: {len(outcome.passes)}\nRollback Done\n\n"
        return
    last = outcome.passes[-1] if outcome.passes else []
    yield "\nThe rollback configlet from the last pass is listed below:\n********\n!List of Rollback Commands:\n"
    yield "".join(f"{line}\n" for line in [*last, "end", "********", "", ""])
    yield f"Rollback aborted after {len(outcome.passes)} passes\n"
    yield "The following commands are failed to apply to the IOS image.\n********\n"
    yield "".join(f"{line}\n" for line in [*shown(outcome.failed), "********", ""])


def _reverted(ctx: Context, outcome: Outcome, before: str) -> Interaction:
    yield f"\nFailed to apply command {outcome.failed[0]}\nAborting Rollback.\n\n"
    yield "Rollback failed.Reverting back to the original configuration: system:running-config \n"
    again = replace(ctx.router, ctx.session.grammar, before)
    yield f"\nTotal number of passes: {len(again.passes)}\nRollback Done\n\n"
    yield "The original configuration has been successfully restored.\n"


@TABLE.command(
    PRIV_EXEC,
    "configure terminal revert timer <1-120>$minutes",
    """Enter configuration mode
    Configure from the terminal
    Parameters for reverting the configuration
    Time for confirmation
    Minutes""",
)
def configure_revert_timer(ctx: Context, minutes: int) -> Interaction:
    yield from _back_up(ctx, minutes)
    ctx.session.enter(CONFIG)
    yield ENTERED


def _back_up(ctx: Context, minutes: int) -> Interaction:
    """Keep the configuration as it is, and bring it back later."""
    service = _service(ctx)
    if service.config.path is None:
        raise CommandError(NO_ARCHIVE)
    text = print_running_config(ctx.router)
    try:
        url = service.copy()
    except FlashError as error:
        raise CommandError(f"%Error opening {service.config.path} ({error})") from error
    yield f"Rollback Confirmed Change: Backing up current running config to {url}\n\n"
    log = ctx.router.syslog.log
    log("ARCHIVE_DIFF", 5, "ROLLBK_CNFMD_CHG_BACKUP", f"Backing up current running config to {url}")
    user = ctx.session.user or ctx.session.seat.name
    who = f"User: {user}(Priv: {ctx.session.privilege}, View: 0)"
    scheduled = f"{who}: Scheduled to rollback to config {url} in {minutes} minutes"
    log("ARCHIVE_DIFF", 5, "ROLLBK_CNFMD_CHG_START_ABSTIMER", scheduled)
    service.schedule(minutes, url, text, user, lambda: _take_back(ctx))


def _take_back(ctx: Context) -> None:
    service = _service(ctx)
    pending = service.pending
    if pending is None:
        return
    service.confirm()
    text = f"Rolling to:{pending.url}"
    ctx.router.syslog.log("ARCHIVE_DIFF", 5, "ROLLBK_CNFMD_CHG_ROLLBACK_START", f"Start rolling to: {pending.url}")
    replace(ctx.router, ctx.session.grammar, pending.text)
    ctx.session.note_change()
    ctx.router.syslog.log("SYS", 5, "CONFIG_R", f"Config Replace is Done. {text}")


@TABLE.command(PRIV_EXEC, "configure confirm", "Enter configuration mode\nConfirm replacement of running-config")
def configure_confirm(ctx: Context) -> None:
    service = _service(ctx)
    pending = service.pending
    if not service.confirm() or pending is None:
        raise CommandError(NOTHING_PENDING)
    text = f"User: {pending.user}: Rollback confirmed change is confirmed"
    ctx.router.syslog.log("ARCHIVE_DIFF", 5, "ROLLBK_CNFMD_CHG_CONFIRM", text)


@TABLE.command(
    PRIV_EXEC,
    "configure revert (now$now|timer <1-120>$minutes)",
    """Enter configuration mode
    Revert the running-config
    Revert at once
    Change the time for confirmation
    Minutes""",
)
def configure_revert(ctx: Context, now: str = "", minutes: int = DEFAULT_MINUTES) -> Interaction:
    service = _service(ctx)
    pending = service.pending
    if pending is None:
        raise CommandError(NOTHING_PENDING)
    if now:
        service.confirm()
        outcome = replace(ctx.router, ctx.session.grammar, pending.text)
        ctx.session.note_change()
        yield from _report(outcome, False)
    else:
        service.schedule(minutes, pending.url, pending.text, pending.user, lambda: _take_back(ctx))


@TABLE.command(PRIV_EXEC, "archive config", "manage archive files\nArchive the running-config")
def archive_config(ctx: Context) -> None:
    service = _service(ctx)
    if service.config.path is None:
        raise CommandError(" Archive feature not enabled\n% Error caught by command handler")
    try:
        service.copy()
    except FlashError as error:
        raise CommandError(f"%Error opening {service.config.path} ({error})") from error
