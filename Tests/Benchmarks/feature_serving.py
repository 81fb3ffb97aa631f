"""Latency of feature look-ups through a serving endpoint over a published table.

    feature_serving.py BINARY [ROWS]
"""

import json
import re
import subprocess
import sys
import tempfile

# Every request asks for another key.
LOOKUPS = """
local n = 0
request = function()
  n = (n * 48271 + 1) %% %d
  local headers = {["Authorization"] = "Bearer %s", ["Content-Type"] = "application/json"}
  return wrk.format("POST", "/serving-endpoints/features/invocations", headers, string.format('{"dataframe_records":[{"user_id":%%d}]}', n))
end
done = function(summary, latency)
  io.write(string.format("figures %%d %%d %%d %%d\\n", summary.requests / summary.duration * 1e6, latency:percentile(50), latency:percentile(99),
    summary.errors.status))
end
"""


def lookups(server, token, rows=100_000, seconds=5, connections=16):
    """`server` is a bench.Server with its exports; looks up in a table of so many rows."""
    connection = server.connection()
    call = lambda method, path, body=None: server.call(connection, method, path, body)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    for statement in (
        "CREATE SCHEMA main.features",
        "CREATE TABLE main.features.users (user_id BIGINT NOT NULL, age INT, ltv DOUBLE, city STRING, CONSTRAINT k PRIMARY KEY (user_id))",
        "INSERT INTO main.features.users SELECT id, CAST(id % 90 AS INT), id * 0.5, concat('city ', id % 100)"
        f" FROM range({rows})",
    ):
        done = call("POST", "/api/2.0/sql/statements", {"statement": statement, "warehouse_id": warehouse, "wait_timeout": "50s"})
        if done["status"]["state"] != "SUCCEEDED":
            raise SystemExit(f"{statement}: {done['status']}")
    call("POST", "/api/2.0/feature-store/online-stores", {"name": "store", "capacity": "CU_1"})
    call("POST", "/api/2.0/feature-store/tables/main.features.users/publish", {"publish_spec": {
        "online_store": "store", "online_table_name": "main.features.users_online", "publish_mode": "SNAPSHOT"}})
    lookup = {"table": "main.features.users", "lookup_keys": ["user_id"], "feature_names": ["age", "ltv", "city"]}
    call("POST", "/api/2.0/feature-engineering/feature-specs", {"name": "main.features.spec", "features": [{"feature_lookup": lookup}]})
    call("POST", "/api/2.0/serving-endpoints", {"name": "features", "config": {"served_entities": [{"entity_name": "main.features.spec"}]}})
    answer = call("POST", "/serving-endpoints/features/invocations", {"dataframe_records": [{"user_id": rows - 1}]})
    if answer["outputs"] != [{"user_id": rows - 1, "age": (rows - 1) % 90, "ltv": (rows - 1) * 0.5, "city": f"city {(rows - 1) % 100}"}]:
        raise SystemExit(f"looked up: {answer}")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LOOKUPS % (rows, token))
        script.flush()
        shown = subprocess.run(
            ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-s", script.name, f"http://127.0.0.1:{server.port}/"],
            capture_output=True, text=True, check=True).stdout
    rate, half, most, failed = map(int, re.search(r"^figures (\d+) (\d+) (\d+) (\d+)$", shown, re.M).groups())
    if failed:
        raise SystemExit(f"{failed} look-ups failed")
    return {"lookups/s": rate, "p50 ms": half / 1000, "p99 ms": most / 1000, "rows": rows, "connections": connections}


if __name__ == "__main__":
    import bench

    server = bench.Server(sys.argv[1], "serve", "--port", "0").exported(3)
    print(json.dumps(lookups(server, bench.TOKEN, *map(int, sys.argv[2:3])), indent=1))
    server.stop()
