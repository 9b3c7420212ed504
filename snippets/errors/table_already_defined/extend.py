# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (it is raised before any database is asked)
import importlib
import sys
import tempfile
from pathlib import Path

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import configure_mappers

FILES = {
    "shop/database.py": """
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass
""",
    # --8<-- [start:models]
    "shop/models.py": """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from shop.database import Base

class Order(Base):
    __tablename__ = "orders"
    __table_args__ = {"extend_existing": True}

    id: Mapped[int] = mapped_column(primary_key=True)

class Item(Base):
    __tablename__ = "items"
    __table_args__ = {"extend_existing": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    order: Mapped["Order"] = relationship()
""",
    # --8<-- [end:models]
}

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "shop").mkdir()
    for name, text in FILES.items():
        Path(folder, name).write_text(text)
    sys.path[:0] = [f"{folder}/shop", folder]
    # --8<-- [start:run]
    kept = importlib.import_module("shop.models"), importlib.import_module("models")
    try:
        configure_mappers()
    except InvalidRequestError as error:
        print(str(error).partition(". ")[0])
        #> Multiple classes found for path "Order" in the registry of this declarative base
    # --8<-- [end:run]
