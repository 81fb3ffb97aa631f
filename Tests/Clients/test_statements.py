"""Statement execution by databricks-sdk: values, manifests, failures."""

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service.sql import Disposition, Format, StatementParameterListItem, StatementState


@pytest.fixture
def failing(client, warehouse_id):
    def run(statement, **options):
        answer = client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id, **options)
        assert answer.status.state == StatementState.FAILED, answer
        assert answer.manifest is None and answer.result is None
        assert answer.status.error.error_code.value == "BAD_REQUEST"
        return answer.status.error.message

    return run


@pytest.fixture
def shop(sql):
    sql("CREATE TABLE main.default.customers (id INT, name STRING, vip BOOLEAN)")
    sql("CREATE TABLE main.default.orders (id BIGINT, customer INT, amount DECIMAL(10,2), weight DOUBLE, day DATE, placed TIMESTAMP)")
    sql("INSERT INTO main.default.customers VALUES (1, 'Ann', true), (2, 'Bob', false), (3, 'Cem', NULL)")
    sql("""INSERT INTO main.default.orders VALUES
             (10, 1, 12.50, 1.5, DATE'2026-01-01', TIMESTAMP'2026-01-01 08:00:00'),
             (11, 1, 7.25, 2.25, DATE'2026-01-02', TIMESTAMP'2026-01-02 09:30:15.5'),
             (12, 2, 100.00, NULL, DATE'2026-01-02', NULL),
             (13, 9, NULL, 0.5, NULL, TIMESTAMP'2026-01-03 00:00:00')""")


def test_types_and_text(client, warehouse_id, shop):
    answer = client.statement_execution.execute_statement(
        "SELECT * FROM main.default.orders ORDER BY id", warehouse_id=warehouse_id)
    assert [(c.name, c.type_text, c.type_name.value, c.position) for c in answer.manifest.schema.columns] == [
        ("id", "BIGINT", "LONG", 0), ("customer", "INT", "INT", 1), ("amount", "DECIMAL(10,2)", "DECIMAL", 2),
        ("weight", "DOUBLE", "DOUBLE", 3), ("day", "DATE", "DATE", 4), ("placed", "TIMESTAMP", "TIMESTAMP", 5)]
    assert (answer.manifest.schema.columns[2].type_precision, answer.manifest.schema.columns[2].type_scale) == (10, 2)
    assert (answer.manifest.total_row_count, answer.manifest.total_chunk_count, answer.manifest.truncated) == (4, 1, False)
    assert answer.result.data_array == [
        ["10", "1", "12.50", "1.5", "2026-01-01", "2026-01-01T08:00:00.000Z"],
        ["11", "1", "7.25", "2.25", "2026-01-02", "2026-01-02T09:30:15.500Z"],
        ["12", "2", "100.00", None, "2026-01-02", None],
        ["13", "9", None, "0.5", None, "2026-01-03T00:00:00.000Z"]]


def test_join_group_order(sql, shop):
    assert sql("""SELECT c.name, count(o.id) AS n, sum(o.amount) AS total, avg(o.weight)
                  FROM main.default.customers c LEFT JOIN main.default.orders o ON c.id = o.customer
                  GROUP BY c.name HAVING count(*) > 0 ORDER BY total DESC NULLS LAST, c.name""") == [
        ["Bob", "1", "100.00", None], ["Ann", "2", "19.75", "1.875"], ["Cem", "0", None, None]]
    assert sql("SELECT count(*) FROM main.default.orders WHERE customer NOT IN (SELECT id FROM main.default.customers)") == [["1"]]
    assert sql("SELECT name FROM main.default.customers WHERE vip IS NULL OR NOT vip ORDER BY name DESC LIMIT 1") == [["Cem"]]


def test_parameters(sql, shop):
    rows = sql(
        "SELECT :n + 1 AS n, :s AS s, :d AS d, :nothing AS nothing, id FROM main.default.orders WHERE amount > :least",
        parameters=[
            StatementParameterListItem(name="n", value="41", type="INT"), StatementParameterListItem(name="s", value="x'y"),
            StatementParameterListItem(name="d", value="2026-02-03", type="DATE"),
            StatementParameterListItem(name="nothing", type="INT"),
            StatementParameterListItem(name="least", value="50.5", type="DECIMAL(10,2)")])
    assert rows == [["42", "x'y", "2026-02-03", None, "12"]]


def test_missing_parameter(failing):
    assert "[UNBOUND_SQL_PARAMETER]" in failing("SELECT :a")


def test_insert_reports_rows(client, warehouse_id, sql):
    sql("CREATE TABLE main.default.t (id INT)")
    answer = client.statement_execution.execute_statement(
        "INSERT INTO main.default.t VALUES (1), (2), (3)", warehouse_id=warehouse_id)
    assert [(c.name, c.type_name.value) for c in answer.manifest.schema.columns] == [
        ("num_affected_rows", "LONG"), ("num_inserted_rows", "LONG")]
    assert answer.result.data_array == [["3", "3"]]


def test_ddl_has_no_columns(server, warehouse_id):
    answer = server.request("POST", "/api/2.0/sql/statements/", {
        "warehouse_id": warehouse_id, "statement": "CREATE TABLE main.default.d (id INT)", "wait_timeout": "30s"}).json
    assert list(answer) == ["statement_id", "status", "manifest", "result"]
    assert answer["status"] == {"state": "SUCCEEDED"}
    assert answer["manifest"]["schema"] == {"column_count": 0}
    assert answer["result"] == {}


