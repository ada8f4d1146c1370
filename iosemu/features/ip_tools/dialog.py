"""Questions of the extended dialogs of ping and traceroute."""

from __future__ import annotations

from collections.abc import Generator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from iosemu.cli import Ask, CommandError
from iosemu.cli.interaction import Step
from iosemu.features.dns.config import resolve
from iosemu.router.names import parse_name
from iosemu.router.router import Router

UNKNOWN_HOST = "% Unrecognized host or address, or protocol not running."


def ask_protocol(command: str) -> Generator[Step, str | None, str]:
    """`ip` or `ipv6`; raises CommandError, which names the command that offers help."""
    protocol = ((yield Ask("Protocol [ip]: ")) or "").strip().lower()
    if "ip".startswith(protocol):
        return "ip"
    if "ipv6".startswith(protocol):
        return "ipv6"
    raise CommandError("% Unknown protocol - " + f'"{protocol}", type "{command} ?" for help')


def ask_target6() -> Generator[Step, str | None, IPv6Address]:
    """An IPv6 address; raises CommandError."""
    text = ((yield Ask("Target IPv6 address: ")) or "").strip()
    try:
        return IPv6Address(text)
    except AddressValueError:
        raise CommandError("% Bad IPv6 address") from None


def ask_target(router: Router) -> Generator[Step, str | None, IPv4Address]:
    """The target; raises CommandError."""
    text = ((yield Ask("Target IP address: ")) or "").strip()
    if not text:
        raise CommandError("% Bad IP address")
    return to_address(router, text)


def to_address(router: Router, text: str) -> IPv4Address:
    """The address that a word is or names. Raises CommandError."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        found = resolve(router.model, text)
        if found is None:
            raise CommandError(UNKNOWN_HOST) from None
        return found


def ask_number(question: str, default: int, low: int, high: int) -> Generator[Step, str | None, int]:
    """A number, asked again until it is one of the range."""
    while True:
        text = ((yield Ask(f"{question} [{default}]: ")) or "").strip()
        if not text:
            return default
        if text.isdecimal() and low <= int(text) <= high:
            return int(text)
        yield f"% A decimal number between {low} and {high}.\n"


def ask_yes(question: str, default: str = "n") -> Generator[Step, str | None, bool]:
    """A question with a yes or no."""
    text = ((yield Ask(f"{question} [{default}]: ")) or "").strip().lower()
    return text[:1] == "y"


def ask_source(router: Router, question: str) -> Generator[Step, str | None, IPv4Address | None]:
    """A source address or interface of ours, asked again until it is one; None for the usual one."""
    while True:
        text = ((yield Ask(question)) or "").strip()
        if not text:
            return None
        source = source_of(router, text)
        if source is not None:
            return source
        yield "% Invalid source\n"


def source_of(router: Router, text: str, vrf: str = "") -> IPv4Address | None:
    """The own address that a word names."""
    name = parse_name(text)
    interface = router.interfaces.get(name) if name else None
    try:
        address = interface.address if interface else IPv4Address(text)
    except AddressValueError:
        return None
    return address if address is not None and router.ip.is_local(address, vrf) else None


def pattern(text: str) -> bytes:
    """A data pattern in hexadecimal; raises CommandError."""
    digits = text.lower().removeprefix("0x")
    if not 0 < len(digits) <= 8 or any(digit not in "0123456789abcdef" for digit in digits):
        raise CommandError("% Invalid pattern, try again.")
    return bytes.fromhex(digits.zfill(4 if len(digits) <= 4 else 8))
