"""Rows with sensible values, so that a test names only what it is about."""

from decimal import Decimal
from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Customer, Order, Product
from app.services import ordering

_numbers = count(1)


class Factory:
    """Each commits: inside the transaction of a test, that is a savepoint."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def customer(self, *, email: str = "", name: str = "Ada") -> Customer:
        customer = Customer(email=email or f"c{next(_numbers)}@example.org", name=name)
        self.session.add(customer)
        await self.session.commit()
        return customer

    async def product(
        self, *, sku: str = "", name: str = "Tea", price: str = "3.50", stock: int = 10
    ) -> Product:
        product = Product(
            sku=sku or f"sku-{next(_numbers)}", name=name, price=Decimal(price), stock=stock
        )
        self.session.add(product)
        await self.session.commit()
        return product

    async def order(self, product: Product, quantity: int = 1) -> Order:
        customer = await self.customer()
        order = await ordering.place(self.session, customer.id, {product.id: quantity})
        await self.session.commit()
        return order
