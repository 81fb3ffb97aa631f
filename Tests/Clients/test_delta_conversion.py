"""CONVERT TO DELTA of directories of Parquet files, and ALTER TABLE … DROP FEATURE, with what other engines make of the tables."""

import importlib.resources
import io
import json
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from disk import data, error, path, run, server, sql  # noqa: F401 (fixtures)


def rows(place, order="id"):
    return sorted(DeltaTable(place).to_pyarrow_table().to_pylist(), key=lambda row: row[order])


@pytest.fixture(scope="module")
def duck():
    connection = duckdb.connect()
    package = importlib.resources.files("duckdb_extension_delta")
    connection.execute(f"LOAD '{package}/extensions/v{duckdb.__version__}/delta.duckdb_extension'")
    return lambda place, order="id": connection.sql(f"SELECT * FROM delta_scan('{place}') ORDER BY {order}").fetchall()


def log(place, version):
    lines = (place / "_delta_log" / f"{version:020}.json").read_text().splitlines()
    return [next(iter(json.loads(line).items())) for line in lines]


def protocol(place):
    return json.loads(json.dumps(DeltaTable(place).protocol()._asdict()))


@pytest.fixture(scope="module")
def parquet(data):
    def write(name, files):
        place = data / "storage" / "elsewhere" / name
        for file, columns in files.items():
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table(columns), place / file)
        return place, f"s3://elsewhere/{name}"

    return write


def numbers(*values):
    return pa.array(values, pa.int64())


def test_a_directory_becomes_a_delta_table(sql, error, parquet, duck):
    place, url = parquet("parts", {
        "day=2026-01-01/rows.parquet": {"id": numbers(1, 2), "v": ["1", "2"]},
        "day=2026-01-02/rows.parquet": {"id": numbers(3), "v": ["3"], "more": [True]},
        "day=__HIVE_DEFAULT_PARTITION__/rows.parquet": {"id": numbers(4), "v": ["4"]},
        "_hidden/x.parquet": {"id": ["not one of the table's"]}})
    assert "[DELTA_UNEXPECTED_NUM_PARTITION_COLUMNS_FROM_FILE_NAME] Expecting 0 partition column(s): [], but found 1 partition column(s): [`day`]" in error(
        f"CONVERT TO DELTA parquet.`{url}`")
    assert "[DELTA_UNEXPECTED_PARTITION_COLUMN_FROM_FILE_NAME] Expecting partition column `date`, but found partition column `day`" in error(
        f"CONVERT TO DELTA parquet.`{url}` PARTITIONED BY (date DATE)")
    assert "[DELTA_FAILED_CAST_PARTITION_VALUE] Failed to cast partition value `2026-01-01` to IntegerType" in error(
        f"CONVERT TO DELTA parquet.`{url}` PARTITIONED BY (day INT)")
    assert not (place / "_delta_log").exists()
    sql(f"CONVERT TO DELTA parquet.`{url}` PARTITIONED BY (day DATE)")
    expected = [
        {"id": 1, "v": "1", "more": None, "day": date(2026, 1, 1)}, {"id": 2, "v": "2", "more": None, "day": date(2026, 1, 1)},
        {"id": 3, "v": "3", "more": True, "day": date(2026, 1, 2)}, {"id": 4, "v": "4", "more": None, "day": None}]
    assert rows(place) == expected
    assert duck(place) == [tuple(row.values()) for row in expected]
    actions = log(place, 0)
    info = next(value for kind, value in actions if kind == "commitInfo")
    assert (info["operation"], info["operationMetrics"]) == ("CONVERT", {"numConvertedFiles": "3"})
    assert info["operationParameters"] == {"numFiles": "3", "partitionedBy": '["day"]', "collectStats": "true", "sourceFormat": "parquet"}
    add = next(value for kind, value in actions if kind == "add" and value["partitionValues"] == {"day": "2026-01-01"})
    assert add["path"] == "day=2026-01-01/rows.parquet"
    assert json.loads(add["stats"]) == {
        "numRecords": 2, "minValues": {"id": 1, "v": "1"}, "maxValues": {"id": 2, "v": "2"}, "nullCount": {"id": 0, "v": 0}, "tightBounds": True}
    # A second time changes nothing, and the path reads as a table.
    sql(f"CONVERT TO DELTA parquet.`{url}` PARTITIONED BY (day DATE)")
    sql(f"CONVERT TO DELTA delta.`{url}`")
    assert sql(f"SELECT count(*), max(day) FROM delta.`{url}`") == [["4", "2026-01-02"]]
    assert not (place / "_delta_log" / f"{1:020}.json").exists()


