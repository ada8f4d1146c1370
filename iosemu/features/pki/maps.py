"""Certificate maps: conditions on the fields of a certificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

TEXT_FIELDS = (
    "subject-name", "issuer-name", "unstructured-subject-name", "alt-subject-name", "name", "serial-number",
)  # fmt: skip
DATE_FIELDS = ("valid-start", "expires-on")
TEXT_OPERATORS = ("co", "eq", "nc", "ne")
DATE_OPERATORS = ("eq", "ge", "lt", "ne")
_DATES = ("%b %d %Y %H:%M:%S", "%b %d %Y", "%d %b %Y %H:%M:%S", "%d %b %Y", "%m/%d/%Y")


class Condition(NamedTuple):
    """One line of a map; `value` as it was typed."""

    field: str
    operator: str
    value: str


@dataclass
class MapEntry:
    """The conditions of one sequence number: all of them must hold. Without any, every certificate matches."""

    conditions: list[Condition] = field(default_factory=list)


class Matchable(NamedTuple):
    """What maps look at: names in the notation of IOS, every alternative name, the serial number in hexadecimal."""

    subject: str
    issuer: str
    unstructured: str
    alternatives: tuple[str, ...]
    serial: str
    valid_from: datetime
    valid_until: datetime


def parse_date(text: str) -> datetime | None:
    """A date as a map has it, `jan 01 2026 10:00:00`, without a zone; None for none."""
    for form in _DATES:
        try:
            return datetime.strptime(" ".join(text.split()), form)
        except ValueError:
            continue
    return None


def matches(entries: dict[int, MapEntry], certificate: Matchable, offset: timedelta = timedelta()) -> bool:
    """Whether one of a map's entries matches; `offset` is the distance of the router's zone from UTC."""
    return any(
        all(_holds(item, certificate, offset) for item in entries[sequence].conditions) for sequence in sorted(entries)
    )


def _holds(condition: Condition, certificate: Matchable, offset: timedelta) -> bool:
    if condition.field in DATE_FIELDS:
        when = certificate.valid_from if condition.field == "valid-start" else certificate.valid_until
        return _date_holds(condition, (when + offset).replace(tzinfo=None, microsecond=0))
    wanted = _plain(condition.value)
    texts = [_plain(text) for text in _texts(condition.field, certificate)]
    if condition.field == "serial-number":
        wanted, texts = wanted.lstrip("0"), [text.lstrip("0") for text in texts]
    if condition.operator in ("co", "nc"):
        return any(wanted in text for text in texts) == (condition.operator == "co")
    return (wanted in texts) == (condition.operator == "eq")


def _texts(name: str, certificate: Matchable) -> tuple[str, ...]:
    if name == "name":
        return (certificate.subject, certificate.unstructured, *certificate.alternatives)
    return {
        "subject-name": (certificate.subject,),
        "issuer-name": (certificate.issuer,),
        "unstructured-subject-name": (certificate.unstructured,),
        "alt-subject-name": certificate.alternatives,
        "serial-number": (certificate.serial,),
    }[name]


def _plain(text: str) -> str:
    """Case does not count, nor do blanks around the signs of a name."""
    text = " ".join(text.lower().split())
    for sign in ",=":
        text = sign.join(part.strip() for part in text.split(sign))
    return text


def _date_holds(condition: Condition, when: datetime) -> bool:
    wanted = parse_date(condition.value)
    if wanted is None:
        return False
    return {"eq": when == wanted, "ne": when != wanted, "ge": when >= wanted, "lt": when < wanted}[condition.operator]
