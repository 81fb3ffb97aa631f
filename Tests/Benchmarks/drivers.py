"""The SQL drivers' endpoint: a large result by databricks-sql-connector beside the same rows as an Arrow file from nginx, and how soon statements
start while many sessions have one running.

    drivers.py BINARY      by itself, with Tests/Clients' requirements installed
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROWS = 10_000_000
SESSIONS = 50
LONG = "SELECT count(*) FROM range(100000) a CROSS JOIN range(1000000) b WHERE a.id * b.id < -1"


def connect(server, warehouse, token):
    from databricks import sql

    path = f"/sql/1.0/warehouses/{warehouse}"
    return sql.connect(
        server_hostname="localhost", http_path=path, access_token=token, _connection_uri=f"http://127.0.0.1:{server.port}{path}",
        enable_telemetry=False)


def fetched(server, warehouse, token, folder):
    """Seconds for all rows as an Arrow table, by the connector and from nginx; the better of two runs each."""
    import pyarrow

    with connect(server, warehouse, token) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE wide AS SELECT id, id * 0.5D AS price, CAST(id % 1000 AS INT) AS kind, concat('row ', id % 100000) AS name FROM range({ROWS})")
        best = float("inf")
        for _ in range(2):
            begun = time.perf_counter()
            cursor.execute("SELECT * FROM wide")
            table = cursor.fetchall_arrow()
            best = min(best, time.perf_counter() - begun)
            assert table.num_rows == ROWS, table.num_rows
    figures = {"connector_10m_rows_s": round(best, 2)}
    if not shutil.which("nginx"):
        return figures
    root = pathlib.Path(folder, "arrow")
    root.mkdir()
    with pyarrow.OSFile(str(root / "wide.arrow"), "wb") as sink, pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    del table
    config = root / "nginx.conf"
    config.write_text(f"""worker_processes 2; pid {root}/pid; error_log /dev/null; daemon off; {'user root;' if os.geteuid() == 0 else ''}
events {{}} http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:18998; root {root}; }} }}""")
    process = subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        peer = float("inf")
        for _ in range(2):
            begun = time.perf_counter()
            with urllib.request.urlopen("http://127.0.0.1:18998/wide.arrow") as answer:
                read = pyarrow.ipc.open_stream(pyarrow.py_buffer(answer.read())).read_all()
            peer = min(peer, time.perf_counter() - begun)
            assert read.num_rows == ROWS
    finally:
        process.terminate()
        process.wait()
    return {**figures, "nginx_10m_rows_s": round(peer, 2), "connector_to_nginx": round(peer / best, 2)}


def started(server, warehouse, token):
    """Milliseconds until a statement has an id, each in a session of its own, while those before it run."""
    times = []
    sessions = [connect(server, warehouse, token) for _ in range(SESSIONS)]
    cursors = [session.cursor() for session in sessions]
    for cursor in cursors:
        begun = time.perf_counter()
        cursor.execute_async(LONG)
        times.append((time.perf_counter() - begun) * 1000)
    assert all(cursor.is_query_pending() for cursor in cursors)
    for cursor in cursors:
        cursor.cancel()
    for session in sessions:
        session.close()
    times.sort()
    return {"sessions_start_p50_ms": round(statistics.median(times), 2), "sessions_start_p99_ms": round(times[-1], 2)}


def figures(server_type, binary, folder, token="dapi-dbxsim"):
    server = server_type(binary, "serve", "--port", "0").exported(3)
    try:
        warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
        return {**started(server, warehouse, token), **fetched(server, warehouse, token, folder), "connector_rss_mb": round(server.resident_mb())}
    finally:
        server.process.terminate()
        server.process.wait()


if __name__ == "__main__":
    import bench

    with tempfile.TemporaryDirectory() as work:
        print(json.dumps(figures(bench.Server, sys.argv[1], work), indent=1))
