"""The process of a worker: `python -m iosemu.fastpath DESCRIPTOR`, its end of the pipe to the router that starts it."""

from __future__ import annotations

import select
import sys
import traceback

from iosemu.fastpath.messages import Broken, Settled, Start
from iosemu.fastpath.native import best_engine
from iosemu.fastpath.worker import Worker
from iosemu.ports.pipes import Pipe

# How long the last words may take (seconds).
PATIENCE = 5.0


def main() -> None:
    """Work until the router ends, or says so."""
    pipe = Pipe.inherited(int(sys.argv[1]))
    try:
        select.select([pipe], [], [])
        ((start, _),) = pipe.receive()
        assert isinstance(start, Start)
        pipe.send(Settled(0))
        Worker(pipe, best_engine(), start.pace.now).run()
    except EOFError:
        return
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        pipe.send(Broken(f"{type(error).__name__} in {where.name}, line {where.lineno}: {error}"))
    pipe.drain(PATIENCE)


if __name__ == "__main__":
    main()
