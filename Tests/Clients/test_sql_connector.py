"""databricks-sql-connector over Thrift: what it sends and how it reads is its own, so these tests see what users of drivers see."""

import datetime
import decimal
import json

import pyarrow
import pytest

sql = pytest.importorskip("databricks.sql")
from databricks.sql.exc import DatabaseError, RequestError, ServerOperationError  # noqa: E402

from conftest import TOKEN  # noqa: E402


def connect(server, warehouse_id, token=TOKEN, **options):
    return sql.connect(
        server_hostname="localhost", http_path=f"/sql/1.0/warehouses/{warehouse_id}", access_token=token,
        _connection_uri=f"{server.host}/sql/1.0/warehouses/{warehouse_id}", enable_telemetry=False,
        _retry_stop_after_attempts_count=1, **options)


@pytest.fixture()
def connection(server, warehouse_id):
    with connect(server, warehouse_id) as connection:
        yield connection


@pytest.fixture()
def catalog_schema():
    return "main.default"


def rows(connection, text, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return [tuple(row) for row in cursor.fetchall()]


EVERY_TYPE = """SELECT true AS bo, 1Y AS ti, 2S AS si, 3 AS i, 4L AS l, CAST(1.5 AS FLOAT) AS f, 2.5D AS d, 12.50BD AS de,
    123456789012345678901234567890.12 AS wide, 'héllo' AS s, X'00FF' AS b, DATE'2024-02-29' AS da, TIMESTAMP'2024-01-01 01:02:03.5' AS ts,
    TIMESTAMP_NTZ'2024-01-01 01:02:03.5' AS ntz, INTERVAL '1-2' YEAR TO MONTH AS ym, INTERVAL '1 02:03:04.5' DAY TO SECOND AS dt,
    array(1, NULL) AS a, map('k', 1.5) AS m, named_struct('x', 1, 'y', array('z')) AS st, parse_json('{"b":[1,2],"a":null}') AS v, NULL AS n"""


def test_every_type(connection):
    with connection.cursor() as cursor:
        cursor.execute(EVERY_TYPE)
        names = {column[0]: column[1] for column in cursor.description}
        row = cursor.fetchone().asDict()
    assert row["bo"] is True and (row["ti"], row["si"], row["i"], row["l"], row["f"], row["d"]) == (1, 2, 3, 4, 1.5, 2.5)
    assert row["de"] == decimal.Decimal("12.50") and row["wide"] == decimal.Decimal("123456789012345678901234567890.12")
    assert (row["s"], row["b"], row["da"]) == ("héllo", b"\x00\xff", datetime.date(2024, 2, 29))
    assert row["ts"].isoformat() == "2024-01-01T01:02:03.500000+00:00" and row["ntz"].isoformat() == "2024-01-01T01:02:03.500000"
    assert (row["ym"], row["dt"]) == ("1-2", "1 02:03:04.500000000")
    assert list(row["m"]) == [("k", decimal.Decimal("1.5"))] and row["v"] == '{"a":null,"b":[1,2]}' and row["n"] is None
    assert row["st"]["x"] == 1 and list(row["st"]["y"]) == ["z"] and row["a"][0] == 1 and str(row["a"][1]) in ("nan", "None", "<NA>")
    assert names["de"] == "decimal" and names["m"] == "map" and names["v"] == "string" and names["ntz"] == "timestamp"


def test_without_native_types_nested_values_are_json(server, warehouse_id):
    with connect(server, warehouse_id, _use_arrow_native_complex_types=False, _use_arrow_native_decimals=False) as connection:
        row = rows(connection, "SELECT array(1, NULL), map('k', '\"'), named_struct('x', DATE'2024-01-02', 'y', 1.50), 1.50BD")[0]
    assert [json.loads(value) for value in row[:3]] == [[1, None], {"k": '"'}, {"x": "2024-01-02", "y": 1.5}]
    assert row[3] == decimal.Decimal("1.50")


def test_statements_change_tables(connection, catalog_schema):
    table = f"{catalog_schema}.people"
    assert rows(connection, f"CREATE TABLE {table} (id INT, name STRING)") == []
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} VALUES (1, 'Ann'), (2, NULL)")
        assert cursor.rowcount == 2
        cursor.execute(f"UPDATE {table} SET name = 'Bo' WHERE id = 2")
        assert cursor.rowcount == 1
    assert rows(connection, f"SELECT * FROM {table} ORDER BY id") == [(1, "Ann"), (2, "Bo")]


