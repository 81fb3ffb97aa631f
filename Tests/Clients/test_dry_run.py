"""Statements that are checked and not run (`?dry_run=true`), by databricks-sdk's own HTTP client."""

import pytest
from databricks.sdk.service.sql import StatementResponse


@pytest.fixture
def dry(client, warehouse_id):
    def run(statement, **body):
        answer = client.api_client.do(
            "POST", "/api/2.0/sql/statements", query={"dry_run": "true"},
            body={"statement": statement, "warehouse_id": warehouse_id, **body})
        assert answer["dry_run"] is True and "statement_id" not in answer and "result" not in answer
        return answer

    return run


def columns(answer):
    parsed = StatementResponse.from_dict(answer)
    assert parsed.status.state.value == "SUCCEEDED", answer
    assert (parsed.manifest.total_row_count, parsed.manifest.total_chunk_count) == (0, 0)
    return [(c.name, c.type_text) for c in parsed.manifest.schema.columns or []]


def refused(answer):
    assert answer["status"]["state"] == "FAILED" and "manifest" not in answer, answer
    return answer["status"]["error"]["message"]


def test_a_query_shows_its_schema_and_nothing_runs(dry, sql, client, warehouse_id):
    sql("CREATE TABLE t (id INT, name STRING)")
    sql("INSERT INTO t VALUES (1, 'a')")
    assert columns(dry("SELECT id + 1L AS n, name, 1 / 0 AS boom FROM t WHERE id = :id", parameters=[
        {"name": "id", "value": "1", "type": "INT"}])) == [("n", "BIGINT"), ("name", "STRING"), ("boom", "DOUBLE")]
    assert "UNBOUND_SQL_PARAMETER" in refused(dry("SELECT :id"))
    assert "UNRESOLVED_COLUMN" in refused(dry("SELECT nothing FROM t"))
    assert "TABLE_OR_VIEW_NOT_FOUND" in refused(dry("SELECT * FROM missing"))
    answer = dry("SELECT 1 +")
    assert "PARSE_SYNTAX_ERROR" in refused(answer) and answer["status"]["sql_state"] == "42601"
    texts = [q.query_text for q in client.query_history.list(max_results=100).res]
    assert texts == ["INSERT INTO t VALUES (1, 'a')", "CREATE TABLE t (id INT, name STRING)"]


