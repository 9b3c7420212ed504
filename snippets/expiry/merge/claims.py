# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import UnmappedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Tenant(Base):
    __tablename__ = "tenants"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tier: Mapped[str]


class Page(Base):
    __tablename__ = "pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


def updates_sent(engine: AsyncEngine) -> list[str]:
    sent: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE"):
            sent.append(statement)

    return sent


async def cached_tenant(engine: AsyncEngine) -> Tenant:
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        tenant = Tenant(id=1, name="Acme", tier="free")
        session.add(tenant)
    return tenant


async def claim_only_differences_are_sent(engine: AsyncEngine) -> None:
    """`merge()` copies every loaded column, and the `UPDATE` writes those that differ from the session's object; if none differs, none is sent."""
    cached = await cached_tenant(engine)
    sent = updates_sent(engine)
    async with AsyncSession(engine) as session:
        await session.merge(cached)
        await session.commit()
        assert sent == []
        await session.execute(update(Tenant).values(name="Acme Ltd"))
        await session.commit()
        sent.clear()
        await session.merge(cached)
        await session.commit()
        assert len(sent) == 1
        assert "name=" in sent[0]
        assert "tier=" not in sent[0]


async def claim_compares_with_the_session(engine: AsyncEngine) -> None:
    """If the session already holds the object, `merge()` compares with its loaded values, not with the row: equal ones are not sent, although the row has others."""
    cached = await cached_tenant(engine)
    sent = updates_sent(engine)
    async with AsyncSession(engine) as session:
        held = await session.get_one(Tenant, 1)
        async with AsyncSession(engine) as other, other.begin():
            await other.execute(update(Tenant).values(name="Acme Ltd"))
        sent.clear()
        assert await session.merge(cached) is held
        await session.commit()
        assert sent == []
        assert await session.scalar(select(Tenant.name)) == "Acme Ltd"


async def claim_no_version_to_compare(engine: AsyncEngine) -> None:
    """`merge()` of an object that you made without its version overwrites the row, although the model has a version counter."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(Page(id=1, title="first"))
    async with AsyncSession(engine) as session, session.begin():
        await session.merge(Page(id=1, title="second"))
    async with AsyncSession(engine) as session:
        assert await session.scalar(select(Page.title)) == "second"


async def claim_expired_is_not_copied(engine: AsyncEngine) -> None:
    """`merge()` does not copy what is expired: an object whose attributes a commit has expired changes nothing in the row."""
    async with AsyncSession(engine) as session, session.begin():
        expired = Tenant(id=1, name="Acme", tier="free")
        session.add(expired)
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(update(Tenant).values(name="Acme Ltd"))
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        merged = await session.merge(expired)
        assert merged.name == "Acme Ltd"


async def claim_data_cannot_be_merged(engine: AsyncEngine) -> None:
    """`merge()` refuses a dictionary with `UnmappedInstanceError`."""
    error = None
    async with AsyncSession(engine) as session:
        try:
            await session.merge({"id": 1, "name": "Acme"})
        except UnmappedInstanceError as raised:
            error = raised
    assert error is not None


async def claim_deleted_row(engine: AsyncEngine) -> None:
    """A version counter does not catch a deleted row that the session does not hold: `merge()` inserts it again, with version 1."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        page = Page(id=1, title="Draft")
        session.add(page)
        await session.commit()
        page.title = "Final"
        await session.commit()
    assert page.version == 2
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Page, 1))
        await session.commit()
    async with AsyncSession(engine) as session:
        await session.merge(page)
        await session.commit()
        assert await session.scalar(select(Page.version)) == 1


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
