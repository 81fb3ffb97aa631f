"""Statements that would never end: they end when they are cancelled, or when their time is over, and their workers are free again."""

import pytest

STATEMENTS = "/api/2.0/sql/statements"
ENDLESS = {
    "a script's WHILE": "BEGIN DECLARE i BIGINT = 0; WHILE true DO SET i = i + 1; END WHILE; END",
    "a script's LOOP with a handler": """BEGIN DECLARE i INT = 0; DECLARE EXIT HANDLER FOR SQLEXCEPTION SELECT 'caught';
        LOOP SET i = 1; END LOOP; END""",
    "a recursive query": """WITH RECURSIVE r(n) MAX RECURSION LEVEL 1000000000 AS (SELECT 1L UNION ALL SELECT n + 1 FROM r)
        SELECT max(a.n) FROM r a, range(1000000000000) b""",
    "a product of tables": "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.id + b.id < 0",
    "a fold": "SELECT aggregate(sequence(1, 3000000), 0L, (s, x) -> s + x + a.id) FROM range(1) a",
}
# These go on for long within one call of a function.
ENDLESS_CALLS = {
    "a regular expression": "SELECT regexp_like(repeat('a', 60) || 'b' || id, '(a+)+c') FROM range(1)",
    "an edit distance": "SELECT levenshtein(repeat('a', 900000), repeat('b', 900000))",
    "a pattern": "SELECT repeat('a', 3000000) LIKE '%' || repeat('a', 100000) || '_b'",
    "lambdas": "SELECT size(transform(sequence(1, 1000000), x -> size(transform(sequence(1, 1000000), y -> x * y))))",
    "a sort": "SELECT id FROM range(90000000) ORDER BY hash(id)",
}


def submit(server, warehouse_id, sql, **fields):
    answer = server.request("POST", STATEMENTS, {"warehouse_id": warehouse_id, "statement": sql, "wait_timeout": "0s", **fields})
    assert answer.status == 200, answer.body
    return answer.json


def state(server, statement_id):
    return server.request("GET", f"{STATEMENTS}/{statement_id}").json["status"]


def ended(server, statement_id):
    """Its status when it has ended; another statement, which waits, lets the time pass."""
    while True:
        status = state(server, statement_id)
        if status["state"] not in ("PENDING", "RUNNING"):
            return status


@pytest.mark.parametrize("sql", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_timeout_ends_a_statement(server, warehouse_id, sql):
    session = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": warehouse_id}).json["session_id"]
    submitted = submit(server, warehouse_id, "SET STATEMENT_TIMEOUT = 1", session_id=session, wait_timeout="30s")
    assert submitted["status"]["state"] == "SUCCEEDED"
    status = ended(server, submit(server, warehouse_id, sql, session_id=session)["statement_id"])
    assert status["state"] == "FAILED" and "[QUERY_EXECUTION_TIMEOUT_EXCEEDED]" in status["error"]["message"], status
    assert "1 seconds" in status["error"]["message"] and "STATEMENT_TIMEOUT" in status["error"]["message"]


def test_cancelled_statements_leave_their_workers(server, warehouse_id):
    """More of them than there are workers; what comes behind can run only when these are free again."""
    running = [submit(server, warehouse_id, sql)["statement_id"] for sql in [*ENDLESS.values(), *ENDLESS_CALLS.values()] for _ in range(3)]
    for statement_id in running:
        assert server.request("POST", f"{STATEMENTS}/{statement_id}/cancel", {}).status == 200
        assert state(server, statement_id)["state"] == "CANCELED"
    assert submit(server, warehouse_id, "SELECT 6 * 7", wait_timeout="30s")["result"]["data_array"] == [["42"]]


def test_on_wait_timeout_cancels(server, warehouse_id):
    sql = ENDLESS["a script's WHILE"]
    answer = submit(server, warehouse_id, sql, wait_timeout="5s", on_wait_timeout="CANCEL")
    assert answer["status"]["state"] == "CANCELED"
    assert state(server, answer["statement_id"])["state"] == "CANCELED"


def test_the_setting(server, warehouse_id):
    session = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": warehouse_id, "session_confs": {"STATEMENT_TIMEOUT": "77"}})
    session = session.json["session_id"]

    def run(sql):
        return submit(server, warehouse_id, sql, session_id=session, wait_timeout="30s")

    assert run("SET STATEMENT_TIMEOUT")["result"]["data_array"] == [["STATEMENT_TIMEOUT", "77"]]
    assert run("RESET STATEMENT_TIMEOUT")["status"]["state"] == "SUCCEEDED"
    assert run("SET STATEMENT_TIMEOUT")["result"]["data_array"] == [["STATEMENT_TIMEOUT", "172800"]]
    for value in ("soon", "-1", "1.5"):
        assert "[INVALID_CONF_VALUE.TYPE_MISMATCH]" in run(f"SET STATEMENT_TIMEOUT = {value}")["status"]["error"]["message"], value


def test_a_warehouse_has_a_timeout_of_its_own(server, warehouse_id):
    made = server.request("POST", "/api/2.0/sql/warehouses", {"name": "hurried", "cluster_size": "2X-Small", "statement_timeout": 1})
    assert made.status == 200, made.body
    sql = ENDLESS["a product of tables"]
    status = ended(server, submit(server, made.json["id"], sql)["statement_id"])
    assert "[QUERY_EXECUTION_TIMEOUT_EXCEEDED]" in status["error"]["message"] and "1 seconds" in status["error"]["message"], status
    session = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": made.json["id"], "session_confs": {"STATEMENT_TIMEOUT": "2"}})
    status = ended(server, submit(server, made.json["id"], sql, session_id=session.json["session_id"])["statement_id"])
    assert "2 seconds" in status["error"]["message"], status


def test_what_does_not_fit_in_memory_is_said(server, warehouse_id):
    status = submit(server, warehouse_id, "SELECT length(repeat('a', 2000000000))", wait_timeout="30s")["status"]
    assert status["state"] == "FAILED" and status["error"]["message"].startswith("[EXCEED_LIMIT_LENGTH]"), status
    sql = "SELECT size(array_repeat(array_repeat(1, 100000), 100000))"
    status = submit(server, warehouse_id, sql, wait_timeout="30s")["status"]
    assert status["state"] == "FAILED" and status["error"]["message"].startswith("[UNABLE_TO_ACQUIRE_MEMORY]"), status
