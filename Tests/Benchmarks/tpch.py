"""TPC-H beside DuckDB with two threads: the same tables, the same queries, the same answers."""
import math
import pathlib
import shutil
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


def load(server, connection, data, warehouse):
    """Tables under main.default, whose folders another writer fills."""
    from deltalake import write_deltalake
    for table in TABLES:
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


def figures(start, binary, folder, scale=1, runs=3):
    """`start(binary, ...)` starts a server.  The ratio of our time to DuckDB's, warm, the best of the runs."""
    connection = peer(pathlib.Path(folder, "tpch.duckdb"))
    if not connection:
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
    ratios = {}
    for number, statement in connection.execute("FROM tpch_queries()").fetchall():
        statement = statement.strip().rstrip(";")
        ours, theirs = [], []
        for _ in range(runs + 1):
            begun = time.perf_counter()
            expected = connection.execute(statement).fetchall()
            theirs.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            found = run(server, http, warehouse, statement)
            ours.append(time.perf_counter() - begun)
        assert plain(found) == plain(expected), f"TPC-H query {number} answers otherwise than DuckDB"
        ratios[number] = min(ours[1:]) / min(theirs[1:])
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    server.stop()
    worst = max(ratios, key=ratios.get)
    return {
        f"tpch_sf{scale}_to_duckdb": round(math.exp(sum(math.log(r) for r in ratios.values()) / len(ratios)), 2),
        f"tpch_sf{scale}_worst_to_duckdb": round(ratios[worst], 2),
        f"tpch_sf{scale}_worst": f"q{worst}",
        f"tpch_sf{scale}_peak_mb": round(int(status.split("VmHWM:")[1].split()[0]) / 1024),
    }
