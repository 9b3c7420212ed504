# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest"]
# ///
"""Fail a test when reading an attribute sends SQL.

Copy this file into your tests: it needs SQLAlchemy (2.0 or 2.1), pytest and nothing else.
"""

from __future__ import annotations

import linecache
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType, TracebackType

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.orm import InstrumentedAttribute, ORMExecuteState, Session


class ImplicitIO(Exception):  # noqa: N818  It names what happened, as MissingGreenlet does.
    """An attribute was about to send SQL that no statement of yours asked for."""

    attribute: str
    """The class and the name of what was read or set, such as `User.orders`."""
    reason: str
    """`"expired"` or `"not loaded"`."""
    path: str
    """The file that touched it: the innermost file of yours, or a library's if none is."""
    line: int
    """The line in that file, counted from 1."""
    code: str
    """The text of that line."""

    def __init__(self, attribute: str, reason: str, path: str, line: int) -> None:
        self.attribute, self.reason, self.path, self.line = attribute, reason, path, line
        self.code = linecache.getline(path, line).strip()
        where = f"{Path(path).name}:{line}: {self.code}"
        super().__init__(f"{attribute} is {reason}, and touching it sends SQL: {where}")


def no_implicit_io() -> AbstractContextManager[None]:
    """Refuse SQL that is caused by touching an attribute, and allow SQL that you asked for.

    Inside the block, the load of an expired column, of a deferred column or of a relationship
    that was not loaded raises `ImplicitIO`, which names the attribute and your line. Nothing is
    sent. In async code it takes the place of `MissingGreenlet`, which names neither:

    ```python
    import asyncio
    import os

    from no_implicit_io import ImplicitIO, no_implicit_io
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]


    async def main() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            user = User(id=1, name="Ada")
            session.add(user)
            await session.commit()
            try:
                with no_implicit_io():
                    print(user.name)
            except ImplicitIO as error:
                print(error.attribute, "|", error.reason, "|", error.code)
                #> User.name | expired | print(user.name)
            with no_implicit_io():
                await session.refresh(user)
                print(user.name)
                #> Ada
        await engine.dispose()


    asyncio.run(main())
    ```

    Where implicit loads work, nothing but this tells you of them: inside `run_sync()`, and with a
    sync `Session`. There it finds the query per row. What you asked for stays allowed, wherever you
    ask: `selectinload()`, `refresh()`, `get()`, a flush, and `awaitable_attrs`.

    ```python
    import asyncio
    import os

    from no_implicit_io import ImplicitIO, no_implicit_io
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session
    from sqlalchemy.orm import mapped_column, relationship, selectinload


    class Base(AsyncAttrs, DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"

        id: Mapped[int] = mapped_column(primary_key=True)
        notes: Mapped[str] = mapped_column(deferred=True)
        orders: Mapped[list["Order"]] = relationship()


    class Order(Base):
        __tablename__ = "orders"

        id: Mapped[int] = mapped_column(primary_key=True)
        total: Mapped[int]
        user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


    def lazy_report(session: Session) -> int:
        users = session.scalars(select(User))
        return sum(order.total for user in users for order in user.orders)


    def eager_report(session: Session) -> int:
        users = session.scalars(select(User).options(selectinload(User.orders)))
        return sum(order.total for user in users for order in user.orders)


    def swallow(session: Session) -> None:
        try:
            session.get_one(User, 1).notes
        except Exception:
            print("swallowed")
            #> swallowed


    async def main() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(User(id=1, notes="", orders=[Order(total=30), Order(total=12)]))

        async with AsyncSession(engine) as session:
            print(await session.run_sync(lazy_report))
            #> 42
        async with AsyncSession(engine) as session:
            try:
                with no_implicit_io():
                    await session.run_sync(lazy_report)
            except ImplicitIO as error:
                print(error.attribute, "|", error.reason)
                #> User.orders | not loaded

        async with AsyncSession(engine) as session:
            with no_implicit_io():
                print(await session.run_sync(eager_report))
                #> 42
        async with AsyncSession(engine) as session:
            with no_implicit_io():
                user = await session.get_one(User, 1)
                await session.refresh(user, ["notes"])
                print(user.notes == "", len(await user.awaitable_attrs.orders))
                #> True 2

        # Replacing a collection that was not loaded would load it first.
        async with AsyncSession(engine) as session:
            user = await session.get_one(User, 1)
            try:
                with no_implicit_io():
                    user.orders = []
            except ImplicitIO as error:
                print(error.attribute, "|", error.code)
                #> User.orders | user.orders = []

        # An error that somebody swallowed comes back when the block ends.
        async with AsyncSession(engine) as session:
            try:
                with no_implicit_io():
                    await session.run_sync(swallow)
            except ImplicitIO as error:
                print(error.attribute)
                #> User.notes
        await engine.dispose()


    asyncio.run(main())
    ```

    It listens to every session of the process, sync and async, whether made before or inside the
    block, in every thread and every task: in a test this is what you want.

    It has nothing to say where no SQL would be sent: about a detached object, whose attributes raise
    `DetachedInstanceError`, and about code that reads an object's `__dict__` instead of its
    attributes, as FastAPI does with an expired object and no response model.
    """
    return _Watch()


