"""The box itself: services, boot, licences, hardware."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

PLATFORM = (
    Outline(
        "service",
        Place.VERSION,
        """
*service (config|nagle|pad|tcp-keepalives-in|tcp-keepalives-out|dhcp|internal|linenumber) [LINE]
*service (tcp-small-servers|udp-small-servers|finger|hide-telnet-addresses|telnet-zeroidle|slave-log) [LINE]
""",
    ),
    Outline(
        "service late",
        Place.VERSION,
        """
*service (call-home|compress-config|counters|disable-ip-fast-frag|exec-callback|exec-wait) [LINE]
*service (heartbeat|password-recovery) [LINE]
*service (pt-vty-logging|scripting|unsupported-transceiver|unicode|template|old-slip-prompts) [LINE]
""",
        58,
    ),
    Outline(
        "platform",
        Place.VERSION,
        """
*platform LINE
upgrade LINE
""",
        60,
    ),
    Outline(
        "boot",
        Place.BOOT,
        """
boot-start-marker
boot system LINE
boot config LINE
boot host LINE
boot network LINE
boot-end-marker
""",
    ),
    Outline(
        "log early",
        Place.LOGGING,
        """
logging message-counter = LINE
logging discriminator LINE
logging persistent [LINE]
logging count
""",
        40,
    ),
    Outline(
        "hardware",
        Place.AAA,
        """
process cpu LINE
""",
    ),
    Outline(
        "memory",
        Place.IP_GLOBAL,
        """
ethernet LINE
clock summer-time = LINE
clock calendar-valid
memory-size iomem = <1-100>
memory reserve LINE
memory free LINE
*mmi LINE
network-clock-participate LINE
network-clock-select LINE
dot11 syslog
call-home > cfg-call-home
 contact-email-addr = WORD
 sender from WORD
 contact LINE
 mail-server LINE
 profile LINE > cfg-call-home-profile
  active
  destination LINE
  subscribe-to-alert-group LINE
  reporting LINE
  anonymous-reporting-only
crypto engine accelerator
""",
        30,
    ),
    Outline(
        "licence",
        Place.LICENSE,
        """
license udi pid = LINE
license boot = LINE
license accept = LINE
license smart LINE
license feature LINE
hw-module LINE
diagnostic bootup level = WORD
""",
    ),
    Outline(
        "spanning-tree",
        Place.SPANNING_TREE,
        """
*spanning-tree LINE
*vtp LINE
*errdisable LINE
vlan internal LINE
vlan <1-4094> > config-vlan
 name = WORD
 state = (active|suspend)
 shutdown
*port-channel LINE
""",
    ),
    Outline(
        "redundancy",
        Place.REDUNDANCY,
        """
redundancy > config-red
 mode = WORD
 main-cpu > config-r-mc
  auto-sync = WORD
 inter-device > config-red-interdevice
  scheme standby WORD
 application LINE
""",
    ),
    Outline(
        "controller",
        Place.CONTROLLER,
        """
card type LINE
controller WORD [WORD] > config-controller
 framing = WORD
 linecode = WORD
 clock source = LINE
 channel-group LINE
 pri-group LINE
 cablelength LINE
 description = LINE
 operating mode = WORD
 shutdown
""",
    ),
    Outline(
        "scheduler",
        Place.SCHEDULER,
        """
scheduler allocate = <3000-60000> <1000-8000>
scheduler interval = <500-100000>
scheduler max-task-time = <0-200000>
exception LINE
""",
    ),
)
