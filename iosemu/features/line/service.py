"""The settings of a line take effect on the session that begins there."""

from __future__ import annotations

from iosemu.cli import Session
from iosemu.features.line.config import LineConfig, LinesConfig

DEFAULT_EXEC_TIMEOUT = 600.0


def begin(session: Session, line: LineConfig) -> None:
    """Set a new session up as its line says."""
    for words, attribute in (("length", "terminal_length"), ("width", "terminal_width")):
        value = line.setting(words)
        if value:
            setattr(session, attribute, int(value[0]))
    size = line.setting("history size")
    if size:
        session.resize_history(int(size[0]))
    level = line.setting("privilege level")
    if level:
        session.privilege = max(session.privilege, int(level[0]))


def console_line(session: Session) -> LineConfig:
    """The console's block."""
    found = session.router.model.block(LinesConfig).find("con", 0)
    assert found is not None
    return found


def exec_timeout(line: LineConfig) -> float | None:
    """Emulated seconds without input after which a session ends, None for never."""
    value = line.setting("exec-timeout")
    if value is None:
        return DEFAULT_EXEC_TIMEOUT
    seconds = int(value[0]) * 60 + (int(value[1]) if len(value) > 1 else 0)
    return float(seconds) if seconds else None
