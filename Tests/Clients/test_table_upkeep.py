"""OPTIMIZE, REORG, VACUUM and DEEP CLONE; delta-rs reads what they leave."""

import json

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from disk import data, error, path, run, server, sql  # noqa: F401 (fixtures)


def metrics(row):
    return json.loads(row[1])


def history(sql, table):
    rows = sql(f"DESCRIBE HISTORY main.default.{table}")
    return [(row[4], json.loads(row[5]), json.loads(row[12])) for row in rows]


def test_optimize_packs_small_files(sql, path):
    sql("CREATE TABLE main.default.o1 (id BIGINT, name STRING)")
    for number in range(5):
        sql(f"INSERT INTO main.default.o1 VALUES ({number}, 'n{number}')")
    row = sql("OPTIMIZE main.default.o1")[0]
    told = metrics(row)
    assert row[0].endswith(str(path("o1")).split("/storage/")[1])
    assert (int(told["numFilesAdded"]), int(told["numFilesRemoved"]), int(told["numBatches"])) == (1, 5, 1)
    assert int(told["filesRemoved"]["totalFiles"]) == 5 and told["zOrderStats"] is None
    table = DeltaTable(str(path("o1")))
    assert len(table.file_uris()) == 1
    assert sorted(table.to_pyarrow_table().column("id").to_pylist()) == [0, 1, 2, 3, 4]
    operation, parameters, counted = history(sql, "o1")[0]
    assert operation == "OPTIMIZE" and parameters["zOrderBy"] == "[]" and parameters["predicate"] == "[]"
    assert (counted["numRemovedFiles"], counted["numAddedFiles"]) == ("5", "1")
    # Nothing is left to do, and nothing is committed.
    again = metrics(sql("OPTIMIZE main.default.o1")[0])
    assert (int(again["numFilesAdded"]), int(again["numFilesRemoved"])) == (0, 0)
    assert DeltaTable(str(path("o1"))).version() == table.version()
    # The rows as of before are still there.
    assert sql(f"SELECT count(*) FROM main.default.o1 VERSION AS OF {table.version() - 1}") == [["5"]]


def test_optimize_is_no_change_of_data(sql, path):
    sql("CREATE TABLE main.default.o2 (id BIGINT) TBLPROPERTIES (delta.enableChangeDataFeed = true)")
    sql("INSERT INTO main.default.o2 VALUES (1)")
    sql("INSERT INTO main.default.o2 VALUES (2)")
    sql("OPTIMIZE main.default.o2")
    assert sql("SELECT id, _change_type FROM table_changes('main.default.o2', 0) ORDER BY id") == [["1", "insert"], ["2", "insert"]]
    log = (path("o2") / "_delta_log" / "00000000000000000003.json").read_text().splitlines()
    files = [json.loads(line) for line in log]
    assert [action[kind]["dataChange"] for action in files for kind in ("add", "remove") if kind in action] == [False, False, False]


def test_optimize_where(sql, error, path):
    sql("CREATE TABLE main.default.o3 (id BIGINT, day DATE) PARTITIONED BY (day)")
    for number in range(4):
        sql(f"INSERT INTO main.default.o3 VALUES ({number}, DATE'2026-01-0{number % 2 + 1}')")
    told = metrics(sql("OPTIMIZE main.default.o3 WHERE day = DATE'2026-01-01'")[0])
    assert (int(told["numFilesAdded"]), int(told["numFilesRemoved"]), int(told["partitionsOptimized"])) == (1, 2, 1)
    assert len(DeltaTable(str(path("o3"))).file_uris()) == 3
    assert "DELTA_NON_PARTITION_COLUMN_REFERENCE" in error("OPTIMIZE main.default.o3 WHERE id = 1")
    assert "DELTA_ZORDERING_ON_PARTITION_COLUMN" in error("OPTIMIZE main.default.o3 ZORDER BY (day)")
    assert "DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST" in error("OPTIMIZE main.default.o3 ZORDER BY (nope)")
    assert "DELTA_OPTIMIZE_FULL_NOT_SUPPORTED" in error("OPTIMIZE main.default.o3 FULL")


