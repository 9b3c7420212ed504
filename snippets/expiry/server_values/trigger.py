# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


# --8<-- [start:trigger]
TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER lower_email AFTER INSERT ON users BEGIN"
        " UPDATE users SET email = lower(NEW.email) WHERE id = NEW.id; END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION lower_email() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN NEW.email := lower(NEW.email); RETURN NEW; END'",
        "CREATE TRIGGER lower_email BEFORE INSERT ON users"
        " FOR EACH ROW EXECUTE FUNCTION lower_email()",
    ],
}
# --8<-- [end:trigger]


# --8<-- [start:register]
async def register(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        user = User(id=1, email="Ada@Example.com")
        session.add(user)
        await session.flush()
        await session.refresh(user, ["email"])
        await session.commit()
    print(user.email)
    #> ada@example.com
    assert user.email == "ada@example.com"


# --8<-- [end:register]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            for statement in TRIGGER[engine.dialect.name]:
                await connection.execute(text(statement))
        await register(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
