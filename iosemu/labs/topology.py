"""`lab.yml`: nodes and links, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_interface,
)
from pathlib import Path
from typing import Any

import yaml

from iosemu.router.names import InterfaceName, parse_name

LAB_FILE = "lab.yml"
HOST_INTERFACE = "eth0"
# What a host's only interface is called inside its IP stack.
HOST_PORT = InterfaceName("Ethernet", "0")
_DELAY = re.compile(r"(\d+(?:\.\d+)?)(ms|s|us)")
_LOSS = re.compile(r"(\d+(?:\.\d+)?)%")
# A node is called as its router, and a link as the file that its frames are captured in.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
RESERVED = ("wait", "link", "power", "reset", "save", "nodes", "help", "exit", "quit")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


class _Loader(yaml.SafeLoader):
    """Takes each key of a mapping once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = next((index for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            mark = node.value[twice][0].start_mark
            raise yaml.constructor.ConstructorError(None, None, f"{keys[twice]!r} is there twice", mark)
        return super().construct_mapping(node, deep)


class LabError(Exception):
    """A lab cannot be loaded; the text names file and place."""


@dataclass(frozen=True, slots=True)
class RouterNode:
    """A router with its configuration file; `boot` is typed at its first boot: lines, each with the answers to what it
    asks, and `wait SECONDS`."""

    name: str
    config: Path | None
    boot: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class HostNode:
    """A host with one interface. It may have addresses of both families, and a gateway for each."""

    name: str
    addresses: tuple[IPv4Interface | IPv6Interface, ...]
    gateways: tuple[IPv4Address | IPv6Address, ...] = ()


@dataclass(frozen=True, slots=True)
class EndPoint:
    """A node's interface."""

    node: str
    interface: InterfaceName


@dataclass(frozen=True, slots=True)
class Link:
    """Two ends are a wire, more are a segment; `delay` in seconds, `loss` a fraction."""

    ends: tuple[EndPoint, ...]
    name: str | None = None
    delay: float | None = None
    loss: float = 0.0

    @property
    def label(self) -> str:
        """The name of the link's capture file."""
        return self.name or "--".join(end.node for end in self.ends)


@dataclass(frozen=True, slots=True)
class Topology:
    """A lab as its file describes it; nodes are in the order of the file."""

    name: str
    nodes: dict[str, RouterNode | HostNode] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


def load_topology(path: Path) -> Topology:
    """Read a lab from its file or its folder; raises LabError."""
    file = path / LAB_FILE if path.is_dir() else path
    try:
        data = yaml.load(file.read_text(), _Loader)
    except OSError as error:
        raise LabError(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        reason = error.problem if isinstance(error, yaml.constructor.ConstructorError) else "this is not valid YAML"
        raise LabError(f"{file}{place}: {reason}") from error
    return _Reader(file).topology(data)


class _Reader:
    """Checks while it reads; every error says where."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def topology(self, data: Any) -> Topology:
        top = self._mapping(data, "the file", {"name", "nodes", "links"})
        nodes = self._mapping(top.get("nodes"), "nodes")
        read = {str(name): self._node(str(name), value) for name, value in nodes.items()}
        links = top.get("links", [])
        if not isinstance(links, list):
            raise self._error("links", "a list is needed")
        return Topology(
            str(top.get("name", self._file.resolve().parent.name)),
            read,
            tuple(self._link(f"links[{index}]", item, read) for index, item in enumerate(links)),
        )

    def _node(self, name: str, value: Any) -> RouterNode | HostNode:
        place = f"nodes.{name}"
        self._named(place, name)
        if name in RESERVED:
            raise self._error(place, f"{name} is a command of the lab console")
        fields = self._mapping(value or {}, place)
        kind = fields.get("kind", "router")
        if kind == "host":
            self._only(fields, place, {"kind", "address", "gateway"})
            return self._host(name, place, fields)
        if kind != "router":
            raise self._error(place, f"kind {kind!r} is neither router nor host")
        self._only(fields, place, {"kind", "config", "boot"})
        config = fields.get("config")
        boot = fields.get("boot", [])
        if not isinstance(boot, list):
            raise self._error(f"{place}.boot", "a list of commands is needed")
        typed = tuple(self._typed(f"{place}.boot[{index}]", item) for index, item in enumerate(boot))
        return RouterNode(name, self._file.parent / str(config) if config else None, typed)

    def _typed(self, place: str, item: Any) -> tuple[str, ...]:
        """A line, or a list of a line and the answers to what it asks."""
        words = item if isinstance(item, list) else [item]
        if not words or any(isinstance(word, (dict, list)) or word is None for word in words):
            raise self._error(place, "a command is needed, or a list of a command and answers")
        return tuple(map(str, words))

    def _host(self, name: str, place: str, fields: dict[str, Any]) -> HostNode:
        try:
            addresses = tuple(ip_interface(text) for text in self._texts(fields["address"]))
            gateways = tuple(ip_address(text) for text in self._texts(fields.get("gateway", [])))
        except KeyError:
            raise self._error(place, "a host needs an address such as 192.168.1.10/24") from None
        except ValueError as error:
            raise self._error(place, str(error)) from None
        for found in (addresses, gateways):
            if len({item.version for item in found}) < len(found):
                raise self._error(place, "one address and one gateway of each family is all that a host takes")
        return HostNode(name, addresses, gateways)

    @staticmethod
    def _texts(value: Any) -> list[str]:
        """A value, or a list of values."""
        return [str(item) for item in (value if isinstance(value, list) else [value])]

    def _link(self, place: str, value: Any, nodes: dict[str, RouterNode | HostNode]) -> Link:
        fields = {"endpoints": value} if isinstance(value, list) else self._mapping(value, place)
        self._only(fields, place, {"endpoints", "name", "delay", "loss"})
        ends = fields.get("endpoints")
        if not isinstance(ends, list) or len(ends) < 2:
            raise self._error(place, "two or more endpoints of the form NODE:INTERFACE are needed")
        name = str(fields["name"]) if "name" in fields else None
        if name is not None:
            self._named(f"{place}.name", name)
        return Link(
            tuple(self._end(place, str(end), nodes) for end in ends),
            name,
            self._quantity(place, "delay", fields),
            (self._quantity(place, "loss", fields) or 0.0),
        )

    def _end(self, place: str, text: str, nodes: dict[str, RouterNode | HostNode]) -> EndPoint:
        node, _, interface = text.partition(":")
        if node not in nodes:
            raise self._error(place, f"node {node} does not exist")
        if isinstance(nodes[node], HostNode):
            if interface != HOST_INTERFACE:
                raise self._error(place, f"host {node} has one interface, {HOST_INTERFACE}")
            return EndPoint(node, HOST_PORT)
        name = parse_name(interface)
        if name is None or name.virtual:
            raise self._error(place, f"{interface!r} is no interface that can be cabled")
        return EndPoint(node, name)

    def _named(self, place: str, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise self._error(place, "a name has letters, digits, dots, hyphens and underscores")

    def _quantity(self, place: str, key: str, fields: dict[str, Any]) -> float | None:
        if key not in fields:
            return None
        text = str(fields[key]).strip()
        if key == "loss" and (match := _LOSS.fullmatch(text)) and float(match[1]) <= 100:
            return float(match[1]) / 100
        if key == "delay" and (match := _DELAY.fullmatch(text)):
            return float(match[1]) * _UNITS[match[2]]
        example = "1%" if key == "loss" else "5ms"
        raise self._error(f"{place}.{key}", f"{text!r} is not of the form {example}")

    def _mapping(self, value: Any, place: str, allowed: set[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(place, "a mapping is needed")
        if allowed is not None:
            self._only(value, place, allowed)
        return value

    def _only(self, value: dict[str, Any], place: str, allowed: set[str]) -> None:
        for key in value:
            if key not in allowed:
                raise self._error(place, f"{key!r} is not known here; known are {', '.join(sorted(allowed))}")

    def _error(self, place: str, text: str) -> LabError:
        return LabError(f"{self._file}: {place}: {text}")
