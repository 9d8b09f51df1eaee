"""How the databases go about the statements that answers take: which tables they would read from end to end."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event, inspect

_READS = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
# https://www.sqlite.org/eqp.html: "SCAN t" and "SCAN t USING INDEX i" read all of it, "SEARCH t" what is looked for.
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?$")
# The plans of the R*Tree and of FTS5: with nothing after the colon there is nothing that they look for.
_VIRTUAL_SCAN = re.compile(r"SCAN (\w+) VIRTUAL TABLE INDEX \d+:()$")
_ALIAS = re.compile(r'(?:FROM|JOIN|,)\s+"?(\w+)"?\s+AS\s+"?(\w+)"?', re.IGNORECASE)
# A table of some hundred rows is rightly read whole, and joined by hashing it. What is asked here is whether there is
# a way without that, for when it has a million: PostgreSQL takes what is turned off only where there is none.
NO_SCANS = ("enable_seqscan",)
NO_BIG_JOINS = ("enable_hashjoin", "enable_mergejoin")
_INDEX_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")


class Sent(NamedTuple):
    """A statement as it went to the driver."""

    statement: str
    parameters: Any


@contextmanager
def sent(engine: Engine) -> Iterator[list[Sent]]:
    """What the engine sends meanwhile that reads or changes rows."""
    found: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, is_many: bool) -> None:
        if _READS.match(statement):
            found.append(Sent(statement, parameters[0] if is_many else parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def scanned(connection: Connection, asked: Sent) -> set[str]:
    """The tables of the database that it would read from end to end to answer a statement.

    Where it would read an index of one from end to end instead: `table by index`.
    """
    if connection.dialect.name == "sqlite":
        return _scanned_sqlite(connection, asked)
    return _without(connection, asked, NO_SCANS) & _without(connection, asked, (*NO_SCANS, *NO_BIG_JOINS))


def _without(connection: Connection, asked: Sent, turned_off: Sequence[str]) -> set[str]:
    """The tables that PostgreSQL reads whole although some ways of its planner are turned off."""
    for name in turned_off:
        connection.exec_driver_sql(f"SET LOCAL {name} = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {asked.statement}", asked.parameters).scalar_one()
    described: Sequence[Mapping[str, Any]] = json.loads(plan) if isinstance(plan, str) else plan
    return set(_read_whole(described[0]["Plan"]))


def _scanned_sqlite(connection: Connection, asked: Sent) -> set[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.statement}", asked.parameters)
    steps = [str(row[3]) for row in plan]
    found: set[tuple[str, ...]] = {
        match.groups("") for each in (_SCAN, _VIRTUAL_SCAN) for step in steps if (match := each.match(step))
    }
    # It names a table as the statement does; what is a table in the statement only is as long as what it is made from.
    called: dict[str, str] = {alias: name for name, alias in _ALIAS.findall(asked.statement)}
    real = set(inspect(connection).get_table_names())
    return {_by(called.get(name, name), index) for name, index in found if called.get(name, name) in real}


def _read_whole(node: Mapping[str, Any], heap: str = "") -> Iterator[str]:
    table: str = node.get("Relation Name", heap)
    kind = node["Node Type"]
    if kind == "Seq Scan" or (kind in _INDEX_SCANS and "Index Cond" not in node):
        yield _by(table, node.get("Index Name", ""))
    for inner in node.get("Plans", ()):
        yield from _read_whole(inner, table if kind.startswith("Bitmap") else "")


def _by(table: str, index: str = "") -> str:
    return f"{table} by {index}" if index else table
