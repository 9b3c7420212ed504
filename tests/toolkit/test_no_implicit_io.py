"""no_implicit_io: what it refuses, what it allows, and what leaves its block."""

from __future__ import annotations

import asyncio
import gc
import linecache
import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlmodel
from sqlalchemy import Engine, ForeignKey, QueuePool, StaticPool, create_engine, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    composite,
    make_transient_to_detached,
    mapped_column,
    relationship,
    selectinload,
)
from sqlmodel.ext.asyncio.session import AsyncSession as SQLModelSession

from snippets.toolkit import no_implicit_io as module
from snippets.toolkit.no_implicit_io import ImplicitIO, no_implicit_io


class Base(AsyncAttrs, DeclarativeBase):
    pass


@dataclass
class Point:
    x: int | None
    y: int | None


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="user")
    name: Mapped[str]
    notes: Mapped[str] = mapped_column(deferred=True, default="")
    nick: Mapped[str | None] = mapped_column(active_history=True)
    place: Mapped[Point] = composite(mapped_column("x", nullable=True), mapped_column("y", nullable=True))
    orders: Mapped[list[Order]] = relationship(back_populates="user", cascade="all, delete-orphan")

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "user"}  # noqa: RUF012

    @property
    def order_count(self) -> int:
        return len(self.orders)


class Admin(User):
    __tablename__ = "admins"

    id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    level: Mapped[int]

    __mapper_args__ = {"polymorphic_identity": "admin"}  # noqa: RUF012


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="orders")


class Hero(sqlmodel.SQLModel, table=True):
    id: int | None = sqlmodel.Field(default=None, primary_key=True)
    name: str


def rows() -> list[Base]:
    return [
        User(id=1, name="Ada", orders=[Order(total=30), Order(total=12)]),
        Admin(id=2, name="Bob", level=3),
    ]


