"""Questions of the extended dialogs of ping and traceroute."""

from __future__ import annotations

from collections.abc import Generator
from ipaddress import AddressValueError, IPv4Address

from iosemu.cli import Ask, CommandError
from iosemu.cli.interaction import Step
from iosemu.features.dns.config import resolve
from iosemu.router.names import parse_name
from iosemu.router.router import Router

UNKNOWN_HOST = "% Unrecognized host or address, or protocol not running."


def ask_target(router: Router) -> Generator[Step, str | None, IPv4Address]:
    """The protocol, which must be IP, and the target; raises CommandError."""
    protocol = ((yield Ask("Protocol [ip]: ")) or "").strip().lower()
    if not "ip".startswith(protocol):
        raise CommandError("% Unknown protocol - " + f'"{protocol}", type "ping ?" for help')
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
