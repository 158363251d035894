"""Threats the server meets by what it cannot do: read from its own code, so that whoever adds it has to say so here."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[5]
SERVER = sorted((ROOT / "ikm").rglob("*.py"))
CALLING = frozenset({
    "requests", "httpx", "urllib3", "aiohttp", "urllib.request", "http.client", "ftplib", "telnetlib", "poplib",
    "imaplib", "xmlrpc", "websockets", "paramiko",
})  # fmt: skip
"""Modules that fetch something from an address."""
LISTENING = {"ikm/server/serve.py": "socket", "ikm/server/mail/sending.py": "smtplib"}
"""Who may open a line at all: whoever serves looks for a free port, and mail goes to the operator's own server."""
RUNNING = frozenset({"ikm/server/store/backup_postgres.py"})
"""Who may run another program: pg_dump, for a backup."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    """The modules a file imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def importing(modules: frozenset[str]) -> dict[str, str]:
    """Which file imports one of them, or something below."""
    return {
        str(path.relative_to(ROOT)): module
        for path in SERVER
        for module in imported(path)
        if any(module == one or module.startswith(f"{one}.") for one in modules)
    }


def test_the_server_fetches_nothing_whatever_address_is_typed_into_it():
    """Threat 29: it has nothing to fetch with; an address of a kiosk's settings is only handed on."""
    assert importing(CALLING) == {}
    assert {name: module.partition(".")[0] for name, module in importing(frozenset({"socket", "smtplib"})).items()} == (
        LISTENING
    )


def test_no_program_is_run_but_the_databases_own():
    assert set(importing(frozenset({"subprocess", "pty"}))) == RUNNING


def test_one_route_alone_takes_files_and_gives_none_of_them_back():
    """Threat 25: what is uploaded becomes a table and is forgotten; no picture or file of anybody is ever served."""
    reading = [
        path.name
        for path in SERVER
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "files" and path.name != "forms.py"
    ]
    assert reading == ["importing.py"]


def test_no_statement_is_put_together_from_text():
    """Threat 18: text() with anything in it that is not a constant. Migrations read nothing from anybody."""
    built = [
        f"{path.name}:{node.lineno}"
        for path in SERVER
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("text", "literal_column")
        and "migrations" not in path.parts and node.args and not isinstance(node.args[0], ast.Constant)
    ]  # fmt: skip
    assert built == []


def test_the_look_finds_what_it_looks_for(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("def f():\n    from urllib import request\n    import http.client as c\n")
    assert {"urllib.request", "http.client"} <= set(imported(path))
