# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL has names: integrity_error_names)
import asyncio
import os

from sqlalchemy import CheckConstraint, ForeignKey, Index, event, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    nickname: Mapped[str | None]
    age: Mapped[int] = mapped_column(CheckConstraint("age >= 0", name="age_is_positive"), default=36)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


Index("one_nickname", func.lower(User.nickname), unique=True)


def constraint(error: IntegrityError) -> str:
    details = getattr(error.orig, "diag", None) or getattr(error.orig, "__cause__", None)
    return getattr(details, "constraint_name", None) or str(error.orig)


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    session_factory = async_sessionmaker(engine)
    async with session_factory.begin() as session:
        session.add(User(id=1, email="ada@example.org", nickname="Ada"))
    wrong = {
        "`email`, unique": User(id=2, email="ada@example.org"),
        "`one_nickname`, a unique index": User(id=2, email="grace@example.org", nickname="ada"),
        "`age_is_positive`, a check": User(id=2, email="grace@example.org", age=-1),
        "a foreign key": User(id=2, email="grace@example.org", invited_by=99),
    }
    print("what is broken | `constraint(error)`")
    #> what is broken | `constraint(error)`
    for what, user in wrong.items():
        try:
            async with session_factory.begin() as session:
                session.add(user)
        except IntegrityError as error:
            print(f"{what} | `{constraint(error)}`")
            #> `email`, unique | `UNIQUE constraint failed: users.email`
            #> `one_nickname`, a unique index | `UNIQUE constraint failed: index 'one_nickname'`
            #> `age_is_positive`, a check | `CHECK constraint failed: age_is_positive`
            #> a foreign key | `FOREIGN KEY constraint failed`


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    event.listen(engine.sync_engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = ON"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