def test_a_table_of_the_catalog_is_converted(sql, error, parquet, server):
    place, url = parquet("known", {
        "kind=a/1.parquet": {"id": numbers(1, 2), "price": [0.5, 1.5]}, "kind=b%2Fc/1.parquet": {"id": numbers(3), "price": [2.5]}})
    sql(f"CREATE TABLE converted USING PARQUET LOCATION '{url}' TBLPROPERTIES ('team' = 'red')")
    assert "[DELTA_UNEXPECTED_PARTITION_SCHEMA_FROM_USER]" in error("CONVERT TO DELTA converted PARTITIONED BY (kind INT)")
    assert " |-- kind: string (nullable = true)\n" in error("CONVERT TO DELTA converted PARTITIONED BY (kind INT)")
    sql("CONVERT TO DELTA main.default.converted")
    info = server.request("GET", "/api/2.1/unity-catalog/tables/main.default.converted").json
    assert (info["data_source_format"], info["table_type"], info["properties"]["team"]) == ("DELTA", "EXTERNAL", "red")
    sql("DELETE FROM converted WHERE id = 1")
    sql("INSERT INTO converted VALUES (9, 9.5, 'b/c')")
    assert sql("SELECT id, kind FROM converted WHERE kind = 'b/c' ORDER BY id") == [["3", "b/c"], ["9", "b/c"]]
    assert rows(place) == [
        {"id": 2, "price": 1.5, "kind": "a"}, {"id": 3, "price": 2.5, "kind": "b/c"}, {"id": 9, "price": 9.5, "kind": "b/c"}]
    assert [row[4] for row in sql("DESCRIBE HISTORY converted")] == ["WRITE", "DELETE", "CONVERT"]
    sql("CONVERT TO DELTA converted")
    assert len(sql("DESCRIBE HISTORY converted")) == 3
    # Another row over the same place takes the log that is there.
    sql(f"CREATE VIEW shown AS SELECT 1 AS one")
    assert "Converting a view to a Delta table" in error("CONVERT TO DELTA shown")
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in error("CONVERT TO DELTA nowhere")


