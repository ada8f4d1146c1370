"""Genie's own configure functions for gdoi, gkm, ike, ipsec, pki and acl run without a refusal.

They are called as they are, on a device whose `configure` types into a router of this process and fails where unicon
would. Arguments come by name; those of a few functions are their own.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.features.typist import new_router
from tests.requirements import require

require("module:genie.libs.sdk", "module:unicon", scope="module")

PRELUDE = """ip domain name lab.local
crypto ipsec transform-set TS esp-aes esp-sha-hmac
interface GigabitEthernet0/0
 ip address 10.9.9.1 255.255.255.0
interface Tunnel1
ip access-list extended ACL
 30 permit ip any any
ipv6 access-list A6
 sequence 30 permit ipv6 any any
vrf definition RED
"""
REFUSED = re.compile(r"^% (Invalid|Incomplete|Ambiguous|VRF|Sequence|A named)|'\^' marker", re.MULTILINE)
HOST, MASK, WILDCARD = "10.0.0.1", "255.255.255.0", "0.0.0.255"
ARGUMENTS: dict[str, Any] = {
    "seq": 10, "policy_number": 10, "sequence_number": 20, "seq_num": 10, "seq_no": 10, "sequence": 10,
    "sequence_num": 30, "number": 10, "size": 100, "timeout": 300, "lifetime": 3600, "vlan_id": 10, "prefix": 24,
    "remote_addr": f"{HOST} 255.255.255.255", "remote_auth": "pre-share", "local_auth": "pre-share",
    "client_protocol": "gikev2", "dpd_hello_time": 10, "dpd_retry_time": 3, "dpd_query": "periodic",
    "ip_address": HOST, "ip": HOST, "address": HOST, "peer": HOST, "peer_ip": HOST, "mask": MASK, "source": HOST,
    "destination": HOST, "dest": "10.0.1.1", "interface": "GigabitEthernet0/0", "interface_id": "GigabitEthernet0/0",
    "vrf": "RED", "vrf_name": "RED", "acl": "ACL", "acl_name": "ACL", "access_list_num": "ACL", "cryptotype": "sa",
    "cipher": "esp-aes", "transform_method": "esp-aes", "tag": "TS", "tunnel_intf": "Tunnel1", "tunnel_ip": HOST,
    "tunnel_mask": MASK, "tunnel_src_ip": "10.9.9.1", "tunnel_dst_ip": "10.9.9.2", "tunnel_mode": "ipv4",
    "ipsec_profile_name": "P", "ip_mode": "ipv4", "server_ip_address": HOST, "server_port_number": 443,
    "trustpoint_name": "TP", "hash_algorithm": "sha256", "export_type": "pkcs12", "import_type": "pkcs12",
    "file_password": "cisco123", "pkcs_media_type": "flash:", "pkcs_file": "x.p12", "format_type": "pkcs12",
    "tftp_ip": "10.0.0.9", "url": False,
    "certificate_content": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "access_type": "permit", "protocol_name": "tcp", "protocol": "tcp", "port_num1": 80, "port_num2": 90,
    "port_num3": 100, "port_num4": 110, "dst_address": "10.0.1.1", "dst_wildcard_bits": WILDCARD,
    "acl_action": "permit", "action": "permit", "permission": "permit", "port_operation": "eq", "src_port": 80,
    "dst_port": 90, "ip_protocol_version": "ip", "src_net": "10.0.0.0", "src_wild_mask": WILDCARD,
    "dsc_net": "10.1.0.0", "dsc_wild_mask": WILDCARD, "src_ip": "10.0.0.1", "dst_ip": "10.0.1.1",
    "src_wildcard": WILDCARD, "dst_wildcard": WILDCARD, "ipv6_address": "2001:db8::1",
    "acl_list": "permit ip any host 10.3.3.3", "acl_direction": "in", "direction": "in", "inbound": True,
    "rule": "permit", "service_type": "tcp", "src_nw": "10.0.0.0", "dst_nw": "10.1.0.0", "ip_type": "ip",
    "type": "mac", "acl_entries": ["permit tcp any any"], "acl_type": "extended", "vlan_access_name": "VAM",
    "revoke_check": "none",
}  # fmt: skip
_SIX = {"acl_name": "A6", "name": "A6", "src_nw": "2001:db8::1", "dst_nw": "2001:db8::2"}
_SIX |= {"source": "2001:db8::1", "dest": "2001:db8::2", "acl_list": "permit ipv6 any any"}
OWN: dict[str, dict[str, Any]] = {
    "configure_modify_ikev2_profile": {"remote_addr": f"address {HOST}"},
    "unconfigure_modify_ikev2_profile": {"remote_addr": f"address {HOST}"},
    "configure_ikev2_profile_pre_share": {"mask": "255.255.255.255", "protocol": "ipv4"},
    "configure_ikev2_cac": {"in_nego": 10, "sa": 20},
    "configure_isakmp_key": {"key_type": 0, "ipv4_address": HOST, "sub_mask": MASK},
    "unconfigure_isakmp_key": {"key_type": 0, "ipv4_address": HOST, "sub_mask": MASK},
    "configure_ipsec_df_bit": {"copy": True},
    "unconfigure_ipsec_df_bit": {"no_copy": True},
    "configure_ipsec_fragmentation": {"after_encr": True},
    "unconfigure_ipsec_fragmentation": {"no_after_encr": True},
    "configure_ipsec_sa_global": {"idle_time": 600, "sa_life_kbytes": 10000, "replay_window": 128},
    "unconfigure_ipsec_sa_global": {"no_idle_time": True, "no_sa_life_kbytes": True, "no_replay_window": True},
    "crypto_pki_trustpool_import": {"ca_bundle": True},
    "configure_interface_tunnel_mode_ipsec": {"interface": "Tunnel1"},
    "unconfigure_interface_tunnel_mode_ipsec": {"interface": "Tunnel1"},
    "configure_tunnel_with_ipsec": {"tunnel_mode": "ipsec"},
    "configure_acl_with_ip_any": {"acl_name": "110"},
    "configure_acl_with_src_dsc_net": {"acl_name": "110"},
    "unconfigure_acl_with_src_dsc_net": {"acl_name": "110"},
    "configure_acl_protocol_port": {"acl_name": "X", "ip_protocol_version": "ip"},
    "configure_standard_acl": {"acl_name": "STD", "host": True, "ip_host": HOST},
    "unconfigure_standard_acl": {"acl_name": "STD", "host": True, "ip_host": HOST},
    "unconfigure_pki_vrf_trustpoint": {"vrf_name": "RED"},
    "configure_ipv6_acl": _SIX,
    "configure_interface_ipv6_acl": _SIX,
    "configure_scale_ipv6_accesslist_config": _SIX,
    "unconfigure_ipv6_acl_ace": _SIX,
    "delete_configure_ipv6_acl": _SIX,
}
# These need arguments that exclude each other, look for a certificate server first, or are wrong in themselves.
ELSEWHERE = {
    "remove_grant_auto",
    "configure_pki_import_advanced",
    "configure_ip_acl",
    "configure_acl_protocol_port",
    "config_extended_acl",
}


class Device:
    """Types what it is told to configure or execute; raises as unicon does."""

    def __init__(self) -> None:
        self._typist = new_router(PRELUDE)
        self.name = self.hostname = "Router"
        self.os = "iosxe"
        self.typed: list[str] = []
        # Some functions swallow what is raised.
        self.refused: list[str] = []

    def configure(self, text: Any = (), *_: Any, **options: Any) -> str:
        text = options.get("command", text)
        lines = text if isinstance(text, list | tuple) else str(text).splitlines()
        self._typist.type("configure terminal")
        printed = "".join(self._type(line) for item in lines for line in str(item).splitlines())
        self._typist.session.unwind(0)
        return printed

    config = configure

    def execute(self, command: Any, *_: Any, **__: Any) -> str:
        return "".join(self._type(line) for line in (command if isinstance(command, list) else [command]))

    def _type(self, line: str) -> str:
        from unicon.core.errors import SubCommandFailure

        self.typed.append(line)
        printed = self._typist.type(line, "yes", "yes", "yes")
        if REFUSED.search(printed):
            self.refused.append(f"{line}\n{printed}")
            raise SubCommandFailure(f"{line}\n{printed}")
        return printed


def functions() -> Iterator[Callable[..., Any]]:
    for name in ("gdoi", "gkm", "ike", "ipsec", "pki", "acl"):
        module = importlib.import_module(f"genie.libs.sdk.apis.iosxe.{name}.configure")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and function.__name__ not in ELSEWHERE:
                yield function


def arguments(function: Callable[..., Any]) -> dict[str, Any]:
    own = OWN.get(function.__name__, {})
    found = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if name in own or name in ARGUMENTS:
            found[name] = own.get(name, ARGUMENTS.get(name))
        elif parameter.default is parameter.empty:
            found[name] = name.upper()[:8]
    return found


@pytest.mark.parametrize("function", list(functions()), ids=lambda function: function.__name__)
def test_a_function_is_not_refused(function: Callable[..., Any]) -> None:
    device = Device()
    function(device, **arguments(function))
    assert device.typed
    assert device.refused == []
