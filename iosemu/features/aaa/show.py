"""show login, show aaa."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.aaa.config import AaaConfig
from iosemu.features.aaa.guard import LoginGuard

TABLE = CommandTable()


@TABLE.command(
    PRIV_EXEC, "show login", "Show running system information\nDisplay Secure Login Configurations and State"
)
def show_login(ctx: Context) -> str:
    config, guard = ctx.router.model.block(AaaConfig), ctx.router.service(LoginGuard)
    limits = config.watch("block-for")
    if limits is None:
        return "     No login delay has been applied.\n     No Quiet-Mode access list has been configured.\n\n" + (
            "     Router NOT enabled to watch for login Attacks\n"
        )
    left = max(int(guard.quiet_until - ctx.router.clock.now()), 0)
    mode = (
        f"     Router presently in Quiet-Mode.\n     Will remain in Quiet-Mode for {left} seconds.\n"
        if guard.quiet
        else "     Router presently in Normal-Mode.\n"
    )
    return (
        f"     A login delay of {guard.delay:g} second{'' if guard.delay == 1 else 's'} is applied.\n"
        "     No Quiet-Mode access list has been configured.\n\n"
        "     Router enabled to watch for login Attacks.\n"
        f"     If more than {limits[2]} login failures occur in {limits[4]} seconds or less,\n"
        f"     logins will be disabled for {limits[0]} seconds.\n\n{mode}"
    )
