"""show crypto isakmp policy, key, profile and peers."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.crypto.modp import MODP_GROUPS
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.accounts.master_key import SEALED
from iosemu.features.isakmp.config import IsakmpConfig, PolicyConfig
from iosemu.features.isakmp.default_policies import DEFAULT_POLICIES
from iosemu.features.isakmp.directory import effective_policies
from iosemu.features.isakmp.identity_text import identity_text
from iosemu.features.isakmp.keyring import Keyrings
from iosemu.features.isakmp.keys import HOST_MASK, PresharedKey
from iosemu.features.isakmp.profile import Profile, Profiles
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
    "ecdsa-sig": "Elliptic Curve Digital Signature Algorithm",
}
CURVE_BITS = {19: 256, 20: 384, 21: 521}
_HEAD = "Show running system information\nEncryption module\nShow ISAKMP\n"


@TABLE.command(PRIV_EXEC, "show crypto isakmp policy", _HEAD + "Show ISAKMP protection suite policy")
def show_policy(ctx: Context) -> str:
    config = ctx.router.model.block(IsakmpConfig)
    title = "Global IKE policy" if config.policies else "Default IKE policy"
    return f"\n{title}\n" + "".join(_policy(item) for item in effective_policies(config))


@TABLE.command(
    PRIV_EXEC,
    "show crypto isakmp default policy",
    _HEAD + "Default policies\nPolicies that hold while none is configured",
)
def show_default_policy(ctx: Context) -> str:
    config = ctx.router.model.block(IsakmpConfig)
    policies = DEFAULT_POLICIES if config.default_policies else ()
    return "\nDefault IKE policy\n" + "".join(_policy(item, "Default protection") for item in policies)


def _policy(policy: PolicyConfig, kind: str = "Protection") -> str:
    name, bits = policy.encryption
    cipher = ENCRYPTION.get(name) or f"AES - Advanced Encryption Standard ({bits} bit keys)."
    size = CURVE_BITS.get(policy.group) or len(MODP_GROUPS[policy.group][0]) * 4
    return (
        f"{kind} suite of priority {policy.priority}\n"
        f"\tencryption algorithm:\t{cipher}\n"
        f"\thash algorithm:\t\t{HASH[policy.hash]}\n"
        f"\tauthentication method:\t{AUTHENTICATION[policy.authentication]}\n"
        f"\tDiffie-Hellman group:\t#{policy.group} ({size} bit)\n"
        f"\tlifetime:\t\t{policy.lifetime} seconds, no volume limit\n"
    )


@TABLE.command(PRIV_EXEC, "show crypto isakmp key", _HEAD + "Show ISAKMP preshared keys")
def show_key(ctx: Context) -> str:
    model = ctx.router.model
    config = model.block(IsakmpConfig)
    rings = [("default", config.keys, config.host_keys)]
    rings += [(ring.name, ring.keys, ring.host_keys) for ring in model.block(Keyrings).by_name.values()]
    lines = ["Keyring      Hostname/Address                            Preshared Key", ""]
    for name, keys, host_keys in rings:
        peers = [(_network(key), key) for key in keys] + [(key.host, key) for key in host_keys]
        lines += [f"{name:<12} {peer:<43} {'(encrypted)' if key.kind == SEALED else key.key}" for peer, key in peers]
    return "".join(f"{line}\n" for line in lines)


def _network(key: PresharedKey) -> str:
    return str(key.address) if key.mask == HOST_MASK else f"{key.address}        [{key.mask}]"


@TABLE.command(PRIV_EXEC, "show crypto isakmp profile [WORD$name]", _HEAD + "Show ISAKMP profiles\nName of the profile")
def show_profile(ctx: Context, name: str | None = None) -> str:
    profiles = ctx.router.model.block(Profiles).by_name.values()
    return "".join(_profile(item) for item in profiles if name in (None, item.name))


def _profile(profile: Profile) -> str:
    lines = [f"ISAKMP PROFILE {profile.name}", "   Identities matched are:"]
    lines += [f"    ip-address {item.address} {item.mask} {item.vrf}" for item in profile.addresses]
    lines += [f"    {kind} {value}" for kind, value in profile.names]
    maps = " ".join(profile.certificate_maps)
    lines += ["   Certificate maps matched are:", f"    {maps}"] if maps else []
    lines.append(f"   keyring(s): {' '.join(profile.keyrings) or '<none>'}")
    lines.append(f"   trustpoint(s): {' '.join(profile.trustpoints) or '<all>'}")
    return "".join(f"{line}\n" for line in [*lines, ""])


@TABLE.command(
    PRIV_EXEC, "show crypto isakmp peers [A.B.C.D$address]", _HEAD + "Show ISAKMP peer structures\nPeer address"
)
def show_peers(ctx: Context, address: IPv4Address | None = None) -> str:
    sas = ctx.router.service(IsakmpService).engine.sas
    newest = {sa.remote: sa for sa in sas if sa.established and address in (None, sa.remote.address)}
    return "".join(_peer(sa) for sa in newest.values())


def _peer(sa: IsakmpSa) -> str:
    ends = f"Peer: {sa.remote.address} Port: {sa.remote.port} Local: {sa.local.address}"
    return f"{ends}\n Phase1 id: {identity_text(sa.peer_identity)}\n"


@TABLE.command(
    PRIV_EXEC,
    "show iosemu refused",
    """Show running system information
    This emulator
    Messages of IKE and GDOI that were dropped""",
)
def show_refused(ctx: Context) -> str:
    counts = ctx.router.service(IsakmpService).refused
    if not counts:
        return "No message of IKE or GDOI was dropped.\n"
    return "".join(f"{count:>8}  {cause}\n" for cause, count in sorted(counts.items()))
