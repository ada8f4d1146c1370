"""A host of a lab fetches from a router behind another group member: TCP through the encrypted group."""

from __future__ import annotations

from pathlib import Path

from iosemu.features.http.messages import Response
from iosemu.features.http.service import HttpService
from tests.lab.driver import basic, do, packets

SITE_2 = "http://192.168.2.1"


def test_a_host_fetches_through_the_group(tmp_path: Path) -> None:
    lab = basic(pcap=tmp_path)
    do(lab, "wait 30", "GM2: configure terminal", "GM2: ip http server", "GM2: end")
    body = b"a line of text\n" * 5000
    lab.routers["GM2"].service(HttpService).server.register("/text", lambda request: Response(body=body))
    assert do(lab, f"H1: curl {SITE_2}/text") == body.decode()
    assert do(lab, f"H1: curl {SITE_2}/") == "401 Unauthorized\n"
    head = do(lab, f"H1: curl -i {SITE_2}/")
    assert head.startswith("HTTP/1.1 401 Unauthorized\n")
    assert "server: cisco-IOS\n" in head
    lab.flush()
    assert {packet.protocol for packet in packets(tmp_path / "GM1--P.pcapng")} <= {17, 50}


def test_what_curl_says_when_it_fails() -> None:
    lab = basic()
    do(lab, "wait 30")
    assert do(lab, "H1: curl 192.168.1.1") == "curl: (7) connection refused\n"
    assert do(lab, "H1: curl http://nowhere/") == "curl: (6) unknown host\n"
    assert do(lab, "H1: curl ftp://192.168.1.1/") == "curl: (3) invalid URL\n"
    assert do(lab, "H1: curl http://192.168.1.99/") == "curl: (28) timed out\n"
