"""Headers of connections, which may carry credentials, are kept sealed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

_HEADERS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_CONNECTION = sa.table("connection", sa.column("id", sa.BigInteger()), sa.column("headers", _HEADERS))


def upgrade() -> None:
    """Seal those that there are."""
    c = op.get_bind()
    config = op.get_context().config
    assert config is not None
    for number, headers in c.execute(sa.select(_CONNECTION.c.id, _CONNECTION.c.headers)).all():
        if headers:
            sealed = config.attributes["seal"](headers)
            c.execute(sa.update(_CONNECTION).where(_CONNECTION.c.id == number).values(headers=sealed))
