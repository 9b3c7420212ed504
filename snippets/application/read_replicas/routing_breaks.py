# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no replicas)
# raises: AssertionError
# unrecorded: a session that wrote on two engines commits on them in no fixed order
# silent: a session does not see the row that it has written
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import Delete, Engine, Update, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:engines]
primary = create_async_engine(DATABASE_URL)
# The replica of this file is another schema, which gets no changes: it is as far behind as can be.
behind = {None: "replica"}
replica = create_async_engine(
    DATABASE_URL, execution_options={"postgresql_readonly": True, "schema_translate_map": behind}
)
# --8<-- [end:engines]


# --8<-- [start:session]
class RoutingSession(Session):
    def get_bind(self, mapper: Any = None, *, clause: Any = None, **kw: Any) -> Engine:
        if self._flushing or isinstance(clause, Update | Delete):
            return primary.sync_engine
        return replica.sync_engine


# --8<-- [end:session]


async def set_up() -> None:
    async with primary.begin() as connection:
        await connection.execute(text("DROP SCHEMA IF EXISTS replica CASCADE"))
        await connection.execute(text("CREATE SCHEMA replica"))
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text("CREATE TABLE replica.products AS SELECT * FROM products"))


# --8<-- [start:create]
async def create_product(session: AsyncSession) -> None:
    session.add(Product(id=1, name="Kettle"))
    await session.flush()
    names = (await session.scalars(select(Product.name))).all()
    print("after the flush:", names)
    #> after the flush: []
    await session.commit()
    names = (await session.scalars(select(Product.name))).all()
    print("after the commit:", names)
    #> after the commit: []
    assert names == ["Kettle"]


# --8<-- [end:create]


async def main() -> None:
    await set_up()
    try:
        session_factory = async_sessionmaker(sync_session_class=RoutingSession, expire_on_commit=False)
        async with session_factory() as session:
            await create_product(session)
    finally:
        async with primary.begin() as connection:
            await connection.execute(text("DROP SCHEMA replica CASCADE"))
        await primary.dispose()
        await replica.dispose()


if __name__ == "__main__":
    asyncio.run(main())
