"""`configure replace`: the smallest set of lines that turns the running configuration into another one."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import load_config
from iosemu.cli.grammar import Grammar
from iosemu.features.archive.diff import additions, removals, same, shown
from iosemu.features.archive.tree import ConfigNode, parse_tree
from iosemu.router.clock import VirtualClock
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config

PASSES = 5


@dataclass(slots=True)
class Outcome:
    """How a replacement went: the commands of each pass, and the lines that are not what they should be."""

    passes: list[list[str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class NotAConfigError(Exception):
    """The text is no complete configuration."""


def canonical(router: Router, grammar: Grammar, text: str) -> tuple[str, list[str]]:
    """How this router would print a configuration, and the lines of it that it would refuse."""
    if not any(line.split()[:1] in (["version"], ["hostname"]) for line in text.splitlines()):
        raise NotAConfigError
    # Of its own clock, which never runs: nothing that is configured there may come alive.
    scratch = Router(VirtualClock(), router.plugins)
    for interface in router.interfaces:
        if not interface.name.removable:
            scratch.interfaces.add(interface.name)
    refused = load_config(scratch, grammar, text)
    printed = print_running_config(scratch)
    scratch.stop()
    return printed, [item.text.strip() for item in refused]


def replace(router: Router, grammar: Grammar, text: str) -> Outcome:
    """Make the running configuration that of a text; raises NotAConfigError. A line that cannot be applied is left,
    and named."""
    outcome = _replace(router, grammar, text)
    router.end_configuring()
    return outcome


def _replace(router: Router, grammar: Grammar, text: str) -> Outcome:
    wanted_text, refused = canonical(router, grammar, text)
    wanted = parse_tree(wanted_text)
    outcome = Outcome(failed=refused)
    for number in range(PASSES):
        running = parse_tree(print_running_config(router))
        if same(running, wanted):
            return outcome
        lines = _commands(running, wanted, again=number > 0)
        outcome.passes.append(shown(lines))
        load_config(router, grammar, "\n".join(lines))
    running = parse_tree(print_running_config(router))
    if not same(running, wanted):
        outcome.failed += shown(_commands(running, wanted, again=True))
    return outcome


def _commands(running: list[ConfigNode], wanted: list[ConfigNode], again: bool) -> list[str]:
    return removals(running, wanted, again) + additions(running, wanted)
