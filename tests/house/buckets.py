"""Which per-contact tables does a statement touch without naming their bucket or slot? (docs/decisions/0008)

At each level of a query, every per-contact table needs a filter of its own: ``alias.bucket = <value>`` or
``alias.bucket = any(<values>)`` where the value is a parameter or constant. In a sub-select, ``alias.bucket =
outer.bucket`` is one too: the outer row's own level has been held to the rule. A join on ``a.bucket = b.bucket`` is
none: a distributed database cannot send that statement to one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pglast import ast, parse_sql
from pglast.enums import A_Expr_Kind, BoolExprType, JoinType
from pglast.visitors import Visitor


@dataclass
class Level:
    """One query level: its per-contact tables by alias, all its names, and the filters it sets."""

    tables: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    filtered: set[str] = field(default_factory=set)


def per_contact_tables(schema: str) -> frozenset[str]:
    """Tables and views of the schema that have a column ``bucket``."""
    found = set()
    for raw in parse_sql(schema):
        if isinstance(raw.stmt, ast.CreateStmt):
            columns = [element.colname for element in raw.stmt.tableElts or () if isinstance(element, ast.ColumnDef)]
            if "bucket" in columns:
                found.add(raw.stmt.relation.relname)
        if isinstance(raw.stmt, ast.ViewStmt):
            shown = [_column(target.val)[-1:] for target in raw.stmt.query.targetList or ()]
            if ["bucket"] in shown:
                found.add(raw.stmt.view.relname)
    return frozenset(found)


def unfiltered(sql: str, tables: frozenset[str]) -> list[str]:
    """ "table alias" for every per-contact table that some level of the statement leaves open."""
    found = []
    for statement in _levels(parse_sql(sql)):
        level = _read(statement, tables, _ctes(parse_sql(sql)))
        found += [f"{table} {alias}" for alias, table in level.tables.items() if alias not in level.filtered]
    return found


def unanchored(sql: str, tables: frozenset[str]) -> list[str]:
    """Aliases whose bucket is only held between two bounds and equals no row's bucket: between the bounds of a list
    there are buckets that are not in it."""
    tree = parse_sql(sql)
    return [alias for one in _levels(tree) for alias in sorted(_adrift(one, _read(one, tables, _ctes(tree))))]


def crossed(sql: str, tables: frozenset[str]) -> list[str]:
    """ "alias.column" for every row that is looked up by a list of buckets and, apart from it, by a list of keys: each
    bucket is then probed for each key. Rows of a batch are joined as pairs."""
    tree = parse_sql(sql)
    found = []
    for statement in _levels(tree):
        level = _read(statement, tables, _ctes(tree))
        conditions = list(_conditions(statement, level))
        paired = {alias for node, _ in conditions for alias, _ in _same_bucket(node, level)}
        listed = [parts for node, _ in conditions if (parts := _listed(node, level))]
        spread = {alias for alias, column in listed if column == "bucket"} - paired
        found += [f"{alias}.{column}" for alias, column in listed if column in ROW_KEYS and alias in spread]
    return found


ROW_KEYS = ("contact_id", "run_id", "event_id", "delivery_id", "trail_id", "key")
"""Columns whose value belongs to one bucket."""


def _listed(node: Any, level: Level) -> tuple[str, str] | None:
    """(alias, column) of ``alias.column = any(<values>)``."""
    if not isinstance(node, ast.A_Expr) or node.kind != A_Expr_Kind.AEXPR_OP_ANY or node.name[-1].sval != "=":
        return None
    parts = _column(node.lexpr)
    if len(parts) == 1 and len(level.tables) == 1:
        parts = [next(iter(level.tables)), *parts]
    return (parts[-2], parts[-1]) if len(parts) > 1 and parts[-2] in level.tables else None


def _adrift(statement: Any, level: Level) -> set[str]:
    conditions = list(_conditions(statement, level))
    adrift = {
        alias
        for node, _ in conditions
        if isinstance(node, ast.A_Expr) and node.kind == A_Expr_Kind.AEXPR_BETWEEN
        if (alias := _bucket_of(node.lexpr, level)) is not None
    }
    held = -1
    while held != len(adrift):
        held = len(adrift)
        for node, narrowed in conditions:
            for alias, other in _same_bucket(node, level):
                if alias in narrowed and other not in adrift:
                    adrift.discard(alias)
    return adrift


def _same_bucket(node: Any, level: Level) -> Iterator[tuple[str, str]]:
    """(alias, other) when the condition gives an alias the bucket of another row, or of a row of a sub-select."""
    if isinstance(node, ast.SubLink) and isinstance(node.testexpr, ast.RowExpr):
        yield from ((alias, "") for one in node.testexpr.args if (alias := _bucket_of(one, level)) is not None)
    if isinstance(node, ast.A_Expr) and node.kind == A_Expr_Kind.AEXPR_OP and node.name[-1].sval == "=":
        for one, other in ((node.lexpr, node.rexpr), (node.rexpr, node.lexpr)):
            parts = _column(other)
            if (alias := _bucket_of(one, level)) is not None and parts[-1:] == ["bucket"]:
                yield alias, parts[-2] if len(parts) > 1 else ""


def _levels(tree: Any) -> list[Any]:
    class Collect(Visitor):  # type: ignore[misc]
        def __init__(self) -> None:
            self.found: list[Any] = []

        def visit_SelectStmt(self, _: Any, node: Any) -> None:
            self.found.append(node)

        visit_UpdateStmt = visit_SelectStmt
        visit_DeleteStmt = visit_SelectStmt
        visit_MergeStmt = visit_SelectStmt

    collect = Collect()
    collect(tree)
    return collect.found


def _ctes(tree: Any) -> frozenset[str]:
    class Collect(Visitor):  # type: ignore[misc]
        def __init__(self) -> None:
            self.found: set[str] = set()

        def visit_CommonTableExpr(self, _: Any, node: Any) -> None:
            self.found.add(node.ctename)

    collect = Collect()
    collect(tree)
    return frozenset(collect.found)


def _read(statement: Any, tables: frozenset[str], ctes: frozenset[str]) -> Level:
    level = Level()
    for source in _sources(statement):
        _gather(source, level, [], tables, ctes)
    for condition, narrowed in _conditions(statement, level):
        level.filtered |= _filters(condition, level) & narrowed
    return level


def _sources(statement: Any) -> list[Any]:
    sources = list(getattr(statement, "fromClause", None) or getattr(statement, "usingClause", None) or ())
    if isinstance(statement, (ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)):
        sources.append(statement.relation)
    if isinstance(statement, ast.MergeStmt):
        sources.append(statement.sourceRelation)
    return sources


def _conditions(statement: Any, level: Level) -> Iterator[tuple[Any, set[str]]]:
    """Every condition that must hold, with the aliases whose rows it narrows."""
    for condition in _conjuncts(getattr(statement, "whereClause", None) or getattr(statement, "joinCondition", None)):
        yield condition, level.names
    joins: list[Any] = []
    for source in _sources(statement):
        _gather(source, Level(), joins, frozenset(), frozenset())
    for join in joins:
        for condition in _conjuncts(join.quals):
            yield condition, _narrowed(join)


def _gather(node: Any, level: Level, joins: list[Any], tables: frozenset[str], ctes: frozenset[str]) -> None:
    if isinstance(node, ast.JoinExpr):
        joins.append(node)
        _gather(node.larg, level, joins, tables, ctes)
        _gather(node.rarg, level, joins, tables, ctes)
    elif isinstance(node, ast.RangeVar):
        alias = node.alias.aliasname if node.alias else node.relname
        level.names.add(alias)
        if node.relname in tables and (node.schemaname or node.relname not in ctes):
            level.tables[alias] = node.relname
    elif getattr(node, "alias", None):
        level.names.add(node.alias.aliasname)


def _narrowed(join: ast.JoinExpr) -> set[str]:
    """The aliases whose rows the conditions of this join narrow: not those that an outer join keeps anyway."""
    left, right = Level(), Level()
    _gather(join.larg, left, [], frozenset(), frozenset())
    _gather(join.rarg, right, [], frozenset(), frozenset())
    match join.jointype:
        case JoinType.JOIN_INNER:
            return left.names | right.names
        case JoinType.JOIN_LEFT:
            return right.names
        case JoinType.JOIN_RIGHT:
            return left.names
        case _:
            return set()


def _conjuncts(node: Any) -> Iterator[Any]:
    if node is None:
        return
    if isinstance(node, ast.BoolExpr) and node.boolop == BoolExprType.AND_EXPR:
        for part in node.args:
            yield from _conjuncts(part)
    else:
        yield node


def _filters(node: Any, level: Level) -> set[str]:
    """The aliases that this condition gives a bucket or a slot."""
    if not isinstance(node, ast.A_Expr) or node.name[-1].sval != "=":
        return set()
    if node.kind not in (A_Expr_Kind.AEXPR_OP, A_Expr_Kind.AEXPR_OP_ANY):
        return set()
    sides = [(node.lexpr, node.rexpr)]
    if node.kind == A_Expr_Kind.AEXPR_OP:
        sides.append((node.rexpr, node.lexpr))
    found: set[str] = set()
    for column, value in sides:
        alias = _bucket_of(column, level)
        if alias is not None and (_is_value(value) or (_from_outside(value, level))):
            found.add(alias)
    return found


def _bucket_of(node: Any, level: Level) -> str | None:
    parts = _column(node)
    if not parts or parts[-1] != "bucket":
        return None
    if len(parts) > 1:
        return parts[-2] if parts[-2] in level.names else None
    return next(iter(level.tables)) if len(level.tables) == 1 else None


def _column(node: Any) -> list[str]:
    if not isinstance(node, ast.ColumnRef):
        return []
    return [part.sval if isinstance(part, ast.String) else "*" for part in node.fields]


def _is_value(node: Any) -> bool:
    """A parameter or a constant, perhaps cast or in an array: nothing that is read from a row."""

    class Rows(Visitor):  # type: ignore[misc]
        found = False

        def visit_ColumnRef(self, _: Any, __: Any) -> None:
            self.found = True

        visit_SubLink = visit_ColumnRef

    rows = Rows()
    rows(node)
    return not rows.found


def _from_outside(node: Any, level: Level) -> bool:
    """The bucket of a row of an outer level."""
    parts = _column(node)
    return len(parts) > 1 and parts[-1] == "bucket" and parts[-2] not in level.names
