"""What MERGE, DELETE, UPDATE and ALTER leave in a table's log and files, read back by delta-rs."""

import json

import pyarrow as pa
import pyarrow.parquet
import pytest
from deltalake import DeltaTable, QueryBuilder, write_deltalake

from disk import data, path, run, server, sql  # noqa: F401 (fixtures)


def log(folder, version):
    return [json.loads(line) for line in (folder / "_delta_log" / f"{version:020d}.json").read_text().splitlines()]


def actions(folder, version, kind):
    return [action[kind] for action in log(folder, version) if kind in action]


def query(folder, text):
    rows = QueryBuilder().register("t", DeltaTable(folder)).execute(text).read_all()
    return [tuple(row.values()) for row in pa.table(rows).to_pylist()]


def test_merge_rewrites_touched_files_alone(sql, path):
    sql("CREATE TABLE merged (id INT, v STRING)")
    for first in (0, 10, 20):
        sql(f"INSERT INTO merged SELECT id, 'old' FROM range({first}, {first + 10})")
    sql("""MERGE INTO merged USING (SELECT id FROM range(18, 22) UNION ALL SELECT 99) s ON merged.id = s.id
           WHEN MATCHED AND s.id = 19 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 'new' WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'in')""")
    removed = [a["path"] for a in actions(path("merged"), 4, "remove")]
    assert removed == [a["path"] for version in (2, 3) for a in actions(path("merged"), version, "add")]
    rows = {r["id"]: r["v"] for r in DeltaTable(path("merged")).to_pyarrow_table().to_pylist()}
    assert len(rows) == 30 and 19 not in rows
    assert [k for k, v in sorted(rows.items()) if v != "old"] == [18, 20, 21, 99]
    info = actions(path("merged"), 4, "commitInfo")[0]
    metrics = info["operationMetrics"]
    assert info["operation"] == "MERGE" and not info["isBlindAppend"]
    assert {k: metrics[k] for k in ["numSourceRows", "numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted", "numTargetRowsCopied",
                                    "numOutputRows", "numTargetFilesRemoved", "numTargetFilesAdded"]} == {
        "numSourceRows": "5", "numTargetRowsInserted": "1", "numTargetRowsUpdated": "3", "numTargetRowsDeleted": "1", "numTargetRowsCopied": "16",
        "numOutputRows": "20", "numTargetFilesRemoved": "2", "numTargetFilesAdded": "1"}