@pytest.fixture
def implicit_io_fails(request: pytest.FixtureRequest) -> Iterator[None]:
    """The same for a whole test: an error that somebody swallowed comes back in its teardown.

    In a `conftest.py`, `from no_implicit_io import implicit_io_fails` makes the fixture known, and
    `@pytest.mark.usefixtures("implicit_io_fails")` turns it on for a test or for a class; the
    setting `usefixtures = implicit_io_fails` in pytest's configuration does so for all tests.

    ```python
    import os
    import subprocess
    import sys
    import tempfile
    from pathlib import Path

    import no_implicit_io

    TESTS = '''
    import os

    import pytest
    from no_implicit_io import implicit_io_fails
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    pytestmark = pytest.mark.usefixtures("implicit_io_fails")


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]


    async def save(expire_on_commit, read):
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        try:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with AsyncSession(engine, expire_on_commit=expire_on_commit) as session:
                user = User(name="Ada")
                session.add(user)
                await session.commit()
                return await session.run_sync(lambda _: read(user))
        finally:
            await engine.dispose()


    def read(user):
        return user.name


    def read_or_give_up(user):
        try:
            return user.name
        except Exception:
            return "Ada"


    async def test_kept():
        assert await save(expire_on_commit=False, read=read) == "Ada"


    async def test_expired():
        assert await save(expire_on_commit=True, read=read) == "Ada"


    async def test_swallowed():
        assert await save(expire_on_commit=True, read=read_or_give_up) == "Ada"
    '''

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_names.py").write_text(TESTS)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(no_implicit_io.__file__).parent)},
            capture_output=True,
            text=True,
        )
    for line in done.stdout.splitlines():
        if line.startswith(("E   ", "FAILED", "ERROR")):
            print(line.partition(" - ")[0].partition(",")[0])
            #> E           no_implicit_io.ImplicitIO: User.name is expired
            #> E           no_implicit_io.ImplicitIO: User.name is expired
            #> FAILED test_names.py::test_expired
            #> ERROR test_names.py::test_swallowed
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 1 failed, 2 passed, 1 error
    ```
    """
    before = request.session.testsfailed
    try:
        with no_implicit_io():
            yield
    except ImplicitIO:
        if request.session.testsfailed == before:  # Otherwise the test has failed of it already.
            raise


class _Watch(AbstractContextManager[None]):
    """No generator: `@contextmanager` would make a decorator that does nothing to an `async def`."""

    def __init__(self) -> None:
        self._found: list[ImplicitIO] = []

    def __enter__(self) -> None:
        # On the class, this reaches every session, and every subclass such as SQLModel's.
        event.listen(Session, "do_orm_execute", self._refuse)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        event.remove(Session, "do_orm_execute", self._refuse)
        if self._found and error is not self._found[0]:
            # Pydantic wraps it, a server answers 500, an `except Exception` eats it.
            raise self._found[0] from error

    def _refuse(self, _: ORMExecuteState) -> None:
        access = _access()
        if access is not None:
            self._found.append(access)
            raise access


_TOUCHING = {
    method.__code__
    for method in (
        InstrumentedAttribute.__get__,
        InstrumentedAttribute.__set__,
        InstrumentedAttribute.__delete__,
    )
}


def _access() -> ImplicitIO | None:
    """What touched an attribute and so asked for the SQL that is about to be sent, if anything did."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code not in _TOUCHING:
        frame = frame.f_back
    if frame is None:
        return None
    attribute: InstrumentedAttribute[object] = frame.f_locals["self"]
    state = inspect(frame.f_locals["instance"])
    reader = frame.f_back
    while reader is not None and _module(reader).startswith("sqlalchemy."):
        if _module(reader) == "sqlalchemy.orm.session":
            return None  # The Session read it on behalf of what you asked it for.
        reader = reader.f_back
    if reader is None:
        return None  # `awaitable_attrs` has a greenlet of its own, in which nobody else is.
    reader = _yours(reader) or reader
    reason = "expired" if attribute.key in state.expired_attributes else "not loaded"
    return ImplicitIO(str(attribute), reason, reader.f_code.co_filename, reader.f_lineno)


def _yours(frame: FrameType | None) -> FrameType | None:
    """The innermost frame of a file that is neither in the standard library nor installed."""
    while frame is not None and _is_library(frame.f_code.co_filename):
        if _module(frame) == "asyncio.events":
            return None  # What is above only runs the event loop: it did not ask for this.
        frame = frame.f_back
    return frame


_STDLIB = sysconfig.get_path("stdlib")


def _is_library(path: str) -> bool:
    installed = {"site-packages", "dist-packages"}.intersection(Path(path).parts)
    return bool(installed) or path.startswith(("<", _STDLIB))


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
