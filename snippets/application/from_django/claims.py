# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, event, insert, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    city: Mapped[str | None]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


async def claim_same_object(engine: AsyncEngine) -> None:
    """Two queries of a session that find the same row give the same object."""
    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="Ada"))
        await session.commit()
    async with AsyncSession(engine) as session:
        by_id = await session.scalar(select(User).where(User.id == 1))
        by_name = await session.scalar(select(User).where(User.name == "Ada"))
        assert by_id is by_name
        assert by_id is not None


async def claim_get(engine: AsyncEngine) -> None:
    """For a key that does not exist, `get()` returns `None`, and `get_one()` raises `NoResultFound`."""
    error = None
    async with AsyncSession(engine) as session:
        assert await session.get(User, 404) is None
        try:
            await session.get_one(User, 404)
        except NoResultFound as raised:
            error = raised
    assert error is not None


async def claim_parent_first(engine: AsyncEngine) -> None:
    """A flush inserts the parent of a relationship before the child, although you added the child first."""
    inserts: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(connection, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
        inserts.append(statement.split()[2])

    async with AsyncSession(engine) as session:
        session.add(Order(id=1, user=User(id=1, name="Ada")))
        await session.flush()
    assert inserts == ["users", "orders"]


async def claim_delete_last(engine: AsyncEngine) -> None:
    """A flush sends `INSERT` before `DELETE`: to delete a row and add one with the same unique name in one flush raises
    `IntegrityError`."""
    error = None
    async with AsyncSession(engine) as session:
        ada = User(id=1, name="Ada")
        session.add(ada)
        await session.commit()
        await session.delete(await session.get_one(User, 1))
        session.add(User(id=2, name="Ada"))
        try:
            await session.commit()
        except IntegrityError as raised:
            error = raised
    assert error is not None


async def claim_flush_between(engine: AsyncEngine) -> None:
    """With a `flush()` after the `delete()`, the new row is stored."""
    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="Ada"))
        await session.commit()
        await session.delete(await session.get_one(User, 1))
        await session.flush()
        session.add(User(id=2, name="Ada"))
        await session.commit()
        assert list(await session.scalars(select(User.id))) == [2]


async def claim_savepoint_commits(engine: AsyncEngine) -> None:
    """SQLAlchemy calls an `after_commit` listener when a savepoint is released, although the transaction is rolled back
    afterwards."""
    calls: list[str] = []

    async with AsyncSession(engine) as session:

        @event.listens_for(session.sync_session, "after_commit")
        def listener(session: Session) -> None:
            calls.append("after_commit")

        session.add(User(id=1, name="Ada"))
        await session.flush()
        async with session.begin_nested():
            session.add(User(id=2, name="Grace"))
        await session.rollback()
    async with AsyncSession(engine) as session:
        assert (await session.scalars(select(User.id))).first() is None
    assert calls == ["after_commit"]


async def claim_no_listener(engine: AsyncEngine) -> None:
    """An `after_insert` listener is called during the flush, before the commit, and not for an `insert()` statement."""
    called: list[str] = []

    def listener(mapper, connection, user):  # type: ignore[no-untyped-def]
        called.append(user.name)

    event.listen(User, "after_insert", listener)
    try:
        async with AsyncSession(engine) as session:
            await session.execute(insert(User), [{"id": 1, "name": "Ada"}])
            session.add(User(id=2, name="Grace"))
            await session.flush()
            assert session.in_transaction()
    finally:
        event.remove(User, "after_insert", listener)
    assert called == ["Grace"]


async def claim_exclude(engine: AsyncEngine) -> None:
    """`where(User.city != "London")` does not find a row in which the city is NULL. `where(User.city.is_distinct_from("London"))` does."""
    async with AsyncSession(engine) as session:
        session.add_all([User(id=1, name="Ada", city="London"), User(id=2, name="Grace")])
        await session.flush()
        assert list(await session.scalars(select(User.id).where(User.city != "London"))) == []
        query = select(User.id).where(User.city.is_distinct_from("London"))
        assert list(await session.scalars(query)) == [2]


async def claim_same_answer(engine: AsyncEngine) -> None:
    """If an endpoint assigns `user.name = "hidden"` for its response and the session commits, the first answer and the second are equal, and the name is lost."""

    async def answer() -> str:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            user = await session.get_one(User, 1)
            user.name = "hidden"
            await session.commit()
            return user.name

    async def stored() -> str | None:
        async with AsyncSession(engine) as session:
            return await session.scalar(select(User.name))

    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="Ada"))
        await session.commit()
    before = await stored()
    answers = [await answer(), await answer()]
    assert answers[0] == answers[1]
    assert [before, await stored()] == ["Ada", "hidden"]


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
