"""Several flows into one streaming table, and the event log by SQL."""

import json

import pytest
from databricks.sdk import WorkspaceClient

from test_pipelines import make, notebook, run, sql, w  # noqa: F401: fixtures

FLOWS = """-- Databricks notebook source
CREATE OR REFRESH STREAMING TABLE everything (CONSTRAINT positive EXPECT (amount > 0) ON VIOLATION DROP ROW) COMMENT 'of both';
-- COMMAND ----------
CREATE FLOW first AS INSERT INTO everything BY NAME SELECT id, amount, 'orders' AS source FROM STREAM(main.raw.orders);
-- COMMAND ----------
CREATE FLOW second COMMENT 'later' AS INSERT INTO LIVE_TABLE BY NAME SELECT 'returns' AS source, amount, id FROM STREAM main.raw.returns;
-- COMMAND ----------
CREATE OR REFRESH MATERIALIZED VIEW sums AS SELECT source, sum(amount) AS total FROM everything GROUP BY source;
""".replace("LIVE_TABLE", "main.gold.everything")


@pytest.fixture
def flows(w):
    sql(w, "CREATE TABLE main.raw.returns (id INT, amount INT)")
    sql(w, "INSERT INTO main.raw.returns VALUES (7, 3), (8, -1)")
    return make(w, FLOWS)


def rows(w):
    return sql(w, "SELECT * FROM main.gold.everything ORDER BY source, id")


def test_flows_append_by_name(w, flows, server):
    assert run(w, flows).state.value == "COMPLETED"
    assert rows(w) == [["1", "10", "orders"], ["3", "7", "orders"], ["200", "1", "orders"], ["7", "3", "returns"]]
    assert sql(w, "SELECT * FROM main.gold.sums ORDER BY source") == [["orders", "18"], ["returns", "3"]]
    assert w.tables.get("main.gold.everything").comment == "of both"
    # Each flow reads what is new in its own source.
    sql(w, "INSERT INTO main.raw.returns VALUES (9, 4)")
    run(w, flows)
    sql(w, "INSERT INTO main.raw.orders VALUES (4, 2, 'b')")
    run(w, flows)
    run(w, flows)
    assert rows(w) == [["1", "10", "orders"], ["3", "7", "orders"], ["4", "2", "orders"], ["200", "1", "orders"], ["7", "3", "returns"],
                       ["9", "4", "returns"]]
    # A full refresh begins the table anew once, and reads both sources whole.
    sql(w, "DELETE FROM main.raw.orders WHERE id = 200")
    assert run(w, flows).state.value == "FAILED"
    ended = run(w, flows, full_refresh=True)
    assert ended.state.value == "COMPLETED", server.request("GET", f"/api/2.0/pipelines/{flows}/events?max_results=9").json
    assert rows(w) == [["1", "10", "orders"], ["3", "7", "orders"], ["4", "2", "orders"], ["7", "3", "returns"], ["9", "4", "returns"]]
    events = server.request("GET", f"/api/2.0/pipelines/{flows}/events?max_results=250").json["events"]
    done = {(e["origin"]["flow_name"], e["origin"]["dataset_name"]) for e in events if e["level"] == "METRICS"}
    assert done == {("main.gold.first", "main.gold.everything"), ("main.gold.second", "main.gold.everything"), ("main.gold.sums",) * 2}
    defined = [e["origin"]["dataset_name"] for e in events if e["event_type"] == "dataset_definition"]
    assert set(defined) == {"main.gold.everything", "main.gold.sums"}


def test_validation_and_selection(w, flows, server):
    ended = run(w, flows, validate_only=True)
    assert ended.state.value == "COMPLETED", [e["message"] + json.dumps(e.get("error")) for e in server.request(
        "GET", f"/api/2.0/pipelines/{flows}/events?max_results=9").json["events"] if e["level"] == "ERROR"]
    assert not list(w.schemas.list("main")) or "everything" not in [t.name for t in w.tables.list("main", "gold")]
    assert run(w, flows, refresh_selection=["everything"]).state.value == "COMPLETED"
    assert len(rows(w)) == 4 and "sums" not in [t.name for t in w.tables.list("main", "gold")]


