import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.sql import State


def test_start_state(client, warehouse_id):
    warehouses = list(client.warehouses.list())
    assert [(w.id, w.name, w.state) for w in warehouses] == [(warehouse_id, "Starter Warehouse", State.STOPPED)]
    assert warehouses[0].enable_serverless_compute is True
    assert warehouses[0].odbc_params.path == f"/sql/1.0/warehouses/{warehouse_id}"


def test_start_and_stop(client, warehouse_id):
    assert client.warehouses.start(warehouse_id).result().state == State.RUNNING
    assert client.warehouses.get(warehouse_id).state == State.RUNNING
    assert client.warehouses.stop(warehouse_id).result().state == State.STOPPED


def test_starts_when_used(client, warehouse_id, sql):
    assert sql("SELECT 1") == [["1"]]
    assert client.warehouses.get(warehouse_id).state == State.RUNNING


def test_unknown(client):
    with pytest.raises((NotFound, BadRequest, PermissionDenied)) as missing:
        client.warehouses.get("0123456789abcdef")
    assert "0123456789abcdef" in str(missing.value)
