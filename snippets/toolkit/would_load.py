# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""What would reading this object send to the database?

Copy this file into your project: it needs SQLAlchemy (2.0 or 2.1) and nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import InstanceState, PassiveFlag, RelationshipProperty
from sqlalchemy.orm.base import LoaderCallableStatus
from sqlalchemy.orm.exc import DetachedInstanceError

Reason: TypeAlias = Literal["expired", "deferred", "not loaded"]
"""`"expired"`: a column whose value was dropped, by a commit, a rollback, a flush or `expire()`, or
that a query of the base class left out. `"deferred"`: a column that the mapping or the query
deferred. `"not loaded"`: a relationship. A composite has the reason of its first missing column, a
synonym that of its target."""


def would_load(obj: object, depth: int = 2) -> dict[str, Reason]:
    """Name every mapped attribute whose reading would send SQL or raise, and say why.

    It sends no SQL, flushes nothing, and leaves the object and its session as they are.

    Args:
        obj: An instance of a mapped class, in any state.
        depth: How many loaded relationships to follow: 0 looks at this object only. Each object is
            looked at once, so it does not matter that items refer to their order.

    Returns:
        Paths and reasons, nearest first. `items[].name` stands for the name of at least one of the
            items. Empty: reading these attributes needs no database.

    Limits: it looks at mapped attributes. What a property, a hybrid or an association proxy reads
    is named by the attributes below it, if those are mapped. A `dynamic` or `write_only`
    relationship is not named and not followed: reading it only makes a query. A relationship that
    joins on a column other than the primary key is named even if that column was never set, where
    reading it would need no SQL; and so is one with `load_on_pending`, on a new object.
    """
    state = inspect(obj, raiseerr=True)
    if not isinstance(state, InstanceState):
        raise TypeError(f"{obj!r} is not an instance of a mapped class")
    # --8<-- [start:walk]
    missing: dict[str, Reason] = {}
    seen = {id(obj)}
    waiting = deque([(state, "", depth)])
    while waiting:
        state, path, depth = waiting.popleft()
        for key, reason in _missing_here(state).items():
            missing.setdefault(path + key, reason)
        if depth > 0:
            for relationship in state.mapper.relationships:
                below = f"{path}{relationship.key}{'[]' if relationship.uselist else ''}."
                for related in _in_memory(state, relationship):
                    if id(related) not in seen:
                        seen.add(id(related))
                        waiting.append((inspect(related), below, depth - 1))
    return missing
    # --8<-- [end:walk]


def _missing_here(state: InstanceState[Any]) -> dict[str, Reason]:
    """What reading the attributes of this one object would load."""
    mapper, missing = state.mapper, dict[str, Reason]()
    for column in mapper.column_attrs:
        if _needs_sql(_look(state, column.key)):
            missing[column.key] = "expired" if column.key in state.expired_attributes else "deferred"
    for relationship in mapper.relationships:
        if _needs_sql(_look(state, relationship.key)):
            missing[relationship.key] = "not loaded"
    for composite in mapper.composites:
        parts = [part.key for part in composite.props if part.key in missing]
        if parts:
            missing[composite.key] = missing[parts[0]]
    for synonym in mapper.synonyms:
        target = synonym.name
        while target in mapper.synonyms:
            target = mapper.synonyms[target].name
        if target in missing:
            missing[synonym.key] = missing[target]
    return missing


# --8<-- [start:look]
# A loader may run, to say whether it needs SQL. It may not send it, nor fill in a default.
_LOOK_ONLY = PassiveFlag.CALLABLES_OK | PassiveFlag.RELATED_OBJECT_OK | PassiveFlag.NON_PERSISTENT_OK


def _look(state: InstanceState[Any], key: str) -> Any:
    """The value, as reading would find it in memory. But reading would also keep it in the object."""
    attribute = state.manager.get(key)
    if attribute is None or not attribute.impl.supports_population:
        return None  # No attribute of the class, or a `dynamic` or `write_only` relationship.
    if key in state.dict:
        return state.dict[key]
    if state.committed_state.get(key, LoaderCallableStatus.NO_VALUE) is not LoaderCallableStatus.NO_VALUE:
        return None  # It was deleted from the object, and is not loaded again.
    try:
        return attribute.impl._fire_loader_callables(state, key, _LOOK_ONLY)
    except (InvalidRequestError, DetachedInstanceError):
        return LoaderCallableStatus.PASSIVE_NO_RESULT  # `lazy="raise"`, or no session to load with.


def _needs_sql(value: Any) -> bool:
    return value is LoaderCallableStatus.PASSIVE_NO_RESULT
    # --8<-- [end:look]


def _in_memory(state: InstanceState[Any], relationship: RelationshipProperty[Any]) -> Iterable[Any]:
    """The related objects that reading finds without SQL, whatever kind of collection holds them."""
    value = _look(state, relationship.key)
    if value is None or isinstance(value, LoaderCallableStatus):
        return ()
    # The adapter knows how a collection is iterated, a dict's values or a class of your own.
    return getattr(value, "_sa_adapter", value) if relationship.uselist else (value,)
