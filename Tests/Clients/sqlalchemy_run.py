"""databricks-sqlalchemy over Thrift: tables made from models, rows through the ORM, the tables reflected. `sqlalchemy_run.py HOST WAREHOUSE TOKEN`.

Prints a JSON object of what it read. It shares dbt's environment, whose connector is the one that it takes.
"""

import datetime
import decimal
import json
import sys

from sqlalchemy import BigInteger, ForeignKey, MetaData, Numeric, String, create_engine, func, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

host, warehouse, token = sys.argv[1:]
path = f"/sql/1.0/warehouses/{warehouse}"
engine = create_engine(
    f"databricks://token:{token}@localhost?http_path={path}&catalog=main&schema=default",
    connect_args={"_connection_uri": host + path, "enable_telemetry": False, "_retry_stop_after_attempts_count": 1})


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String, nullable=False, comment="who")
    born: Mapped[datetime.date | None]
    credit: Mapped[decimal.Decimal | None] = mapped_column(Numeric(10, 2))
    seen: Mapped[datetime.datetime | None]
    active: Mapped[bool | None]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("customers.id"))


read = {}
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all([
        Customer(
            id=1, name="Ada", born=datetime.date(1815, 12, 10), credit=decimal.Decimal("12.50"),
            seen=datetime.datetime(2026, 1, 1, 2, 3, 4), active=True),
        Customer(id=2, name="Grace"),
    ])
    session.flush()
    session.add(Order(id=10, customer_id=1))
    session.commit()
with Session(engine) as session:
    ada = session.get(Customer, 1)
    read["ada"] = [ada.name, str(ada.born), str(ada.credit), str(ada.seen), ada.active]
    read["grace"] = [session.get(Customer, 2).born, session.get(Customer, 2).active]
    ada.name = "Ada Lovelace"
    session.delete(session.get(Customer, 2))
    session.commit()
    join = select(Customer.name, Order.id).join(Order, Order.customer_id == Customer.id)
    read["joined"] = [list(row) for row in session.execute(join)]
    read["count"] = session.scalar(select(func.count()).select_from(Customer))

inspector = inspect(engine)
read["tables"] = inspector.get_table_names()
read["has"] = [inspector.has_table("orders"), inspector.has_table("nothing")]
read["primary key"] = inspector.get_pk_constraint("customers")["constrained_columns"]
key = inspector.get_foreign_keys("orders")[0]
read["foreign key"] = [key["constrained_columns"], key["referred_table"], key["referred_columns"]]
reflected = MetaData()
reflected.reflect(engine)
read["columns"] = [[c.name, str(c.type), c.nullable, c.comment] for c in reflected.tables["customers"].columns]
Base.metadata.drop_all(engine)
read["left"] = inspect(engine).get_table_names()
print(json.dumps(read))
