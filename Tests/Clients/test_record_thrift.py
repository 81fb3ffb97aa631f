"""SQL drivers through the recorder: sessions over Thrift are recorded as binary exchanges under the call's name, and replay."""

import json

import pytest

pytest.importorskip("databricks.sql")

from conftest import TOKEN  # noqa: E402
from test_sql_connector import connect, rows  # noqa: E402


def session(server, warehouse_id, token):
    with connect(server, warehouse_id, token) as connection:
        return [rows(connection, text) for text in ("SELECT 1 AS a, 'héllo' AS s", "SELECT id, id * 2.5BD FROM range(3) ORDER BY id")]


@pytest.mark.parametrize("options", [(), ("--stable-ids",)])
def test_a_session_over_thrift(start, cassette, options):
    upstream = start("serve", "--port", 0, exports=3)
    warehouse = upstream.exports["DATABRICKS_WAREHOUSE_ID"]
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0, *options)
    seen = session(recorder, warehouse, TOKEN)
    assert recorder.stop() == 0
    assert upstream.stop() == 0
    assert seen[0] == [(1, "héllo")] and [row[0] for row in seen[1]] == [0, 1, 2]

    lines = [json.loads(line) for line in (cassette / "cassette.jsonl").read_text().splitlines()[1:]]
    operations = [line["operation"] for line in lines]
    assert operations[0] == "thrift.OpenSession" and operations[-1] == "thrift.CloseSession"
    assert operations.count("thrift.ExecuteStatement") == 2
    for line in lines:
        assert line["request"]["path"] == f"/sql/1.0/warehouses/{warehouse}"
        assert line["request"]["file"].startswith("bodies/") and line["response"]["file"].startswith("bodies/")
    for file in cassette.rglob("*"):
        assert file.is_dir() or TOKEN.encode() not in file.read_bytes(), file

    replayer = start("replay", "--cassette", cassette, "--port", 0)
    assert session(replayer, warehouse, "anything") == seen
    assert replayer.stop() == 0
