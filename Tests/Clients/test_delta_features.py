"""What other engines make of tables that were brought back, changed within their columns, cloned and replaced; checksums of versions."""

import importlib.resources
import json

import duckdb
import pytest
from deltalake import DeltaTable, QueryBuilder

from disk import data, error, path, server, sql  # noqa: F401 (fixtures)


@pytest.fixture(scope="module")
def run(server):
    warehouse = server.request("GET", "/api/2.0/sql/warehouses").json["warehouses"][0]["id"]
    session = server.request("POST", "/api/2.0/sql/sessions", {"warehouse_id": warehouse}).json["session_id"]

    def execute(statement):
        body = {"statement": statement, "warehouse_id": warehouse, "session_id": session}
        return server.request("POST", "/api/2.0/sql/statements", body).json

    return execute


def test_an_undropped_table_is_the_same_delta_table(sql, path):
    sql("CREATE TABLE undropped (id BIGINT)")
    sql("INSERT INTO undropped VALUES (1), (2)")
    place = path("undropped")
    sql("DROP TABLE undropped")
    assert [row[2] for row in sql("SHOW TABLES DROPPED")] == ["undropped"]
    sql("UNDROP TABLE undropped")
    assert path("undropped") == place
    assert sorted(DeltaTable(place).to_pyarrow_table()["id"].to_pylist()) == [1, 2]


def test_other_engines_read_fields_that_were_renamed_and_dropped(sql, path):
    sql("""CREATE TABLE nested (id BIGINT, p STRUCT<x: INT, y: STRING>, l ARRAY<STRUCT<a: INT, b: INT>>)
        TBLPROPERTIES ('delta.columnMapping.mode' = 'name')""")
    sql("INSERT INTO nested VALUES (1, named_struct('x', 1, 'y', 'one'), array(named_struct('a', 1, 'b', 2)))")
    sql("ALTER TABLE nested RENAME COLUMN p.x TO first")
    sql("ALTER TABLE nested DROP COLUMN l.element.a")
    sql("ALTER TABLE nested ADD COLUMN p.z DOUBLE FIRST")
    sql("INSERT INTO nested VALUES (2, named_struct('z', 0.5D, 'first', 2, 'y', 'two'), array(named_struct('b', 3)))")
    expected = [(1, {"z": None, "first": 1, "y": "one"}, [{"b": 2}]), (2, {"z": 0.5, "first": 2, "y": "two"}, [{"b": 3}])]
    connection = duckdb.connect()
    package = importlib.resources.files("duckdb_extension_delta")
    connection.execute(f"LOAD '{package}/extensions/v{duckdb.__version__}/delta.duckdb_extension'")
    assert connection.sql(f"SELECT id, p, l FROM delta_scan('{path('nested')}') ORDER BY id").fetchall() == expected


