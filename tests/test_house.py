"""The rules of the house that import-linter cannot see (docs/architecture.md)."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "iosemu"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(Path(__file__).resolve().parent.rglob("*.py"))
# Lines. These only ever become smaller.
LARGEST_ROOM = 380
LARGEST_TEST_MODULE = 420
LONGEST_FUNCTION = 60

# Time, randomness and transport are injected everywhere else.
IMPURE_MODULES = {"time", "random", "socket", "asyncio", "secrets"}
IMPURE_ROOMS = ("router/clock.py", "crypto/", "ports/", "shell/", "labs/", "app.py")
# One room owns each of these libraries.
OWNED_LIBRARIES = {
    "cryptography": ("crypto/",),
    "gmpy2": ("crypto/", "ports/sums.py"),
    "cffi": ("ports/",),
    "pyparsing": ("cli/",),
    "prompt_toolkit": ("shell/", "labs/"),
    "pytun": ("ports/",),
    "asyncssh": ("shell/",),
    "yaml": ("labs/",),
    "h11": ("features/http/",),
}


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_the_sources_are_found() -> None:
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=room)
def test_time_randomness_and_transport_stay_in_their_rooms(path: Path) -> None:
    if not room(path).startswith(IMPURE_ROOMS):
        assert not imported_modules(path) & IMPURE_MODULES


@pytest.mark.parametrize("path", SOURCES, ids=room)
def test_each_library_is_imported_by_its_owner_only(path: Path) -> None:
    for library in imported_modules(path) & OWNED_LIBRARIES.keys():
        assert room(path).startswith(OWNED_LIBRARIES[library]), library


@pytest.mark.parametrize("path", SOURCES, ids=room)
def test_no_room_is_too_large(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LARGEST_ROOM
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= LONGEST_FUNCTION, node.name


def test_tests_borrow_from_helper_modules_only() -> None:
    for path in TESTS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(alias.name for alias in node.names)]
                assert not [name for name in names if name.rpartition(".")[2].startswith("test_")], path


def test_no_test_module_is_too_large() -> None:
    assert {path.name: size for path in TESTS if (size := path.read_text().count("\n")) > LARGEST_TEST_MODULE} == {}


def test_wire_imports_the_standard_library_only() -> None:
    import sys

    for path in (PACKAGE / "wire").rglob("*.py"):
        assert imported_modules(path) <= set(sys.stdlib_module_names) | {"iosemu"}, room(path)


def test_the_page_of_states_is_up_to_date() -> None:
    docs = PACKAGE.parent / "docs"
    spec = importlib.util.spec_from_file_location("generate_states", docs / "generate_states.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (docs / "states.md").read_text() == module.page(), "run: python docs/generate_states.py"