def test_zorder(sql, path):
    sql("CREATE TABLE main.default.o4 AS SELECT id, id % 7 AS a, 100 - id AS b FROM range(100)")
    sql("INSERT INTO main.default.o4 SELECT id, id % 7, 100 - id FROM range(100, 200)")
    told = metrics(sql("OPTIMIZE main.default.o4 ZORDER BY (b)")[0])
    assert int(told["zOrderStats"]["inputOtherFiles"]["num"]) == 2
    table = DeltaTable(str(path("o4"))).to_pyarrow_table()
    assert table.column("b").to_pylist() == sorted(100 - n for n in range(200))
    assert int(metrics(sql("OPTIMIZE main.default.o4 ZORDER BY (b)")[0])["numFilesAdded"]) == 0
    assert int(metrics(sql("OPTIMIZE main.default.o4 ZORDER BY (a, b)")[0])["numFilesAdded"]) == 1
    assert sql("SELECT count(*), sum(a), sum(b) FROM main.default.o4") == [["200", str(sum(n % 7 for n in range(200))), "100"]]


def test_clustering(sql, error):
    sql("CREATE TABLE main.default.o5 (id BIGINT, k INT) CLUSTER BY (k)")
    sql("INSERT INTO main.default.o5 VALUES (1, 5), (2, 1), (3, 3)")
    told = metrics(sql("OPTIMIZE main.default.o5")[0])
    assert int(told["clusteringStats"]["inputOtherFiles"]["numFiles"]) == 1
    assert sql("SELECT k FROM main.default.o5") == [["1"], ["3"], ["5"]]
    assert int(metrics(sql("OPTIMIZE main.default.o5")[0])["numFilesAdded"]) == 0
    sql("ALTER TABLE main.default.o5 CLUSTER BY (id)")
    assert int(metrics(sql("OPTIMIZE main.default.o5")[0])["numFilesAdded"]) == 0
    assert int(metrics(sql("OPTIMIZE main.default.o5 FULL")[0])["numFilesAdded"]) == 1
    assert sql("SELECT id FROM main.default.o5") == [["1"], ["2"], ["3"]]
    assert "DELTA_CLUSTERING_WITH_ZORDER_BY" in error("OPTIMIZE main.default.o5 ZORDER BY (k)")
    assert "DELTA_CLUSTERING_WITH_PARTITION_PREDICATE" in error("OPTIMIZE main.default.o5 WHERE k = 1")


def test_purge(sql, path):
    sql("CREATE TABLE main.default.p1 TBLPROPERTIES (delta.enableDeletionVectors = true) AS SELECT id FROM range(100)")
    sql("DELETE FROM main.default.p1 WHERE id < 3")
    told = metrics(sql("REORG TABLE main.default.p1 APPLY (PURGE)")[0])
    assert told["deletionVectorStats"] in (
        {"numDeletionVectorsRemoved": 1, "numDeletionVectorRowsRemoved": 3},
        {"numDeletionVectorsRemoved": "1", "numDeletionVectorRowsRemoved": "3"})
    assert sql("SELECT count(*), min(id) FROM main.default.p1") == [["97", "3"]]
    assert history(sql, "p1")[0][0] == "REORG"
    assert int(metrics(sql("REORG TABLE main.default.p1 APPLY (PURGE)")[0])["numFilesRemoved"]) == 0


def test_row_ids_last(sql, path):
    sql("CREATE TABLE main.default.p2 (id BIGINT) TBLPROPERTIES (delta.enableRowTracking = true)")
    sql("INSERT INTO main.default.p2 VALUES (10), (11)")
    sql("INSERT INTO main.default.p2 VALUES (12)")
    sql("OPTIMIZE main.default.p2")
    log = path("p2") / "_delta_log"
    actions = [json.loads(line) for line in sorted(log.glob("*.json"))[-1].read_text().splitlines()]
    added = [action["add"] for action in actions if "add" in action]
    assert len(added) == 1
    import pyarrow.parquet
    table = pyarrow.parquet.read_table(path("p2") / added[0]["path"])
    name = next(column for column in table.column_names if column.startswith("_row-id-col-"))
    assert sorted(zip(table.column("id").to_pylist(), table.column(name).to_pylist())) == [(10, 0), (11, 1), (12, 2)]
    assert sql("SELECT id FROM main.default.p2 ORDER BY id") == [["10"], ["11"], ["12"]]


