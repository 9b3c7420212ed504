# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (it puts the DETAIL of the server into its message)
import asyncio
import os
import sys

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    email: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]


async def main() -> None:
    engine = create_async_engine(
        DATABASE_URL,
        hide_parameters=True,
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:insert]
        async with AsyncSession(engine) as session:
            session.add(Account(email="ada@example.org", password_hash="s3cret"))
            await session.commit()
            session.add(Account(email="ada@example.org", password_hash="s3cret"))
            try:
                await session.commit()
            except IntegrityError as error:
                print("the address in the error:", "ada@example.org" in str(error))
                #> the address in the error: True
        # --8<-- [end:insert]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
