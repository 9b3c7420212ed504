"""would_load: it changes nothing, and says of each attribute what reading it then really does."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, ForeignKey, StaticPool, case, create_engine, event, exc, func, inspect, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    Session,
    WriteOnlyMapped,
    attribute_keyed_dict,
    column_property,
    composite,
    defer,
    deferred,
    joinedload,
    lazyload,
    make_transient,
    mapped_column,
    query_expression,
    raiseload,
    relationship,
    selectinload,
    synonym,
    undefer,
    with_expression,
)

from snippets.toolkit.would_load import would_load


class Base(AsyncAttrs, DeclarativeBase):
    pass


@dataclass
class Point:
    x: int | None
    y: int | None


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    orders: Mapped[list[Order]] = relationship(back_populates="customer")


class Order(Base):
    """One of each kind of attribute that SQLAlchemy has."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="plain")
    status: Mapped[str | None]
    notes: Mapped[str | None] = mapped_column(deferred=True)
    sealed: Mapped[str | None] = mapped_column(deferred=True, deferred_raiseload=True)
    pdf: Mapped[str | None] = mapped_column(deferred=True, deferred_group="big")
    scan: Mapped[str | None] = mapped_column(deferred=True, deferred_group="big")
    place: Mapped[Point] = composite(mapped_column("x", nullable=True), mapped_column("y", nullable=True))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    expression: Mapped[str | None] = query_expression()

    customer: Mapped[Customer | None] = relationship(back_populates="orders")
    customer_raise: Mapped[Customer | None] = relationship(lazy="raise", viewonly=True)
    customer_on_sql: Mapped[Customer | None] = relationship(lazy="raise_on_sql", viewonly=True)
    customer_joined: Mapped[Customer | None] = relationship(lazy="joined", viewonly=True)

    items: Mapped[list[Item]] = relationship(back_populates="order")
    items_raise: Mapped[list[Item]] = relationship(lazy="raise", viewonly=True)
    items_on_sql: Mapped[list[Item]] = relationship(lazy="raise_on_sql", viewonly=True)
    items_by_name: Mapped[dict[str, Item]] = relationship(
        collection_class=attribute_keyed_dict("name"), viewonly=True
    )
    items_write: WriteOnlyMapped[Item] = relationship(
        overlaps="items,order,items_dynamic", passive_deletes=True
    )
    items_dynamic: DynamicMapped[Item] = relationship(
        overlaps="items,order,items_write", passive_deletes=True
    )

    state: Mapped[str | None] = synonym("status")
    buyer: Mapped[Customer | None] = synonym("customer")
    item_names: AssociationProxy[list[str]] = association_proxy("items", "name")

    @hybrid_property
    def shout(self) -> str:
        return (self.status or "") + "!"

    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_on": case((kind == "gift", "gift"), else_="plain"),
        "polymorphic_identity": "plain",
    }


class GiftOrder(Order):
    __tablename__ = "gift_orders"

    id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    card: Mapped[str | None]

    __mapper_args__ = {"polymorphic_identity": "gift"}  # noqa: RUF012


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    name: Mapped[str]
    order: Mapped[Order | None] = relationship(back_populates="items", overlaps="items_write,items_dynamic")


Order.item_count = column_property(
    select(func.count(Item.id)).where(Item.order_id == Order.id).correlate_except(Item).scalar_subquery()
)
Order.slow_count = deferred(
    select(func.count(Item.id)).where(Item.order_id == Order.id).correlate_except(Item).scalar_subquery()
)

READABLE = sorted({*inspect(GiftOrder).attrs.keys()} - {"_sa_polymorphic_on"})
PLAIN = sorted({*inspect(Order).attrs.keys()} - {"_sa_polymorphic_on"})
EXPIRABLE = ["id", "status", "notes", "sealed", "pdf", "customer_id", "customer", "customer_raise", "items"]
EXPIRABLE += ["items_raise", "items_by_name", "item_count", "place", "x"]

OPTIONS: dict[str, list[Any]] = {
    "notes": [undefer(Order.notes)],
    "pdf": [undefer(Order.pdf)],
    "status": [defer(Order.status), defer(Order.status, raiseload=True)],
    "customer_id": [defer(Order.customer_id)],
    "customer": [selectinload(Order.customer), lazyload(Order.customer.and_(Customer.name != ""))],
    "customer_raise": [joinedload(Order.customer_raise), lazyload(Order.customer_raise)],
    "customer_joined": [lazyload(Order.customer_joined)],
    "items": [selectinload(Order.items), lazyload(Order.items.and_(Item.name != ""))],
    "items_raise": [selectinload(Order.items_raise), lazyload(Order.items_raise)],
    "items_by_name": [selectinload(Order.items_by_name)],
    "*": [raiseload("*"), raiseload("*", sql_only=True)],
    "expression": [with_expression(Order.expression, Order.status)],
}

