"""show crypto isakmp policy, show crypto isakmp sa."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.crypto.modp import MODP_GROUPS
from iosemu.features.isakmp.config import IsakmpConfig, PolicyConfig
from iosemu.features.isakmp.service import IsakmpService

TABLE = CommandTable()
ENCRYPTION = {
    "des": "DES - Data Encryption Standard (56 bit keys).",
    "3des": "Three key triple DES",
}
HASH = {
    "md5": "Message Digest 5",
    "sha": "Secure Hash Standard",
    "sha256": "Secure Hash Standard 2 (256 bit)",
    "sha384": "Secure Hash Standard 2 (384 bit)",
    "sha512": "Secure Hash Standard 2 (512 bit)",
}
AUTHENTICATION = {
    "pre-share": "Pre-Shared Key",
    "rsa-sig": "Rivest-Shamir-Adleman Signature",
    "rsa-encr": "Rivest-Shamir-Adleman Encryption",
}
CURVE_BITS = {19: 256, 20: 384, 21: 521}
_HEAD = "Show running system information\nEncryption module\nShow ISAKMP\n"


@TABLE.command(PRIV_EXEC, "show crypto isakmp policy", _HEAD + "Show ISAKMP protection suite policy")
def show_policy(ctx: Context) -> str:
    policies = ctx.router.model.block(IsakmpConfig).policies
    blocks = [_policy(policies[priority]) for priority in sorted(policies)]
    return "\nGlobal IKE policy\n" + "".join(blocks)


def _policy(policy: PolicyConfig) -> str:
    name, bits = policy.encryption
    cipher = ENCRYPTION.get(name) or f"AES - Advanced Encryption Standard ({bits} bit keys)."
    size = CURVE_BITS.get(policy.group) or len(MODP_GROUPS[policy.group][0]) * 4
    return (
        f"Protection suite of priority {policy.priority}\n"
        f"\tencryption algorithm:\t{cipher}\n"
        f"\thash algorithm:\t\t{HASH[policy.hash]}\n"
        f"\tauthentication method:\t{AUTHENTICATION[policy.authentication]}\n"
        f"\tDiffie-Hellman group:\t#{policy.group} ({size} bit)\n"
        f"\tlifetime:\t\t{policy.lifetime} seconds, no volume limit\n"
    )


@TABLE.command(PRIV_EXEC, "show crypto isakmp sa", _HEAD + "Show ISAKMP Security Associations")
def show_sa(ctx: Context) -> str:
    service = ctx.router.service(IsakmpService)
    rows = [row for role in service.roles for row in role.rekey_rows()]
    for sa in reversed(service.engine.sas):
        ends = (sa.remote, sa.local) if sa.initiator else (sa.local, sa.remote)
        rows.append((str(ends[0].address), str(ends[1].address), sa.shown_state, sa.connection_id))
    lines = ["IPv4 Crypto ISAKMP SA", "dst             src             state          conn-id status"]
    lines += [f"{dst:<15} {src:<15} {state:<16} {number:>5} ACTIVE" for dst, src, state, number in rows]
    return "\n".join([*lines, "", "IPv6 Crypto ISAKMP SA", "", ""])
