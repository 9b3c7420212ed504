# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from no_implicit_io import ImplicitIO, no_implicit_io
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[str] = mapped_column(deferred=True)
    orders: Mapped[list["Order"]] = relationship()

    @property
    def spent(self) -> int:
        return sum(order.total for order in self.orders)

    # --8<-- [end:model]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:report]
def lazy_report(session: Session) -> int:
    return sum(user.spent for user in session.scalars(select(User)))


def eager_report(session: Session) -> int:
    users = session.scalars(select(User).options(selectinload(User.orders)))
    return sum(user.spent for user in users)


async def report(session: AsyncSession) -> None:
    with no_implicit_io():
        print(await session.run_sync(eager_report))
        #> 42
    session.expunge_all()
    try:
        with no_implicit_io():
            await session.run_sync(lazy_report)
    except ImplicitIO as error:
        print(error.attribute, "|", error.code)
        #> User.orders | return sum(order.total for order in self.orders)
    session.expunge_all()
    print(await session.run_sync(lazy_report))  # Without the block.
    #> 42
    # --8<-- [end:report]


# --8<-- [start:allowed]
async def ask(session: AsyncSession) -> None:
    user = await session.get_one(User, 1)
    with no_implicit_io():
        await session.refresh(user, ["notes"])
        print(user.notes, await user.awaitable_attrs.spent)
        #> gift 42
    # --8<-- [end:allowed]


# --8<-- [start:set]
async def replace(session: AsyncSession) -> None:
    user = await session.get_one(User, 1)
    try:
        with no_implicit_io():
            user.orders = []  # SQLAlchemy would load the old ones first.
    except ImplicitIO as error:
        print(error.attribute)
        #> User.orders
    # --8<-- [end:set]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, notes="gift", orders=[Order(total=30), Order(total=12)]))
    for work in report, ask, replace:
        async with AsyncSession(engine) as session:
            await work(session)
    await engine.dispose()


asyncio.run(main())
