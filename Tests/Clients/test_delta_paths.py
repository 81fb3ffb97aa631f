"""Statements on Delta tables by their paths, and what delta-rs and DuckDB make of every kind of table."""

import datetime
import decimal
import importlib.resources
import itertools

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder, write_deltalake

from disk import data, error, path, run, server, sql  # noqa: F401 (fixtures)

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def duck():
    connection = duckdb.connect()
    package = importlib.resources.files("duckdb_extension_delta")
    connection.execute(f"LOAD '{package}/extensions/v{duckdb.__version__}/delta.duckdb_extension'")
    return lambda place: sorted(connection.sql(f"SELECT * FROM delta_scan('{place}')").fetchall(), key=str)


def delta_rs(place):
    found = pa.table(QueryBuilder().register("t", DeltaTable(place)).execute("SELECT * FROM t").read_all())
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=str)


def test_statements_by_path(sql, error, data, duck):
    """A table that delta-rs made and no catalog knows."""
    place = data / "storage" / "elsewhere" / "bare"
    write_deltalake(place, pa.table({"id": pa.array([1, 2], pa.int64()), "v": ["a", "b"]}))
    name = "delta.`s3://elsewhere/bare`"
    assert sql(f"INSERT INTO {name} VALUES (3, 'c')") == [["1", "1"]]
    assert sql(f"UPDATE {name} SET v = 'x' WHERE id = 1") == [["1"]]
    assert sql(f"DELETE FROM {name} WHERE id = 2") == [["1"]]
    assert sql(f"MERGE INTO {name} t USING (SELECT 3 AS id UNION ALL SELECT 9) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 'm' "
               "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'n')") == [["2", "1", "0", "1"]]
    assert sql(f"SELECT * FROM {name} ORDER BY id") == [["1", "x"], ["3", "m"], ["9", "n"]]
    assert delta_rs(place) == duck(place) == [(1, "x"), (3, "m"), (9, "n")]
    history = sql(f"DESCRIBE HISTORY {name}")
    assert [row[4] for row in history[:-1]] == ["MERGE", "DELETE", "UPDATE", "WRITE"] and history[-1][0] == "0"
    assert sql("DESCRIBE HISTORY 's3://elsewhere/bare' LIMIT 1")[0][4] == "MERGE"
    detail = sql("DESCRIBE DETAIL 's3://elsewhere/bare'")[0]
    assert detail[0] == "delta" and "s3://elsewhere/bare" in detail
    assert [row[:2] for row in sql(f"DESCRIBE TABLE {name}")] == [["id", "bigint"], ["v", "string"]]
    assert sql("SELECT count(*) FROM delta.`s3://elsewhere/bare@v0`") == sql(f"SELECT count(*) FROM {name} VERSION AS OF 0") == [["2"]]
    sql(f"ALTER TABLE {name} ADD COLUMN w INT")
    sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    assert ["delta.enableDeletionVectors", "true"] in [row[:2] for row in sql(f"SHOW TBLPROPERTIES {name}")]
    sql(f"DELETE FROM {name} WHERE id = 9")
    sql("OPTIMIZE 's3://elsewhere/bare'")
    sql(f"REORG TABLE {name} APPLY (PURGE)")
    assert delta_rs(place) == [(1, "x", None), (3, "m", None)]
    sql(f"RESTORE TABLE {name} TO VERSION AS OF 0")
    sql("VACUUM 's3://elsewhere/bare' DRY RUN")
    sql(f"VACUUM {name}")
    assert sql(f"SELECT * FROM {name} ORDER BY id") == [["1", "a"], ["2", "b"]]
    sql(f"INSERT INTO {name} SELECT id + 10, v FROM {name}")
    sql(f"CREATE TABLE taken DEEP CLONE {name}")
    sql(f"TRUNCATE TABLE {name}")
    assert sql("SELECT count(*), max(id) FROM taken") == [["4", "12"]] and delta_rs(place) == []
    assert "[DELTA_TABLE_NOT_FOUND]" in error("DELETE FROM delta.`s3://elsewhere/nothing`")
    assert "CREATE TABLE of a path" in error("CREATE TABLE delta.`s3://elsewhere/new` (id INT)")
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in error(f"DROP TABLE {name}")


DAY, MOMENT = datetime.date(2020, 2, 29), datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)