def test_changes_are_checked_and_not_made(dry, sql):
    sql("CREATE TABLE t (id INT NOT NULL, name STRING)")
    sql("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    before = sql("DESCRIBE HISTORY t")
    assert columns(dry("INSERT INTO t VALUES (3, 'c')")) == [("num_affected_rows", "BIGINT"), ("num_inserted_rows", "BIGINT")]
    assert "INSERT_COLUMN_ARITY_MISMATCH" in refused(dry("INSERT INTO t VALUES (1, 'a', 2)"))
    assert "UNRESOLVED_COLUMN" in refused(dry("INSERT INTO t (id, nix) VALUES (1, 'a')"))
    assert columns(dry("UPDATE t SET name = upper(name) WHERE id = 1")) == [("num_affected_rows", "BIGINT")]
    assert "UNRESOLVED_COLUMN" in refused(dry("UPDATE t SET name = nix"))
    assert columns(dry("DELETE FROM t")) == [("num_affected_rows", "BIGINT")]
    merge = "MERGE INTO t USING (SELECT 1 AS id, 'x' AS name) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.{}"
    assert [name for name, _ in columns(dry(merge.format("name")))] == [
        "num_affected_rows", "num_updated_rows", "num_deleted_rows", "num_inserted_rows"]
    assert "DELTA_MERGE_UNRESOLVED_EXPRESSION" in refused(dry(merge.format("nix")))
    assert columns(dry("ALTER TABLE t ADD COLUMN more INT")) == []
    assert "FIELD_ALREADY_EXISTS" in refused(dry("ALTER TABLE t ADD COLUMN name INT"))
    assert columns(dry("DROP TABLE t")) == []
    assert columns(dry("TRUNCATE TABLE t")) == []
    assert columns(dry("OPTIMIZE t"))[0][0] == "path"
    assert sql("DESCRIBE HISTORY t") == before
    assert sql("SELECT * FROM t ORDER BY id") == [["1", "a"], ["2", "b"]]


def test_objects_are_not_made(dry, sql, server):
    assert columns(dry("CREATE TABLE made AS SELECT id, id * 2 AS twice FROM range(1000000000)"))[0][0] == "num_affected_rows"
    assert columns(dry("CREATE SCHEMA other")) == []
    assert "SCHEMA_ALREADY_EXISTS" in refused(dry("CREATE SCHEMA default"))
    assert columns(dry("CREATE VIEW v AS SELECT 1 AS one")) == []
    assert "TABLE_OR_VIEW_NOT_FOUND" in refused(dry("CREATE VIEW v AS SELECT * FROM nix"))
    assert "TABLE_OR_VIEW_NOT_FOUND" in refused(dry("BEGIN CREATE TABLE made (a INT); SELECT * FROM nix; END"))
    assert columns(dry("BEGIN CREATE TABLE made (a INT); INSERT INTO made VALUES (7); SELECT a FROM made; END")) == [("a", "INT")]
    assert columns(dry("SHOW TABLES")) == [("database", "STRING"), ("tableName", "STRING"), ("isTemporary", "BOOLEAN")]
    assert sql("SHOW TABLES") == []
    assert [row[0] for row in sql("SHOW SCHEMAS")] == ["default", "information_schema"]
    assert refused(dry("LOAD DATA INPATH '/x' INTO TABLE y"))


def test_sessions_and_warehouses_stay_as_they_are(dry, client, server, warehouse_id):
    session = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": warehouse_id, "catalog": "main", "schema": "default"}).json
    session_id = session["session_id"]
    run = lambda text: client.api_client.do("POST", "/api/2.0/sql/statements", body={
        "statement": text, "warehouse_id": warehouse_id, "session_id": session_id})["result"]["data_array"]
    client.statement_execution.execute_statement("CREATE SCHEMA main.second", warehouse_id)
    assert columns(dry("USE SCHEMA second", session_id=session_id)) == []
    assert run("SELECT current_schema()") == [["default"]]
    client.warehouses.stop_and_wait(warehouse_id)
    assert columns(dry("SELECT 1 AS one")) == [("one", "INT")]
    assert client.warehouses.get(warehouse_id).state.value == "STOPPED"
    answer = server.request("POST", "/api/2.0/sql/statements?dry_run=true", {"statement": "SELECT 1", "warehouse_id": "0123456789abcdef"})
    assert answer.status in (403, 404) and "manifest" not in answer.json


def test_privileges_are_checked(dry, sql, server, warehouse_id):
    sql("CREATE TABLE closed (id INT)")
    principal = server.request("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "reader"}).json
    made = server.request("POST", "/api/2.0/token-management/on-behalf-of/tokens", {"application_id": principal["applicationId"]}).json
    server.request("PATCH", f"/api/2.0/permissions/warehouses/{warehouse_id}", {"access_control_list": [
        {"service_principal_name": principal["applicationId"], "permission_level": "CAN_USE"}]})

    def message(text):
        answer = server.request("POST", "/api/2.0/sql/statements?dry_run=true", {
            "statement": text, "warehouse_id": warehouse_id}, token=made["token_value"]).json
        return answer["status"].get("error", {}).get("message", "")

    for text in ["SELECT * FROM closed", "INSERT INTO closed VALUES (1)", "DROP TABLE closed", "CREATE SCHEMA mine"]:
        assert "PERMISSION_DENIED" in message(text) or "INSUFFICIENT_PERMISSIONS" in message(text), (text, message(text))
    assert message("SELECT 1") == ""
