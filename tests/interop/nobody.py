"""Commands as the user nobody, who has no rights and may read the program wherever root keeps it."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.interop.netns import run
from tests.requirements import require, unmet

ROOT = Path(__file__).resolve().parents[2]
DROPPED = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")


def as_nobody(*command: str, reads: Iterable[Path] = ()) -> tuple[str, ...]:
    """A command as one of nobody's, who may read the program and some folders; skips where that cannot be."""
    require("root", "setpriv", "unshare", "mount")
    program = [Path(sys.prefix), Path(sys.base_prefix), ROOT, *map(Path, sys.path)]
    shown = _outermost({folder.resolve() for folder in (*program, *reads) if folder.is_dir()})
    view = _view({folder: hidden for folder in shown if (hidden := _closed(folder)) is not None})
    # Not even setpriv may look for the command: it has its rights until it becomes another program.
    prefix = (*view, *DROPPED, "sh", "-c", 'exec "$@"', "sh")
    if run(*prefix, sys.executable, "-c", "import iosemu").returncode:
        unmet("nobody can be let read the program here")
    return (*prefix, *command)


def _closed(folder: Path) -> Path | None:
    """The first folder on the way to another that others may not enter."""
    ways = (place for place in reversed(folder.parents) if not place.stat().st_mode & stat.S_IXOTH)
    return next(ways, None)


def _outermost(folders: set[Path]) -> list[Path]:
    """Those that are inside none of the others."""
    return sorted(folder for folder in folders if folders.isdisjoint(folder.parents))


def _view(hidden: dict[Path, Path]) -> tuple[str, ...]:
    """A mount namespace where each folder is at its own place, and what closed the way to it is empty but for them."""
    if not hidden:
        return ()
    script = ["mount -t tmpfs -o mode=755 tmpfs /mnt"]
    places = [(number, shlex.quote(str(folder))) for number, folder in enumerate(hidden)]
    script += [f"mkdir /mnt/{number} && mount --bind {folder} /mnt/{number}" for number, folder in places]
    script += [f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(place))}" for place in sorted(set(hidden.values()))]
    script += [f"mkdir -p {folder} && mount --move /mnt/{number} {folder}" for number, folder in places]
    here = f"cd {shlex.quote(os.getcwd())}"
    return ("unshare", "--mount", "sh", "-c", " && ".join([*script, here, 'exec "$@"']), "sh")
