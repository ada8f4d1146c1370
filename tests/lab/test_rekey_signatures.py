"""A group whose rekeys are signed with an elliptic curve key: commands, shows, and what a capture says of it."""

from __future__ import annotations

from pathlib import Path

from iosemu.decode.keys import load_keys
from iosemu.decode.tool import decode_capture
from tests.lab.driver import basic, configure, do, log


def test_rekeys_with_ecdsa(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    lab = basic(pcap=tmp_path, keys=keys)
    do(lab, "wait 30")
    configure(lab, "KS1", "crypto key generate ec keysize 384 label EC-REKEY")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "rekey authentication mypubkey ec EC-REKEY")
    assert "rekey authentication mypubkey ec EC-REKEY" in do(lab, "KS1: show running-config | section gdoi group")
    # The first one is signed with the key that members know and brings the new one.
    do(lab, "KS1: crypto gdoi ks rekey", "wait 30", "KS1: crypto gdoi ks rekey", "wait 30")
    screen = do(lab, "KS1: show crypto gdoi ks policy")
    assert "sig size           : 96" in screen
    assert "sig key name       : EC-REKEY" in screen
    assert "Attempted registration: 1" in do(lab, "GM1: show crypto gdoi")
    assert "Unicast rekey received: 2" in do(lab, "GM1: show crypto gdoi")
    assert "REKEY_FAILURE" not in log(lab, "GM1")
    assert "Success rate is 100 percent" in do(lab, "H1: ping 192.168.2.10")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "rekey authentication mypubkey ec NONE")
    do(lab, "KS1: crypto gdoi ks rekey")
    assert "%GDOI-3-KS_NO_RSA_KEYS: EC Key - NONE : Not found, Required for group GETVPN" in log(lab, "KS1")
    lab.close()
    checks = [
        record.checks["signature"]
        for record in decode_capture(tmp_path / "GM1--P.pcapng", load_keys(keys))
        if "signature" in record.checks
    ]
    assert checks == [True, True]
    assert any(
        "SIG_ALGORITHM" in line and "ECDSA_384" in line
        for record in decode_capture(tmp_path / "GM1--P.pcapng", load_keys(keys))
        for line in record.lines
    )