CHANGES: dict[str, Callable[[Order], None]] = {
    "set status": lambda order: setattr(order, "status", "paid"),
    "delete status": lambda order: delattr(order, "status"),
    "delete notes": lambda order: delattr(order, "notes"),
    "delete customer": lambda order: delattr(order, "customer"),
    "move": lambda order: setattr(order, "customer_id", 2),
    "orphan": lambda order: setattr(order, "customer_id", None),
    "give to nobody": lambda order: setattr(order, "customer", None),
    "add an item": lambda order: setattr(Item(name="new"), "order", order),
    "move the place": lambda order: setattr(order, "place", Point(7, 7)),
}


@dataclass(frozen=True)
class Situation:
    """How an object came to be what it is. `build` makes the same as often as you like."""

    gift: bool = False
    customer_id: int | None = 1
    in_session: frozenset[str] = frozenset()
    options: tuple[tuple[str, int], ...] = ()
    changes: tuple[str, ...] = ()
    expire: frozenset[str] | None = frozenset()
    expire_customer: bool = False
    end: str = "persistent"
    autoflush: bool = True
    dirty: bool = False

    def order(self) -> Order:
        kind: type[Order] = GiftOrder if self.gift else Order
        return kind(id=1, kind="gift" if self.gift else "plain", status="open", customer_id=self.customer_id)

    @contextmanager
    def build(self, engine: Engine) -> Iterator[tuple[Session, Order, list[object]]]:
        """The third is what must stay alive, or the identity map forgets it."""
        with engine.connect() as connection:
            connection.begin()  # Rolled back when the connection is closed.
            with Session(connection, join_transaction_mode="rollback_only") as session:
                session.add_all([Customer(id=1, name="Ada"), Customer(id=2, name="Bob")])
                if self.end not in ("transient", "pending"):
                    order = self.order()
                    order.items.append(Item(id=1, name="Kettle"))
                    session.add(order)
                session.flush()
                session.expunge_all()
            with Session(
                connection, autoflush=self.autoflush, join_transaction_mode="rollback_only"
            ) as session:
                yield session, *self._bring_about(session)

    def _bring_about(self, session: Session) -> tuple[Order, list[object]]:
        alive: list[object] = []
        if "customer" in self.in_session:
            alive.append(session.get_one(Customer, 1))
        if "customers" in self.in_session:
            alive += session.scalars(select(Customer)).all()
        order = self._order(session)
        with session.no_autoflush, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for change in self.changes:
                _try(CHANGES[change], order)
        alive += list(order.__dict__.values())
        self._expire(session, order)
        if self.expire_customer:
            for customer in (each for each in alive if isinstance(each, Customer) and each in session):
                session.expire(customer)
        if self.dirty and self.end != "deleted":
            session.add(Customer(id=9, name="waits for a flush"))
        if self.end == "deleted":
            session.delete(order)
            session.flush()
        elif self.end == "closed":
            session.close()
        elif self.end == "expunged":
            session.expunge(order)
        elif self.end == "made transient":
            make_transient(order)
        return order, alive

    def _order(self, session: Session) -> Order:
        if self.end in ("transient", "pending"):
            order = self.order()
            if self.end == "pending":
                session.add(order)
            return order
        options = (OPTIONS[key][number] for key, number in self.options)
        return session.scalars(select(Order).options(*options)).one()

    def _expire(self, session: Session, order: Order) -> None:
        if self.end in ("transient", "pending"):
            return
        if self.expire is None:
            session.expire(order)
        elif self.expire:
            session.expire(order, sorted(self.expire))


def _try(change: Callable[[Order], None], order: Order) -> None:
    # Refused each time alike: by lazy="raise", or because there is nothing to delete.
    with suppress(exc.InvalidRequestError, AttributeError, KeyError):
        change(order)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def picture(session: Session, obj: object) -> object:
    """All that reading could change, of this object and of all others in the session."""
    states = [inspect(obj), *(inspect(each) for each in session), *(inspect(each) for each in session.new)]
    return (
        [
            {
                "dict": {key: _content(value) for key, value in state.dict.items()},
                "expired": (state.expired, set(state.expired_attributes)),
                "committed": {key: _content(value) for key, value in state.committed_state.items()},
                "callables": {key: id(value) for key, value in state.callables.items()},
                "pending": dict(state.__dict__.get("_pending_mutations", {})),
                "is": (state.modified, state.key, state.session_id, state.persistent, state.deleted),
                "unloaded": state.unloaded,
            }
            for state in states
        ],
        {id(each) for each in session.dirty},
        {id(each) for each in session.new},
        {id(each) for each in session.deleted},
        set(session.identity_map.keys()),
    )


