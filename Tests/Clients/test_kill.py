"""kill -9 of a server with a directory: every commit that was acknowledged is there afterwards, whole, for delta-rs and for the next server.

KILLS asks for more of them, by each of the seeds."""

import os
import random
import signal
import threading

import pytest
from deltalake import DeltaTable


@pytest.mark.parametrize("seed", [1, 2])
def test_kills_lose_nothing(tmp_path, seed):
    from conftest import Server
    draw = random.Random(seed)
    present, last, number, location = set(), -1, 0, None
    for _ in range(int(os.environ.get("KILLS", 12))):
        server = Server("serve", "--data-dir", tmp_path)
        warehouse = server.request("GET", "/api/2.0/sql/warehouses").json["warehouses"][0]["id"]

        def run(statement):
            answer = server.request("POST", "/api/2.0/sql/statements", {"statement": statement, "warehouse_id": warehouse}).json
            assert answer["status"]["state"] == "SUCCEEDED", (statement, answer["status"])
            return answer.get("result", {}).get("data_array") or []

        if location is None:
            run("CREATE TABLE main.default.t (id BIGINT, pad STRING)")
            url = server.request("GET", "/api/2.1/unity-catalog/tables/main.default.t").json["storage_location"]
            location = tmp_path / "storage" / url.split("://")[1]
        assert sorted(int(row[0]) for row in run("SELECT id FROM main.default.t")) == sorted(present)
        killer = threading.Timer(draw.uniform(0.005, 0.15), lambda: server.process.send_signal(signal.SIGKILL))
        killer.start()
        under_way = None
        try:
            while True:
                kind = draw.random()
                if kind < 0.7 or not present:
                    number += 1
                    under_way = ("insert", number, f"INSERT INTO main.default.t VALUES ({number}, repeat('x', 200))")
                elif kind < 0.8:
                    value = draw.choice(sorted(present))
                    under_way = ("delete", value, f"DELETE FROM main.default.t WHERE id = {value}")
                elif kind < 0.9:
                    under_way = ("optimize", None, "OPTIMIZE main.default.t")
                else:
                    under_way = ("update", None, "UPDATE main.default.t SET pad = 'y' WHERE id % 3 = 0")
                run(under_way[2])
                if under_way[0] == "insert":
                    present.add(under_way[1])
                elif under_way[0] == "delete":
                    present.discard(under_way[1])
        except AssertionError:
            raise
        except Exception:
            pass  # The server is gone; what was under way has happened as a whole, or not at all.
        killer.join()
        server.process.wait()
        table = DeltaTable(str(location))
        found = table.to_pyarrow_table().column("id").to_pylist()
        assert len(found) == len(set(found)) and table.version() >= last
        happened = set(present)
        if under_way[0] == "insert":
            happened.add(under_way[1])
        elif under_way[0] == "delete":
            happened.discard(under_way[1])
        assert set(found) in (present, happened)
        present, last = set(found), table.version()
