#!/usr/bin/env python3
"""TPC-H beside DuckDB with two threads, and beside local Spark with two: the same tables, the same queries, the same answers as DuckDB's.

    tpch.py --binary .build/release/dbxsim [--scale 1] [--runs 3]

SPARK_PYTHON names a Python that has pyspark, unless this one has it.  Best time of the warm runs; prints a table, and JSON of the figures.
"""
import argparse
import importlib.util
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]


def peer(path):
    """DuckDB with its tpch extension; None where either is missing."""
    try:
        import duckdb
    except ImportError:
        return None
    connection = duckdb.connect(str(path), config={"threads": 2, "allow_unsigned_extensions": True})
    try:
        connection.execute("INSTALL tpch")
        connection.execute("LOAD tpch")
        return connection
    except duckdb.Error:
        pass
    try:
        import duckdb_extension_tpch
        for found in pathlib.Path(duckdb_extension_tpch.__file__).parent.rglob("tpch.duckdb_extension"):
            connection.execute(f"LOAD '{found}'")
            return connection
    except (ImportError, duckdb.Error):
        pass
    return None


def plain(rows):
    """Rows with numbers as numbers: the services write values as text."""
    def value(v):
        try:
            return round(float(v), 2)
        except (TypeError, ValueError):
            return None if v is None else str(v)
    return [[value(v) for v in row] for row in rows]


def load(server, connection, data, warehouse, tables=TABLES):
    """Tables under main.default, whose folders another writer fills."""
    from deltalake import write_deltalake
    for table in tables:
        columns = connection.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [table])
        types = {"INTEGER": "INT", "VARCHAR": "STRING"}
        text = ", ".join(f"{name} {types.get(kind, kind)}" for name, kind in columns.fetchall())
        http = server.connection()
        answer = server.call(http, "POST", "/api/2.0/sql/statements", {
            "warehouse_id": warehouse, "statement": f"CREATE TABLE main.default.{table} ({text})"})
        assert answer["status"]["state"] == "SUCCEEDED", answer
        location = server.call(http, "GET", f"/api/2.1/unity-catalog/tables/main.default.{table}")["storage_location"]
        folder = pathlib.Path(data, "storage", location.split("://")[1])
        shutil.rmtree(folder)
        write_deltalake(str(folder), connection.execute(f"FROM {table}").to_arrow_table())


def run(server, http, warehouse, statement):
    path = "/api/2.0/sql/statements"
    answer = server.call(http, "POST", path, {
        "warehouse_id": warehouse, "catalog": "main", "schema": "default", "statement": statement, "wait_timeout": "50s"})
    while answer["status"]["state"] in ("PENDING", "RUNNING"):
        time.sleep(0.01)
        answer = server.call(http, "GET", f"{path}/{answer['statement_id']}")
    assert answer["status"]["state"] == "SUCCEEDED", (statement, answer["status"])
    return answer["result"].get("data_array") or []


def spark(folder, queries, runs):
    """Best times by number, in seconds; empty without pyspark."""
    python = os.environ.get("SPARK_PYTHON") or (sys.executable if importlib.util.find_spec("pyspark") else None)
    if not python:
        return {}
    script = pathlib.Path(__file__).with_name("spark_tpch.py")
    done = subprocess.run([python, str(script), str(folder), str(runs)], input=json.dumps(queries), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"Spark: {done.stderr[-2000:]}")
    return {int(number): seconds for number, seconds in json.loads(done.stdout.splitlines()[-1]).items()}


def mean(ratios):
    ratios = list(ratios)
    return math.exp(sum(math.log(r) for r in ratios) / len(ratios))


def figures(start, binary, folder, scale=1, runs=3, show=lambda line: print(line, file=sys.stderr, flush=True)):
    """`start(binary, ...)` starts a server.  Ratios of our times to DuckDB's and Spark's; `show` is given the lines of the table."""
    connection = peer(pathlib.Path(folder, "tpch.duckdb"))
    if not connection:
        show("TPC-H: duckdb with its tpch extension is not here; nothing was measured")
        return {}
    connection.execute(f"CALL dbgen(sf = {scale})")
    data = pathlib.Path(folder, "tpch")
    arguments = [binary, "serve", "--port", "0", "--data-dir", str(data)]
    server = start(*arguments).exported(3)
    load(server, connection, data, server.exports["DATABRICKS_WAREHOUSE_ID"])
    server.stop()
    server = start(*arguments).exported(3)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    http = server.connection()
    queries = {number: statement.strip().rstrip(";") for number, statement in connection.execute("FROM tpch_queries()").fetchall()}
    times = {}
    for number, statement in queries.items():
        ours, theirs = [], []
        for _ in range(runs + 1):
            begun = time.perf_counter()
            expected = connection.execute(statement).fetchall()
            theirs.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            found = run(server, http, warehouse, statement)
            ours.append(time.perf_counter() - begun)
        assert plain(found) == plain(expected), f"TPC-H query {number} answers otherwise than DuckDB"
        times[number] = (min(ours[1:]), min(theirs[1:]))
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    server.stop()
    tables = pathlib.Path(folder, "tpch-parquet")
    tables.mkdir()
    for table in TABLES:
        pathlib.Path(tables, table).mkdir()
        connection.execute(f"COPY {table} TO '{tables}/{table}/0.parquet' (FORMAT parquet)")
    connection.close()
    sparks = spark(tables, queries, min(runs, 2))
    show(f"TPC-H at scale {scale}: milliseconds, and ours as a multiple of theirs")
    show("query      ours    duckdb   ratio" + ("     spark   ratio" if sparks else ""))
    for number, (ours, theirs) in times.items():
        line = f"q{number:<4} {ours * 1000:9.1f} {theirs * 1000:9.1f} {ours / theirs:7.2f}"
        if number in sparks:
            line += f" {sparks[number] * 1000:9.1f} {ours / sparks[number]:7.2f}"
        show(line)
    ratios = {number: ours / theirs for number, (ours, theirs) in times.items()}
    worst = max(ratios, key=ratios.get)
    found = {
        f"tpch_sf{scale}_to_duckdb": round(mean(ratios.values()), 2),
        f"tpch_sf{scale}_worst_to_duckdb": round(ratios[worst], 2),
        f"tpch_sf{scale}_worst": f"q{worst}",
        f"tpch_sf{scale}_peak_mb": round(int(status.split("VmHWM:")[1].split()[0]) / 1024),
    }
    if sparks:
        found[f"tpch_sf{scale}_to_spark"] = round(mean(times[number][0] / seconds for number, seconds in sparks.items()), 3)
    return found


def main():
    from bench import Server
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--scale", type=float, default=1)
    options.add_argument("--runs", type=int, default=3)
    args = options.parse_args()
    scale = int(args.scale) if args.scale == int(args.scale) else args.scale
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(figures(Server, args.binary, folder, scale, args.runs), indent=2))


if __name__ == "__main__":
    sys.exit(main())