def _content(value: Any) -> object:
    if isinstance(value, dict):
        return id(value), dict(value)
    return (id(value), list(value)) if isinstance(value, list) else (id(value), repr(type(value)))


# The same examples in each run, and none is kept in a file.
THOROUGH = settings(max_examples=80, deadline=None, database=None, derandomize=True)

SITUATIONS = st.builds(
    Situation,
    gift=st.booleans(),
    customer_id=st.sampled_from([1, 1, None, 77]),
    in_session=st.frozensets(st.sampled_from(["customer", "customers"])),
    options=st.lists(
        st.sampled_from(
            [(key, number) for key, several in OPTIONS.items() for number in range(len(several))]
        ),
        max_size=5,
        unique_by=lambda option: option[0],
    ).map(tuple),
    changes=st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True).map(tuple),
    expire=st.none() | st.frozensets(st.sampled_from(EXPIRABLE), max_size=4),
    expire_customer=st.booleans(),
    end=st.sampled_from(
        ["persistent"] * 4 + ["transient", "pending", "deleted", "closed", "expunged", "made transient"]
    ),
    autoflush=st.booleans(),
    dirty=st.booleans(),
)


@given(situation=SITUATIONS)
@example(situation=Situation(in_session=frozenset({"customer"})))
@example(situation=Situation(customer_id=None))
@THOROUGH
def test_it_changes_nothing_and_sends_nothing(sqlite: Engine, situation: Situation) -> None:
    with situation.build(sqlite) as (session, order, _), statements(sqlite) as sent:
        before = picture(session, order)
        first = would_load(order, depth=2)
        assert picture(session, order) == before
        assert would_load(order, depth=2) == first
        assert sent == []


@given(situation=SITUATIONS)
@example(situation=Situation(in_session=frozenset({"customer"})))
@example(situation=Situation(customer_id=None))
@example(situation=Situation(in_session=frozenset({"customer"}), expire_customer=True))
@example(situation=Situation(options=(("notes", 0),), changes=("delete notes",)))
@THOROUGH
def test_it_says_what_reading_then_does(sqlite: Engine, situation: Situation) -> None:
    with situation.build(sqlite) as (_, order, _alive):
        said = would_load(order, depth=0).keys()
        kind = type(order)
    readable = READABLE if kind is GiftOrder else PLAIN
    done = {key for key in readable if _sends_or_raises(sqlite, situation, key)}
    assert said == done


def _sends_or_raises(engine: Engine, situation: Situation, key: str) -> bool:
    with situation.build(engine) as (_, order, _alive), statements(engine) as sent:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                getattr(order, key)
            except (exc.SQLAlchemyError, LookupError):
                return True  # A LookupError is SQLAlchemy's own, for a deferred column that was deleted.
        return bool(sent)


# What it says of each kind, and where its limits are.


def test_lazy_raise_is_named_and_still_raises_afterwards(sqlite: Engine) -> None:
    """It used to put the customer into the object: then nothing raised, and a test passed for it."""
    for situation in (Situation(in_session=frozenset({"customer"})), Situation(customer_id=None)):
        with situation.build(sqlite) as (_, order, _alive):
            assert would_load(order)["customer_raise"] == "not loaded"
            with pytest.raises(exc.InvalidRequestError):
                _ = order.customer_raise


def test_the_reasons(sqlite: Engine) -> None:
    with Situation(options=(("customer_joined", 0),)).build(sqlite) as (session, order, _):
        session.expire(order, ["status", "x", "items"])
        said = would_load(order, depth=0)
    assert said["status"] == said["state"] == said["x"] == said["place"] == "expired"
    assert said["notes"] == said["pdf"] == "deferred"
    assert said["customer"] == said["buyer"] == said["items"] == "not loaded"
    with Situation(gift=True).build(sqlite) as (_, order, _alive):
        assert would_load(order)["card"] == "expired"  # The query was for the base class.


def test_what_is_computed_is_named_by_what_it_reads(sqlite: Engine) -> None:
    with Situation().build(sqlite) as (session, order, _):
        session.expire(order, ["status"])
        said = would_load(order)
        assert not said.keys() & {"shout", "item_names", "awaitable_attrs"}
        assert {"status", "items"} <= said.keys()


def test_collections_of_any_kind_are_followed(sqlite: Engine) -> None:
    with Situation(options=(("items_by_name", 0),)).build(sqlite) as (session, order, _):
        session.expire(order.items_by_name["Kettle"], ["name"])
        assert would_load(order)["items_by_name[].name"] == "expired"
        assert "items_by_name[].name" not in would_load(order, depth=0)


