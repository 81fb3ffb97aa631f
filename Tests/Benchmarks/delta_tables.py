#!/usr/bin/env python3
"""Delta tables of awkward shapes: many commits, many small files, a share of many files; a scan of lineitem beside DuckDB; what a table costs in memory.

    delta_tables.py --binary .build/release/dbxsim [--scale 1]
"""
import argparse
import http.client
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import urllib.parse

import tpch

COMMITS, FILES, SHARED = 10_000, 5_000, 1_000


class Session:
    """Statements on a server, with their times by the client's clock and by the processor's."""

    def __init__(self, server):
        self.server, self.http = server, server.connection()
        self.warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]

    def run(self, statement):
        return tpch.run(self.server, self.http, self.warehouse, statement)

    def timed(self, statement):
        """Its rows, milliseconds, and milliseconds of all processors."""
        before, begun = self.cpu(), time.perf_counter()
        rows = self.run(statement)
        return rows, (time.perf_counter() - begun) * 1000, self.cpu() - before

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def folder(self, data, table):
        location = self.server.call(self.http, "GET", f"/api/2.1/unity-catalog/tables/{table}")["storage_location"]
        return pathlib.Path(data, "storage", location.split("://")[1])


def multiply(folder, copies, commits, copy=os.link):
    """The one file of a table's version 1 stands for many, under other names and put in by so many commits."""
    log = folder / "_delta_log"
    actions = [json.loads(line) for line in (log / f"{1:020}.json").read_text().splitlines()]
    info, add = (next(action[kind] for action in actions if kind in action) for kind in ("commitInfo", "add"))
    for version in range(2, commits + 2):
        lines = [{"commitInfo": info}]
        for n in range(version - 2, copies, commits):
            copy(folder / add["path"], folder / f"copy-{n:05}.parquet")
            lines.append({"add": {**add, "path": f"copy-{n:05}.parquet"}})
        (log / f"{version:020}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))


def shapes(start, binary, folder):
    data = str(pathlib.Path(folder, "shapes"))
    arguments = [binary, "serve", "--port", "0", "--data-dir", data]
    server = start(*arguments).exported(3)
    session = Session(server)
    folders = {}
    for table in ("commits", "files"):
        session.run(f"CREATE TABLE main.default.{table} (id BIGINT, name STRING, day DATE) TBLPROPERTIES ('delta.checkpointInterval' = '10')")
        session.run(f"INSERT INTO main.default.{table} SELECT id, concat('name ', id), DATE'2026-01-01' FROM range(10)")
        folders[table] = session.folder(data, f"main.default.{table}")
    server.stop()
    # The commit that makes the last of them is the service's own, and brings the checkpoint.
    multiply(folders["commits"], COMMITS - 2, COMMITS - 2)
    multiply(folders["files"], FILES - 1, 1, shutil.copyfile)
    found = {}
    server = start(*arguments).exported(3)
    Session(server).run("INSERT INTO main.default.commits VALUES (0, 'last', DATE'2026-01-01')")
    server.stop()
    assert (folders["commits"] / "_delta_log" / f"{COMMITS:020}.checkpoint.parquet").exists()

    opened, scans, warm = [], [], []
    for _ in range(3):
        server = start(*arguments).exported(3)
        session = Session(server)
        session.run("SELECT 1")
        rows, *times = session.timed("DESCRIBE DETAIL main.default.commits")
        assert str(COMMITS) in rows[0], rows
        opened.append(times)
        session.run("DESCRIBE DETAIL main.default.files")
        query = "SELECT sum(id), max(name) FROM main.default.files"
        rows, *times = session.timed(query)
        assert rows == [[str(45 * FILES), "name 9"]], rows
        scans.append(times)
        warm.append(session.timed(query)[1:])
        server.stop()
    for name, times in ((f"open_{COMMITS}_commits", opened), (f"scan_{FILES}_files", scans), (f"scan_{FILES}_files_again", warm)):
        found[name + "_ms"], found[name + "_cpu_ms"] = (round(figure, 1) for figure in min(times))
    return found


def sharing(start, binary, folder):
    """A recipient's query over a table of many files."""
    data = str(pathlib.Path(folder, "sharing"))
    arguments = [binary, "serve", "--port", "0", "--data-dir", data]
    server = start(*arguments).exported(3)
    session = Session(server)
    session.run("CREATE TABLE main.default.shared (id BIGINT, name STRING) TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')")
    session.run("INSERT INTO main.default.shared SELECT id, concat('name ', id) FROM range(10)")
    place = session.folder(data, "main.default.shared")
    server.stop()
    multiply(place, SHARED - 1, 1)
    server = start(*arguments).exported(3)
    call = lambda method, path, body=None: server.call(server.connection(), method, "/api/2.1/unity-catalog/" + path, body)
    metastore = call("GET", "metastore_summary")["metastore_id"]
    call("PATCH", f"metastores/{metastore}", {"delta_sharing_scope": "INTERNAL_AND_EXTERNAL", "delta_sharing_recipient_token_lifetime_in_seconds": 0})
    call("POST", "shares", {"name": "many"})
    call("PATCH", "shares/many", {"updates": [{"action": "ADD", "data_object": {"name": "main.default.shared", "data_object_type": "TABLE"}}]})
    made = call("POST", "recipients", {"name": "reader", "authentication_type": "TOKEN"})
    call("PATCH", "shares/many/permissions", {"changes": [{"principal": "reader", "add": ["SELECT"]}]})
    nonce = made["tokens"][0]["activation_url"].split("?")[1]
    profile = call("GET", f"public/data_sharing_activation/{nonce}")
    path = urllib.parse.urlparse(profile["endpoint"]).path + "/shares/many/schemas/default/tables/shared/query"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    session = Session(server)
    times, before = [], session.cpu()
    for _ in range(21):
        begun = time.perf_counter()
        connection.request("POST", path, "{}", {"Authorization": f"Bearer {profile['bearerToken']}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        lines = answer.read().splitlines()
        times.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200 and len(lines) == SHARED + 2, (answer.status, lines[:1])
    cpu = (session.cpu() - before) / len(times)
    server.stop()
    return {f"share_query_{SHARED}_files_first_ms": round(times[0], 1), f"share_query_{SHARED}_files_ms": round(sorted(times[1:])[10], 1),
            f"share_query_{SHARED}_files_cpu_ms": round(cpu, 1)}


def memory(start, binary, filling=8, tables=4):
    """How much more the process holds for each further table in memory than its files have bytes, once the cache of decoded columns is full."""
    server = start(binary, "serve", "--port", "0").exported(3)
    session = Session(server)
    held, size = [], 0
    for n in range(filling + tables):
        session.run(f"CREATE TABLE main.default.large{n} AS SELECT id, CAST(id % 1000 AS INT) AS a, id * 0.37D AS b, concat('name ', hash(id)) AS s, "
                    "DATE'2026-01-01' + CAST(id % 365 AS INT) AS d FROM range(4000000)")
        detail = session.run(f"DESCRIBE DETAIL main.default.large{n}")[0]
        size = max(int(value) for value in detail if value and value.isdigit()) / (1 << 20)
        held.append(server.resident_mb())
    server.stop()
    return {"table_parquet_mb": round(size), "table_memory_to_parquet": round((held[-1] - held[filling - 1]) / tables / size, 2),
            "tables_and_cache_mb": round(held[filling - 1])}


SCAN = """SELECT sum(l_orderkey), sum(l_partkey), sum(l_suppkey), sum(l_linenumber), sum(l_quantity), sum(l_extendedprice), sum(l_discount),
sum(l_tax), max(l_returnflag), max(l_linestatus), max(l_shipdate), max(l_commitdate), max(l_receiptdate), max(l_shipinstruct), max(l_shipmode),
sum(length(l_comment)) FROM {}"""


def scan(start, binary, folder, scale=1, runs=3):
    """All columns of lineitem out of the same Parquet files, beside DuckDB with as many threads, each in a process that has just begun."""
    path = pathlib.Path(folder, "scan.duckdb")
    connection = tpch.peer(path)
    if not connection:
        print("scan of lineitem: duckdb with its tpch extension is not here; nothing was measured", file=sys.stderr)
        return {}
    connection.execute(f"CALL dbgen(sf = {scale})")
    data = pathlib.Path(folder, "scan")
    arguments = [binary, "serve", "--port", "0", "--data-dir", str(data)]
    server = start(*arguments).exported(3)
    tpch.load(server, connection, data, server.exports["DATABRICKS_WAREHOUSE_ID"], ["lineitem"])
    place = Session(server).folder(data, "main.default.lineitem")
    server.stop()
    times = []
    for _ in range(runs):
        connection.close()
        connection = tpch.peer(path)
        connection.execute("SELECT 1").fetchall()
        before, begun = time.process_time(), time.perf_counter()
        expected = connection.execute(SCAN.format(f"read_parquet('{place}/*.parquet')")).fetchall()
        theirs = (time.perf_counter() - begun) * 1000, (time.process_time() - before) * 1000
        server = start(*arguments).exported(3)
        session = Session(server)
        session.run("SELECT 1")
        found, *ours = session.timed(SCAN.format("main.default.lineitem"))
        assert tpch.plain(found) == tpch.plain(expected), (found, expected)
        server.stop()
        times.append((ours, theirs))
    connection.close()
    ours, theirs = (tuple(min(pair[side][kind] for pair in times) for kind in (0, 1)) for side in (0, 1))
    return {
        f"scan_lineitem_sf{scale}_ms": round(ours[0]), f"scan_lineitem_sf{scale}_to_duckdb": round(ours[0] / theirs[0], 2),
        f"scan_lineitem_sf{scale}_cpu_to_duckdb": round(ours[1] / theirs[1], 2),
    }


def figures(start, binary, folder, scale=1):
    """`start(binary, ...)` starts a server."""
    return {**shapes(start, binary, folder), **sharing(start, binary, folder), **memory(start, binary), **scan(start, binary, folder, scale)}


def main():
    from bench import Server
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--scale", type=float, default=1)
    options.add_argument("--only", choices=["shapes", "sharing", "memory", "scan"])
    args = options.parse_args()
    scale = int(args.scale) if args.scale == int(args.scale) else args.scale
    parts = {
        "shapes": lambda folder: shapes(Server, args.binary, folder), "sharing": lambda folder: sharing(Server, args.binary, folder),
        "memory": lambda folder: memory(Server, args.binary), "scan": lambda folder: scan(Server, args.binary, folder, scale),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, part in parts.items():
            if args.only in (None, name):
                print(json.dumps(part(folder), indent=2), flush=True)


if __name__ == "__main__":
    sys.exit(main())