def test_a_shallow_clones_source_keeps_what_it_needs(sql, path):
    sql("CREATE TABLE base (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    sql("INSERT INTO base SELECT id FROM range(10)")
    sql("DELETE FROM base WHERE id = 3")
    sql("CREATE TABLE clone SHALLOW CLONE base")
    assert list(path("clone").glob("*.parquet")) == []
    sql("DELETE FROM base")
    sql("SET spark.databricks.delta.retentionDurationCheck.enabled = false")
    assert sql("VACUUM base RETAIN 0 HOURS DRY RUN") in (None, [])
    sql("VACUUM base RETAIN 0 HOURS")
    assert sql("SELECT count(*), sum(id) FROM clone") == [["9", "42"]]
    sql("UPDATE clone SET id = 100 WHERE id = 4")
    sql("OPTIMIZE clone")
    assert len(list(path("clone").glob("*.parquet"))) == 2
    # The clone's own vacuum leaves the source alone.
    kept = sorted(path("base").glob("*.parquet"))
    sql("VACUUM clone LITE RETAIN 0 HOURS")
    assert sorted(path("base").glob("*.parquet")) == kept and kept
    assert sql("SELECT count(*), sum(id) FROM clone") == [["9", "138"]]
    # All of its files are its own by now.
    rows = QueryBuilder().register("t", DeltaTable(path("clone"))).execute("SELECT count(*) AS n, sum(id) AS s FROM t").read_all()
    assert (rows["n"][0].as_py(), rows["s"][0].as_py()) == (9, 138)
    # What left the clone is kept for as long as the clone keeps what it lost.
    sql("VACUUM base RETAIN 0 HOURS")
    assert sorted(path("base").glob("*.parquet")) == kept
    sql("ALTER TABLE clone SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 hours')")
    sql("VACUUM base RETAIN 0 HOURS")
    assert list(path("base").glob("*.parquet")) == []


def test_a_log_points_nowhere_but_to_its_own_table(sql, error, path):
    sql("CREATE TABLE secret (id BIGINT)")
    sql("INSERT INTO secret VALUES (42)")
    sql("CREATE TABLE thief (id BIGINT)")
    [file] = path("secret").glob("*.parquet")
    commit = {"add": {
        "path": "s3://" + str(file).split("/storage/")[1], "partitionValues": {}, "size": file.stat().st_size, "modificationTime": 1,
        "dataChange": True}}
    (path("thief") / "_delta_log" / f"{1:020}.json").write_text(json.dumps(commit))
    assert "files outside of the table's location" in error("SELECT * FROM thief")


def test_each_version_has_a_checksum_and_a_wrong_one_is_seen(sql, path):
    sql("CREATE TABLE summed (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    sql("INSERT INTO summed VALUES (1), (2)")
    sql("DELETE FROM summed WHERE id = 1")
    log = path("summed") / "_delta_log"
    sums = [json.loads((log / f"{version:020}.crc").read_text()) for version in range(3)]
    assert [one["numFiles"] for one in sums] == [0, 1, 1]
    [file] = path("summed").glob("*.parquet")
    assert sums[1]["tableSizeBytes"] == file.stat().st_size
    assert (sums[2]["numDeletionVectorsOpt"], sums[2]["numDeletedRecordsOpt"]) == (1, 1)
    infos = [json.loads(line) for line in (log / f"{2:020}.json").read_text().splitlines()]
    assert sums[2]["txnId"] == next(line["commitInfo"]["txnId"] for line in infos if "commitInfo" in line)
    assert sums[2]["metadata"]["id"] == sums[0]["metadata"]["id"]
    assert sums[2]["protocol"]["minWriterVersion"] == 7


def test_a_table_at_a_location_is_replaced_with_its_history(sql, path):
    sql("CREATE TABLE outside (id INT) LOCATION 's3://elsewhere/t'")
    sql("INSERT INTO outside VALUES (1)")
    sql("CREATE OR REPLACE TABLE outside (name STRING) LOCATION 's3://elsewhere/t'")
    sql("INSERT INTO outside VALUES ('x')")
    table = DeltaTable(path("outside"))
    assert table.version() == 3
    assert table.to_pyarrow_table().to_pylist() == [{"name": "x"}]
    assert DeltaTable(path("outside"), version=1).to_pyarrow_table().to_pylist() == [{"id": 1}]
    sql("DROP TABLE outside")
    sql("CREATE OR REPLACE TABLE again LOCATION 's3://elsewhere/t' AS SELECT 7 AS seven")
    assert [row[0] for row in sql("DESCRIBE HISTORY again")] == ["4", "3", "2", "1", "0"]
    assert sql("SELECT * FROM again") == [["7"]]


def test_files_tell_of_themselves(server, sql):
    server.request("POST", "/api/2.1/unity-catalog/volumes", {
        "catalog_name": "main", "schema_name": "default", "name": "told", "volume_type": "MANAGED"})
    for name, text in {"a.json": '{"x": 1}\n{"x": 2}\n', "b.json": '{"x": 3}\n'}.items():
        server.request("PUT", f"/api/2.0/fs/files/Volumes/main/default/told/{name}", text.encode())
    assert sql("""SELECT x, _metadata.file_name, _metadata.file_path, _metadata.file_size
        FROM read_files('/Volumes/main/default/told', format => 'json') ORDER BY x""") == [
            [str(x), name, f"dbfs:/Volumes/main/default/told/{name}", size] for x, name, size in
            [(1, "a.json", "18"), (2, "a.json", "18"), (3, "b.json", "9")]]
    assert sql("SELECT * FROM json.`/Volumes/main/default/told` WHERE _metadata.file_name = 'b.json'") == [["3"]]
    assert sql("SELECT _metadata.file_modification_time > TIMESTAMP '2000-01-01' FROM json.`/Volumes/main/default/told/b.json`") == [["true"]]


def test_rows_keep_their_ids_when_they_are_written_anew(sql, path):
    sql("CREATE TABLE ids (id BIGINT, v STRING) TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    sql("INSERT INTO ids VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    sql("UPDATE ids SET v = 'x' WHERE id = 2")
    sql("DELETE FROM ids WHERE id = 1")
    sql("INSERT INTO ids VALUES (4, 'd')")
    before = sql("SELECT id, _metadata.row_id, _metadata.row_commit_version FROM ids ORDER BY id")
    assert before[:2] == [["2", "1", "2"], ["3", "2", "1"]] and before[2][2] == "4"
    sql("OPTIMIZE ids")
    assert sql("SELECT id, _metadata.row_id, _metadata.row_commit_version FROM ids ORDER BY id") == before
    # The columns that hold them are no columns of the table.
    assert sorted(DeltaTable(path("ids")).to_pyarrow_table().to_pylist(), key=lambda row: row["id"]) == [
        {"id": 2, "v": "x"}, {"id": 3, "v": "c"}, {"id": 4, "v": "d"}]
