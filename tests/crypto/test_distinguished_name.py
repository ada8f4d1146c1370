"""Names in the notation of IOS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.crypto.distinguished_name import KEYWORDS, Attribute, Name, router_name
from iosemu.crypto.errors import CryptoError

attributes = st.builds(
    Attribute,
    st.sampled_from([*KEYWORDS.values(), "1.3.6.1.4.1.9.1.1"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20),
)


@given(st.lists(st.lists(attributes, min_size=1, max_size=3).map(tuple), max_size=5))
def test_octets_and_back(rdns: list[tuple[Attribute, ...]]) -> None:
    name = Name.of(rdns)
    again = Name.parse(name.der)
    assert again == name
    assert hash(again) == hash(name)
    assert again.der == name.der


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CN=KS1, OU=GETVPN,O=Example", "cn=KS1,ou=GETVPN,o=Example"),
        ("cn=ra, ou=ioscs RA, o=cisco C=pki", "cn=ra,ou=ioscs RA,o=cisco C=pki"),
        ('cn=a,o="Example, Inc."', "cn=a,o=Example, Inc."),
        (r"cn=a\,b", "cn=a,b"),
        ("serialNumber=X+hostname=r1,cn=a", "serialNumber=X+hostname=r1,cn=a"),
        ("Email=a@b.c,1.2.3.4=x", "e=a@b.c,1.2.3.4=x"),
        ("unstructuredName=r1", "hostname=r1"),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert str(Name.from_text(text)) == shown


@pytest.mark.parametrize("text", ["", "x", "cn=", "nothing=x", "cn=a,", 'cn="a', "=x", "9.1=x", "cn=" + "a" * 5000])
def test_text_that_is_no_name(text: str) -> None:
    with pytest.raises(CryptoError):
        Name.from_text(text)


def test_comparison_is_that_of_rfc_5280() -> None:
    assert Name.from_text("cn=A  b,o=X") == Name.from_text("CN=a B,O=x")
    assert Name.from_text("cn=a,o=x") != Name.from_text("o=x,cn=a")
    assert Name.from_text("cn=a,o=x").values("cn") == ["a"]


def test_names_of_the_router_stand_in_front() -> None:
    name = router_name(Name.from_text("cn=R1,o=Example"), fqdn="R1.lab", serial="9X")
    assert name.lines() == ["serialNumber=9X+hostname=R1.lab", "cn=R1", "o=Example"]
    assert str(router_name(None, fqdn="R1.lab")) == "hostname=R1.lab"
