"""Results in every form, by the SDK and Arrow: links, chunks, CSV, limits, sessions, the query history."""

import base64
import csv
import datetime
import decimal
import io
import json
import urllib.error
import urllib.request

import pyarrow as pa
import pytest
from databricks.sdk.service.sql import Disposition, Format, QueryFilter, QueryStatus, StatementParameterListItem

from conftest import Server, TOKEN, run_sql, workspace_client


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


def fetch(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return answer.read()


def execute(client, warehouse_id, statement, format=Format.ARROW_STREAM, **options):
    answer = client.statement_execution.execute_statement(
        statement=statement, warehouse_id=warehouse_id, disposition=Disposition.EXTERNAL_LINKS, format=format, **options)
    assert answer.status.state.value == "SUCCEEDED", answer.status
    return answer


def bodies(client, answer):
    """The bytes of all chunks, by the links."""
    found, result = [], answer.result
    while result and result.external_links:
        link = result.external_links[0]
        found.append(fetch(link.external_link))
        assert len(found[-1]) == link.byte_count
        if link.next_chunk_index is None:
            break
        assert link.next_chunk_internal_link.endswith(f"/result/chunks/{link.next_chunk_index}")
        result = client.statement_execution.get_statement_result_chunk_n(answer.statement_id, link.next_chunk_index)
    return found


def table(body):
    if body[:4] == b"\x04\x22\x4d\x18":
        body = pa.CompressedInputStream(pa.BufferReader(body), "lz4").read()
    return pa.ipc.open_stream(body).read_all()


ALL_TYPES = """
SELECT * FROM VALUES
  (true, 1Y, 2S, 3, 4L, 1.5F, 2.25D, 12.50, CAST('123456789012345678901234567890.12' AS DECIMAL(38,2)), 'a"b,c', X'00FF', DATE'2024-01-02',
   TIMESTAMP'2024-01-02 03:04:05.123456', TIMESTAMP_NTZ'2024-01-02 03:04:05.123456', INTERVAL '1-2' YEAR TO MONTH,
   INTERVAL '1 02:03:04.5' DAY TO SECOND, array(1, NULL, 3), map('k', 1), named_struct('x', 1, 'y', 'z'), parse_json('{"b":1,"a":[1,"x"]}'), NULL,
   array(map('a', array(named_struct('v', 1.25)))), array(parse_json('1'))),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
AS t(bool, byte, short, int, long, float, double, dec, wide, text, bin, date, ts, ntz, ym, ds, list, map, struct, variant, void, deep, variants)
"""


@pytest.mark.parametrize("compression", [None, "LZ4_FRAME"])
def test_arrow_has_every_type(server, client, warehouse_id, compression):
    body = {"statement": ALL_TYPES, "warehouse_id": warehouse_id, "disposition": "EXTERNAL_LINKS", "format": "ARROW_STREAM"}
    if compression:
        body["result_compression"] = compression
    answer = server.request("POST", "/api/2.0/sql/statements/", body).json
    assert answer["manifest"].get("result_compression") == compression
    link = answer["result"]["external_links"][0]
    got = table(fetch(link["external_link"]))
    assert {f.name: str(f.type) for f in got.schema} == {
        "bool": "bool", "byte": "int8", "short": "int16", "int": "int32", "long": "int64", "float": "float", "double": "double",
        "dec": "decimal128(4, 2)", "wide": "decimal128(38, 2)", "text": "string", "bin": "binary", "date": "date32[day]",
        "ts": "timestamp[us, tz=Etc/UTC]", "ntz": "timestamp[us]", "ym": "month_interval", "ds": "duration[us]",
        "list": "list<element: int32>", "map": "map<string, int32>", "struct": "struct<x: int32 not null, y: string not null>",
        "variant": "string", "void": "null", "deep": str(got.schema.field("deep").type),
        "variants": "list<element: string not null>"}, got.schema
    got.validate(full=True)
    rows = got.drop_columns(["ym"]).to_pylist()
    utc = datetime.timezone.utc
    first = rows[0]
    first["ts"] = first["ts"].astimezone(utc)
    assert first == {
        "bool": True, "byte": 1, "short": 2, "int": 3, "long": 4, "float": 1.5, "double": 2.25, "dec": decimal.Decimal("12.50"),
        "wide": decimal.Decimal("123456789012345678901234567890.12"), "text": 'a"b,c', "bin": b"\x00\xff", "date": datetime.date(2024, 1, 2),
        "ts": datetime.datetime(2024, 1, 2, 3, 4, 5, 123456, utc), "ntz": datetime.datetime(2024, 1, 2, 3, 4, 5, 123456),
        "ds": datetime.timedelta(days=1, hours=2, minutes=3, seconds=4.5), "list": [1, None, 3], "map": [("k", 1)],
        "struct": {"x": 1, "y": "z"}, "variant": '{"a":[1,"x"],"b":1}', "void": None,
        "deep": [[("a", [{"v": decimal.Decimal("1.25")}])]], "variants": ["1"]}
    assert set(rows[1].values()) == {None}
    chunk = answer["manifest"]["chunks"][0]
    assert (chunk["row_count"], answer["manifest"]["total_byte_count"]) == (2, chunk["byte_count"])
    assert answer["manifest"]["truncated"] is False


def test_arrow_of_slices_and_many_batches(client, warehouse_id):
    statement = "SELECT id, CAST(id AS STRING) AS s, array(id, id + 1) AS a, IF(id % 3 = 0, NULL, id) AS n FROM range(5, 1205, 1, 7) WHERE id % 5 <> 0"
    got = pa.concat_tables([table(b) for b in bodies(client, execute(client, warehouse_id, statement))]).to_pylist()
    want = [i for i in range(5, 1205) if i % 5]
    assert sorted(r["id"] for r in got) == want
    for row in got:
        i = row["id"]
        assert (row["s"], row["a"], row["n"]) == (str(i), [i, i + 1], None if i % 3 == 0 else i)


def test_chunks_have_limits_and_lead_to_each_other(client, warehouse_id):
    answer = execute(client, warehouse_id, "SELECT id FROM range(300000)")
    chunks = [(c.chunk_index, c.row_offset, c.row_count) for c in answer.manifest.chunks]
    assert chunks == [(0, 0, 122880), (1, 122880, 122880), (2, 245760, 54240)]
    assert answer.manifest.total_chunk_count == 3 and answer.manifest.total_row_count == 300000
    parts = [table(b) for b in bodies(client, answer)]
    assert [p.num_rows for p in parts] == [122880, 122880, 54240]
    assert sum(pa.concat_tables(parts).column(0).to_pylist()) == 300000 * 299999 // 2
    # Wide rows: the bytes are the limit.
    wide = execute(client, warehouse_id, "SELECT id, repeat('x', 100000) AS t FROM range(500)")
    assert wide.manifest.total_chunk_count >= 3
    assert all(c.byte_count < 25 << 20 for c in wide.manifest.chunks)
    assert sum(c.row_count for c in wide.manifest.chunks) == 500


def test_inline_results_have_chunks_too(client, warehouse_id):
    answer = client.statement_execution.execute_statement(statement="SELECT id FROM range(200000)", warehouse_id=warehouse_id)
    assert answer.manifest.total_chunk_count == 2 and answer.result.next_chunk_index == 1
    rest = client.statement_execution.get_statement_result_chunk_n(answer.statement_id, 1)
    assert (rest.row_offset, rest.row_count, rest.next_chunk_index) == (122880, 77120, None)
    ids = [int(row[0]) for row in answer.result.data_array + rest.data_array]
    assert sorted(ids) == list(range(200000))


def test_inline_results_over_the_limit_fail(client, warehouse_id):
    answer = client.statement_execution.execute_statement(
        statement="SELECT repeat('x', 1000000) AS t FROM range(27)", warehouse_id=warehouse_id)
    assert answer.status.state.value == "FAILED" and answer.result is None
    assert answer.status.error.error_code.value == "BAD_REQUEST"
    assert answer.status.error.message.startswith("Inline byte limit exceeded. Statements executed with disposition=INLINE can have a")


def test_csv_and_json_by_links(client, warehouse_id):
    statement = "SELECT * FROM VALUES (1, 'a,\"b\"\\nc'), (2, NULL) AS t(id, `two words`)"
    answer = execute(client, warehouse_id, statement, Format.CSV)
    body = bodies(client, answer)[0]
    assert body == b'id,two words\r\n1,"a,""b""\nc"\r\n2,null\r\n'
    assert list(csv.reader(io.StringIO(body.decode(), newline="")))[1] == ["1", 'a,"b"\nc']
    answer = execute(client, warehouse_id, statement, Format.JSON_ARRAY)
    assert json.loads(bodies(client, answer)[0]) == [["1", 'a,"b"\nc'], ["2", None]]
    two = bodies(client, execute(client, warehouse_id, "SELECT id FROM range(122881)", Format.CSV))
    assert two[0].startswith(b"id\r\n") and two[1].count(b"\r\n") == 1 and two[1].strip().isdigit()


def test_forms_that_do_not_fit(server, warehouse_id):
    for options in ({"format": "ARROW_STREAM"}, {"format": "CSV"}, {"disposition": "INLINE", "format": "CSV"}):
        answer = server.request("POST", "/api/2.0/sql/statements", {"statement": "SELECT 1", "warehouse_id": warehouse_id, **options})
        assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
        assert answer.json["message"] == (
            "Incompatible parameters: The format field must be JSON_ARRAY when the disposition field is INLINE.")
    answer = server.request(
        "POST", "/api/2.0/sql/statements", {"statement": "SELECT 1", "warehouse_id": warehouse_id, "disposition": "NOSUCH", "format": "NOSUCH"})
    assert answer.json["result"]["data_array"] == [["1"]]


def test_small_hybrid_results_are_attached(server, warehouse_id):
    body = {"warehouse_id": warehouse_id, "disposition": "INLINE_OR_EXTERNAL_LINKS", "format": "ARROW_STREAM", "result_compression": "LZ4_FRAME"}
    answer = server.request("POST", "/api/2.0/sql/statements", {**body, "statement": "SELECT 1 AS a, 'x' AS b"}).json
    assert list(answer["result"]) == ["chunk_index", "row_offset", "row_count", "byte_count", "attachment"]
    assert table(base64.b64decode(answer["result"]["attachment"])).to_pylist() == [{"a": 1, "b": "x"}]
    answer = server.request("POST", "/api/2.0/sql/statements", {**body, "statement": "SELECT id, rand(1) AS r FROM range(600000)"}).json
    assert "attachment" not in answer["result"] and answer["result"]["external_links"][0]["next_chunk_index"] == 1


def test_links_are_signed_and_expire(server, client, warehouse_id):
    answer = execute(client, warehouse_id, "SELECT 1 AS one")
    link = answer.result.external_links[0]
    assert table(fetch(link.external_link)).to_pylist() == [{"one": 1}]

    def refused(url, **headers):
        with pytest.raises(urllib.error.HTTPError) as error:
            fetch(url, **headers)
        return error.value.code, error.value.read().decode()

    code, text = refused(link.external_link, Authorization=f"Bearer {TOKEN}")
    assert code == 400 and "Only one auth mechanism allowed" in text
    assert refused(link.external_link[:-1] + ("0" if link.external_link[-1] != "0" else "1"))[0] == 403
    assert refused(link.external_link.replace("/0?", "/1?"))[0] == 403
    now = server.control("GET", "clock").json
    end = datetime.datetime.fromisoformat(link.expiration.replace("Z", "+00:00"))
    assert server.control("POST", "clock", {"advance": "899s"}).status == 200
    assert table(fetch(link.external_link)).num_rows == 1
    server.control("POST", "clock", {"advance": "2s"})
    code, text = refused(link.external_link)
    assert code == 403 and "expired" in text, now
    fresh = client.statement_execution.get_statement_result_chunk_n(answer.statement_id, 0).external_links[0]
    assert fresh.external_link != link.external_link
    assert datetime.datetime.fromisoformat(fresh.expiration.replace("Z", "+00:00")) > end
    assert table(fetch(fresh.external_link)).num_rows == 1
    # An hour after the end the result is gone, its state is not.
    server.control("POST", "clock", {"advance": "45m"})
    assert client.statement_execution.get_statement(answer.statement_id).status.state.value == "CLOSED"
    assert server.request("GET", f"/api/2.0/sql/statements/{answer.statement_id}/result/chunks/0").status == 404


def test_links_of_another_workspace_lead_there(server):
    made = server.control("POST", "workspaces", {"name": "other"}).json
    client = workspace_client(server, token=made["token"])
    answer = execute(client, made["warehouse_id"], "SELECT 'other' AS w")
    assert table(fetch(answer.result.external_links[0].external_link)).to_pylist() == [{"w": "other"}]
    assert server.control("DELETE", f"workspaces/{made['workspace_id']}").status == 200


def test_limits_truncate(client, warehouse_id):
    answer = client.statement_execution.execute_statement(statement="SELECT id FROM range(10) ORDER BY id", warehouse_id=warehouse_id, row_limit=3)
    assert (answer.result.data_array, answer.manifest.truncated, answer.manifest.total_row_count) == ([["0"], ["1"], ["2"]], True, 3)
    answer = client.statement_execution.execute_statement(statement="SELECT id FROM range(10)", warehouse_id=warehouse_id, byte_limit=10)
    assert (answer.manifest.truncated, answer.manifest.total_row_count) == (True, 0)
    answer = execute(client, warehouse_id, "SELECT id FROM range(300000)", byte_limit=1_000_000)
    assert (answer.manifest.truncated, answer.manifest.total_row_count, answer.manifest.total_chunk_count) == (True, 122880, 1)


def test_statements_without_columns(server, warehouse_id):
    body = {"warehouse_id": warehouse_id, "disposition": "EXTERNAL_LINKS", "format": "ARROW_STREAM", "result_compression": "LZ4_FRAME"}
    answer = server.request("POST", "/api/2.0/sql/statements", {**body, "statement": "CREATE TABLE main.default.nothing (id INT)"}).json
    assert answer["manifest"] == {
        "format": "ARROW_STREAM", "schema": {"column_count": 0}, "total_chunk_count": 0, "total_row_count": 0, "total_byte_count": 0,
        "truncated": False, "result_compression": "LZ4_FRAME"}
    assert answer["result"] == {}


def test_parameters_by_type(client, warehouse_id):
    def item(name, value, type=None):
        return StatementParameterListItem(name=name, value=value, type=type)

    parameters = [
        item("i", "7", "INT"), item("d", "2024-02-29", "DATE"), item("n", None, "INT"), item("m", "12.345", "DECIMAL(6,2)"),
        item("t", "2024-01-02 03:04:05", "TIMESTAMP"), item("s", "text"), item("b", "true", "BOOLEAN")]
    answer = client.statement_execution.execute_statement(
        statement="SELECT :i + 1, :d + 1, :n, :m, :t, :s, NOT :b", warehouse_id=warehouse_id, parameters=parameters)
    assert answer.result.data_array == [["8", "2024-03-01", None, "12.35", "2024-01-02T03:04:05.000Z", "text", "false"]]
    for bad in (item("i", "x", "INT"), item("i", "1", "BINARY")):
        answer = client.statement_execution.execute_statement(statement="SELECT :i", warehouse_id=warehouse_id, parameters=[bad])
        assert answer.status.state.value == "FAILED"


def test_deleting_a_warehouse_ends_its_statements(server, client, warehouse_id):
    made = client.warehouses.create(name="short-lived", cluster_size="2X-Small", auto_stop_mins=10).result()
    session = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": made.id}).json["session_id"]
    assert client.warehouses.get(made.id).num_active_sessions == 1
    answer = client.statement_execution.execute_statement(statement="SELECT 1", warehouse_id=made.id)
    client.warehouses.delete(made.id)
    assert client.statement_execution.get_statement(answer.statement_id).status.state.value == "SUCCEEDED"
    gone = server.request("POST", "/api/2.0/sql/statements", {"statement": "SELECT 1", "warehouse_id": made.id, "session_id": session})
    assert (gone.status, gone.json["error_code"]) == (403, "PERMISSION_DENIED")


def test_history(server, client, warehouse_id):
    ids = []
    for statement in ("SELECT 1", "SELECT nosuch", "-- comment\nCREATE TABLE main.default.h (id INT)", "INSERT INTO main.default.h VALUES (1), (2)"):
        ids.append(client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id).statement_id)
        server.control("POST", "clock", {"advance": "1s"})
    found = client.query_history.list(include_metrics=True)
    assert [q.query_id for q in found.res] == ids[::-1] and found.has_next_page is False
    by = {q.query_id: q for q in found.res}
    assert [by[i].statement_type.value for i in ids] == ["SELECT", "SELECT", "CREATE", "INSERT"]
    assert [by[i].status for i in ids] == [QueryStatus.FINISHED, QueryStatus.FAILED, QueryStatus.FINISHED, QueryStatus.FINISHED]
    assert "UNRESOLVED_COLUMN" in by[ids[1]].error_message and by[ids[0]].rows_produced == 1
    assert by[ids[0]].user_name == client.current_user.me().user_name
    assert by[ids[0]].metrics.rows_produced_count == 1 and by[ids[0]].metrics.network_sent_bytes > 0
    assert by[ids[0]].warehouse_id == warehouse_id and "databricks-sdk-py" in by[ids[0]].client_application

    page = client.query_history.list(max_results=3)
    assert [q.query_id for q in page.res] == ids[:0:-1] and page.has_next_page
    rest = client.query_history.list(max_results=3, page_token=page.next_page_token)
    assert [q.query_id for q in rest.res] == ids[:1] and not rest.has_next_page

    def filtered(**options):
        return {q.query_id for q in client.query_history.list(filter_by=QueryFilter(**options)).res}

    assert filtered(statuses=[QueryStatus.FAILED]) == {ids[1]}
    assert filtered(statement_ids=[ids[0], ids[2]]) == {ids[0], ids[2]}
    assert filtered(warehouse_ids=["0123456789abcdef"]) == set()
    start = by[ids[2]].query_start_time_ms
    path = f"/api/2.0/sql/history/queries?filter_by.query_start_time_range.start_time_ms={start}"
    assert [q["query_id"] for q in server.request("GET", path).json["res"]] == [ids[3], ids[2]]
    for bad in ("max_results=0", "max_results=x", "page_token=x", "filter_by.statuses=NOSUCH"):
        assert server.request("GET", "/api/2.0/sql/history/queries?" + bad).status == 400
