"""What the published API does not know is refused by name with --strict, and told of in the journal without."""

import pytest
from databricks.sdk.service.sql import Disposition, Format, QueryFilter

from conftest import Server, TOKEN, workspace_client


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--strict")
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("method, path, body, name", [
    ("POST", "/api/2.0/sql/statements", {"statement": "SELECT 1", "warehouse_id": "x", "wait_timout": "5s"}, "wait_timout"),
    ("POST", "/api/2.0/sql/statements", {"statement": "SELECT 1", "warehouse_id": "x", "format": "PARQUET"}, "PARQUET"),
    ("POST", "/api/2.0/sql/statements", {"statement": "x", "warehouse_id": "x", "parameters": [{"nme": "a"}]}, "parameters[0].nme"),
    ("GET", "/api/2.1/unity-catalog/catalogs?max_result=3", None, "max_result"),
    ("GET", "/api/2.0/sql/history/queries?filter_by.warehouse=3", None, "filter_by.warehouse"),
    ("POST", "/api/2.1/clusters/create", {"spark_version": "16.4.x-scala2.12", "autoscale": {"min": 1}}, "autoscale.min"),
    ("POST", "/api/2.0/clusters/create", {"spark_version": "16.4.x-scala2.12", "nodes": 1}, "nodes"),
    ("PATCH", "/api/2.0/permissions/warehouses/0123456789abcdef", {"access_control_list": [{"permission_level": "CAN_FLY"}]}, "CAN_FLY"),
])
def test_the_unknown_is_refused_by_name(server, method, path, body, name):
    answer = server.request(method, path, body)
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert name in answer.json["message"]


def test_clients_work(server, client, warehouse_id):
    made = client.statement_execution.execute_statement(
        statement="SELECT 1", warehouse_id=warehouse_id, disposition=Disposition.EXTERNAL_LINKS, format=Format.ARROW_STREAM, row_limit=3)
    assert made.result.external_links
    session = server.request("POST", "/api/2.0/sql/sessions/", {"warehouse_id": warehouse_id, "anything": 1}).json["session_id"]
    body = {"statement": "SELECT 1", "warehouse_id": warehouse_id, "session_id": session, "result_compression": "NONE"}
    assert server.request("POST", "/api/2.0/sql/statements/", body).json["result"]["data_array"] == [["1"]]
    client.query_history.list(filter_by=QueryFilter(warehouse_ids=[warehouse_id]), include_metrics=True)
    client.schemas.create("strict", "main")
    client.users.create(user_name="u@example.com")
    group = client.groups.create(display_name="g")
    client.groups.delete(group.id)
    assert {c.name for c in client.catalogs.list()} >= {"main"}


def test_without_it_the_journal_tells(start):
    server = start("serve", "--port", 0)
    path = "/api/2.1/unity-catalog/schemas"
    assert server.request("POST", path, {"name": "s", "catalog_name": "main", "commment": "x"}).status == 200
    assert server.request("GET", path + "?catalog_name=main&max_result=1").status == 200
    client = workspace_client(server, token=TOKEN)
    client.schemas.get("main.s")
    told = [e.get("unknown_fields") for e in server.control("GET", "journal").json["exchanges"] if "unity-catalog" in e["path"]]
    assert told == [["commment"], ["max_result"], None]
