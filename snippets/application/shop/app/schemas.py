"""What comes in and what goes out. No model is returned as it is."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, EmailStr, Field, field_validator

from app.models import Status

LARGEST_ID = 2**31 - 1  # SQLite's driver has a bare OverflowError for some numbers beyond it.
Id = Annotated[int, Field(ge=-LARGEST_ID, le=LARGEST_ID)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Price = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CustomerIn(BaseModel):
    email: EmailStr
    name: Name


class CustomerOut(Out):
    id: int
    email: str
    name: str
    created_at: datetime


class ProductIn(BaseModel):
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    name: Name
    price: Price
    stock: Count = 0


class ProductPatch(BaseModel):
    """Each field may be left out. None of them may be null: no column is."""

    name: Name | None = None
    price: Price | None = None
    stock: Count | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _not_null(cls, value: object) -> object:
        if value is None:  # A default is not validated: this one was sent.
            raise ValueError("leave it out, or send a value")
        return value


class ProductOut(Out):
    id: int
    sku: str
    name: str
    price: Decimal
    stock: int


class ProductPage(BaseModel):
    items: list[ProductOut]
    next: int | None
    """Send it as `after` for the next page."""


class LineIn(BaseModel):
    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=1000)]


class OrderIn(BaseModel):
    customer_id: Id
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=100)]

    @field_validator("lines")
    @classmethod
    def _each_product_once(cls, lines: list[LineIn]) -> list[LineIn]:
        if len({line.product_id for line in lines}) < len(lines):
            raise ValueError("each product once")
        return lines


class LineOut(Out):
    quantity: int
    price: Decimal
    product: ProductOut


class OrderOut(Out):
    id: int
    customer_id: int
    status: Status
    created_at: datetime
    lines: list[LineOut]