@pytest.mark.parametrize("text, message", [
    ("CREATE STREAMING TABLE t;", "has no query and no flow"),
    ("CREATE FLOW f AS INSERT INTO t BY NAME SELECT 1 AS a FROM STREAM main.raw.orders;", "which is no streaming table"),
    ("CREATE STREAMING TABLE t; CREATE STREAMING TABLE t; CREATE FLOW f AS INSERT INTO t BY NAME SELECT id FROM STREAM main.raw.orders;",
     "duplicate dataset"),
    ("CREATE STREAMING TABLE t; CREATE FLOW f AS INSERT INTO t SELECT id FROM STREAM main.raw.orders;", "BY NAME"),
    ("CREATE STREAMING TABLE t (a INT, b INT); CREATE FLOW f AS INSERT INTO t BY NAME SELECT id AS a FROM STREAM main.raw.orders;",
     "columns are not those of its table"),
])
def test_what_is_refused(w, server, text, message):
    id = make(w, text, name="bad")
    assert run(w, id).state.value == "FAILED"
    events = server.request("GET", f"/api/2.0/pipelines/{id}/events?max_results=250").json["events"]
    assert any(message in json.dumps(e) for e in events), events


def test_the_event_log_by_sql(w, flows, server):
    update = run(w, flows).update_id
    log = f"event_log('{flows}')"
    columns = [row[:2] for row in sql(w, f"DESCRIBE QUERY SELECT * FROM {log}")]
    assert columns == [
        ["id", "string"], ["sequence", "string"], ["origin", "string"], ["timestamp", "timestamp"], ["message", "string"], ["level", "string"],
        ["maturity_level", "string"], ["error", "string"], ["details", "string"], ["event_type", "string"]]
    events = server.request("GET", f"/api/2.0/pipelines/{flows}/events?max_results=250&order_by=timestamp").json["events"]
    assert [row[0] for row in sql(w, f"SELECT id FROM {log}")] == [e["id"] for e in events]
    assert sql(w, f"SELECT details:flow_progress.metrics.num_output_rows FROM {log} WHERE origin:flow_name = 'main.gold.first' AND level = 'METRICS'"
               ) == [["3"]]
    assert sql(w, f"SELECT DISTINCT origin:update_id FROM {log}") == [[update]]
    assert sql(w, "SELECT count(*) FROM event_log(TABLE(main.gold.sums))") == [[str(len(events))]]
    sql(w, f"CREATE VIEW main.gold.log AS SELECT event_type, message FROM {log}")
    assert ["create_update"] in [row[:1] for row in sql(w, "SELECT * FROM main.gold.log")]


def test_the_event_log_is_its_owners(w, flows, server):
    run(w, flows)
    made = w.service_principals.create(display_name="other")
    token = w.token_management.create_obo_token(made.application_id, lifetime_seconds=600).token_value
    other = WorkspaceClient(host=server.host, token=token)
    warehouse = next(iter(w.warehouses.list())).id
    w.api_client.do("PATCH", f"/api/2.0/permissions/warehouses/{warehouse}", body={"access_control_list": [
        {"service_principal_name": made.application_id, "permission_level": "CAN_USE"}]})
    answer = other.statement_execution.execute_statement(f"SELECT * FROM event_log('{flows}')", warehouse)
    assert "INSUFFICIENT_PERMISSIONS" in answer.status.error.message
    assert "does not exist" in sql(w, "SELECT * FROM event_log('00000000-0000-0000-0000-000000000000')", "FAILED")
    assert "no streaming table" in sql(w, "SELECT * FROM event_log(TABLE(main.raw.orders))", "FAILED")
