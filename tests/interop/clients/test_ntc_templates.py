"""ntc-templates read the shows over SSH, by netmiko. The templates of switches and of features that are not there, and
one that knows no `duplex`, are left out."""

from __future__ import annotations

from tests.interop.clients.conftest import Served
from tests.requirements import require

require("module:netmiko", "module:ntc_templates", scope="module")

from netmiko import ConnectHandler  # noqa: E402

LINES = """
access-list 10 permit 10.0.0.0 0.0.0.255
ip access-list extended WEB
 permit tcp any host 192.0.2.80 eq www
ip prefix-list LANS permit 10.0.0.0/8 le 24
object-group network HOSTS
 host 192.0.2.1
route-map RM permit 10
 match ip address prefix-list LANS
 set metric 50
vrf definition RED
 rd 65000:1
 address-family ipv4
  route-target both 65000:1
interface Loopback5
 vrf forwarding RED
 ip address 10.5.5.5 255.255.255.255
ip route 198.51.100.0 255.255.255.0 Null0
"""
# What some field of the first rows says.
READ: dict[str, dict[str, str | list[str]]] = {
    "dir": {"file_system": "flash0:/"},
    "ping 10.255.0.1": {"success_pct": "100"},
    "show access-lists": {},
    "show aliases": {"mode": "Exec mode"},
    "show archive": {"current_index": "1"},
    "show clock": {"timezone": "UTC"},
    "show file systems": {},
    "show interfaces": {"interface": "GigabitEthernet0/0", "ip_address": "10.0.0.1", "description": "to the lab"},
    "show interfaces description": {"port": "Gi0/0"},
    "show inventory": {"pid": "IOSEMU"},
    "show ip access-lists": {"acl_name": "10"},
    "show ip interface": {"ip_address": ["10.0.0.1"]},
    "show ip interface brief": {"interface": "GigabitEthernet0/0", "ip_address": "10.0.0.1"},
    "show ip prefix-list": {"name": "LANS", "seq": "5", "network": "10.0.0.0", "le": "24"},
    "show ip route": {},
    "show ip route summary": {"route_source": "connected"},
    "show ip vrf interfaces": {"interface": "Lo5", "vrf": "RED"},
    "show logging": {},
    "show object-group": {},
    "show processes cpu": {"process_name": "iosemu"},
    "show processes memory sorted": {"process": ["iosemu"]},
    "show route-map": {"name": "RM", "seq": "10", "set_clauses": ["metric 50"]},
    "show users": {},
    "show version": {"hostname": "R1", "software_image": "IOSEMU-ADVENTERPRISEK9-M", "config_register": "0x0"},
    "show vrf": {"name": "RED", "default_rd": "65000:1", "interfaces": ["Lo5"]},
    "show vrf detail": {"vrf": "RED", "rt_export": ["65000:1"], "rt_import": ["65000:1"]},
}


def test_every_template_reads_its_show(router: Served) -> None:
    who = {"username": router.admin, "password": router.admin_password, "secret": router.enable}
    with ConnectHandler(device_type="cisco_ios", host=router.host, port=router.ssh, **who) as connection:
        connection.send_config_set(LINES.strip().splitlines(), error_pattern="% ")
        connection.send_command_timing("archive config")
        wrong = {}
        for command, wanted in READ.items():
            rows = connection.send_command(command, use_textfsm=True)
            if not isinstance(rows, list) or not any(wanted.items() <= row.items() for row in rows):
                wrong[command] = rows
    assert not wrong
