"""Orders and the stock. These functions know no HTTP, flush and never commit: the caller does."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.errors import ConflictError, NotFoundError, RefusedError
from app.models import Customer, Order, OrderLine, Product, Status


async def place(session: AsyncSession, customer_id: int, quantities: Mapping[int, int]) -> Order:
    """Take from the stock, and store the order: both or neither."""
    if await session.get(Customer, customer_id) is None:
        raise RefusedError("no such customer")
    products = await _locked(session, list(quantities))
    lines = []
    for product_id, quantity in sorted(quantities.items()):
        product = products.get(product_id)
        if product is None:
            raise RefusedError(f"no product {product_id}")
        if product.stock < quantity:
            raise ConflictError(f"{product.name}: only {product.stock} left")
        product.stock -= quantity
        lines.append(OrderLine(product=product, quantity=quantity, price=product.price))
    order = Order(customer_id=customer_id, lines=lines)
    session.add(order)
    await session.flush()
    return order


async def cancel(session: AsyncSession, order_id: int) -> Order:
    """Give back to the stock, once: of two that come at once, the second finds it done."""
    order = await session.scalar(_whole().where(Order.id == order_id).with_for_update(of=Order))
    if order is None:
        raise NotFoundError("no such order")
    if order.status is Status.CANCELLED:
        raise ConflictError("cancelled already")
    products = await _locked(session, [line.product_id for line in order.lines])
    for line in order.lines:
        products[line.product_id].stock += line.quantity
    order.status = Status.CANCELLED
    await session.flush()
    return order


async def find(session: AsyncSession, order_id: int) -> Order:
    order = await session.scalar(_whole().where(Order.id == order_id))
    if order is None:
        raise NotFoundError("no such order")
    return order


async def latest(session: AsyncSession, customer_id: int) -> list[Order]:
    query = _whole().where(Order.customer_id == customer_id).order_by(Order.id.desc()).limit(50)
    return list(await session.scalars(query))


def _whole() -> Select[Order]:
    """An order with all that a response shows: three statements, for however many orders."""
    return select(Order).options(selectinload(Order.lines).selectinload(OrderLine.product))


async def _locked(session: AsyncSession, product_ids: Sequence[int]) -> dict[int, Product]:
    """In one order for all, so that two do not wait for each other; and as they are now."""
    query = (
        select(Product)
        .where(Product.id.in_(product_ids))
        .order_by(Product.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {product.id: product for product in await session.scalars(query)}
