"""crypto pki trustpoint, certificate map, crl cache."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context, Interaction, yes_or_no
from iosemu.features.pki.config import CA_TRUSTPOINT, CERTIFICATE_MAP, PkiConfig, Trustpoint
from iosemu.features.pki.maps import (
    DATE_FIELDS,
    DATE_OPERATORS,
    TEXT_FIELDS,
    TEXT_OPERATORS,
    Condition,
    MapEntry,
    parse_date,
)
from iosemu.features.pki.spelling import declare, pki_helps

TABLE = CommandTable()
_TRUSTPOINT = "crypto pki trustpoint WORD$name"


def trustpoint(ctx: Context, name: str) -> Interaction:
    """Open a trustpoint, made if there is none; removing one takes its certificates with it."""
    config = ctx.router.model.block(PkiConfig)
    if not ctx.negated:
        ctx.enter(CA_TRUSTPOINT, config.trustpoints.setdefault(name, Trustpoint(name)))
        return
    if name not in config.trustpoints:
        raise CommandError("% CA trustpoint is not known")
    if name in config.chains and not ctx.session.loading:
        yield "% Removing an enrolled trustpoint will destroy all certificates\n"
        yield " received from the related Certificate Authority.\n\n"
        if not (yield from yes_or_no("Are you sure you want to do this? [yes/no]: ")):
            return
        yield "% Be sure to ask the CA administrator to revoke your certificates.\n\n"
    del config.trustpoints[name]
    config.chains.pop(name, None)


declare(TABLE, CONFIG, _TRUSTPOINT, pki_helps("Define a CA trustpoint", "CA trustpoint name"), no=_TRUSTPOINT)(
    trustpoint
)


def crl_cache_size(ctx: Context, size: int | None = None) -> None:
    ctx.router.model.block(PkiConfig).crl_cache_size = None if ctx.negated else size


declare(
    TABLE,
    CONFIG,
    "crypto pki crl cache size <0-131072>$size",
    pki_helps("CRL options", "CRL cache options", "Size of the cache", "Kilobytes"),
    no=ARGUMENTS_OPTIONAL,
)(crl_cache_size)


def certificate_map(ctx: Context, name: str, sequence: int | None = None) -> None:
    maps = ctx.router.model.block(PkiConfig).maps
    if not ctx.negated:
        assert sequence is not None
        ctx.enter(CERTIFICATE_MAP, maps.setdefault(name, {}).setdefault(sequence, MapEntry()))
        return
    if sequence is None:
        maps.pop(name, None)
    elif name in maps:
        maps[name].pop(sequence, None)
        if not maps[name]:
            del maps[name]


_MAP = "crypto pki certificate map WORD$name"
declare(
    TABLE,
    CONFIG,
    f"{_MAP} <1-65535>$sequence",
    pki_helps("Actions on certificates", "Define a certificate attribute map", "Label of the map", "Sequence number"),
    no=_MAP,
)(certificate_map)

_FIELD_HELP = {
    "subject-name": "Subject name",
    "issuer-name": "Issuer name",
    "unstructured-subject-name": "Unstructured subject name",
    "alt-subject-name": "Alternative subject name",
    "name": "Any of the names of the subject",
    "serial-number": "Serial number",
    "valid-start": "Start of the validity",
    "expires-on": "End of the validity",
}
_OPERATOR_HELP = {
    "co": "contains",
    "eq": "equal",
    "nc": "does not contain",
    "ne": "not equal",
    "ge": "greater than or equal",
    "lt": "less than",
}


def condition(ctx: Context, field: str, operator: str = "", value: str = "") -> None:
    entry: MapEntry = ctx.target
    if not ctx.negated and field in DATE_FIELDS and parse_date(value) is None:
        raise CommandError(at=value)
    wanted = Condition(field, operator, value)
    if ctx.negated:
        entry.conditions = [item for item in entry.conditions if item != wanted and (operator or item.field != field)]
    elif wanted not in entry.conditions:
        entry.conditions.append(wanted)


for _fields, _operators in ((TEXT_FIELDS, TEXT_OPERATORS), (DATE_FIELDS, DATE_OPERATORS)):
    for _field in _fields:
        TABLE.command(
            CERTIFICATE_MAP,
            f"{_field}$field ({'|'.join(_operators)})$operator LINE$value",
            "\n".join([_FIELD_HELP[_field], *(_OPERATOR_HELP[word] for word in _operators), "Value to compare with"]),
            no=ARGUMENTS_OPTIONAL,
        )(condition)