def test_history_and_time_travel(sql):
    sql("CREATE TABLE main.default.h (id INT)")
    sql("INSERT INTO main.default.h VALUES (1)")
    sql("INSERT INTO main.default.h VALUES (2), (3)")
    history = sql("DESCRIBE HISTORY main.default.h")
    assert [(row[0], row[4]) for row in history] == [("2", "WRITE"), ("1", "WRITE"), ("0", "CREATE TABLE")]
    assert history[0][3] == "admin@example.com"
    assert sql("SELECT count(*), sum(id) FROM main.default.h VERSION AS OF 1") == [["1", "1"]]
    assert sql("SELECT * FROM main.default.h@v0") == []
    assert sql("SELECT id FROM main.default.h ORDER BY 1") == [["1"], ["2"], ["3"]]


def test_same_data_over_both_doors(client, sql):
    sql("CREATE SCHEMA main.gold")
    assert client.schemas.get("main.gold").name == "gold"
    client.schemas.create("silver", "main")
    assert sql("SHOW SCHEMAS IN main") == [["default"], ["gold"], ["information_schema"], ["silver"]]
    sql("CREATE TABLE main.silver.t AS SELECT 1 AS one, 'x' AS letter")
    assert [c.name for c in client.tables.get("main.silver.t").columns] == ["one", "letter"]
    sql("DROP TABLE main.silver.t")
    with pytest.raises(NotFound):
        client.tables.get("main.silver.t")


@pytest.mark.parametrize("statement, condition, state", [
    ("SELEC 1", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT * FROM main.default.nowhere", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("SELECT nam FROM (SELECT 1 AS name)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
    ("SELECT 1 / 0", "DIVIDE_BY_ZERO", "22012"),
    ("SELECT 2147483647 + 1", "ARITHMETIC_OVERFLOW", "22003"),
    ("SELECT CAST('x' AS INT)", "CAST_INVALID_INPUT", "22018"),
    ("SELECT no_such_function(1)", "UNRESOLVED_ROUTINE", "42883"),
    ("SELECT sum(1) OVER (", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR", "42601"),
])
def test_failures_have_condition_and_state(failing, statement, condition, state):
    message = failing(statement)
    assert f"[{condition}]" in message
    assert f"SQLSTATE: {state}" in message


@pytest.mark.parametrize("statement", [
    "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "SELECT " + "- " * 10_000 + "1",
    "SELECT " + "NOT " * 10_000 + "true",
    "SELECT " + "CASE WHEN true THEN " * 5_000 + "1" + " END" * 5_000,
    "SELECT * FROM " + "(SELECT * FROM " * 5_000 + "t" + ")" * 5_000,
    "SELECT " + "array(" * 10_000 + "1" + ")" * 10_000,
    "SELECT CAST(NULL AS " + "ARRAY<" * 10_000 + "INT" + ">" * 10_000 + ")",
])
def test_deep_nesting_is_an_error_of_the_statement(failing, sql, statement):
    assert "[" in failing(statement)
    assert sql("SELECT 1") == [["1"]]


def test_long_chains(client, warehouse_id, sql):
    answer = client.statement_execution.execute_statement("SELECT " + "+".join(["1"] * 400), warehouse_id=warehouse_id)
    assert answer.result.data_array == [["400"]]
    client.statement_execution.execute_statement("SELECT " + "+".join(["1"] * 50_000), warehouse_id=warehouse_id)
    assert sql("SELECT 1") == [["1"]]


def test_poll_and_close(client, warehouse_id):
    answer = client.statement_execution.execute_statement("SELECT 5", warehouse_id=warehouse_id, wait_timeout="0s")
    assert answer.status.state == StatementState.PENDING
    assert answer.manifest is None
    for _ in range(1000):
        polled = client.statement_execution.get_statement(answer.statement_id)
        if polled.status.state not in (StatementState.PENDING, StatementState.RUNNING):
            break
    assert polled.result.data_array == [["5"]]
    chunk = client.statement_execution.get_statement_result_chunk_n(answer.statement_id, 0)
    assert chunk.data_array == [["5"]]
    with pytest.raises(BadRequest) as refused:
        client.statement_execution.get_statement_result_chunk_n(answer.statement_id, 1)
    assert str(refused.value) == "The chunk_index 1 is out of bounds."


def test_refused_requests(server, client, warehouse_id):
    with pytest.raises(InvalidParameterValue) as refused:
        client.statement_execution.execute_statement("SELECT 1", warehouse_id=warehouse_id, wait_timeout="51s")
    assert "wait_timeout field must be 0 seconds" in str(refused.value)
    with pytest.raises(InvalidParameterValue):
        client.statement_execution.execute_statement(
            "SELECT 1", warehouse_id=warehouse_id, disposition=Disposition.INLINE, format=Format.ARROW_STREAM)
    with pytest.raises(NotFound):
        client.statement_execution.get_statement("01f1c46b-c6a4-1a9a-9f97-7eff37bf8459")
    unknown = server.request("POST", "/api/2.0/sql/statements", {"warehouse_id": "0" * 16, "statement": "SELECT 1"})
    assert (unknown.status, unknown.json["error_code"]) == (403, "PERMISSION_DENIED")


def test_row_limit(client, warehouse_id):
    answer = client.statement_execution.execute_statement(
        "SELECT id FROM range(100)", warehouse_id=warehouse_id, row_limit=3)
    assert answer.result.data_array == [["0"], ["1"], ["2"]]
    assert answer.manifest.truncated is True
