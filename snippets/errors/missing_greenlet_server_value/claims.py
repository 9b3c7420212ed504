# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, event, func, inspect, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": True}


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="open")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Ordered(Base):
    __tablename__ = "ordered"
    __mapper_args__ = {"confirm_deleted_rows": False}

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="open")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Document(Base):
    __tablename__ = "documents"
    __mapper_args__ = {"eager_defaults": False}

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="open")


class Letter(Document):
    __tablename__ = "letters"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    text: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class InPython(Base):
    __tablename__ = "in_python"
    __mapper_args__ = {"eager_defaults": False}

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="open")
    updated_at: Mapped[str] = mapped_column(default="new", onupdate=lambda: str(datetime.now(UTC)))


async def claim_two_objects(engine: AsyncEngine) -> None:
    """`eager_defaults` brings the value back also if one flush updates two objects. It sends an UPDATE for each."""
    sent: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    async with AsyncSession(engine, expire_on_commit=False) as session:
        invoices = [Invoice(id=1), Invoice(id=2)]
        session.add_all(invoices)
        await session.flush()
        for invoice in invoices:
            invoice.status = "paid"
        sent.clear()
        await session.commit()
        assert len(sent) == 2
        assert not any(inspect(invoice).expired_attributes for invoice in invoices)


async def claim_update_statement(engine: AsyncEngine) -> None:
    """`eager_defaults` is for the flush. After `session.execute(update(Invoice)…)`, `updated_at` of an invoice that the session holds is expired."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        invoice = Invoice(id=1)
        session.add(invoice)
        await session.commit()
        await session.execute(update(Invoice).where(Invoice.id == 1).values(status="paid"))
        await session.commit()
        assert invoice.status == "paid"
        assert inspect(invoice).expired_attributes == {"updated_at"}


async def claim_own_mapper_args(engine: AsyncEngine) -> None:
    """A model with `__mapper_args__` of its own replaces those of the base: it needs `eager_defaults` again."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        ordered = Ordered(id=1)
        session.add(ordered)
        await session.flush()
        ordered.status = "paid"
        await session.commit()
        assert inspect(ordered).expired_attributes == {"updated_at"}


async def claim_topmost_class_decides(engine: AsyncEngine) -> None:
    """With joined-table inheritance the topmost mapped class decides: `eager_defaults` on a subclass changes nothing."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        letter = Letter(id=1)
        session.add(letter)
        await session.flush()
        await session.refresh(letter)
        letter.text = "Dear Ada"
        await session.commit()
        assert inspect(letter).expired_attributes == {"updated_at"}


async def claim_python_function(engine: AsyncEngine) -> None:
    """With a Python function as `onupdate`, the new value is there after the flush, without `eager_defaults`."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        row = InPython(id=1)
        session.add(row)
        await session.flush()
        row.status = "paid"
        await session.commit()
        assert row.updated_at != "new"


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
