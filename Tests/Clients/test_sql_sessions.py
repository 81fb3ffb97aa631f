"""Sessions of the statements API: what SQL leaves behind in one reaches its next statement, and nothing else."""


def open_session(server, warehouse_id, **fields):
    answer = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": warehouse_id, **fields})
    assert answer.status == 200, answer.body
    return answer.json["session_id"]


def run(server, warehouse_id, sql, session=None):
    body = {"statement": sql, "warehouse_id": warehouse_id, "wait_timeout": "30s"}
    if session:
        body["session_id"] = session
    return server.request("POST", "/api/2.0/sql/statements", body)


def rows(answer):
    assert answer.json["status"]["state"] == "SUCCEEDED", answer.body
    return answer.json.get("result", {}).get("data_array", [])


def test_temporary_objects_live_in_their_session_alone(server, warehouse_id):
    one, other = open_session(server, warehouse_id), open_session(server, warehouse_id)
    for sql in ["CREATE TEMPORARY VIEW v AS SELECT 7 AS n", "DECLARE VARIABLE x INT DEFAULT 2",
                "CREATE TEMPORARY FUNCTION f(a INT) RETURNS INT RETURN a * 10"]:
        assert run(server, warehouse_id, sql, one).json["status"]["state"] == "SUCCEEDED"
    assert rows(run(server, warehouse_id, "SELECT f(n) + x FROM v", one)) == [["72"]]
    for session in (other, None):
        failed = run(server, warehouse_id, "SELECT n FROM v", session).json["status"]
        assert failed["state"] == "FAILED" and "[TABLE_OR_VIEW_NOT_FOUND]" in failed["error"]["message"]


def test_a_session_starts_with_what_it_is_given(server, warehouse_id):
    session = open_session(
        server, warehouse_id, catalog="samples", schema="tpch", session_confs={"timezone": "Europe/Berlin", "ANSI_MODE": "false"})
    assert rows(run(server, warehouse_id, "SELECT current_catalog(), current_schema(), current_timezone(), 1 / 0", session)) == [
        ["samples", "tpch", "Europe/Berlin", None]]
    refused = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": warehouse_id, "session_confs": {"no.such": "1"}})
    assert (refused.status, refused.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_a_closed_session_is_gone(server, warehouse_id):
    session = open_session(server, warehouse_id)
    path = f"/api/2.0/sql/sessions/{session}?warehouse_id={warehouse_id}"
    assert server.request("DELETE", path).json == {}
    assert run(server, warehouse_id, "SELECT 1", session).status == 404
    assert server.request("DELETE", path).json == {}


def test_rows_change_and_functions_last(server, warehouse_id):
    session = open_session(server, warehouse_id)
    for sql in ["CREATE TABLE t (id INT, s STRING DEFAULT 'new', a ARRAY<INT>) PARTITIONED BY (id) TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                "INSERT INTO t (id, a) VALUES (1, array(1, 2)), (2, NULL), (3, array())",
                "CREATE FUNCTION main.default.twice(x INT) RETURNS INT RETURN 2 * x"]:
        rows(run(server, warehouse_id, sql, session))
    assert rows(run(server, warehouse_id, "UPDATE t SET s = concat(s, '!') WHERE twice(id) > 2", session)) == [["2"]]
    assert rows(run(server, warehouse_id, "DELETE FROM t WHERE id = 3", session)) == [["1"]]
    assert rows(run(server, warehouse_id, "SELECT id, s, size(a) FROM t ORDER BY id", session)) == [["1", "new", "2"], ["2", "new!", None]]
    history = rows(run(server, warehouse_id, "SELECT count(*) FROM t VERSION AS OF 1", session))
    assert history == [["3"]]
    assert rows(run(server, warehouse_id, "SELECT main.default.twice(4)")) == [["8"]]
