"""Speed of the workspace's own state: schemas made and deleted, lists of tables, isolated workspaces, snapshots.

    workspace.py BINARY
"""

import json
import statistics
import sys
import tempfile
import time

# Each connection makes a schema of its own and deletes it again; half of the requests are pairs. A failed one fails the measurement.
PAIRS = """
local token = "%s"
-- wrk asks once to see what a request looks like, and does not send it.
local made, gone = 0, 1
request = function()
  local headers = {["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json"}
  -- A deletion follows well behind its creation, which another connection may still be making.
  if made - gone < 256 or (made + gone) %% 2 == 0 then
    made = made + 1
    return wrk.format("POST", "/api/2.1/unity-catalog/schemas", headers, string.format('{"name":"s%%d","catalog_name":"main"}', made))
  end
  gone = gone + 1
  return wrk.format("DELETE", "/api/2.1/unity-catalog/schemas/main.s" .. gone, headers)
end
"""


def pairs(server, wrk, token, seconds=5, connections=16):
    """Create and delete pairs of schemas a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(PAIRS % token)
        script.flush()
        return {"schema_pairs_per_s": round(wrk(server.port, "/", seconds, connections, script.name) / 2)}


def tables(server, count=1_000):
    """Lists of so many tables, and a snapshot of their workspace taken and restored, in ms."""
    connection = server.connection()
    call = lambda method, path, body=None: server.call(connection, method, path, body)
    uc = "/api/2.1/unity-catalog/"
    call("POST", uc + "schemas", {"name": "many", "catalog_name": "main"})
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    for n in range(count):
        call("POST", "/api/2.0/sql/statements", {"statement": f"CREATE TABLE main.many.t{n:04} (id BIGINT)", "warehouse_id": warehouse})
    found = []
    for _ in range(200):
        begun = time.perf_counter()
        connection.request("GET", uc + "tables?catalog_name=main&schema_name=many&max_results=0", headers=server.headers)
        shown = connection.getresponse().read()
        found.append((time.perf_counter() - begun) * 1000)
    listed = len(json.loads(shown)["tables"])
    if listed != count:
        raise SystemExit(f"{listed} tables listed")
    call("POST", "/_dbxsim/snapshots", {"name": "many"})
    restored = []
    for _ in range(20):
        begun = time.perf_counter()
        call("POST", "/_dbxsim/snapshots/many/restore")
        restored.append((time.perf_counter() - begun) * 1000)
    return {f"list_{count}_tables_p50_ms": round(statistics.median(found), 2), "snapshot_restored_p50_ms": round(statistics.median(restored), 2)}


def workspaces(server, count=1_000):
    """Isolated workspaces: seconds to make them all, and MB they take."""
    connection = server.connection()
    before = server.resident_mb()
    begun = time.perf_counter()
    for n in range(count):
        server.call(connection, "POST", "/_dbxsim/workspaces", {"name": f"w{n}"})
    seconds = time.perf_counter() - begun
    return {f"make_{count}_workspaces_s": round(seconds, 2), f"make_{count}_workspaces_mb": round(server.resident_mb() - before)}


def measure(make, wrk, token, seconds=5):
    """`make` starts a bench.Server."""
    figures = {}
    for part in (lambda server: pairs(server, wrk, token, seconds), tables, workspaces):
        server = make()
        try:
            figures.update(part(server))
        finally:
            server.stop()
    return figures


if __name__ == "__main__":
    import bench

    print(json.dumps(measure(lambda: bench.Server(sys.argv[1], "serve", "--port", "0").exported(3), bench.wrk, bench.TOKEN), indent=1))
