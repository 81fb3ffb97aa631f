"""databricks-sqlalchemy: a round trip through the ORM, and what it reflects. Needs the environment of dbt (see test_dbt.py)."""

import json
import pathlib
import subprocess

import pytest

from conftest import TOKEN
from test_dbt import PYTHON

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="databricks-sqlalchemy is not installed: make .venv-dbt/.ready")


@pytest.fixture(scope="module")
def read(shared_server):
    script = pathlib.Path(__file__).parent / "sqlalchemy_run.py"
    arguments = [str(PYTHON), str(script), shared_server.host, shared_server.exports["DATABRICKS_WAREHOUSE_ID"], TOKEN]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_rows_through_the_orm(read):
    assert read["ada"] == ["Ada", "1815-12-10", "12.50", "2026-01-01 02:03:04", True]
    assert read["grace"] == [None, None]
    assert read["joined"] == [["Ada Lovelace", 10]] and read["count"] == 1


def test_reflection(read):
    assert read["tables"] == ["customers", "orders"] and read["has"] == [True, False] and read["left"] == []
    assert read["columns"] == [
        ["id", "BIGINT", False, None], ["name", "VARCHAR", False, "who"], ["born", "DATE", True, None],
        ["credit", "NUMERIC(10, 2)", True, None], ["seen", "DATETIME", True, None], ["active", "BOOLEAN", True, None],
    ]
    assert read["primary key"] == ["id"]
    assert read["foreign key"] == [["customer_id"], "customers", ["id"]]
