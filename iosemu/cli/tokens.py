"""The words of a command: keywords and typed placeholders."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address
from typing import Any

from iosemu.router.names import TYPES, InterfaceName, parse_name, types_of

_RANGE = re.compile(r"<(\d+)-(\d+)>")
_DIGITS = re.compile(r"[0-9]{1,20}")
_IPV6 = re.compile(r"[0-9a-fA-F:]*")
_MAC = re.compile(r"[0-9a-fA-F]{1,4}(\.[0-9a-fA-F]{1,4}){2}")


class NoMatchError(Exception):
    """A word is not what the placeholder stands for; `offset` is the first character that is wrong."""

    def __init__(self, offset: int = 0) -> None:
        super().__init__(offset)
        self.offset = offset


def _address(word: str) -> IPv4Address:
    try:
        return IPv4Address(word)
    except AddressValueError:
        raise NoMatchError(
            _first_wrong(word, re.compile(r"\d{1,3}(\.(\d{1,3}(\.(\d{1,3}(\.\d{0,3})?)?)?)?)?"))
        ) from None


def _prefix(word: str) -> IPv4Network:
    try:
        if "/" not in word:
            raise ValueError
        return IPv4Network(word, strict=False)
    except ValueError:
        raise NoMatchError from None


def _first_wrong(word: str, pattern: re.Pattern[str]) -> int:
    match = pattern.match(word)
    return min(match.end(), len(word) - 1) if match else 0


def _interface(word: str) -> Any:
    name = parse_name(word)
    if name is None:
        letters = re.match(r"[A-Za-z-]*", word)
        assert letters is not None
        kinds = types_of(letters[0]) if letters[0] else []
        raise NoMatchError(letters.end() if kinds else 0)
    return name


def _mac(word: str) -> bytes:
    if not _MAC.fullmatch(word):
        raise NoMatchError
    return bytes.fromhex("".join(part.zfill(4) for part in word.split(".")))


def _clock_time(word: str) -> str:
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", word):
        raise NoMatchError
    return word


def _address6(word: str) -> IPv6Address:
    try:
        return IPv6Address(word)
    except ValueError:
        raise NoMatchError(_first_wrong(word, _IPV6)) from None


def _prefix6(word: str) -> str:
    """An IPv6 prefix in the capital letters of IOS, host bits and all."""
    address, slash, length = word.partition("/")
    if not slash or not _DIGITS.fullmatch(length) or int(length) > 128:
        raise NoMatchError(_first_wrong(word, _IPV6))
    return f"{_address6(address)}".upper() + f"/{int(length)}"


# Placeholder: (rank, reader). A smaller rank is more specific.
_PLACEHOLDERS: dict[str, tuple[int, Callable[[str], Any]]] = {
    "A.B.C.D": (1, _address),
    "A.B.C.D/nn": (1, _prefix),
    "X:X:X:X::X": (1, _address6),
    "X:X:X:X::X/<0-128>": (1, _prefix6),
    "H.H.H": (1, _mac),
    "hh:mm:ss": (1, _clock_time),
    "INTERFACE": (2, _interface),
    "WORD": (3, str),
    "LINE": (4, str),
}
KEYWORD_RANK = 0


class Token:
    """A keyword or placeholder as the spec string writes it; equal texts are equal tokens."""

    __slots__ = ("is_keyword", "limits", "lower", "rank", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        limits = _RANGE.fullmatch(text)
        self.limits = (int(limits[1]), int(limits[2])) if limits else None
        # Whether the word stands for itself.
        self.is_keyword = text not in _PLACEHOLDERS and limits is None
        # Keywords first, then ranges and addresses, then words, then lines.
        self.rank = KEYWORD_RANK if self.is_keyword else _PLACEHOLDERS[text][0] if text in _PLACEHOLDERS else 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Token({self.text!r})"

    @property
    def takes_rest(self) -> bool:
        """Whether the token takes the rest of the line, blanks included."""
        return self.text == "LINE"

    def read(self, word: str) -> Any:
        """The value of a word that a placeholder takes; raises NoMatchError."""
        if self.limits is None:
            return _PLACEHOLDERS[self.text][1](word)
        if not _DIGITS.fullmatch(word):
            raise NoMatchError(_first_wrong(word, _DIGITS))
        value = int(word)
        if not self.limits[0] <= value <= self.limits[1]:
            raise NoMatchError
        return value


def written(token: Token, word: str, value: Any) -> str:
    """A word as the running-config writes it: keywords and interface names in full, IPv6 in capital letters."""
    if token.is_keyword or isinstance(value, (int, InterfaceName)):
        return str(value)
    return str(value).upper() if isinstance(value, IPv6Address) or token.text.startswith("X:") else word


INTERFACE_HELP = {
    "Ethernet": "IEEE 802.3",
    "FastEthernet": "FastEthernet IEEE 802.3",
    "GigabitEthernet": "GigabitEthernet IEEE 802.3z",
    "Loopback": "Loopback interface",
    "Null": "Null interface",
    "Port-channel": "Ethernet Channel of interfaces",
    "Serial": "Serial",
    "TenGigabitEthernet": "Ten Gigabit Ethernet",
    "Tunnel": "Tunnel interface",
    "Vlan": "Catalyst Vlans",
}
assert INTERFACE_HELP.keys() == TYPES.keys()
