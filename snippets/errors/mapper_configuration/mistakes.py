# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (it is raised before any database is asked)
from typing import Any

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, mapped_column, relationship


def error_of(orders: Any, **columns: Any) -> str:
    """Of `Customer.orders` and `Order` with these columns: the class, and the first sentence."""

    class Base(DeclarativeBase):
        pass

    def model(name: str, table: str, **attributes: Any) -> type[Base]:
        key = mapped_column(Integer, primary_key=True)
        return type(name, (Base,), {"__tablename__": table, "__module__": "shop", "id": key, **attributes})

    _kept = model("Customer", "customers", orders=orders), model("Order", "orders", **columns)
    try:
        Base.registry.configure()
    except SQLAlchemyError as error:
        return f"{type(error).__name__}: {str(error).split('  ')[0].partition('. ')[0]}"
    finally:
        Base.registry.dispose()
    raise AssertionError("no error")


# --8<-- [start:mistakes]
# The name of no class
print(error_of(relationship("Ordr"), customer_id=mapped_column(ForeignKey("customers.id"))))
"""
InvalidRequestError: When initializing mapper Mapper[Customer(customers)], expression 'Ordr' failed to locate a name ('Ordr')
"""
# No ForeignKey
print(error_of(relationship("Order"), customer_id=mapped_column(Integer)))
"""
NoForeignKeysError: Could not determine join condition between parent/child tables on relationship Customer.orders - there are no foreign keys linking these tables.
"""
# The name of no table
print(error_of(relationship("Order"), customer_id=mapped_column(ForeignKey("customer.id"))))
"""
NoForeignKeysError: Could not determine join condition between parent/child tables on relationship Customer.orders - there are no foreign keys linking these tables.
"""
# No ForeignKey, and a primaryjoin
joined = relationship("Order", primaryjoin="Customer.id == Order.customer_id")
print(error_of(joined, customer_id=mapped_column(Integer)))
"""
ArgumentError: Could not locate any relevant foreign key columns for primary join condition 'customers.id = orders.customer_id' on relationship Customer.orders.
"""
# Two foreign keys to one table
payer_id = mapped_column(ForeignKey("customers.id"))
print(error_of(relationship("Order"), customer_id=mapped_column(ForeignKey("customers.id")), payer_id=payer_id))
"""
AmbiguousForeignKeysError: Could not determine join condition between parent/child tables on relationship Customer.orders - there are multiple foreign key paths linking the tables.
"""
# back_populates with the name of no attribute
both = relationship("Order", back_populates="customer")
print(error_of(both, customer_id=mapped_column(ForeignKey("customers.id"))))
#> InvalidRequestError: Mapper 'Mapper[Order(orders)]' has no property 'customer'.
# --8<-- [end:mistakes]
