"""`line` blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept, KeptItem
from iosemu.features.accounts.config import Accounts, hidden, stored_text
from iosemu.features.accounts.passwords import Secret
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

# A line without a kind has an absolute number.
DEFAULT_EXEC_TIMEOUT = 600.0
# Where the password stands among the settings.
PASSWORD_RANK = 50
ORDER = ("con", "aux", "", "tty", "vty")


@dataclass
class LineConfig:
    """The lines from `first` to `last` of a kind, which are set alike."""

    kind: str
    first: int
    last: int
    kept: Kept = field(default_factory=Kept)
    password: Secret | None = None

    @property
    def opening(self) -> str:
        """The line that opens the block."""
        numbers = f"{self.first}" if self.last == self.first else f"{self.first} {self.last}"
        return f"line {self.kind} {numbers}" if self.kind else f"line {numbers}"

    @property
    def exec_timeout(self) -> float | None:
        """Emulated seconds without input after which a session ends, None for never."""
        value = self.setting("exec-timeout")
        if value is None:
            return DEFAULT_EXEC_TIMEOUT
        seconds = int(value[0]) * 60 + (int(value[1]) if len(value) > 1 else 0)
        return float(seconds) if seconds else None

    @property
    def synchronous(self) -> bool:
        """Whether a line that a message has broken is shown again."""
        return any(line.startswith("logging synchronous") for line in self.kept.items)

    def switched_off(self, words: str) -> bool:
        """Whether there is a `no` in front of a setting."""
        item = self.kept.items.get(words)
        return item is not None and item.line.startswith("no ")

    def setting(self, words: str) -> list[str] | None:
        """What follows the words of a setting, None when it is not set."""
        item = self.kept.items.get(words)
        if item is None or item.line.startswith("no "):
            return None
        return item.line.split()[len(words.split()) :]


def _always_there() -> list[LineConfig]:
    """The lines that every router has."""
    return [LineConfig("con", 0, 0), LineConfig("aux", 0, 0), LineConfig("vty", 0, 4)]


@dataclass
class LinesConfig:
    """All blocks; those of a kind do not overlap."""

    blocks: list[LineConfig] = field(default_factory=_always_there)

    def select(self, kind: str, first: int, last: int) -> list[LineConfig]:
        """The blocks of a range: those at its ends are split, and what is missing is made."""
        self._split(kind, first)
        self._split(kind, last + 1)
        at = first
        while at <= last:
            found = next((item for item in self.blocks if item.kind == kind and item.first == at), None)
            if found is None:
                starts = [item.first for item in self.blocks if item.kind == kind and item.first > at]
                found = LineConfig(kind, at, min([last, *(start - 1 for start in starts)]))
                self.blocks.append(found)
            at = found.last + 1
        self.blocks = self.ordered()
        return [item for item in self.blocks if item.kind == kind and first <= item.first <= last]

    def remove(self, kind: str, first: int, last: int) -> None:
        """Forget a range; the lines that every router has stay, without settings."""
        doomed = self.select(kind, first, last)
        self.blocks = [item for item in self.blocks if not any(item is other for other in doomed)]
        for default in _always_there():
            if default.kind == kind:
                self.select(kind, default.first, default.last)

    def find(self, kind: str, number: int) -> LineConfig | None:
        """The block of one line."""
        return next((item for item in self.blocks if item.kind == kind and item.first <= number <= item.last), None)

    def hide_passwords(self) -> None:
        """Encrypt what is in the clear."""
        for block in self.blocks:
            block.password = block.password and hidden(block.password)

    def ordered(self) -> list[LineConfig]:
        """In the order of the running-config."""
        return sorted(self.blocks, key=lambda item: (ORDER.index(item.kind), item.first))

    def _split(self, kind: str, at: int) -> None:
        """Let a block begin at a number."""
        for item in self.blocks:
            if item.kind == kind and item.first < at <= item.last:
                rest = LineConfig(kind, at, item.last, Kept(dict(item.kept.items)), item.password)
                item.last = at - 1
                self.blocks.append(rest)
                return


def _paragraphs(router: Router) -> list[Lines]:
    blocks = router.model.block(LinesConfig).ordered()
    # With AAA the lists of methods decide, and the old forms are not shown.
    replaced = ("login", "login local") if router.model.block(Accounts).new_model else ()
    return [[line for block in blocks for line in (block.opening, *_settings(block, replaced))]]


def _settings(block: LineConfig, replaced: tuple[str, ...]) -> Lines:
    items = {key: item for key, item in block.kept.items.items() if key not in replaced}
    if block.password is not None:
        text = stored_text(block.password).removeprefix("0 ")
        items["password"] = KeptItem(PASSWORD_RANK, f"password {text}")
    return Kept(items).lines(" ")


SECTION = Section(Place.LINE, _paragraphs)
