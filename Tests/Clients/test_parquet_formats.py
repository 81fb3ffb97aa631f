"""Parquet as others write it, in all encodings, pages and codecs, read by SQL; and what SQL writes of it, read by others again."""

import datetime
import decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sdk.service.catalog import VolumeType

from conftest import Server, workspace_client

UTC = datetime.timezone.utc
ROOT = "/Volumes/main/default/formats"
ROWS = 60


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("formats")


@pytest.fixture(scope="module")
def server(data):
    server = Server("serve", "--data-dir", data)
    workspace_client(server).volumes.create("main", "default", "formats", VolumeType.MANAGED)
    yield server
    server.stop()


@pytest.fixture
def through(server, data, warehouse_id, sql):
    """The rows of a file after a table was made of it, as pyarrow finds them in the table's own files."""
    client = workspace_client(server)
    number = 0

    def run(path, name="x.parquet"):
        nonlocal number
        number += 1
        with open(path, "rb") as file:
            client.files.upload(f"{ROOT}/{name}", file, overwrite=True)
        sql(f"CREATE OR REPLACE TABLE main.default.copy AS SELECT * FROM parquet.`{ROOT}/{name}`")
        detail = sql("DESCRIBE DETAIL main.default.copy")[0]
        location = next(value for value in detail if value and "://" in value)
        newest = max((data / "storage" / location.split("://")[1]).glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns)
        return pq.read_table(newest)

    return run


def column(value, kind=None):
    return pa.array([None if i % 7 == 3 else value(i) for i in range(ROWS)], kind)


def flat():
    moment = lambda i: datetime.datetime(1930 + i, 1 + i % 12, 1, i % 24, 2, 3, 4005 * i)
    return pa.table({
        "id": pa.array(range(ROWS), pa.int64()), "b": column(lambda i: i % 2 == 0), "i8": column(lambda i: i - 30, pa.int8()),
        "i16": column(lambda i: 500 * (30 - i), pa.int16()), "i32": column(lambda i: 10 ** 7 * (30 - i), pa.int32()),
        "i64": column(lambda i: (i - 30) << 50), "u8": column(lambda i: 4 * i, pa.uint8()), "u16": column(lambda i: 1000 * i, pa.uint16()),
        "u32": column(lambda i: 70_000_000 * i, pa.uint32()), "u64": column(lambda i: (1 << 63) + i, pa.uint64()),
        "f": column(lambda i: i / 8, pa.float32()), "d": column(lambda i: i / 7), "h": column(lambda i: i / 4, pa.float16()),
        "s": column(lambda i: f"té {i % 9}" * (i % 4)), "x": column(lambda i: bytes(range(i))), "fixed": column(lambda i: b"%04d" % i, pa.binary(4)),
        "m5": column(lambda i: decimal.Decimal(i - 30) / 8, pa.decimal128(6, 3)),
        "m18": column(lambda i: decimal.Decimal(10 ** 15 * (i - 30)) / 100, pa.decimal128(18, 2)),
        "m38": column(lambda i: decimal.Decimal(10 ** 32 * (i - 30)), pa.decimal128(38, 4)), "day": column(lambda i: datetime.date(1940 + i, 2, 3)),
        "us": column(lambda i: moment(i).replace(tzinfo=UTC), pa.timestamp("us", "UTC")),
        "ms": column(lambda i: moment(i).replace(microsecond=7000, tzinfo=UTC), pa.timestamp("ms", "UTC")),
        "ntz": column(moment, pa.timestamp("us")), "ns": column(lambda i: 10 ** 9 * (i - 30) + 5000, pa.timestamp("ns")),
    })


def nested():
    return pa.table({
        "id": pa.array(range(ROWS), pa.int64()), "l": column(lambda i: [None if j % 2 else j for j in range(i % 5)]),
        "ll": column(lambda i: [None if j == 2 else [j] * j for j in range(i % 4)], pa.list_(pa.list_(pa.int64()))),
        "m": column(lambda i: [(f"k{j}", None if j == 1 else j / 2) for j in range(i % 4)], pa.map_(pa.string(), pa.float64())),
        "st": column(lambda i: {"x": i, "y": None if i % 5 == 0 else {"z": ["a"] * (i % 3), "w": datetime.date(2020, 1, 1)}}),
        "ls": column(lambda i: [{"p": decimal.Decimal(i), "q": None}] * (i % 3), pa.list_(pa.struct([("p", pa.decimal128(9, 0)), ("q", pa.int8())]))),
        "deep": column(lambda i: [{"k": [("a", [i])]}], pa.list_(pa.struct([("k", pa.map_(pa.string(), pa.list_(pa.int32())))]))),
    })


def plain(table):
    """Python's values, with what has no type of its own in Spark as what it becomes."""
    def value(v):
        if isinstance(v, decimal.Decimal) and v == v.to_integral_value():
            return int(v)
        if isinstance(v, dict):
            return {k: value(e) for k, e in v.items()}
        if isinstance(v, (list, tuple)):
            return [value(e) for e in v]
        return v
    columns = []
    for name in table.column_names:
        cells = table.column(name)
        if pa.types.is_timestamp(cells.type):
            cells = cells.cast(pa.timestamp("us", cells.type.tz))
            columns.append([v and v.replace(tzinfo=None) for v in cells.to_pylist()])
        else:
            columns.append([value(v) for v in cells.to_pylist()])
    return sorted(zip(*columns), key=lambda row: row[0])


