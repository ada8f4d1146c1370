"""`copy http:` fetches from another router's flash."""

from __future__ import annotations

from iosemu.features.http.messages import Response, plain
from iosemu.features.http.service import HttpService
from tests.features.three_routers import Row, build_row

URL = "http://10.9.9.9/files/image.bin"
CONTENT = bytes(range(256)) * 300


def served() -> Row:
    row = build_row()
    row.d.configure("ip http server")
    server = row.d.router.service(HttpService).server
    server.register("/files/image.bin", lambda request: Response(body=CONTENT))
    server.register("/files", lambda request: plain(404))
    server.register("/lines", lambda request: Response(body=b"interface Loopback5\n description fetched\n"))
    return row


def test_a_file_comes_to_flash() -> None:
    row = served()
    printed = row.a.type(f"copy {URL} flash:")
    assert row.a.questions == ["Destination filename [image.bin]? "]
    assert f"Accessing {URL}...\nLoading {URL} !!!!!\n76800 bytes copied in " in printed
    assert row.a.router.flash.read("image.bin") == CONTENT
    row.a.type(f"copy {URL} flash:other")
    assert row.a.router.flash.read("other") == CONTENT


def test_lines_come_into_the_running_configuration() -> None:
    row = served()
    row.a.type("copy http://10.9.9.9/lines running-config")
    assert " description fetched" in row.a.section("interface Loopback5")


def test_what_is_left_out_is_asked_for() -> None:
    row = served()
    row.a.type("copy http: flash:", "10.9.9.9", "files/image.bin", "here")
    assert row.a.questions == [
        "Address or name of remote host []? ",
        "Source filename []? ",
        "Destination filename [image.bin]? ",
    ]
    assert row.a.router.flash.read("here") == CONTENT


def test_a_name_and_password_stand_before_the_host() -> None:
    row = served()
    row.d.configure("username admin privilege 15 password 0 S3cret\nip http authentication local\nip http path flash:")
    row.d.router.flash.write("f", b"content")
    printed = row.a.type("copy http://admin:S3cret@10.9.9.9/f flash:")
    assert row.a.router.flash.read("f") == b"content"
    assert "S3cret" not in printed
    printed = row.a.type("copy http://admin:wrong@10.9.9.9/f flash:g")
    assert printed.endswith("%Error opening http://10.9.9.9/f (Permission denied)\n")


def test_failures_are_those_of_ios() -> None:
    row = served()
    for url, reason in (
        ("http://10.9.9.9/files/other", "No such file or directory"),
        ("http://10.9.9.9/secret", "Permission denied"),
        ("http://10.0.0.99/x", "Timed out"),
        ("http://10.9.9.9:81/x", "Connection refused"),
        ("http://nobody/x", "Unknown host"),
    ):
        assert row.a.type(f"copy {url} flash:y").endswith(f"%Error opening {url} ({reason})\n")
    assert row.a.type("dir").count(" y\n") == 0