def test_volumes_statistics_and_what_is_refused(server, sql, error, parquet):
    server.request("POST", "/api/2.1/unity-catalog/volumes", {
        "catalog_name": "main", "schema_name": "default", "name": "files", "volume_type": "MANAGED"})
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": numbers(1, None, 3), "s": [{"a": 1}, {"a": None}, None]}), buffer)
    server.request("PUT", "/api/2.0/fs/files/Volumes/main/default/files/t/a.parquet", buffer.getvalue())
    sql("CONVERT TO DELTA parquet.`/Volumes/main/default/files/t` NO STATISTICS")
    assert sql("SELECT count(*), count(id), sum(s.a) FROM delta.`/Volumes/main/default/files/t`") == [["3", "2", "1"]]
    place, url = parquet("bare", {"a": {"id": numbers(1, 2)}})
    sql(f"CONVERT TO DELTA parquet.`{url}` NO STATISTICS")
    assert [value.get("stats") for kind, value in log(place, 0) if kind == "add"] == [None]
    assert rows(place) == [{"id": 1}, {"id": 2}]
    # Byte, short and int meet in the widest; other types do not.
    place, url = parquet("widths", {"a.parquet": {"n": pa.array([1], pa.int8())}, "b.parquet": {"n": pa.array([70000], pa.int32())}})
    sql(f"CONVERT TO DELTA parquet.`{url}`")
    assert rows(place, "n") == [{"n": 1}, {"n": 70000}]
    _, url = parquet("clash", {"a.parquet": {"n": numbers(1)}, "b.parquet": {"n": ["x"]}})
    assert "[DELTA_FAILED_MERGE_SCHEMA_FILE] Failed to merge schema of file s3://elsewhere/clash/b.parquet:\nroot\n |-- n: string" in error(
        f"CONVERT TO DELTA parquet.`{url}`")
    assert f"[DELTA_CONVERT_NON_PARQUET_TABLE]" in error(f"CONVERT TO DELTA json.`{url}`")
    assert f"please rewrite your target as parquet.`{url}`" in error(f"CONVERT TO DELTA `{url}`").lower()
    assert "CONVERT TO DELTA of Iceberg tables" in error(f"CONVERT TO DELTA iceberg.`{url}`")
    assert "[PATH_NOT_FOUND]" in error("CONVERT TO DELTA parquet.`s3://elsewhere/nothing`")
    parquet("hollow", {"_x/a.parquet": {"n": numbers(1)}})
    assert "[DELTA_EMPTY_DIRECTORY] No file found in the directory: s3://elsewhere/hollow." in error(
        "CONVERT TO DELTA parquet.`s3://elsewhere/hollow`") or "[PATH_NOT_FOUND]" in error("CONVERT TO DELTA parquet.`s3://elsewhere/hollow`")
    _, url = parquet("rowids", {"a.parquet": {"n": numbers(1)}})
    sql(f"CREATE TABLE rowids USING PARQUET LOCATION '{url}' TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    assert "[DELTA_CONVERT_TO_DELTA_ROW_TRACKING_WITHOUT_STATS]" in error("CONVERT TO DELTA rowids NO STATISTICS")
    sql("CONVERT TO DELTA rowids")
    assert sql("SELECT n, _metadata.row_id FROM rowids") == [["1", "0"]]


# DROP FEATURE

def history(sql, table):
    return [row[4] for row in sql(f"DESCRIBE HISTORY {table}")]


def test_deletion_vectors_are_dropped_at_once(sql, error, path, duck):
    sql("CREATE TABLE dv (id BIGINT, v STRING) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    sql("INSERT INTO dv VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    sql("DELETE FROM dv WHERE id = 2")
    place = path("dv")
    assert protocol(place)["reader_features"] == ["deletionVectors"]
    sql("ALTER TABLE dv DROP FEATURE deletionVectors")
    assert history(sql, "dv")[:6] == [
        "DROP FEATURE", "Empty Commit", "Empty Commit", "Empty Commit", "Deletion Vector Tombstones", "REORG"]
    assert protocol(place) == {
        "min_reader_version": 1, "min_writer_version": 7, "reader_features": None,
        "writer_features": ["appendOnly", "checkpointProtection", "invariants"]}
    version = int(sql("DESCRIBE HISTORY dv LIMIT 1")[0][0])
    assert DeltaTable(place).metadata().configuration == {"delta.requireCheckpointProtectionBeforeVersion": str(version)}
    assert all((place / "_delta_log" / f"{version - back:020}.checkpoint.parquet").exists() for back in range(4))
    assert rows(place) == [{"id": 1, "v": "a"}, {"id": 3, "v": "c"}] and duck(place) == [(1, "a"), (3, "c")]
    # The vector's file is known as one that has gone.
    tombstones = [value["path"] for kind, value in log(place, version - 4) if kind == "remove"]
    assert len(tombstones) == 1 and (place / tombstones[0]).exists() and tombstones[0].endswith(".bin")
    # Old versions are still there, and the table is written on.
    assert sql("SELECT count(*) FROM dv VERSION AS OF 1") == [["3"]]
    sql("UPDATE dv SET v = 'x' WHERE id = 1")
    assert rows(place) == [{"id": 1, "v": "x"}, {"id": 3, "v": "c"}]
    assert "[DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT]" in error("ALTER TABLE dv DROP FEATURE deletionVectors")
    assert "[DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION]" in error("ALTER TABLE dv DROP FEATURE checkpointProtection")
    assert "[DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD]" in error(
        "ALTER TABLE dv DROP FEATURE checkpointProtection TRUNCATE HISTORY")


def test_column_mapping_is_dropped_with_the_files_written_anew(sql, error, path, duck):
    sql("""CREATE TABLE mapped (id BIGINT, `odd name` STRING, s STRUCT<x: INT>, p INT) PARTITIONED BY (p)
        TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'true')""")
    sql("INSERT INTO mapped VALUES (1, 'a', struct(1), 1), (2, 'b', struct(2), 2), (3, 'c', NULL, 2)")
    sql("DELETE FROM mapped WHERE id = 2")
    assert "[DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING]" in error("ALTER TABLE mapped DROP FEATURE columnMapping")
    sql("ALTER TABLE mapped RENAME COLUMN `odd name` TO fine")
    sql("ALTER TABLE mapped RENAME COLUMN s.x TO y")
    sql("ALTER TABLE mapped DROP FEATURE columnMapping")
    place = path("mapped")
    assert history(sql, "mapped")[:5] == ["DROP FEATURE", "Empty Commit", "Empty Commit", "Empty Commit", "REMOVE COLUMN MAPPING"]
    sql("ALTER TABLE mapped DROP FEATURE deletionVectors")
    table = DeltaTable(place)
    assert "columnMapping" not in json.dumps(table.metadata().configuration) and "columnMapping" not in table.schema().to_json()
    assert rows(place) == [{"id": 1, "fine": "a", "s": {"y": 1}, "p": 1}, {"id": 3, "fine": "c", "s": None, "p": 2}]
    assert duck(place) == [(1, "a", {"y": 1}, 1), (3, "c", None, 2)]
    files = [place / add for add in table.file_uris()]
    assert sorted(pq.read_schema(files[0]).names) == ["fine", "id", "s"]
    # Switching the mode off keeps the feature.
    sql("CREATE TABLE off (id BIGINT, v INT) TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableRowTracking' = 'true')")
    sql("INSERT INTO off VALUES (1, 1), (2, 2)")
    sql("ALTER TABLE off RENAME COLUMN v TO w")
    before = sql("SELECT id, w, _metadata.row_id FROM off ORDER BY id")
    sql("ALTER TABLE off SET TBLPROPERTIES ('delta.columnMapping.mode' = 'none')")
    assert sql("SELECT id, w, _metadata.row_id FROM off ORDER BY id") == before == [["1", "1", "0"], ["2", "2", "1"]]
    assert duck(path("off")) == [(1, 1), (2, 2)]
    assert history(sql, "off")[0] == "REMOVE COLUMN MAPPING"
    assert DeltaTable(path("off")).metadata().configuration["delta.columnMapping.mode"] == "none"


def test_widened_types_are_dropped(sql, path, duck):
    sql("CREATE TABLE wide (id INT, s STRUCT<x: SMALLINT>, l ARRAY<FLOAT>) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
    sql("INSERT INTO wide VALUES (1, named_struct('x', 1S), array(0.5F))")
    sql("ALTER TABLE wide ALTER COLUMN id TYPE BIGINT")
    sql("ALTER TABLE wide ALTER COLUMN s.x TYPE INT")
    sql("ALTER TABLE wide ALTER COLUMN l.element TYPE DOUBLE")
    sql("INSERT INTO wide VALUES (5000000000, named_struct('x', 100000), array(0.1D))")
    kept = set(path("wide").glob("*.parquet"))
    sql("ALTER TABLE wide DROP FEATURE typeWidening")
    place = path("wide")
    assert history(sql, "wide")[:7] == [
        "DROP FEATURE", "Empty Commit", "Empty Commit", "Empty Commit", "DROP FEATURE", "REORG", "UNSET TBLPROPERTIES"]
    assert "typeChanges" not in DeltaTable(place).schema().to_json() and "typeWidening" not in protocol(place)["writer_features"]
    # The second file had the wide types already.
    now = {place / name.split("/")[-1] for name in DeltaTable(place).file_uris()}
    assert len(now) == 2 and len(now & kept) == 1
    expected = [{"id": 1, "s": {"x": 1}, "l": [0.5]}, {"id": 5000000000, "s": {"x": 100000}, "l": [0.1]}]
    assert rows(place) == expected
    assert duck(place) == [tuple(row.values()) for row in expected]


def test_features_of_writers_are_dropped_without_protection(sql, error, path):
    sql("""CREATE TABLE tracked (id BIGINT) CLUSTER BY (id)
        TBLPROPERTIES ('delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.feature.vacuumProtocolCheck' = 'supported')""")
    sql("INSERT INTO tracked VALUES (1), (2)")
    place = path("tracked")
    assert "[DELTA_FEATURE_DROP_DEPENDENT_FEATURE] Cannot drop table feature `domainMetadata` because some other features (rowTracking, clustering)" in error(
        "ALTER TABLE tracked DROP FEATURE domainMetadata")
    assert "[DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED]" in error("ALTER TABLE tracked DROP FEATURE rowTracking TRUNCATE HISTORY")
    sql("ALTER TABLE tracked DROP FEATURE rowTracking")
    assert history(sql, "tracked")[:3] == ["DROP FEATURE", "ROW TRACKING UNBACKFILL", "SET TBLPROPERTIES"]
    version = DeltaTable(place).version()
    assert [value["removed"] for kind, value in log(place, version) if kind == "domainMetadata"] == [True]
    adds = [value for kind, value in log(place, version - 1) if kind == "add"]
    assert [("baseRowId" in add, add["dataChange"]) for add in adds] == [(False, False)]
    assert "rowTracking" not in json.dumps(DeltaTable(place).metadata().configuration)
    sql("INSERT INTO tracked VALUES (3)")
    assert not [value for kind, value in log(place, version + 1) if kind == "add" and "baseRowId" in value]
    sql("ALTER TABLE tracked DROP FEATURE inCommitTimestamp")
    assert history(sql, "tracked")[:2] == ["DROP FEATURE", "UNSET TBLPROPERTIES"]
    assert DeltaTable(place).metadata().configuration == {"delta.enableInCommitTimestamps": "false"}
    assert "[DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE] Cannot drop clustering" in error("ALTER TABLE tracked DROP FEATURE clustering")
    sql("ALTER TABLE tracked DROP FEATURE 'vacuumProtocolCheck'")
    assert protocol(place)["writer_features"] == ["appendOnly", "checkpointProtection", "clustering", "domainMetadata", "invariants"]
    assert rows(place) == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_constraints_and_names_of_features(sql, error, path):
    sql("CREATE TABLE checked (id BIGINT)")
    sql("ALTER TABLE checked ADD CONSTRAINT positive CHECK (id > 0)")
    assert protocol(path("checked"))["min_writer_version"] == 3
    assert "[DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE]" in error("ALTER TABLE checked DROP FEATURE checkConstraints")
    sql("ALTER TABLE checked DROP CONSTRAINT positive")
    sql("ALTER TABLE checked DROP FEATURE checkConstraints")
    # Nothing but what the versions 1 and 2 imply is left.
    assert protocol(path("checked")) == {"min_reader_version": 1, "min_writer_version": 2, "reader_features": None, "writer_features": None}
    assert sql("SHOW TBLPROPERTIES checked ('delta.minWriterVersion')") == [["delta.minWriterVersion", "2"]]
    assert "[DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY] Cannot drop `delta.appendOnly`" in error("ALTER TABLE checked DROP FEATURE 'delta.appendOnly'")
    assert "[DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE] Cannot drop appendOnly" in error("ALTER TABLE checked DROP FEATURE appendOnly")
    assert "[DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE] Cannot drop nonsense" in error("ALTER TABLE checked DROP FEATURE nonsense")
    assert "[DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT] Cannot drop v2Checkpoint" in error("ALTER TABLE checked DROP FEATURE v2Checkpoint")


def test_history_must_expire_before_it_is_truncated(sql, error, path):
    sql("CREATE TABLE slow (id BIGINT) TBLPROPERTIES ('delta.checkpointPolicy' = 'v2')")
    sql("INSERT INTO slow VALUES (1)")
    message = error("ALTER TABLE slow DROP FEATURE v2Checkpoint TRUNCATE HISTORY")
    assert "[DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD] Dropping v2Checkpoint was partially successful." in message
    assert "configured as delta.logRetentionDuration=30 days." in message and "(24 hours)" in message
    assert history(sql, "slow")[:2] == ["Empty Commit", "SET TBLPROPERTIES"]
    assert sql("SHOW TBLPROPERTIES slow ('delta.checkpointPolicy')") == [["delta.checkpointPolicy", "classic"]]
    assert "[DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST]" in error("ALTER TABLE slow DROP FEATURE v2Checkpoint TRUNCATE HISTORY")
    assert "v2Checkpoint" in protocol(path("slow"))["writer_features"]
    sql("ALTER TABLE slow DROP FEATURE v2Checkpoint")
    assert "v2Checkpoint" not in protocol(path("slow"))["writer_features"]
    assert rows(path("slow")) == [{"id": 1}]
