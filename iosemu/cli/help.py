"""What `?` prints, and what Tab completes."""

from __future__ import annotations

import textwrap

from iosemu.cli.grammar import Access, Grammar
from iosemu.cli.match import Choice, Result, choices
from iosemu.cli.modes import Mode
from iosemu.cli.tokens import INTERFACE_HELP, Token
from iosemu.router.names import types_of

CR = "<cr>"
PIPE = "|"
# The top-level lists of IOS have this width for their words.
TOP_LEVEL_WIDTH = 15


def help_text(grammar: Grammar, mode: Mode, line: str, width: int, access: Access | None = None) -> str:
    """The help for an unfinished line, with a line feed behind each line."""
    head, partial = _split(line)
    position, found = choices(grammar, mode, head, access)
    if position.result is Result.AMBIGUOUS:
        return f'% Ambiguous command:  "{head.strip()}"\n'
    if position.result is not Result.OK:
        number = _interface_number(grammar, mode, head, access) if not partial else None
        return columns([number], width) if number is not None else "% Unrecognized command\n"
    if partial:
        return _word_help(found, partial, width)
    entries = sorted(_entries(found), key=_order)
    if position.may_end:
        if head.split()[:1] and "show".startswith(head.split()[0].lower()):
            entries.append((PIPE, "Output modifiers"))
        entries.append((CR, ""))
    if not entries:
        return "% Unrecognized command\n"
    if not head.strip():
        return f"{mode.header}\n" + columns(entries, width, TOP_LEVEL_WIDTH)
    return columns(entries, width)


def complete(grammar: Grammar, mode: Mode, line: str, access: Access | None = None) -> str | None:
    """The line with its last word completed and a blank behind it; None when that is not possible."""
    head, partial = _split(line)
    if not partial:
        return None
    position, found = choices(grammar, mode, head, access)
    if position.result is not Result.OK:
        return None
    words = {word for choice in found for word in _keywords(choice) if word.lower().startswith(partial.lower())}
    exact = [word for word in words if word.lower() == partial.lower()]
    if len(words) != 1 and not exact:
        return None
    return f"{head}{exact[0] if exact else words.pop()} "


def _interface_number(grammar: Grammar, mode: Mode, head: str, access: Access | None) -> tuple[str, str] | None:
    """What follows the type of an interface that is typed apart from its number."""
    before, _, word = head.rstrip().rpartition(" ")
    kinds = types_of(word) if word.isalpha() else []
    position, found = choices(grammar, mode, before, access)
    if len(kinds) != 1 or position.result is not Result.OK or not any(item.token.text == "INTERFACE" for item in found):
        return None
    return "<0-4294967295>", f"{kinds[0]} interface number"


def _split(line: str) -> tuple[str, str]:
    """The complete words with their blanks, and the unfinished one."""
    stripped = line.lstrip()
    if not stripped or stripped[-1].isspace():
        return stripped, ""
    cut = max(stripped.rfind(" "), stripped.rfind("\t")) + 1
    return stripped[:cut], stripped[cut:]


def _keywords(choice: Choice) -> list[str]:
    if choice.token.text == "INTERFACE":
        return list(INTERFACE_HELP)
    return [choice.token.text] if choice.token.is_keyword else []


def _entries(found: list[Choice]) -> list[tuple[str, str]]:
    entries = []
    for choice in found:
        if choice.token == Token("INTERFACE"):
            entries += list(INTERFACE_HELP.items())
        else:
            entries.append((choice.token.text, choice.help))
    return entries


def _order(entry: tuple[str, str]) -> tuple[int, str]:
    """Ranges first, keywords by the alphabet, then placeholders."""
    word = entry[0]
    if word.startswith("<"):
        return 0, word
    return (2, word) if not Token(word).is_keyword else (1, word.lower())


def _word_help(found: list[Choice], partial: str, width: int) -> str:
    words = sorted({word for choice in found for word in _keywords(choice) if word.lower().startswith(partial.lower())})
    if not words:
        if any(not choice.token.is_keyword for choice in found):
            return columns(sorted(_entries([c for c in found if not c.token.is_keyword]), key=_order), width)
        return "% Unrecognized command\n"
    column = max(map(len, words)) + 2
    per_row = max(1, width // column)
    rows = ["".join(word.ljust(column) for word in words[i : i + per_row]) for i in range(0, len(words), per_row)]
    return "\n".join(rows) + "\n\n"


def columns(entries: list[tuple[str, str]], width: int, minimum: int = 0) -> str:
    """Words and their texts in two columns; long texts wrap into the second one."""
    column = max(minimum, *(len(word) for word, _ in entries))
    lines = []
    for word, text in entries:
        room = max(20, width - column - 5)
        wrapped = textwrap.wrap(text, room) or [""]
        lines.append(f"  {word.ljust(column)}  {wrapped[0]}".rstrip())
        lines += [" " * (column + 4) + more for more in wrapped[1:]]
    return "\n".join(lines) + "\n\n"
