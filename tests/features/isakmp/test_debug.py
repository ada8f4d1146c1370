"""What `debug crypto isakmp` tells a learner."""

from __future__ import annotations

from tests.features.isakmp.peers import initiate, pair

KEYS = ("crypto isakmp key joint address 10.0.0.2\n", "crypto isakmp key joint address 10.0.0.1\n")


def debugged(left: str, right: str) -> tuple[str, str]:
    ends = pair(left + KEYS[0], right + KEYS[1], policy="")
    for end in ends:
        end.type("debug crypto isakmp")
    initiate(ends[0])
    return ends[0].type("show logging"), ends[1].type("show logging")


def test_main_mode_is_told_step_by_step_on_both_sides() -> None:
    policy = "crypto isakmp policy 10\n encr aes\n authentication pre-share\n group 14\n"
    left, right = debugged(policy, policy)
    for number in range(1, 6):
        assert f"Old State = IKE_I_MM{number}  New State = IKE_I_MM{number + 1}" in left
    assert "Old State = IKE_R_MM5  New State = IKE_P1_COMPLETE" in right
    assert "Checking ISAKMP transform 1 against priority 10 policy" in right
    assert "atts are acceptable" in right
    assert "joint" not in left.partition("Log Buffer")[2] + right.partition("Log Buffer")[2]


def test_each_difference_between_offer_and_policy_is_named() -> None:
    left = "crypto isakmp policy 10\n encr aes 256\n authentication pre-share\n group 14\n"
    right = (
        "crypto isakmp policy 10\n encr aes 128\n authentication pre-share\n group 14\n"
        "crypto isakmp policy 20\n encr aes 256\n hash sha256\n authentication pre-share\n group 14\n"
        "crypto isakmp policy 30\n encr aes 256\n authentication pre-share\n group 5\n"
    )
    _, text = debugged(left, right)
    wanted = [
        "against priority 10 policy",
        "Proposed key length does not match policy",
        "against priority 20 policy",
        "Hash algorithm offered does not match policy!",
        "against priority 30 policy",
        "Diffie-Hellman group offered does not match policy!",
        "no offers accepted!",
    ]
    places = [text.index(item) for item in wanted]
    assert places == sorted(places)
