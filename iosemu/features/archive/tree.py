"""A configuration as a tree: lines, and below each line those that are indented deeper."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BANNER = re.compile(r"banner \S+ (\^C|\S)")
_BODY = re.compile(r"(certificate|crl|key-string)\b")


@dataclass(slots=True)
class ConfigNode:
    """A line without its indentation; texts of many lines (banners, certificates) are one node."""

    line: str
    children: list[ConfigNode] = field(default_factory=list)


def parse_tree(text: str) -> list[ConfigNode]:
    """The top-level lines of a configuration; comments and `end` are left out."""
    top: list[ConfigNode] = []
    levels: list[list[ConfigNode]] = [top]
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line, at = lines[at], at + 1
        stripped = line.strip()
        if not stripped or stripped.startswith("!"):
            continue
        depth = len(line) - len(line.lstrip())
        if depth == 0 and stripped == "end":
            break
        end = _end_of_text(lines, at - 1, depth)
        stripped, at = "\n".join([stripped, *lines[at:end]]), end
        # A level may be missing, as where a sub-mode is printed one blank too deep.
        del levels[depth + 1 :]
        node = ConfigNode(stripped)
        levels[-1].append(node)
        levels.append(node.children)
    return top


def _end_of_text(lines: list[str], at: int, depth: int) -> int:
    """The index behind a line and the text that belongs to it: a banner, a macro, the body of a certificate."""
    line = lines[at].strip()
    banner = _BANNER.match(line)
    if banner is not None:
        closed = (number for number in range(at + 1, len(lines)) if banner[1] in lines[number])
        return at + 1 if banner[1] in line[banner.end() :] else next(closed, len(lines) - 1) + 1
    ends = ("@",) if line.startswith("macro name ") else ("quit", "exit") if _BODY.match(line) else ()
    for number in range(at + 1, len(lines)) if ends else ():
        body = lines[number]
        if body.strip() in ends:
            return number + 1
        if ends != ("@",) and len(body) - len(body.lstrip()) <= depth:
            break
    return at + 1


def render(nodes: list[ConfigNode], depth: int = 0) -> list[str]:
    """The lines of a tree with their indentation."""
    lines = []
    for node in nodes:
        lines += [" " * depth + node.line, *render(node.children, depth + 1)]
    return lines