DELTAS = {"id": "DELTA_BINARY_PACKED", "i8": "DELTA_BINARY_PACKED", "i32": "DELTA_BINARY_PACKED", "i64": "DELTA_BINARY_PACKED",
          "u64": "DELTA_BINARY_PACKED", "us": "DELTA_BINARY_PACKED", "day": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY",
          "x": "DELTA_LENGTH_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY", "m38": "DELTA_BYTE_ARRAY", "b": "RLE"}
STREAMS = {name: "BYTE_STREAM_SPLIT" for name in ["f", "d", "h", "i32", "i64", "fixed", "m38", "us", "day"]} | {"x": "DELTA_BYTE_ARRAY"}


@pytest.mark.parametrize("pages", ["1.0", "2.0"])
@pytest.mark.parametrize("options, encodings", [
    ({}, {"PLAIN", "RLE_DICTIONARY"}),
    ({"use_dictionary": False, "compression": "gzip"}, {"PLAIN"}),
    ({"use_dictionary": False, "column_encoding": DELTAS, "compression": "zstd"}, {"DELTA_BINARY_PACKED", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "RLE"}),
    ({"use_dictionary": False, "column_encoding": STREAMS, "compression": "lz4"}, {"BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"}),
    ({"store_decimal_as_integer": True, "compression": "none", "write_page_index": True, "write_page_checksum": True}, {"RLE_DICTIONARY"}),
])
def test_flat_columns(tmp_path, through, pages, options, encodings):
    table, path = flat(), tmp_path / "flat.parquet"
    pq.write_table(table, path, data_page_version=pages, row_group_size=25, data_page_size=100, version="2.6", **options)
    found = pq.ParquetFile(path).metadata
    assert encodings <= {e for c in range(found.num_columns) for e in found.row_group(0).column(c).encodings}
    copy = through(path)
    assert copy.column_names == table.column_names
    assert plain(copy) == plain(table)


@pytest.mark.parametrize("pages", ["1.0", "2.0"])
@pytest.mark.parametrize("options", [{}, {"use_dictionary": False, "compression": "none"}, {"use_compliant_nested_type": False, "compression": "zstd"}])
def test_nested_columns(tmp_path, through, pages, options):
    table, path = nested(), tmp_path / "nested.parquet"
    pq.write_table(table, path, data_page_version=pages, row_group_size=25, data_page_size=60, **options)
    assert plain(through(path)) == plain(table)


def test_timestamps_of_twelve_bytes(tmp_path, through):
    table, path = flat().select(["id", "us", "ntz"]), tmp_path / "int96.parquet"
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    assert pq.ParquetFile(path).schema.column(1).physical_type == "INT96"
    assert plain(through(path)) == plain(table)


@pytest.mark.parametrize("options", ["", ", PARQUET_VERSION V2", ", PARQUET_VERSION V2, COMPRESSION zstd", ", COMPRESSION gzip, DICTIONARY_SIZE_LIMIT 0"])
def test_what_duckdb_writes(tmp_path, through, options):
    path = tmp_path / "duck.parquet"
    duckdb.sql("""SELECT i AS id, i % 2 = 0 AS b, (i % 100)::TINYINT AS y, (i * 100)::UINTEGER AS u, i / 7 AS d, (i / 4)::FLOAT AS f, concat('text ', i % 5) AS s,
                    encode(concat('b', i)) AS x, (i / 8)::DECIMAL(9, 3) AS m, (i * 1000000000000)::DECIMAL(30, 2) AS w, DATE '1950-01-01' + i::INT AS day,
                    TIMESTAMP '1960-01-01 01:02:03.456789' + INTERVAL (i) DAY AS ts, TIMESTAMPTZ '1960-01-01 01:02:03+00' + INTERVAL (i) DAY AS tz,
                    [i, NULL, i + 1] AS l, {'x': i, 'y': [concat('z', i)]} AS st, MAP {'k': i} AS mp, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS n
                  FROM range(5000) t(i)""").query("t", f"COPY t TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048{options})")
    assert plain(through(path)) == plain(pq.read_table(path))


@pytest.mark.parametrize("name, make", [
    ("TIME", lambda path: pq.write_table(pa.table({"t": pa.array([1], pa.time64("us"))}), path)),
    ("BROTLI", lambda path: pq.write_table(pa.table({"t": ["a"]}), path, compression="brotli")),
])
def test_refused_by_name(tmp_path, client, fails, name, make):
    path = tmp_path / "refused.parquet"
    make(path)
    with open(path, "rb") as file:
        client.files.upload(f"{ROOT}/refused.parquet", file, overwrite=True)
    message = fails(f"SELECT * FROM parquet.`{ROOT}/refused.parquet`")
    assert name in message and "INTERNAL" not in message


def test_columns_of_nulls_alone(through, tmp_path):
    kinds = {"l": pa.list_(pa.null()), "s": pa.struct([("a", pa.null()), ("b", pa.int32())]), "m": pa.map_(pa.string(), pa.null())}
    table = pa.table({
        "n": pa.nulls(3), "l": pa.array([[None, None], [], None], kinds["l"]),
        "s": pa.array([{"a": None, "b": 1}, None, {"a": None, "b": 2}], kinds["s"]),
        "m": pa.array([[("k", None)], [], None], kinds["m"])})
    pq.write_table(table, tmp_path / "nulls.parquet")
    found = through(tmp_path / "nulls.parquet", "nulls.parquet")
    assert found.to_pylist() == table.to_pylist()
    # Spark reads such a column by its physical type.
    assert found.schema.field("n").type == pa.int32() and found.schema.field("l").type.value_type == pa.int32()
