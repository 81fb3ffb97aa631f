"""How fast rows get into Delta tables: by INSERT … SELECT, by INSERT … VALUES over HTTP, and by MERGE."""
import time


def figures(Server, binary):
    server = Server(binary, "serve", "--port", "0").exported(3)
    try:
        return measure(server, server.exports["DATABRICKS_WAREHOUSE_ID"])
    finally:
        server.stop()


def measure(server, warehouse):
    http = server.connection()
    found = {}

    def run(statement):
        start = time.perf_counter()
        answer = server.call(http, "POST", "/api/2.0/sql/statements", {"warehouse_id": warehouse, "statement": statement, "wait_timeout": "50s"})
        assert answer["status"]["state"] == "SUCCEEDED", answer["status"]
        return time.perf_counter() - start, answer.get("result", {}).get("data_array")

    columns = "id BIGINT, a INT, b DOUBLE, s STRING, d DATE"
    run(f"CREATE TABLE main.default.bulk ({columns})")
    rows = 4_000_000
    seconds, counts = run(f"INSERT INTO main.default.bulk SELECT id, CAST(id % 1000 AS INT), id * 0.5D, concat('name ', id % 5000), "
                          f"DATE'2026-01-01' + CAST(id % 365 AS INT) FROM range({rows})")
    assert counts == [[str(rows), str(rows)]]
    found["insert_select_rows_per_s"] = round(rows / seconds)

    run(f"CREATE TABLE main.default.single ({columns})")
    batch, times = 5000, []
    for start in range(0, 10 * batch, batch):
        values = ", ".join(f"({n}, {n % 1000}, {n * 0.5}, 'name {n}', DATE'2026-01-01')" for n in range(start, start + batch))
        times.append(run(f"INSERT INTO main.default.single VALUES {values}")[0])
    found["insert_values_rows_per_s"] = round(batch / sorted(times)[len(times) // 2])

    run("CREATE TABLE main.default.target AS SELECT id, CAST(id % 1000 AS INT) AS a, id * 0.5D AS b, concat('name ', id) AS s, "
        "DATE'2026-01-01' AS d FROM range(100000)")
    times = []
    for turn in range(5):
        first = 99_500 + turn * 500
        seconds, counts = run(f"""
            MERGE INTO main.default.target AS t USING (SELECT id + {first} AS id, 'new' AS s FROM range(1000)) AS n ON t.id = n.id
            WHEN MATCHED THEN UPDATE SET s = n.s WHEN NOT MATCHED THEN INSERT (id, s) VALUES (n.id, n.s)""")
        assert counts == [["1000", "500", "0", "500"]], counts
        times.append(seconds)
    found["merge_1000_into_100000_ms"] = round(sorted(times)[len(times) // 2] * 1000, 1)
    return found
