from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import delete, select

from app.database import SessionDep
from app.errors import NotFoundError
from app.models import Product
from app.schemas import LARGEST_ID, Id, ProductIn, ProductOut, ProductPage, ProductPatch

router = APIRouter(prefix="/products", tags=["products"])


@router.post("", status_code=201, response_model=ProductOut)
async def create_product(data: ProductIn, session: SessionDep) -> Product:
    product = Product(**data.model_dump())
    session.add(product)
    await session.flush()
    return product


@router.get("")
async def list_products(
    session: SessionDep,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ProductPage:
    # By key, not by OFFSET: a row that comes or goes meanwhile moves no other to another page.
    query = select(Product).where(Product.id > after).order_by(Product.id).limit(limit + 1)
    found = (await session.scalars(query)).all()
    items = [ProductOut.model_validate(product) for product in found[:limit]]
    return ProductPage(items=items, next=items[-1].id if len(found) > limit else None)


@router.get("/{product_id}", response_model=ProductOut)
async def read_product(product_id: Id, session: SessionDep) -> Product:
    product = await session.get(Product, product_id)
    if product is None:
        raise NotFoundError("no such product")
    return product


@router.patch("/{product_id}", response_model=ProductOut)
async def change_product(product_id: Id, data: ProductPatch, session: SessionDep) -> Product:
    # The lock: an order that reads the stock meanwhile would write over what is set here.
    product = await session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise NotFoundError("no such product")
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(product, name, value)
    await session.flush()
    return product


@router.delete("/{product_id}", status_code=204)
async def delete_product(product_id: Id, session: SessionDep) -> None:
    # If an order has it, the database refuses, and that is a 409.
    query = delete(Product).where(Product.id == product_id).returning(Product.id)
    if await session.scalar(query) is None:
        raise NotFoundError("no such product")
