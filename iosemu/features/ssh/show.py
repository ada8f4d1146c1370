"""show ssh, show ip ssh."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.ssh.config import SshConfig
from iosemu.features.ssh.service import SMALLEST_KEY, SshService

TABLE = CommandTable()
_SHOW = "Show running system information\n"


@TABLE.command(USER_EXEC, "show ssh", f"{_SHOW}Status of SSH server connections")
def show_ssh(ctx: Context) -> str:
    service = ctx.router.service(SshService)
    if not service.connections:
        return "%No SSHv2 server connections running.\n%No SSHv1 server connections running.\n"
    rows = ["Connection Version Mode Encryption  Hmac         State                 Username"]
    for session, transport in service.connections.items():
        for mode in ("IN", "OUT"):
            rows.append(
                f"{session.seat.number:<11}2.0     {mode:<5}{transport.cipher:<12}{transport.mac:<13}"
                f"Session started       {session.user or ''}"
            )
    return "".join(f"{row}\n" for row in [*rows, "%No SSHv1 server connections running."])


@TABLE.command(USER_EXEC, "show ip ssh", f"{_SHOW}IP information\nInformation about IP SSH")
def show_ip_ssh(ctx: Context) -> str:
    config, service = ctx.router.model.block(SshConfig), ctx.router.service(SshService)
    limits = f"Authentication timeout: {config.timeout} secs; Authentication retries: {config.retries}\n"
    if not service.enabled:
        return (
            "SSH Disabled - version 2.0\n"
            f"%Please create RSA keys to enable SSH (and of atleast {SMALLEST_KEY} bits for SSH v2).\n{limits}"
        )
    key = service.key()
    size = f"{key.bits} bits" if key is not None else "a key of the emulator's own"
    return (
        "SSH Enabled - version 2.0\n"
        "Authentication methods:publickey,keyboard-interactive,password\n"
        f"{limits}Minimum expected Diffie Hellman key size : 2048 bits\nServer key: {size}\n"
    )
