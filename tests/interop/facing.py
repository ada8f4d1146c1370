"""A router and a charon face to face: the router's GigabitEthernet0/0 is a TAP device in charon's namespace.

iosemu [192.0.2.1 Gi0/0] --- wan0 --- [192.0.2.2 charon]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.netns import check, connect, namespaces
from tests.interop.router import Router, address_of_device, running_router
from tests.interop.strongswan import Charon, charon
from tests.requirements import require

ROUTER, PEER = "192.0.2.1", "192.0.2.2"
# Where charon is when PEER is the address of a NAT.
HIDDEN = "10.9.9.2"
PSK = "Interop-Key-1"
SECRETS = f"secrets {{\n ike {{\n secret = {PSK}\n }}\n}}\n"
INTERFACE = f"interface GigabitEthernet0/0\n ip address {ROUTER} 255.255.255.0\n"
KEY = f"crypto isakmp key {PSK} address {PEER}\n"
# How long the slowest handshake may take (seconds).
PATIENCE = 10


def connection(
    name: str,
    proposals: str,
    *,
    mode: str = "main",
    address: str = PEER,
    auth: str = "psk",
    remote_id: str = ROUTER,
    settings: str = "",
    local: str = "",
    children: str = "",
) -> str:
    """A connection of swanctl.conf between charon and the router; `settings`, `local` and `children` are more lines."""
    return f"""
    {name} {{
      version = 1
      aggressive = {"yes" if mode == "aggressive" else "no"}
      local_addrs = {address}
      remote_addrs = {ROUTER}
      proposals = {proposals}
      {settings}
      local {{
        auth = {auth}
        id = {PEER}
        {local}
      }}
      remote {{
        auth = {auth}
        id = {remote_id}
      }}
      children {{
        {children}
      }}
    }}
    """


def connections(*texts: str) -> str:
    """The section of several connections."""
    return "connections {" + "".join(texts) + "}\n"


@dataclass(frozen=True, slots=True)
class Facing:
    """Both ends and the namespace that they meet in."""

    router: Router
    charon: Charon
    namespace: str


@contextmanager
def router_facing(folder: Path, config: str, *options: str) -> Iterator[tuple[Router, str]]:
    """The router alone, and the namespace in which PEER can be played; `config` is added to the router's address,
    `options` to its command line."""
    with (
        namespaces("peer") as (namespace,),
        running_router(namespace, folder / "router", INTERFACE + config, "--port=Gi0/0=tap:wan0", *options) as router,
    ):
        address_of_device(namespace, "wan0", f"{PEER}/24")
        yield router, namespace


@contextmanager
def facing(
    folder: Path, config: str, *options: str, carries_traffic: bool = False, settings: str = ""
) -> Iterator[Facing]:
    """Both ends running; see `router_facing`."""
    with (
        router_facing(folder, config, *options) as (router, namespace),
        charon(namespace, folder / "charon", carries_traffic=carries_traffic, settings=settings) as peer,
    ):
        yield Facing(router, peer, namespace)


@contextmanager
def facing_through_nat(folder: Path, config: str, *options: str, carries_traffic: bool = False) -> Iterator[Facing]:
    """Both ends with a NAT between them, which hides charon's address.

    iosemu [192.0.2.1 Gi0/0] --- wan0 [192.0.2.2 NAT 10.9.9.1] --- [10.9.9.2 charon]
    """
    require("nft")
    with (
        namespaces("nat", "inside") as (nat, inside),
        running_router(nat, folder / "router", INTERFACE + config, "--port=Gi0/0=tap:wan0", *options) as router,
    ):
        address_of_device(nat, "wan0", f"{PEER}/24")
        connect(nat, inside, "10.9.9.1", HIDDEN, "lan")
        check("ip", "route", "add", "default", "via", "10.9.9.1", namespace=inside)
        check("sysctl", "-qw", "net.ipv4.ip_forward=1", namespace=nat)
        chain = "{ type nat hook postrouting priority srcnat; oifname wan0 masquerade; };"
        check("nft", f"table ip nat {{ chain postrouting {chain} }};", namespace=nat)
        with charon(inside, folder / "charon", carries_traffic=carries_traffic) as peer:
            yield Facing(router, peer, nat)
