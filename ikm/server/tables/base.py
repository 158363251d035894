"""What every table is made of: the metadata with names for its constraints, and the types of codes, ids and totals."""

from sqlalchemy import ARRAY, JSON, BigInteger, MetaData, String, Uuid

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Code = String(64)
Id = Uuid(as_uuid=False)
Totals = ARRAY(BigInteger).with_variant(JSON(), "sqlite")
