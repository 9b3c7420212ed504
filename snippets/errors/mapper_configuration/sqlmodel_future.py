# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "sqlmodel"]
# ///
# drivers: aiosqlite (it is raised before any database is asked)
import runpy
import tempfile
from pathlib import Path

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import configure_mappers

# --8<-- [start:models]
MODELS = """
from __future__ import annotations
from sqlmodel import Field, Relationship, SQLModel

class Customer(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    orders: list["Order"] = Relationship()

class Order(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
"""
# --8<-- [end:models]

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "models.py").write_text(MODELS)
    # --8<-- [start:run]
    models = runpy.run_path(f"{folder}/models.py")
    try:
        configure_mappers()
    except InvalidRequestError as error:
        print(str(error).partition(";")[0])
        """
        When initializing mapper Mapper[Customer(customer)], expression "relationship("list['Order']")" seems to be using a generic class as the argument to relationship()
        """
    # --8<-- [end:run]
