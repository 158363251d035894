"""Whom a change of many places concerns: each agency hears of its own, at the lowest place above all of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note


def concerned(
    connection: Connection, places: Iterable[str], gone: Collection[str] = ()
) -> Mapping[str | None, Sequence[str]]:
    """Those places by where their deed belongs; of places that will be `gone`, what stays above them is told of.

    None is for places that are not there.
    """
    parents: Mapping[str, str | None] = {
        row.code: row.parent for row in connection.execute(select(t.node.c.code, t.node.c.parent))
    }
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for place in sorted(set(places)):
        path = [code for code in _up(parents, place) if code not in gone]
        # from itself to the regency: the last but one is the agency, where there is one
        found.setdefault(path[-2:][0] if path else "", []).append((place, path))
    return {
        next((code for code in group[0][1] if all(code in path for _, path in group)), None): [one for one, _ in group]
        for group in found.values()
    }


def note_each(
    connection: Connection, by: Doer, act: str, deeds: Iterable[tuple[str | None, str, Mapping[str, Any]]]
) -> None:
    """Write down one act at several places, each with its own subject and facts. Raises Refusal (`done_already`)."""
    for number, (node, subject, facts) in enumerate(deeds):
        # one form, many deeds: the first bears its number
        doer = by if number == 0 else replace(by, once=None)
        note(connection, doer, act, node=node, subject=subject, facts=facts)


def _up(parents: Mapping[str, str | None], place: str) -> Iterator[str]:
    code: str | None = place
    # a tree read from a damaged database may lead in a circle
    for _ in parents:
        if code is None or code not in parents:
            return
        yield code
        code = parents[code]