def test_vacuum(sql, error, path):
    sql("CREATE TABLE main.default.v1 AS SELECT id FROM range(10)")
    sql("INSERT INTO main.default.v1 VALUES (10)")
    sql("OPTIMIZE main.default.v1")
    refusal = error("VACUUM main.default.v1 RETAIN 1 HOURS")
    assert "DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT" in refusal and "at least 168 hours" in refusal
    assert sql("VACUUM main.default.v1 DRY RUN") in ([], None)
    assert sql("VACUUM main.default.v1")[0][0].endswith(path("v1").name)
    assert len(list(path("v1").glob("*.parquet"))) == 3
    sql("ALTER TABLE main.default.v1 SET TBLPROPERTIES (delta.deletedFileRetentionDuration = 'interval 0 hours')")
    listed = sql("VACUUM main.default.v1 DRY RUN")
    assert len(listed) == 2 and all(row[0].endswith(".parquet") for row in listed)
    assert len(list(path("v1").glob("*.parquet"))) == 3
    assert sql("VACUUM main.default.v1 LITE DRY RUN") == listed
    sql("VACUUM main.default.v1 RETAIN 0 HOURS")
    assert len(list(path("v1").glob("*.parquet"))) == 1
    assert sql("SELECT count(*), sum(id) FROM main.default.v1") == [["11", "55"]]
    assert DeltaTable(str(path("v1"))).to_pyarrow_table().num_rows == 11
    end, start = history(sql, "v1")[:2]
    assert (start[0], end[0]) == ("VACUUM START", "VACUUM END")
    assert start[1]["specifiedRetentionMillis"] == "0" and start[2]["numFilesToDelete"] == "2"
    assert end[1]["status"] == "COMPLETED" and end[2]["numDeletedFiles"] == "2"
    assert "FILE" in error("SELECT sum(id) FROM main.default.v1 VERSION AS OF 1")


def test_clone(sql, error, path):
    sql("CREATE TABLE main.default.c1 (id BIGINT, day DATE) PARTITIONED BY (day) COMMENT 'first' TBLPROPERTIES (delta.enableDeletionVectors = true)")
    sql("INSERT INTO main.default.c1 SELECT id, DATE'2026-01-01' FROM range(10)")
    sql("DELETE FROM main.default.c1 WHERE id = 3")
    row = sql("CREATE TABLE main.default.c2 DEEP CLONE main.default.c1")[0]
    assert row[1:4] == ["1", "0", "1"] and row[0] == row[5] and row[4] == "0"
    assert sql("SELECT count(*), sum(id) FROM main.default.c2") == [["9", "42"]]
    operation, parameters, counted = history(sql, "c2")[0]
    assert operation == "CLONE" and parameters == {"source": "main.default.c1", "sourceVersion": "2", "isShallow": "false"}
    assert counted["numCopiedFiles"] == "1"
    # The two go their own ways.
    sql("INSERT INTO main.default.c2 VALUES (100, DATE'2026-01-02')")
    sql("DELETE FROM main.default.c1")
    assert sql("SELECT count(*) FROM main.default.c2") == [["10"]]
    query = QueryBuilder().register("t", DeltaTable(str(path("c2"))))
    assert pa.table(query.execute("SELECT count(id) AS n FROM t").read_all()).to_pylist() == [{"n": 10}]
    assert "TABLE_OR_VIEW_ALREADY_EXISTS" in error("CREATE TABLE main.default.c2 CLONE main.default.c1")
    sql("CREATE TABLE IF NOT EXISTS main.default.c2 CLONE main.default.c1")
    assert sql("SELECT count(*) FROM main.default.c2") == [["10"]]
    row = sql("CREATE OR REPLACE TABLE main.default.c2 DEEP CLONE main.default.c1 VERSION AS OF 1")[0]
    assert row[3] == "1" and int(row[2]) >= 1
    assert sql("SELECT count(*) FROM main.default.c2") == [["10"]]
    assert sql("SELECT max(id) FROM main.default.c2") == [["9"]]


def test_filtered_tables_are_not_cloned(sql, error):
    sql("CREATE TABLE main.default.secret AS SELECT id FROM range(5)")
    sql("CREATE FUNCTION main.default.few(id BIGINT) RETURN id < 2")
    sql("ALTER TABLE main.default.secret SET ROW FILTER main.default.few ON (id)")
    assert "row filter" in error("CREATE TABLE main.default.copy DEEP CLONE main.default.secret")
    assert "row filter" in error("CREATE TABLE main.default.copy SHALLOW CLONE main.default.secret")