def test_parameters(connection):
    given = {"n": 5, "s": "o'x", "d": datetime.date(2024, 1, 1), "f": 1.5, "z": None, "p": decimal.Decimal("1.25"), "b": True}
    assert rows(connection, "SELECT :n + 1, :s, :d, :f, :z, :p, :b", given) == [
        (6, "o'x", datetime.date(2024, 1, 1), 1.5, None, decimal.Decimal("1.25"), True)]
    assert rows(connection, "SELECT ?, ?", [1, "a"]) == [(1, "a")]


def test_large_results_come_in_pages(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, id * 2 AS twice, concat('row ', id) AS name FROM range(250000)")
        first = cursor.fetchmany_arrow(10)
        rest = cursor.fetchall_arrow()
    assert first.column("id").to_pylist() == list(range(10))
    assert rest.num_rows == 249_990 and rest.column("twice")[-1].as_py() == 499_998 and rest.column("name")[-1].as_py() == "row 249999"
    assert rest.schema.field("id").type == pyarrow.int64()


def test_larger_results_come_by_links(server, warehouse_id, connection):
    query = "SELECT id, concat('row number ', id) AS name, CAST(id AS DECIMAL(12,2)) AS d, INTERVAL '1' DAY AS i FROM range(400000)"
    server.control("DELETE", "journal")
    with connection.cursor() as cursor:
        cursor.execute(query)
        table = cursor.fetchall_arrow()
    assert table.num_rows == 400_000 and table.column("id").to_pylist() == list(range(400_000))
    assert table.column("name")[399_999].as_py() == "row number 399999" and table.column("d")[7].as_py() == decimal.Decimal("7.00")
    assert table.column("i")[0].as_py() == "1 00:00:00.000000000"
    fetched = [e["path"] for e in server.control("GET", "journal").json["exchanges"] if e["path"].startswith("/_storage/results/")]
    assert len(set(fetched)) > 1
    with connect(server, warehouse_id, use_cloud_fetch=False) as plain:
        server.control("DELETE", "journal")
        with plain.cursor() as cursor:
            cursor.execute(query)
            assert cursor.fetchall_arrow().equals(table)
    assert not [e for e in server.control("GET", "journal").json["exchanges"] if e["path"].startswith("/_storage/results/")]


def test_errors_have_sparks_conditions(connection):
    for text, condition, state in [
        ("SELECT * FROM nowhere", "TABLE_OR_VIEW_NOT_FOUND", "42P01"), ("SELEC 1", "PARSE_SYNTAX_ERROR", "42601"),
        ("SELECT 1 / 0", "DIVIDE_BY_ZERO", "22012"),
    ]:
        with connection.cursor() as cursor, pytest.raises(ServerOperationError) as failed:
            cursor.execute(text)
        assert f"[{condition}" in failed.value.message and f"SQLSTATE: {state}" in failed.value.message
    assert rows(connection, "SELECT 1") == [(1,)]


def test_a_session_has_its_namespace_and_settings(server, warehouse_id):
    with connect(server, warehouse_id, catalog="samples", schema="tpch", session_configuration={"timezone": "Europe/Berlin"}) as connection:
        assert rows(connection, "SELECT current_catalog(), current_schema(), current_timezone()") == [("samples", "tpch", "Europe/Berlin")]
        assert rows(connection, "SELECT count(*) FROM region") == [(5,)]
        rows(connection, "CREATE TEMPORARY VIEW mine AS SELECT 7 AS n")
        assert rows(connection, "SELECT n FROM mine") == [(7,)]
        with connect(server, warehouse_id) as other, pytest.raises(ServerOperationError):
            rows(other, "SELECT n FROM mine")
    with pytest.raises(DatabaseError):
        connect(server, warehouse_id, session_configuration={"no.such.setting": "1"})


def test_metadata_calls(connection, catalog_schema):
    catalog, schema = catalog_schema.split(".")
    rows(connection, f"CREATE TABLE {catalog_schema}.meta_a (id INT NOT NULL, price DECIMAL(10,2), tags ARRAY<STRING>)")
    rows(connection, f"CREATE VIEW {catalog_schema}.meta_b AS SELECT 1 AS one")
    with connection.cursor() as cursor:
        cursor.catalogs()
        assert "main" in [row.TABLE_CAT for row in cursor.fetchall()]
        cursor.schemas(catalog, schema)
        assert [tuple(row) for row in cursor.fetchall()] == [(schema, catalog)]
        cursor.tables(catalog, schema, "meta\\_%")
        assert [(row.TABLE_NAME, row.TABLE_TYPE) for row in cursor.fetchall()] == [("meta_a", "TABLE"), ("meta_b", "VIEW")]
        cursor.tables(catalog, schema, "meta%", ["VIEW"])
        assert [row.TABLE_NAME for row in cursor.fetchall()] == ["meta_b"]
        cursor.columns(catalog, schema, "meta_a")
        columns = cursor.fetchall()
    assert [(c.COLUMN_NAME, c.DATA_TYPE, c.TYPE_NAME, c.DECIMAL_DIGITS, c.NULLABLE, c.IS_NULLABLE) for c in columns] == [
        ("id", 4, "INT", 0, 0, "NO"), ("price", 3, "DECIMAL(10,2)", 2, 1, "YES"), ("tags", 2003, "array<string>", None, 1, "YES")]


def test_a_running_statement_is_cancelled(connection):
    with connection.cursor() as cursor:
        cursor.execute_async("SELECT count(*) FROM range(100000) a CROSS JOIN range(1000000) b WHERE a.id * b.id < -1")
        assert cursor.is_query_pending()
        cursor.cancel()
        assert cursor.get_query_state().name == "CANCELLED"
        with pytest.raises(DatabaseError):
            cursor.get_async_execution_result()
    assert rows(connection, "SELECT 2") == [(2,)]


def test_wrong_credentials_and_warehouses_are_refused(server, warehouse_id):
    with pytest.raises(RequestError) as refused:
        connect(server, warehouse_id, token="dapi" + "0" * 32)
    assert "Invalid access token" in str(refused.value)
    with pytest.raises(RequestError) as refused:
        connect(server, "ffffffffffffffff")
    assert "does not exist" in str(refused.value)


def test_calls_have_names_in_journal_and_rules(server, warehouse_id, connection):
    server.control("DELETE", "journal")
    rule = {"name": "broken", "match": {"operation": "thrift.ExecuteStatement"}, "when": {"times": 1},
            "inject": {"status": 500, "error_code": "INTERNAL_ERROR", "message": "broken"}}
    assert server.control("POST", "faults", rule).status == 200
    with connection.cursor() as cursor, pytest.raises(RequestError):
        cursor.execute("SELECT 1")
    assert rows(connection, "SELECT 1") == [(1,)]
    exchanges = server.control("GET", "journal").json["exchanges"]
    assert [(e["operation"], e["status"], e["fault"]) for e in exchanges if e["operation"] == "thrift.ExecuteStatement"] == [
        ("thrift.ExecuteStatement", 500, "broken"), ("thrift.ExecuteStatement", 200, None)]
    server.control("DELETE", "faults")


def test_a_recorded_session_replays(server, warehouse_id, start, cassette):
    def work(host):
        with connect(host, warehouse_id) as connection:
            with pytest.raises(ServerOperationError):
                rows(connection, "SELECT * FROM nowhere")
            return rows(connection, "SELECT id, 'x' FROM range(3)"), rows(connection, "SELECT :a + 1", {"a": 2})

    recorder = start("record", "--upstream", server.host, "--cassette", cassette, "--port", 0)
    recorded = work(recorder)
    assert recorder.stop() == 0
    assert recorded == ([(0, "x"), (1, "x"), (2, "x")], [(3,)])
    replayer = start("replay", "--cassette", cassette, "--port", 0, exports=3)
    assert work(replayer) == recorded
    assert replayer.stop() == 0
    operations = [json.loads(line)["operation"] for line in (cassette / "cassette.jsonl").read_text().splitlines()[1:]]
    assert operations[0] == "thrift.OpenSession" and "thrift.ExecuteStatement" in operations and operations[-1] == "thrift.CloseSession"


def test_no_thrift_at_all_is_a_bad_request(server, warehouse_id):
    answer = server.request("POST", f"/sql/1.0/warehouses/{warehouse_id}", b"not thrift")
    assert (answer.status, answer.json["error_code"]) == (400, "MALFORMED_REQUEST")