def test_rows_hidden_by_deletion_vectors(sql, path):
    sql("CREATE TABLE hidden (id INT, v STRING) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    sql("INSERT INTO hidden SELECT id, 'x' FROM range(20000)")
    sql("DELETE FROM hidden WHERE id % 7 = 0")
    sql("DELETE FROM hidden WHERE id % 11 = 0")
    sql("UPDATE hidden SET v = 'y' WHERE id < 10")
    folder = path("hidden")
    protocol = actions(folder, 0, "protocol")[0]
    assert protocol["minReaderVersion"] == 3 and "deletionVectors" in protocol["readerFeatures"]
    data = [a["path"] for a in actions(folder, 1, "add")]
    assert [a["path"] for a in actions(folder, 2, "add")] == data
    vector = actions(folder, 2, "add")[0]["deletionVector"]
    assert (vector["storageType"], vector["offset"], vector["cardinality"]) == ("u", 1, 2858)
    assert json.loads(actions(folder, 2, "add")[0]["stats"])["tightBounds"] is False
    assert len(list(folder.glob("deletion_vector_*.bin"))) == 3
    wanted = [n for n in range(20000) if n % 7 and n % 11]
    assert query(folder, "SELECT count(id), sum(id) FROM t") == [(len(wanted), sum(wanted))]
    assert query(folder, "SELECT id FROM t WHERE v = 'y' ORDER BY id") == [(n,) for n in (1, 2, 3, 4, 5, 6, 8, 9)]
    assert sql("SELECT count(*), sum(id) FROM hidden") == [[str(len(wanted)), str(sum(wanted))]]
    metrics = actions(folder, 3, "commitInfo")[0]["operationMetrics"]
    assert (metrics["numDeletedRows"], metrics["numDeletionVectorsUpdated"], metrics["numRemovedFiles"]) == ("1559", "1", "0")
    for _ in range(8):
        sql("DELETE FROM hidden WHERE id = (SELECT max(id) FROM hidden)")
    assert list((folder / "_delta_log").glob("*.checkpoint.parquet"))
    assert query(folder, "SELECT count(id), max(id) FROM t") == [(len(wanted) - 8, wanted[-9])]


def test_change_feed(sql, path):
    sql("CREATE TABLE fed (id INT, v STRING, p STRING) PARTITIONED BY (p) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')")
    sql("INSERT INTO fed VALUES (1, 'a', 'x'), (2, 'b', 'x'), (3, 'c', 'y')")
    sql("UPDATE fed SET v = 'B' WHERE id = 2")
    sql("""MERGE INTO fed USING (SELECT 1 AS id UNION ALL SELECT 9) s ON fed.id = s.id
           WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, v, p) VALUES (9, 'i', 'z')""")
    sql("DELETE FROM fed WHERE p = 'y'")
    columns = ["id", "v", "p", "_change_type", "_commit_version"]
    ours = {tuple(row) for row in sql(f"SELECT {', '.join(columns)} FROM table_changes('fed', 1)")}
    assert ours == {
        ("1", "a", "x", "insert", "1"), ("2", "b", "x", "insert", "1"), ("3", "c", "y", "insert", "1"),
        ("2", "b", "x", "update_preimage", "2"), ("2", "B", "x", "update_postimage", "2"),
        ("1", "a", "x", "delete", "3"), ("9", "i", "z", "insert", "3"), ("3", "c", "y", "delete", "4")}
    theirs = pa.table(DeltaTable(path("fed")).load_cdf(starting_version=1).read_all()).select(columns).to_pylist()
    assert {tuple(str(value) for value in row.values()) for row in theirs} == ours
    assert [a["path"].split("/")[0] for a in actions(path("fed"), 3, "cdc")] == ["_change_data", "_change_data"]
    assert not actions(path("fed"), 4, "cdc")


def test_what_tables_demand_of_rows(sql, path):
    sql("""CREATE TABLE ruled (id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 5 INCREMENT BY 10), a INT, twice INT GENERATED ALWAYS AS (a * 2))""")
    sql("INSERT INTO ruled (a) VALUES (1), (2)")
    sql("INSERT INTO ruled (id, a) VALUES (1000, 3)")
    sql("INSERT INTO ruled (a) VALUES (4)")
    sql("ALTER TABLE ruled ADD CONSTRAINT small CHECK (a < 10)")
    assert sql("SELECT * FROM ruled ORDER BY id") == [["5", "1", "2"], ["15", "2", "4"], ["25", "4", "8"], ["1000", "3", "6"]]
    table = DeltaTable(path("ruled"))
    assert table.metadata().configuration == {"delta.constraints.small": "a < 10"}
    fields = {f["name"]: f["metadata"] for f in json.loads(table.schema().to_json())["fields"]}
    assert fields["id"] == {"delta.identity.start": 5, "delta.identity.step": 10, "delta.identity.highWaterMark": 25,
                            "delta.identity.allowExplicitInsert": True}
    assert fields["twice"] == {"delta.generationExpression": "a * 2"}
    assert table.protocol().min_writer_version == 6
    sql("CREATE TABLE plain (a INT)")
    sql("ALTER TABLE plain ADD CONSTRAINT small CHECK (a < 10)")
    with pytest.raises(Exception, match="failed validation check"):
        write_deltalake(path("plain"), pa.table({"a": pa.array([11], pa.int32())}), mode="append")
    write_deltalake(path("plain"), pa.table({"a": pa.array([9], pa.int32())}), mode="append")
    assert sql("SELECT * FROM plain") == [["9"]]


def test_features_that_are_put_on_later(sql, path):
    sql("CREATE TABLE later (a INT, b STRING)")
    sql("INSERT INTO later VALUES (1, 'x'), (2, 'y')")
    sql("""ALTER TABLE later SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true',
             'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true')""")
    folder = path("later")
    assert [(a["baseRowId"], a["defaultRowCommitVersion"], a["dataChange"]) for a in actions(folder, 2, "add")] == [(0, 2, False)]
    configuration = actions(folder, 2, "metaData")[0]["configuration"]
    assert configuration["delta.inCommitTimestampEnablementVersion"] == "2"
    assert log(folder, 2)[0]["commitInfo"]["inCommitTimestamp"] == int(configuration["delta.inCommitTimestampEnablementTimestamp"])
    sql("ALTER TABLE later RENAME COLUMN a TO number")
    sql("ALTER TABLE later ALTER COLUMN number TYPE BIGINT")
    sql("INSERT INTO later VALUES (5000000000, 'z')")
    sql("ALTER TABLE later DROP COLUMN b")
    assert sql("SELECT * FROM later ORDER BY number") == [["1"], ["2"], ["5000000000"]]
    assert [a["baseRowId"] for a in actions(folder, 5, "add")] == [2]
    assert json.loads(actions(folder, 5, "domainMetadata")[0]["configuration"]) == {"rowIdHighWaterMark": 2}
    field = json.loads(actions(folder, 6, "metaData")[0]["schemaString"])["fields"][0]
    assert field["metadata"]["delta.typeChanges"] == [{"fromType": "integer", "toType": "long"}]
    assert field["metadata"]["delta.columnMapping.physicalName"] == "a"
    sql("CREATE TABLE clustered (a INT, b INT) CLUSTER BY (b)")
    assert json.loads(actions(path("clustered"), 0, "domainMetadata")[0]["configuration"])["clusteringColumns"] == [["b"]]
    assert {"clustering", "domainMetadata"} <= set(actions(path("clustered"), 0, "protocol")[0]["writerFeatures"])


def test_a_replaced_table_keeps_its_history(sql, path):
    sql("CREATE TABLE again (a INT)")
    sql("INSERT INTO again VALUES (1)")
    before = path("again")
    sql("CREATE OR REPLACE TABLE again PARTITIONED BY (p) AS SELECT 2 AS b, 'x' AS p")
    assert path("again") == before
    table = DeltaTable(before)
    assert table.version() == 2 and table.to_pyarrow_table().to_pylist() == [{"b": 2, "p": "x"}]
    assert sql("SELECT * FROM again VERSION AS OF 1") == [["1"]]