KINDS = {
    "column mapping by id": (
        "(id INT, s STRUCT<a: INT, l: ARRAY<STRUCT<b: INT>>>, m MAP<STRING, STRUCT<v: INT>>) TBLPROPERTIES ('delta.columnMapping.mode' = 'id')",
        ["INSERT INTO {t} VALUES (1, named_struct('a', 2, 'l', array(named_struct('b', 3))), map('k', named_struct('v', 4)))",
         "ALTER TABLE {t} RENAME COLUMN s.a TO z", "ALTER TABLE {t} RENAME COLUMN id TO was", "ALTER TABLE {t} ADD COLUMN id INT"],
        [(1, {"z": 2, "l": [{"b": 3}]}, {"k": {"v": 4}}, None)], "both"),
    "checkpoints of version 2": (
        "(id INT) TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2')",
        ["INSERT INTO {t} VALUES (1), (2)", "INSERT INTO {t} VALUES (3)", "DELETE FROM {t} WHERE id = 2", "INSERT INTO {t} VALUES (4)"],
        [(1,), (3,), (4,)], "both"),
    "type widening": (
        "(id INT, f FLOAT, d DECIMAL(5, 2), s SMALLINT, t DATE) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
        ["INSERT INTO {t} VALUES (1, 1.5, 1.25, 3, DATE'2020-02-29')"]
        + [f"ALTER TABLE {{t}} ALTER COLUMN {c} TYPE {t}" for c, t in
           {"id": "BIGINT", "f": "DOUBLE", "d": "DECIMAL(10, 3)", "s": "INT", "t": "TIMESTAMP_NTZ"}.items()]
        + ["INSERT INTO {t} VALUES (5000000000, 0.1, 1234567.125, 100000, TIMESTAMP_NTZ'2020-01-02 03:04:05.678901')"],
        [(1, 1.5, decimal.Decimal("1.250"), 3, datetime.datetime(2020, 2, 29)), (5000000000, 0.1, decimal.Decimal("1234567.125"), 100000, MOMENT)],
        "duckdb"),
    "timestamps without zone": (
        "(id INT, t TIMESTAMP_NTZ) PARTITIONED BY (t)", ["INSERT INTO {t} VALUES (1, TIMESTAMP_NTZ'2020-01-02 03:04:05.678901'), (2, NULL)"],
        [(1, MOMENT), (2, None)], "both"),
    "odd partitions": (
        "(id INT, a STRING, b DATE, c DECIMAL(5, 1), d BOOLEAN) PARTITIONED BY (a, b, c, d)",
        ["INSERT INTO {t} VALUES (1, 'x/y=%z ü', DATE'2020-02-29', 1.5, true), (2, '', NULL, NULL, NULL)"],
        [(1, "x/y=%z ü", DAY, decimal.Decimal("1.5"), True), (2, None, None, None, None)], "both"),
    "liquid clustering": ("(id INT, v STRING) CLUSTER BY (id)", ["INSERT INTO {t} VALUES (2, 'b'), (1, 'a')", "OPTIMIZE {t}"],
                          [(1, "a"), (2, "b")], "both"),
    "times, ids and changes in the log": (
        "(id INT) TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true', 'delta.enableRowTracking' = 'true', 'delta.enableChangeDataFeed' = 'true')",
        ["INSERT INTO {t} VALUES (1), (2)", "UPDATE {t} SET id = 3 WHERE id = 1"], [(2,), (3,)], "both"),
    "generated, identity and default columns": (
        "(id INT, d INT GENERATED ALWAYS AS (id * 2), i BIGINT GENERATED ALWAYS AS IDENTITY, x INT DEFAULT 5) "
        "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
        ["INSERT INTO {t} (id) VALUES (1), (2)", "ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0)"], [(1, 2, 1, 5), (2, 4, 2, 5)], "both"),
    "deletion vectors": (
        "(id INT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
        ["INSERT INTO {t} VALUES (1), (2), (3)", "DELETE FROM {t} WHERE id = 2", "DELETE FROM {t} WHERE id = 3"], [(1,)], "both"),
    "narrow types": (
        "(a TINYINT, b SMALLINT, c DECIMAL(38, 10), d BINARY, e CHAR(3), f VARCHAR(5))",
        ["INSERT INTO {t} VALUES (1, 2, 1234567890123456789012345678.0123456789, X'00ff', 'a', 'b')"],
        [(1, 2, decimal.Decimal("1234567890123456789012345678.0123456789"), b"\x00\xff", "a  ", "b")], "both"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_is_read_by_others(sql, path, duck, kind):
    definition, statements, expected, readers = KINDS[kind]
    name = f"kind{next(NUMBERS)}"
    sql(f"CREATE TABLE {name} {definition}")
    for statement in statements:
        sql(statement.format(t=name))
    assert duck(path(name)) == expected
    if readers == "both":
        # delta-rs gives maps as lists of pairs.
        found = [tuple(dict(value) if isinstance(value, list) else value for value in row) for row in delta_rs(path(name))]
        assert found == expected
    else:
        with pytest.raises(Exception, match="(?i)typewidening"):
            delta_rs(path(name))
