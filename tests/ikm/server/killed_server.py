"""Ends a server by SIGKILL at each of its steps with the database in turn, and looks what was left.

    python -m tests.ikm.server.killed_server URL < a call as JSON

Prints one JSON list a step: its number, the response rows, quarantine rows and heads that were there afterwards; the
last line is of the step at which nothing was left to kill. Every step is a child process of its own, so that it ends as
a machine would.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import event, func, make_url, select

from ikm.domain.errors import Refusal
from ikm.server import tables
from ikm.server.ingest import Call, Ingest
from ikm.server.store import Store
from ikm.server.store.engine import open_engine

_ALIVE = 7
_TABLES = (tables.response, tables.quarantine, tables.head, tables.fork, tables.opening, tables.tally)


def main() -> None:
    """Kill at the first step, the second and so on, until the call was answered."""
    url, told = make_url(sys.argv[1]), json.load(sys.stdin)
    call = Call(told["method"], told["path"], told["device"], told["signature"], told["body"].encode())
    step, ended = 0, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        step += 1
        child = os.fork()
        if child == 0:
            _accept_and_die(url, call, step)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([step, *_left(url)]), flush=True)
    if ended != _ALIVE:
        raise SystemExit(f"the child ended with {ended}")


def _accept_and_die(url: Any, call: Call, step: int) -> None:
    # its tables are as they should be; to look would be most of the time
    ingest = Ingest(Store(open_engine(url)))
    steps = iter(range(1, 1_000_000))

    def one(*_: object, **__: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    _before_each(ingest._store, one)
    # a refusal is an answer too
    with suppress(Refusal):
        ingest.accept(call)
    os._exit(_ALIVE)


def _before_each(store: Store, one: Callable[..., None]) -> None:
    """Call `one` before and after every statement and commit of that store."""
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(store._engine, name, one)
    # the ingest goes past SQLAlchemy where the driver alone has the means
    copy, execute = psycopg.Cursor.copy, psycopg.Cursor.execute

    def copied(*given: Any, **named: Any) -> Any:
        one()
        return copy(*given, **named)

    def executed(*given: Any, **named: Any) -> Any:
        one()
        return execute(*given, **named)

    psycopg.Cursor.copy, psycopg.Cursor.execute = copied, executed  # type: ignore[method-assign]


def _left(url: Any) -> list[int]:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES]
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