def test_a_target_in_the_session_is_followed_without_being_kept(sqlite: Engine) -> None:
    with Situation(in_session=frozenset({"customer"})).build(sqlite) as (_, order, _alive):
        said = would_load(order, depth=1)
        assert "customer" not in said
        assert said["customer.orders"] == "not loaded"
        assert "customer" not in inspect(order).dict


def test_write_only_and_dynamic_are_neither_named_nor_followed(sqlite: Engine) -> None:
    with Situation().build(sqlite) as (session, order, _):
        new = Item(name="new")
        order.items_write.add(new)
        order.items_dynamic.append(new)
        session.flush()
        session.expire(new)
        assert not [path for path in would_load(order) if path.startswith(("items_write", "items_dynamic"))]


class Other(DeclarativeBase):
    pass


class Shelf(Other):
    __tablename__ = "shelves"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    books: Mapped[list[Book]] = relationship()
    room: Mapped[Room | None] = relationship(load_on_pending=True)


class Book(Other):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_code: Mapped[str | None] = mapped_column(ForeignKey("shelves.code"))


class Room(Other):
    __tablename__ = "rooms"

    id: Mapped[int] = mapped_column(primary_key=True)


def test_the_limit_of_keys_that_were_never_set() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Other.metadata.create_all(engine)
    with Session(engine) as session, session.no_autoflush:
        shelf = Shelf()
        session.add(shelf)
        session.flush()
        assert would_load(shelf) == {"books": "not loaded"}
        with statements(engine) as sent:
            assert (shelf.books, sent) == ([], [])  # So this one was not needed.
        pending = Shelf(room_id=4)
        session.add(pending)
        empty = Shelf()
        session.add(empty)
        assert would_load(empty) == {}
        assert would_load(pending) == {"room": "not loaded"}
        with statements(engine) as sent:
            assert pending.room is None
            assert len(sent) == 1
    engine.dispose()


def test_noload_reads_nothing_and_is_not_named() -> None:
    class Own(DeclarativeBase):
        pass

    class Box(Own):
        __tablename__ = "boxes"

        id: Mapped[int] = mapped_column(primary_key=True)
        parent_id: Mapped[int | None] = mapped_column(ForeignKey("boxes.id"))
        inner: Mapped[list[Box]] = relationship(lazy="noload")

    engine = create_engine("sqlite://", poolclass=StaticPool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 2.1: "noload" is deprecated.
        Own.metadata.create_all(engine)
        with Session(engine) as session:
            session.add(Box(id=1))
            session.commit()
            assert would_load(session.get_one(Box, 1)) == {}
    engine.dispose()


def test_only_mapped_instances() -> None:
    for thing in (Order, 3, None):
        with pytest.raises((TypeError, exc.NoInspectionAvailable)):
            would_load(thing)


# On every driver, as a reader meets it.


@pytest_asyncio.fixture
async def shop(make_engine: Callable[..., AsyncEngine]) -> AsyncEngine:
    engine = make_engine()
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        ada = Customer(id=1, name="Ada")
        session.add(Order(id=1, status="open", customer=ada, items=[Item(id=1, name="Kettle")]))
    return engine


@pytest.mark.asyncio
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # That is MissingGreenlet.
@pytest.mark.parametrize("expire_on_commit", [True, False])
@pytest.mark.parametrize("closed", [True, False])
async def test_what_it_names_raises_and_the_rest_can_be_read(
    shop: AsyncEngine, expire_on_commit: bool, closed: bool
) -> None:
    """Under asyncio, each attribute on its own, in each session that a reader has."""

    async def read(key: str | None) -> tuple[bool, bool]:
        async with AsyncSession(shop, expire_on_commit=expire_on_commit) as session:
            order = await session.get_one(Order, 1, options=[selectinload(Order.items)])
            await session.commit()
            if closed:
                await session.close()
            named = would_load(order, depth=0)
            try:
                getattr(order, key or "id")
            except exc.SQLAlchemyError:
                return key in named, True
            return key in named, False

    for key in PLAIN:
        named, raised = await read(key)
        assert named == raised, key


@pytest.mark.asyncio
async def test_nothing_is_flushed(shop: AsyncEngine) -> None:
    async with AsyncSession(shop) as session:
        order = await session.get_one(Order, 1)
        order.status = "paid"
        session.add(Item(name="new"))
        with statements(shop.sync_engine) as sent:
            assert would_load(order)
        assert sent == []
        assert len(session.dirty) == len(session.new) == 1
