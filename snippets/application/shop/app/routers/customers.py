from fastapi import APIRouter

from app.database import SessionDep
from app.errors import NotFoundError
from app.models import Customer
from app.schemas import CustomerIn, CustomerOut, Id

router = APIRouter(prefix="/customers", tags=["customers"])


@router.post("", status_code=201, response_model=CustomerOut)
async def create_customer(data: CustomerIn, session: SessionDep) -> Customer:
    customer = Customer(**data.model_dump())
    session.add(customer)
    await session.flush()  # The response needs the id. A second one with this e-mail is a 409.
    return customer


@router.get("/{customer_id}", response_model=CustomerOut)
async def read_customer(customer_id: Id, session: SessionDep) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError("no such customer")
    return customer
