"""show crypto engine, show crypto eli: what encrypts, its SAs, and what it has dropped."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.crypto_map.config import CryptoMaps
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.isakmp.role import algorithms
from iosemu.features.isakmp.service import IsakmpService

TABLE = CommandTable()
_HEAD = "Show running system information\nEncryption module\n"
_ENGINE = f"{_HEAD}Show crypto engine info\n"
_CONNECTIONS = f"{_ENGINE}Show connections\n"
# As a recent image lists them.
CAPABILITIES = "DES, 3DES, AES, GCM, GMAC, Manual IPsec key, OSPFv3 manual keying, RSA, IPv6, GDOI, FAILCLOSE, ESN"
MOST_SESSIONS = 16000


@TABLE.command(PRIV_EXEC, "show crypto engine connections active", f"{_CONNECTIONS}Show active connections")
def show_connections(ctx: Context) -> str:
    lines = [
        "Crypto Engine Connections",
        "",
        "   ID  Type    Algorithm           Encrypt  Decrypt LastSeqN IP-Address",
    ]
    for provider in ctx.router.service(CryptoPath).providers:
        for row in provider.connections():
            figures = f"{row.encrypted:>8} {row.decrypted:>8} {row.sequence:>8} {row.address}"
            lines.append(f"{row.connection_id:>5}  IPsec   {row.algorithms:<18} {figures}")
    rows = []
    service = ctx.router.service(IsakmpService)
    for sa in service.engine.sas:
        if sa.suite is not None and sa.established:
            name = algorithms(sa.suite.hash, sa.suite.encryption, sa.suite.key_bits)
            rows.append((sa.connection_id, name, str(sa.local.address)))
    # Rekey SAs have no address of their own.
    rows += [(rekey.connection_id, rekey.algorithms, "") for role in service.roles for rekey in role.rekey_sas()]
    for number, name, address in sorted(rows):
        lines.append(f"{number:>5}  IKE     {name:<18} {0:>8} {0:>8} {0:>8} {address}")
    return "".join(f"{line}\n" for line in [*lines, ""])


@TABLE.command(PRIV_EXEC, "show crypto engine connections dropped-packet", f"{_CONNECTIONS}Show dropped packets")
def show_dropped(ctx: Context) -> str:
    path = ctx.router.service(CryptoPath)
    lines = [f"{'Interface':<27}{'IP-Address':<16}Drop Count", ""]
    for name in dict.fromkeys(where for where, _, _ in ctx.router.model.block(CryptoMaps).placed):
        interface = ctx.router.interfaces.get(name)
        address = str(interface.address) if interface is not None and interface.address else "unassigned"
        if path.drops.get(name):
            lines.append(f"{name!s:<27}{address:<16}{path.drops[name]:>10}")
    return "".join(f"{line}\n" for line in [*lines, ""])


@TABLE.command(PRIV_EXEC, "show crypto engine brief", f"{_ENGINE}Show all crypto engines in the system")
def show_brief(ctx: Context) -> str:
    return """\
        crypto engine name:  Software Crypto Engine
        crypto engine type:  software
             serial number:  FFFFFFFF
       crypto engine state:  installed
     crypto engine in slot:  N/A

"""


@TABLE.command(PRIV_EXEC, "show crypto eli", f"{_HEAD}Encryption layer interface")
def show_eli(ctx: Context) -> str:
    path = ctx.router.service(CryptoPath)
    active = sum(len(provider.connections()) for provider in path.providers) // 2
    made = path.connection_ids.made
    return f"""\
Hardware Encryption : ACTIVE
 Number of hardware crypto engines = 1

 CryptoEngine IOSEMU(1) details: state = Active
 Capability    : {CAPABILITIES}

 IPSec-Session : {active:>5} active, {MOST_SESSIONS} max, 0 failed, {made} created

"""
