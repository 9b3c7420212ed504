"""an index for the orders of a customer, while the shop is open"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_orders_customer_id"


def upgrade() -> None:
    # Outside of a transaction, so it may be left behind, half built. Then it is made anew.
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "orders", if_exists=True, postgresql_concurrently=True)
        op.create_index(NAME, "orders", ["customer_id"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "orders", if_exists=True, postgresql_concurrently=True)