@pytest_asyncio.fixture
async def stored(engine: AsyncEngine) -> AsyncEngine:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.run_sync(sqlmodel.SQLModel.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all(rows())
        await session.flush()
        session.add(Hero(id=1, name="Deadpond"))
    return engine


@pytest.fixture
def local() -> Iterator[Engine]:
    """A sync engine, for what does not depend on the driver."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all(rows())
    yield engine
    engine.dispose()


@pytest.fixture
def user(local: Engine) -> Iterator[User]:
    """Its `notes` and its `orders` are not loaded."""
    with Session(local) as session:
        yield session.get_one(User, 1)


@pytest.fixture(autouse=True)
def _nothing_stays_active() -> Iterator[None]:
    yield
    assert module._active == ()


def swallow(user: User) -> None:
    with suppress(ImplicitIO):
        _ = user.notes


async def one_user(session: AsyncSession) -> User:
    return await session.get_one(User, 1)


# What it refuses.


def set_orders(user: User) -> None:
    user.orders = []


def set_nick(user: User) -> None:
    user.nick = "a"


def delete_nick(user: User) -> None:
    del user.nick


TOUCHES: dict[str, tuple[Callable[[User], object], str, str]] = {
    "an expired column": (lambda user: user.name, "User.name", "expired"),
    "a deferred column": (lambda user: user.notes, "User.notes", "not loaded"),
    "a relationship": (lambda user: user.orders, "User.orders", "not loaded"),
    "a property that reads one": (lambda user: user.order_count, "User.orders", "not loaded"),
    "a composite": (lambda user: user.place, "User.x", "expired"),
    "setting a collection": (set_orders, "User.orders", "not loaded"),
    "setting a column with active_history": (set_nick, "User.nick", "expired"),
    "deleting one": (delete_nick, "User.nick", "expired"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("where", ["async", "run_sync"])
@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
async def test_it_refuses(
    stored: AsyncEngine, touch: tuple[Callable[[User], object], str, str], where: str
) -> None:
    read, attribute, reason = touch
    async with AsyncSession(stored) as session:
        user = await one_user(session)
        session.expire(user, ["name", "nick", "x"])
        with pytest.raises(ImplicitIO) as caught, no_implicit_io():
            if where == "async":
                read(user)
            else:
                await session.run_sync(lambda _: read(user))
    error = caught.value
    assert (error.attribute, error.reason) == (attribute, reason)
    assert error.path == __file__
    assert error.code == linecache.getline(__file__, error.line).strip() != ""


@pytest.mark.asyncio
async def test_it_refuses_what_a_query_of_the_base_class_left_out(stored: AsyncEngine) -> None:
    async with AsyncSession(stored) as session:
        admin = (await session.scalars(select(User).where(User.id == 2))).one()
        assert isinstance(admin, Admin)
        with pytest.raises(ImplicitIO, match=r"Admin\.level is expired"), no_implicit_io():
            _ = admin.level


def test_a_session_of_any_class_and_age_is_heard(local: Engine) -> None:
    class Late(Session):
        """Defined after the listener was registered."""

    early = Session(local)
    for session in (early, Late(local), sqlmodel.Session(local)):
        with session:
            user = session.get_one(User, 1)
            with pytest.raises(ImplicitIO), no_implicit_io():
                _ = user.notes


@pytest.mark.asyncio
async def test_sqlmodel(stored: AsyncEngine) -> None:
    async with SQLModelSession(stored) as session:
        hero = (await session.exec(sqlmodel.select(Hero))).one()
        await session.commit()
        with pytest.raises(ImplicitIO, match=r"Hero\.name is expired"), no_implicit_io():
            _ = hero.name
        with no_implicit_io():
            await session.refresh(hero)
            assert hero.name == "Deadpond"


@pytest.mark.asyncio
async def test_two_engines_and_both_kinds_of_session(stored: AsyncEngine, local: Engine) -> None:
    async with AsyncSession(stored) as session:
        with Session(local) as sync_session:
            users = [await one_user(session), sync_session.get_one(User, 1)]
            for user in users:
                with pytest.raises(ImplicitIO), no_implicit_io():
                    _ = user.notes


# What it allows.


@pytest.mark.asyncio
async def test_it_allows_what_was_asked_for(stored: AsyncEngine) -> None:
    with no_implicit_io():
        async with AsyncSession(stored) as session:
            user = await one_user(session)
            await session.refresh(user, ["notes"])
            assert user.notes == ""
            loaded = (await session.scalars(select(User).options(selectinload(User.orders)))).first()
            assert loaded is user and len(user.orders) == 2
            user.name = "Ada L."
            assert (
                await session.scalars(select(User.name).where(User.id == 1))
            ).one() == "Ada L."  # Flushes.
            await session.commit()
            await session.merge(User(id=1, name="Ada"))
            await session.commit()
        async with AsyncSession(stored) as session:
            await session.delete(await one_user(session))  # Loads the orders, to delete them.
            await session.commit()


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["name", "notes", "orders", "place", "order_count"])
async def test_it_allows_what_is_awaited(stored: AsyncEngine, name: str) -> None:
    async with AsyncSession(stored) as session:
        user = await one_user(session)
        session.expire(user, ["name"])
        with no_implicit_io():
            await getattr(user.awaitable_attrs, name)


@pytest.mark.asyncio
async def test_an_implicit_load_inside_run_sync_beside_an_awaited_one(stored: AsyncEngine) -> None:
    """That one task awaits an attribute makes no other read explicit."""
    async with AsyncSession(stored) as session, AsyncSession(stored) as other:
        user, second = await one_user(session), await one_user(other)
        awaited = asyncio.create_task(_await_orders(user))
        with pytest.raises(ImplicitIO), no_implicit_io():
            await other.run_sync(lambda _: second.orders)
        assert len(await awaited) == 2


async def _await_orders(user: User) -> list[Order]:
    orders: list[Order] = await user.awaitable_attrs.orders
    return orders


def test_it_is_silent_about_what_sends_nothing(local: Engine) -> None:
    with no_implicit_io():
        assert User(name="new").orders == []
        detached = User(id=1, name="Ada")
        make_transient_to_detached(detached)
        with pytest.raises(Exception, match="not bound to a Session"):
            _ = detached.notes


def test_a_load_that_a_listener_would_answer_is_refused_too(local: Engine) -> None:
    """The listener of the block comes first, though it was entered last."""
    asked: list[ORMExecuteState] = []

    class Caching(Session):
        pass

    event.listen(Caching, "do_orm_execute", asked.append)
    with Caching(local) as session:
        user = session.get_one(User, 1)
        asked.clear()
        with pytest.raises(ImplicitIO), no_implicit_io():
            _ = user.notes
    assert asked == []


# What leaves the block.


def test_a_swallowed_finding_comes_back(user: User) -> None:
    with pytest.raises(ImplicitIO, match=r"User\.notes") as caught, no_implicit_io():
        swallow(user)
    assert caught.value.__cause__ is None


def test_the_first_of_several_names_the_others(user: User) -> None:
    with pytest.raises(ImplicitIO, match=r"User\.notes") as caught, no_implicit_io():
        swallow(user)
        with suppress(ImplicitIO):
            _ = user.orders
    (note,) = caught.value.__notes__
    assert "User.orders is not loaded" in note


def test_an_ordinary_error_becomes_the_cause(user: User) -> None:
    with pytest.raises(ImplicitIO) as caught, no_implicit_io():
        swallow(user)
        raise ValueError("something else")
    assert isinstance(caught.value.__cause__, ValueError)


def _raise_from(error: BaseException) -> None:
    raise KeyError("wrapped") from error


def _raise_while_handling(error: BaseException) -> None:
    try:
        raise error
    except ImplicitIO:
        raise KeyError("wrapped")  # noqa: B904


def _raise_in_a_group(error: BaseException) -> None:
    raise BaseExceptionGroup("outer", [ValueError(), BaseExceptionGroup("inner", [error])])


def _raise_in_a_group_that_is_the_cause(error: BaseException) -> None:
    raise KeyError("wrapped") from BaseExceptionGroup("group", [asyncio.CancelledError(), error])


@pytest.mark.parametrize(
    "wrap",
    [_raise_from, _raise_while_handling, _raise_in_a_group, _raise_in_a_group_that_is_the_cause],
)
def test_an_error_that_shows_it_is_not_replaced(user: User, wrap: Callable[[BaseException], None]) -> None:
    with pytest.raises((KeyError, ExceptionGroup)) as caught, no_implicit_io():
        try:
            _ = user.notes
        except ImplicitIO as error:
            found = error
        wrap(found)
    assert not isinstance(caught.value, ImplicitIO)
    assert not hasattr(caught.value, "__notes__")


def test_an_error_that_hides_it_is_replaced(user: User) -> None:
    with pytest.raises(ImplicitIO) as caught, no_implicit_io():
        try:
            _ = user.notes
        except ImplicitIO:
            raise KeyError("hides it") from None
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_group_without_it_becomes_the_cause(user: User) -> None:
    with pytest.raises(ImplicitIO) as caught, no_implicit_io():
        swallow(user)
        raise ExceptionGroup("others", [ValueError()])
    assert isinstance(caught.value.__cause__, ExceptionGroup)


@pytest.mark.asyncio
async def test_a_task_group_keeps_its_group(stored: AsyncEngine) -> None:
    async def read(session: AsyncSession) -> None:
        _ = (await one_user(session)).orders

    with pytest.raises(ExceptionGroup) as caught:
        async with AsyncSession(stored) as session:
            with no_implicit_io():
                async with asyncio.TaskGroup() as group:
                    group.create_task(read(session))
    assert [type(error) for error in caught.value.exceptions] == [ImplicitIO]


@pytest.mark.parametrize(
    "leaving",
    [
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        SystemExit(3),
        GeneratorExit(),
        BaseExceptionGroup("", [asyncio.CancelledError(), ValueError()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_ends_a_task_or_the_process_wins(
    user: User, leaving: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BaseException) as caught, no_implicit_io():
        swallow(user)
        raise leaving
    assert caught.value is leaving
    (note,) = leaving.__notes__
    assert "User.notes is not loaded" in note
    assert [(record.levelno, record.message) for record in caplog.records] == [(logging.ERROR, note)]


def test_what_ends_a_task_is_left_alone_if_nothing_was_swallowed(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(asyncio.CancelledError) as caught, no_implicit_io():
        raise asyncio.CancelledError
    assert not hasattr(caught.value, "__notes__")
    assert caplog.records == []


def test_a_block_around_a_cancelled_one_still_raises(user: User) -> None:
    with pytest.raises(ImplicitIO), no_implicit_io(), suppress(asyncio.CancelledError), no_implicit_io():
        swallow(user)
        raise asyncio.CancelledError


def test_one_cancellation_has_each_note_once(user: User) -> None:
    with pytest.raises(asyncio.CancelledError) as caught, no_implicit_io(), no_implicit_io():
        swallow(user)
        raise asyncio.CancelledError
    assert len(caught.value.__notes__) == 1


class CancelledAtStep(Awaitable[Any]):
    """Awaits a coroutine, and has the task cancelled when it waits for the nth time."""

    def __init__(self, work: Coroutine[Any, Any, Any], step: int) -> None:
        self.work, self.step, self.waited = work, step, 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self.work.__await__()
        resume: Callable[[], Any] = steps.__next__
        while True:
            try:
                waiting_for = resume()
            except StopIteration as done:
                return done.value
            self.waited += 1
            if self.waited == self.step:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                value = yield waiting_for
            except BaseException as error:
                resume = _bound(steps.throw, error)
            else:
                resume = _bound(steps.send, value)


def _bound(function: Callable[[Any], Any], argument: Any) -> Callable[[], Any]:
    return lambda: function(argument)


@pytest.mark.asyncio
@pytest.mark.filterwarnings("ignore")
async def test_cancellation_at_each_await_wins(stored: AsyncEngine) -> None:
    swallowed: set[int] = set()

    async def work(step: int) -> None:
        with no_implicit_io():
            async with AsyncSession(stored) as session:
                user = await one_user(session)
                swallow(user)
                swallowed.add(step)
                await session.refresh(user, ["notes"])
                await user.awaitable_attrs.orders
                await session.run_sync(lambda sync: sync.get(Order, 1))
                user.name = "Bob"
                await session.commit()

    async def cancelled_at(step: int) -> tuple[BaseException, bool]:
        attempt = CancelledAtStep(work(step), step)

        async def wait() -> None:
            await attempt

        with pytest.raises(BaseException) as caught:
            await asyncio.create_task(wait())
        return caught.value, attempt.waited < step

    step, with_note = 1, 0
    while True:
        error, came_to_its_end = await cancelled_at(step)
        assert module._active == ()
        if came_to_its_end:
            assert isinstance(error, ImplicitIO)
            break
        assert isinstance(error, asyncio.CancelledError), f"step {step}: {error!r}"
        assert hasattr(error, "__notes__") == (step in swallowed)
        with_note += step in swallowed
        step += 1
    assert step > 5
    assert with_note >= 3


@pytest.mark.asyncio
async def test_a_timeout_around_the_block_is_a_timeout(stored: AsyncEngine) -> None:
    with pytest.raises(TimeoutError):
        async with AsyncSession(stored) as session:
            user = await one_user(session)
            async with asyncio.timeout(None) as limit:
                with no_implicit_io():
                    swallow(user)
                    limit.reschedule(0)
                    await asyncio.Event().wait()


# Nesting, reuse, threads, tasks.


def test_an_inner_block_may_expect_a_finding(user: User) -> None:
    with no_implicit_io():
        with pytest.raises(ImplicitIO), no_implicit_io():
            _ = user.notes
        with pytest.raises(ImplicitIO), no_implicit_io():
            swallow(user)


def test_what_an_outer_block_found_is_not_the_inner_ones(user: User) -> None:
    with pytest.raises(ImplicitIO), no_implicit_io():
        swallow(user)
        with no_implicit_io():
            pass


def test_the_same_object_again(user: User) -> None:
    watch = no_implicit_io()
    for _ in range(2):
        with pytest.raises(ImplicitIO), watch:
            swallow(user)
    with watch:
        pass
    with pytest.raises(ImplicitIO), watch, watch:
        swallow(user)
    assert user.notes == ""


def test_left_in_the_order_of_entry(user: User) -> None:
    first, second = no_implicit_io(), no_implicit_io()
    first.__enter__()
    second.__enter__()
    swallow(user)
    with pytest.raises(ImplicitIO):
        first.__exit__(None, None, None)
    with pytest.raises(ImplicitIO):
        _ = user.notes
    with pytest.raises(ImplicitIO):
        second.__exit__(None, None, None)
    assert user.notes == ""


def test_an_error_in_the_body_ends_the_block(user: User) -> None:
    with suppress(ValueError), no_implicit_io():
        raise ValueError
    assert user.notes == ""


def test_it_hears_other_threads(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'rows.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all(rows())

    def read() -> None:
        with Session(engine) as session:
            swallow(session.get_one(User, 1))

    with pytest.raises(ImplicitIO), no_implicit_io():
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    engine.dispose()


@pytest.mark.asyncio
async def test_it_hears_other_tasks_and_lets_them_load(stored: AsyncEngine) -> None:
    async def load(entered: asyncio.Event) -> int:
        async with AsyncSession(stored) as session:
            user = await one_user(session)
            await entered.wait()
            await session.refresh(user, ["orders"])
            swallow(user)
            return len(user.orders)

    entered = asyncio.Event()
    loader = asyncio.create_task(load(entered))
    with pytest.raises(ImplicitIO, match=r"User\.notes"), no_implicit_io():
        entered.set()
        assert await loader == 2


@pytest.fixture
def slow_listener() -> Iterator[None]:
    """A listener of the application that lets another thread go on while the listeners are called."""

    def listen(_: ORMExecuteState) -> None:
        time.sleep(0)

    event.listen(Session, "do_orm_execute", listen)
    yield
    event.remove(Session, "do_orm_execute", listen)


@pytest.mark.usefixtures("slow_listener")
def test_entering_and_leaving_breaks_no_query_of_another_thread(tmp_path: Path) -> None:
    """A listener that came and went made this `RuntimeError: deque mutated during iteration`."""
    engine = create_engine(f"sqlite:///{tmp_path / 'rows.db'}", poolclass=QueuePool, pool_size=4)
    Base.metadata.create_all(engine)
    errors: list[str] = []

    def query() -> None:
        for _ in range(50):
            try:
                with Session(engine) as session:
                    session.get(User, 1)
            except Exception as error:
                errors.append(repr(error))

    threads = [threading.Thread(target=query) for _ in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            with no_implicit_io():
                pass
    finally:
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert not errors, f"{len(errors)} of 200: {errors[0]}"
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    engine.dispose()


def test_one_object_in_several_threads(user: User) -> None:
    watch = no_implicit_io()
    both_in, out = threading.Barrier(2), threading.Event()

    def hold() -> None:
        with watch:
            both_in.wait()
            out.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    with pytest.raises(ImplicitIO), watch:
        both_in.wait()
        swallow(user)
    out.set()
    thread.join()
    assert user.notes == ""


# What it costs, and what it leaves behind.


def test_nothing_is_kept(local: Engine) -> None:
    """Without the garbage collector: no cycle holds the finding, and with it a session."""
    kept: list[weakref.ref[Any]] = []

    def body() -> None:
        with Session(local) as session:
            user = session.get_one(User, 1)
            watch = no_implicit_io()
            kept.extend([weakref.ref(session), weakref.ref(user), weakref.ref(watch)])
            try:
                with watch:
                    swallow(user)
            except ImplicitIO as error:
                kept.append(weakref.ref(error))
            try:
                with no_implicit_io():
                    _ = user.notes
            except ImplicitIO as error:
                kept.append(weakref.ref(error))

    gc.collect()
    gc.disable()
    try:
        body()
        assert [each() for each in kept] == [None] * 5
    finally:
        gc.enable()


def test_its_listener_stays(user: User) -> None:
    assert event.contains(Session, "do_orm_execute", module._refuse)
    with suppress(ImplicitIO), no_implicit_io():
        swallow(user)
    assert event.contains(Session, "do_orm_execute", module._refuse)


def test_without_a_block_it_costs_little(local: Engine) -> None:
    def seconds() -> float:
        with Session(local) as session:
            started = time.process_time()
            for _ in range(300):
                session.scalars(select(User)).all()
            return time.process_time() - started

    seconds()
    without, idle = [], []
    try:
        for _ in range(7):
            event.remove(Session, "do_orm_execute", module._refuse)
            without.append(seconds())
            event.listen(Session, "do_orm_execute", module._refuse)
            idle.append(seconds())
    finally:
        if not event.contains(Session, "do_orm_execute", module._refuse):
            event.listen(Session, "do_orm_execute", module._refuse)
    assert min(idle) < 1.5 * min(without)


# The fixture, in a pytest of its own.

PYTEST = """
import asyncio
import os

import pytest
from no_implicit_io import ImplicitIO, implicit_io_fails, no_implicit_io
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

pytestmark = pytest.mark.usefixtures("implicit_io_fails")

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

@pytest.fixture
def user():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        user = User(name="Ada")
        session.add(user)
        session.commit()
        yield user

def swallow(user):
    try:
        user.name
    except ImplicitIO:
        pass

"""


def outcomes(folder: Path, tests: str) -> dict[str, list[str]]:
    """How each test went: `["ERROR", "FAILED"]` for one that failed and whose teardown did too."""
    (folder / "test_it.py").write_text(PYTEST + textwrap.dedent(tests))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(module.__file__).parent), "COLUMNS": "300"},
        capture_output=True,
        text=True,
    )
    ends: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        outcome, _, rest = line.partition(" ")
        if outcome in ("PASSED", "FAILED", "ERROR", "XFAIL", "SKIPPED") and "::" in rest:
            ends.setdefault(rest.partition("::")[2].partition(" ")[0], []).append(outcome)
    assert ends, done.stdout + done.stderr
    return {name: sorted(several) for name, several in ends.items()}


def test_the_fixture(tmp_path: Path) -> None:
    assert outcomes(
        tmp_path,
        """
        def test_fails_of_it(user):
            user.name

        def test_swallows_it(user):
            swallow(user)

        def test_fails_of_something_else(user):
            swallow(user)
            assert False

        def test_fails_by_hand(user):
            swallow(user)
            pytest.fail("no")

        def test_shows_it(user):
            try:
                user.name
            except ImplicitIO as error:
                raise ValueError from error

        @pytest.mark.xfail
        def test_is_expected_to_fail(user):
            user.name

        def test_expects_it(user):
            with pytest.raises(ImplicitIO), no_implicit_io():
                user.name

        def test_does_nothing(user):
            pass

        async def test_async(user):
            await asyncio.sleep(0)
            swallow(user)

        async def test_async_fails_of_it(user):
            await asyncio.sleep(0)
            user.name

        async def test_async_cancels_a_task(user):
            async def work():
                swallow(user)
                await asyncio.Event().wait()
            task = asyncio.create_task(work())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        class TestClass:
            def test_method(self, user):
                swallow(user)
        """,
    ) == {
        "test_fails_of_it": ["FAILED"],
        "test_swallows_it": ["ERROR", "PASSED"],
        "test_fails_of_something_else": ["ERROR", "FAILED"],
        "test_fails_by_hand": ["ERROR", "FAILED"],
        "test_shows_it": ["FAILED"],
        "test_expects_it": ["PASSED"],
        "test_is_expected_to_fail": ["XFAIL"],
        "test_does_nothing": ["PASSED"],
        "test_async": ["ERROR", "PASSED"],
        "test_async_fails_of_it": ["FAILED"],
        "test_async_cancels_a_task": ["ERROR", "PASSED"],
        "TestClass::test_method": ["ERROR", "PASSED"],
    }
