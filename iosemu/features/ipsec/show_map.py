"""An entry for point-to-point SAs in `show crypto map`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.features.acl.config import find
from iosemu.features.acl.printer import entry_text
from iosemu.features.crypto_map.config import MapEntry
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.features.ipsec.global_commands import volume_text
from iosemu.router.model import Model


def lines(model: Model, entry: MapEntry, current: IPv4Address | None) -> list[str]:
    """The lines below the heading; `current` is the peer that SAs are negotiated with."""
    config, tunnel = model.block(IpsecConfig), entry.tunnel
    found = [f"Description: {entry.description}"] if entry.description else []
    found += [f"Peer = {peer.name}" + (" (default)" if peer.default else "") for peer in tunnel.peers]
    found += ["Access-List SS dynamic: False", *_access_list(model, entry.local_acl)]
    if tunnel.peers:
        found.append(f"Current peer: {current or tunnel.peers[0].name}")
    volume = config.kilobytes if tunnel.kilobytes is None else tunnel.kilobytes
    seconds = tunnel.lifetime or config.lifetime
    found.append(f"Security association lifetime: {volume_text(volume)}/{seconds} seconds")
    if tunnel.idle_time is not None:
        found.append(f"Security association idletime: {tunnel.idle_time} seconds")
    found += ["Dualstack (Y/N): N", "Responder-Only (Y/N): N", f"PFS (Y/N): {'Y' if tunnel.pfs else 'N'}"]
    found += [f"DH group:  {tunnel.pfs}"] if tunnel.pfs else []
    found += ["Mixed-mode : Disabled", "Transform sets={ "]
    sets = [config.transform_sets[name] for name in tunnel.transform_sets if name in config.transform_sets]
    found += [f"\t{item.name}:  {{ {item.transform.display()}  }} , " for item in sets]
    return [*found, "}"]


def _access_list(model: Model, name: str | None) -> list[str]:
    access_list = find(model, name) if name else None
    if access_list is None:
        return [f"No matching address list set. {name}"] if name else []
    kind = "Extended" if access_list.extended else "Standard"
    entries = [entry for entry in access_list.entries if entry.remark is None]
    head = f"{kind} IP access list {name}"
    return [head, *(f"    access-list {name} {entry_text(entry, access_list.extended)}" for entry in entries)]
