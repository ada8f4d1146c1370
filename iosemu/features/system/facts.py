"""show hosts, show inventory: what automation asks a router about itself."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.system.config import SystemConfig

TABLE = CommandTable()
SERIAL = "IOSEMU0001"


@TABLE.command(
    USER_EXEC,
    "show hosts",
    """Show running system information
    IP domain-name, lookup style, nameservers, and host table""",
)
def show_hosts(ctx: Context) -> str:
    system = ctx.router.model.block(SystemConfig)
    service = "domain service" if system.domain_lookup else "static mappings"
    heading = f"{'Host':<26}{'Port':<6}{'Flags':<11}{'Age':<4}{'Type':<7}Address(es)"
    return f"""\
Default domain is {system.domain_name or "not set"}
Name/address lookup uses {service}
Name servers are 255.255.255.255

Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate
       temp - temporary, perm - permanent
       NA - Not Applicable None - Not defined

{heading}
"""


@TABLE.command(
    USER_EXEC,
    "show inventory",
    """Show running system information
    Show the physical inventory""",
)
def show_inventory(ctx: Context) -> str:
    return (
        f'NAME: "IOSEMU", DESCR: "IOSEMU chassis, Hw Serial#: {SERIAL}, Hw Revision: 1.0"\n'
        f"PID: {'IOSEMU':<18}, VID: 1.0, SN: {SERIAL}\n\n\n"
    )
