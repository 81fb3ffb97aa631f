"""Tables on disk, shared with other engines: what one writes the others read."""

import datetime
import decimal
import os

import duckdb
import pyarrow as pa
import pyarrow.parquet
from deltalake import DeltaTable, QueryBuilder, write_deltalake

from disk import data, path, run, server, sql  # noqa: F401 (fixtures)

UTC = datetime.timezone.utc


def plain(rows):
    """Maps as dictionaries, whichever way the engine shows them."""
    def value(v):
        if isinstance(v, list) and v and all(isinstance(e, tuple) for e in v):
            return {k: value(e) for k, e in v}
        if isinstance(v, list):
            return [value(e) for e in v]
        if isinstance(v, dict):
            return {k: value(e) for k, e in v.items()}
        return v
    return [value(row) for row in rows]


def test_others_read_what_sql_writes(sql, path):
    sql("""CREATE TABLE kinds (id INT, b BOOLEAN, y TINYINT, s SMALLINT, l BIGINT, f FLOAT, d DOUBLE, m DECIMAL(9,2), w DECIMAL(38,10),
             t STRING, x BINARY, day DATE, at TIMESTAMP, a ARRAY<STRUCT<x INT, y MAP<STRING, DOUBLE>>>)""")
    sql("""INSERT INTO kinds VALUES (1, true, -1Y, -300S, 9000000000, 1.5F, -2.25D, 12.50, 12345678901234567890.5, 'é日', X'00ff',
             DATE'2026-01-02', TIMESTAMP'1969-12-31 23:59:59.999999', array(named_struct('x', 7, 'y', map('k', 0.5D)), NULL)),
           (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""")
    wanted = [
        {"id": 1, "b": True, "y": -1, "s": -300, "l": 9000000000, "f": 1.5, "d": -2.25, "m": decimal.Decimal("12.50"),
         "w": decimal.Decimal("12345678901234567890.5000000000"), "t": "é日", "x": b"\x00\xff", "day": datetime.date(2026, 1, 2),
         "at": datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), "a": [{"x": 7, "y": {"k": 0.5}}, None]},
        {"id": 2} | {name: None for name in ["b", "y", "s", "l", "f", "d", "m", "w", "t", "x", "day", "at", "a"]}]
    table = DeltaTable(path("kinds"))
    assert table.version() == 1
    assert plain(table.to_pyarrow_table().sort_by("id").to_pylist()) == wanted
    files = [str(f) for f in path("kinds").glob("*.parquet")]
    assert plain(pa.parquet.read_table(files[0]).sort_by("id").to_pylist()) == wanted
    rows = duckdb.sql(f'SELECT * REPLACE (epoch_us("at") AS "at") FROM read_parquet({files}) ORDER BY id')
    assert [dict(zip(rows.columns, row)) for row in rows.fetchall()] == [wanted[0] | {"at": -1}, wanted[1]]
    column = pa.parquet.ParquetFile(files[0]).metadata.row_group(0).column(4)
    assert (column.compression, column.statistics.min, column.statistics.null_count) == ("SNAPPY", 9000000000, 1)


def test_sql_reads_what_deltalake_writes(sql, path):
    sql("CREATE TABLE theirs (id BIGINT, name STRING, tags ARRAY<STRING>, place STRUCT<lat: DOUBLE, names: MAP<STRING, INT>>)")
    place = pa.struct([("lat", pa.float64()), ("names", pa.map_(pa.string(), pa.int32()))])
    schema = pa.schema([("id", pa.int64()), ("name", pa.string()), ("tags", pa.list_(pa.string())), ("place", place)])
    rows = [{"id": n, "name": f"name {n}" if n % 3 else None, "tags": ["a", None] * (n % 3), "place": {"lat": n / 2, "names": [("k", n)]}}
            for n in range(10)]
    write_deltalake(path("theirs"), pa.Table.from_pylist(rows, schema), mode="append")
    assert sql("SELECT count(*), count(name), sum(size(tags)), sum(place.lat), sum(place.names['k']) FROM theirs") == [
        ["10", "6", "18", "22.5", "45"]]
    DeltaTable(path("theirs")).delete("id < 4")
    assert sql("SELECT min(id), count(*) FROM theirs") == [["4", "6"]]
    DeltaTable(path("theirs")).create_checkpoint()
    sql("INSERT INTO theirs VALUES (77, 'ours', NULL, NULL)")
    assert sorted(DeltaTable(path("theirs")).to_pyarrow_table()["id"].to_pylist()) == [4, 5, 6, 7, 8, 9, 77]


def test_checkpoints_both_ways(data, sql, path, start, tmp_path):
    sql("CREATE TABLE many (id INT, part STRING) PARTITIONED BY (part)")
    for n in range(11):
        sql(f"INSERT INTO many VALUES ({n}, 'p{n % 2}')")
    log = path("many") / "_delta_log"
    assert (log / f"{10:020d}.checkpoint.parquet").is_file() and (log / "_last_checkpoint").is_file()
    for n in range(10):
        os.remove(log / f"{n:020d}.json")
    table = DeltaTable(path("many"))
    assert table.version() == 11
    assert sorted(table.to_pyarrow_table()["id"].to_pylist()) == list(range(11))
    assert sorted(table.to_pyarrow_table(filters=[("part", "=", "p1")])["id"].to_pylist()) == [1, 3, 5, 7, 9]
    write_deltalake(path("many"), pa.table({"id": pa.array([50], pa.int32()), "part": ["p0"]}), mode="append")
    DeltaTable(path("many")).create_checkpoint()
    for n in (10, 11, 12):
        os.remove(log / f"{n:020d}.json")
    os.remove(log / f"{10:020d}.checkpoint.parquet")
    assert sql("SELECT part, count(*), sum(id) FROM many GROUP BY part ORDER BY part") == [["p0", "7", "80"], ["p1", "5", "25"]]
    sql("INSERT INTO many VALUES (51, 'p1')")
    assert DeltaTable(path("many")).version() == 13


def test_mapped_columns(sql, path):
    sql("""CREATE TABLE mapped (id INT, `odd name` STRUCT<a: INT, `b c`: ARRAY<STRUCT<z: STRING>>>)
           TBLPROPERTIES ('delta.columnMapping.mode' = 'name')""")
    sql("INSERT INTO mapped VALUES (1, named_struct('a', 2, 'b c', array(named_struct('z', 'q'))))")
    query = QueryBuilder().register("t", DeltaTable(path("mapped"))).execute('SELECT id, "odd name" FROM t')
    assert pa.table(query.read_all()).to_pylist() == [{"id": 1, "odd name": {"a": 2, "b c": [{"z": "q"}]}}]
