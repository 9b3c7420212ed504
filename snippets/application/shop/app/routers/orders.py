from fastapi import APIRouter

from app.database import SessionDep
from app.models import Order
from app.schemas import Id, OrderIn, OrderOut
from app.services import ordering

router = APIRouter(tags=["orders"])


@router.post("/orders", status_code=201, response_model=OrderOut)
async def create_order(data: OrderIn, session: SessionDep) -> Order:
    quantities = {line.product_id: line.quantity for line in data.lines}
    return await ordering.place(session, data.customer_id, quantities)


@router.get("/orders/{order_id}", response_model=OrderOut)
async def read_order(order_id: Id, session: SessionDep) -> Order:
    return await ordering.find(session, order_id)


@router.post("/orders/{order_id}/cancel", response_model=OrderOut)
async def cancel_order(order_id: Id, session: SessionDep) -> Order:
    return await ordering.cancel(session, order_id)


@router.get("/customers/{customer_id}/orders", response_model=list[OrderOut])
async def list_orders(customer_id: Id, session: SessionDep) -> list[Order]:
    return await ordering.latest(session, customer_id)
