"""What distinguishes two configurations, and the lines that turn one into the other."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.features.archive.tree import ConfigNode, render

# Below these the order of the lines decides what they mean.
ORDERED = ("ip access-list", "ipv6 access-list", "route-map", "policy-map", "ip vrf", "macro")
# Lines whose order among their own kind decides, and the number of words that name the kind.
ORDERED_LINES = {"access-list": 2, "server address": 2, "ip name-server": 2, "set peer": 2}


def contextual(old: list[ConfigNode], new: list[ConfigNode]) -> list[str]:
    """`+` for lines that only the new one has, `-` for those that only the old one has, each behind the indentation;
    a line that both have is shown where something below it differs."""
    return list(_contextual(old, new, 0))


def _contextual(old: list[ConfigNode], new: list[ConfigNode], depth: int) -> Iterator[str]:
    indent = " " * depth
    before = {node.line: node for node in old}
    after = {node.line for node in new}
    for node in new:
        if node.line in before:
            below = list(_contextual(before[node.line].children, node.children, depth + 1))
            if below:
                yield f"{indent}{node.line}"
                yield from below
        else:
            yield from _signed("+", [node], depth)
    yield from _signed("-", [node for node in old if node.line not in after], depth)


def _signed(sign: str, nodes: list[ConfigNode], depth: int) -> Iterator[str]:
    for line in render(nodes, depth):
        stripped = line.lstrip(" ")
        yield f"{line[: len(line) - len(stripped)]}{sign}{stripped}"


def missing(running: list[ConfigNode], wanted: list[ConfigNode], ignore_case: bool = False) -> list[str]:
    """The lines of `wanted` that would change the running configuration, below their parents."""
    lines: list[str] = []
    have = {_folded(node.line, ignore_case): node for node in running}
    for node in wanted:
        found = have.get(_folded(node.line, ignore_case))
        if node.line.startswith("no "):
            undone = node.line.removeprefix("no ")
            lines += [node.line] if any(f"{line} ".startswith(f"{undone} ") for line in have) else []
        elif found is None:
            lines += render([node])
        else:
            below = missing(found.children, node.children, ignore_case)
            lines += [node.line, *(f" {line}" for line in below)] if below else []
    return lines


def _folded(line: str, ignore_case: bool) -> str:
    return line.lower() if ignore_case else line


def same(old: list[ConfigNode], new: list[ConfigNode]) -> bool:
    """Whether two configurations mean the same: order counts only where it decides."""
    return not removals(old, new) and not additions(old, new)


def removals(old: list[ConfigNode], new: list[ConfigNode], again: bool = False, parent: str = "") -> list[str]:
    """The lines that take away what the new configuration does not have. `again`: an attempt before has left them."""
    lines = []
    after = {node.line: node for node in new}
    doomed = _misplaced(old, new, parent)
    for node in reversed(old) if doomed else old:
        if node.line not in after or node.line in doomed:
            lines.append(_undo(node, again))
        else:
            below = removals(node.children, after[node.line].children, again, node.line)
            lines += [node.line, *(f" {line}" for line in below)] if below else []
    return lines


def additions(old: list[ConfigNode], new: list[ConfigNode], parent: str = "") -> list[str]:
    """The lines that add what the old configuration does not have."""
    lines = []
    before = {node.line: node for node in old}
    misplaced = _misplaced(old, new, parent)
    for node in new:
        if node.line not in before or node.line in misplaced:
            lines += render([node])
        else:
            below = additions(before[node.line].children, node.children, node.line)
            lines += [node.line, *(f" {line}" for line in below)] if below else []
    return lines


def _misplaced(old: list[ConfigNode], new: list[ConfigNode], parent: str) -> set[str]:
    """Lines that both have and that must be entered again, because one before them is new."""
    if parent.startswith(ORDERED):
        return _behind_first_difference([node.line for node in old], [node.line for node in new])
    found: set[str] = set()
    for words, count in ORDERED_LINES.items():
        heads = {" ".join(node.line.split()[:count]) for node in new if node.line.startswith(f"{words} ")}
        for head in heads:
            olds, news = ([node.line for node in nodes if node.line.startswith(f"{head} ")] for nodes in (old, new))
            found |= _behind_first_difference(olds, news)
    return found


def _behind_first_difference(old: list[str], new: list[str]) -> set[str]:
    kept = [line for line in old if line in set(new)]
    count = 0
    while count < min(len(kept), len(new)) and kept[count] == new[count]:
        count += 1
    # `no` takes away every line with the same words, as where a remark stands twice.
    while count and {*kept[count:], *new[count:]} & {*kept[:count]}:
        count -= 1
    return {*kept[count:], *new[count:]} & {*old}


def _undo(node: ConfigNode, again: bool) -> str:
    """`default` takes a line back to what it is without one, in either form. A block goes with `no`, and so does what a
    first attempt has left."""
    line = node.line.split("\n")[0]
    if line.startswith("no "):
        return f"default {line.removeprefix('no ')}"
    if line.startswith("banner "):
        return f"no {' '.join(line.split()[:2])}"
    return f"no {line}" if node.children or again or line.startswith("interface ") else f"default {line}"


def shown(lines: list[str]) -> list[str]:
    """Commands as IOS lists them: it knows only `no`."""
    return [line.replace("default ", "no ", 1) if line.lstrip().startswith("default ") else line for line in lines]
