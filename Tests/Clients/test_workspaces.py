"""Isolated workspaces on one server: chosen by token, with their own state, clock, faults, journal and snapshots."""

import base64
import threading
import urllib.parse

import pytest

from conftest import workspace_client

CATALOGS = "/api/2.1/unity-catalog/catalogs"
SCHEMAS = "/api/2.1/unity-catalog/schemas"
STATEMENTS = "/api/2.0/sql/statements"


@pytest.fixture(scope="module")
def virtual_server():
    from conftest import Server

    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


class Workspace:
    def __init__(self, server, name, token=None, **order):
        self.server = server
        self.made = server.request("POST", "/_dbxsim/workspaces", {"name": name, **order}, **({"token": token} if token else {})).json
        self.id, self.token, self.warehouse = (self.made.get(k) for k in ("workspace_id", "token", "warehouse_id"))

    def request(self, method, path, body=None, **options):
        return self.server.request(method, path, body, token=self.token, **options)

    def control(self, method, path, body=None):
        return self.request(method, "/_dbxsim/" + path, body)

    def sql(self, text):
        answer = self.request("POST", STATEMENTS, {"statement": text, "warehouse_id": self.warehouse, "wait_timeout": "30s"})
        assert answer.json["status"]["state"] == "SUCCEEDED", answer.json
        return answer.json.get("result", {}).get("data_array", [])

    def catalogs(self):
        return [c["name"] for c in self.request("GET", CATALOGS).json["catalogs"]]

    def journal(self):
        return self.control("GET", "journal").json["exchanges"]

    def delete(self):
        return self.control("DELETE", f"workspaces/{self.id}").status


@pytest.fixture
def make(virtual_server):
    made = []

    def make(name="w", **order):
        made.append(Workspace(virtual_server, name, **order))
        return made[-1]

    yield make
    for workspace in made:
        workspace.delete()


def worker(server, number, barrier, failures):
    try:
        barrier.wait()
        w = Workspace(server, f"worker-{number}", seed=number % 4)
        for round in range(2):
            name = f"c{number}"
            assert w.request("POST", CATALOGS, {"name": name}).status == 200
            assert w.request("POST", SCHEMAS, {"name": "s", "catalog_name": name}).status == 200
            w.sql(f"CREATE TABLE {name}.s.t (n INT)")
            w.sql(f"INSERT INTO {name}.s.t VALUES ({number}), ({number + 100})")
            assert w.sql(f"SELECT sum(n) FROM {name}.s.t") == [[str(2 * number + 100)]]
            names = w.control("POST", "faults", {
                "name": "mine", "match": {"operation": "catalog.catalogs.list"}, "when": {"times": 2},
                "inject": {"status": 500 + number}}).json["names"]
            assert names == ["mine"]
            statuses = [w.request("GET", CATALOGS).status for _ in range(3)]
            assert statuses == [500 + number, 500 + number, 200], statuses
            w.control("POST", "clock", {"advance": f"{number + 1}h"})
            assert w.control("GET", "clock").json["now"].startswith(f"2026-01-01T{number + 1:02}:00:00")
            assert w.catalogs() == sorted([name, "hive_metastore", "main", "samples", "system"])
            seen = [(e["operation"], e["status"]) for e in w.journal()]
            listed = "catalog.catalogs.list"
            assert seen == [
                ("catalog.catalogs.create", 200), ("catalog.schemas.create", 200), *[("sql.statements.execute", 200)] * 3,
                (listed, 500 + number), (listed, 500 + number), (listed, 200), (listed, 200)], seen
            assert [e["n"] for e in w.journal()] == list(range(1, 10))
            assert w.control("POST", "reset").status == 200
            assert (w.journal(), w.control("GET", "faults").json["faults"]) == ([], [])
        assert name not in w.catalogs()
        assert w.delete() == 200
        assert w.request("GET", CATALOGS).status == 401 or w.request("GET", CATALOGS).status == 403
    except Exception as error:
        failures.append((number, repr(error)))


def test_sixteen_workers_do_not_see_each_other(virtual_server):
    virtual_server.control("POST", "reset")
    failures, barrier = [], threading.Barrier(16)
    threads = [threading.Thread(target=worker, args=(virtual_server, n, barrier, failures)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert virtual_server.control("GET", "workspaces").json == {"workspaces": []}
    # What the main workspace sees are the calls with tokens that choose nothing any more.
    assert {e["principal"] for e in virtual_server.control("GET", "journal").json["exchanges"]} == {None}
    assert virtual_server.control("GET", "clock").json["now"].startswith("2026-01-01T00:00:00")


def script(w):
    """What a test does that makes ids."""
    warehouse = w.request("POST", "/api/2.0/sql/warehouses", {"name": "x", "cluster_size": "Small"}).json["id"]
    statement = w.request("POST", STATEMENTS, {"statement": "SELECT 1", "warehouse_id": w.warehouse}).json["statement_id"]
    catalog = w.request("POST", CATALOGS, {"name": "c"})
    return warehouse, statement, catalog.json["metastore_id"], catalog.headers["x-request-id"], w.warehouse


def test_one_seed_gives_one_set_of_ids(make, virtual_server):
    first, second, other = make(seed=11), make(seed=11), make(seed=12)
    ids = script(first)
    assert script(second) == ids
    assert not set(script(other)) & set(ids)
    first.control("POST", "reset")
    assert script(first) == ids
    # Without a seed it is the server's.
    assert make().warehouse == virtual_server.exports["DATABRICKS_WAREHOUSE_ID"] != first.warehouse
    assert first.made["seed"] == 11 and first.made["host"] == virtual_server.host


def test_tokens_made_in_a_workspace_choose_it(make):
    first, second = make(seed=5), make(seed=5)
    for w, name in [(first, "one"), (second, "two")]:
        w.request("POST", CATALOGS, {"name": name})
        w.own = w.request("POST", "/api/2.0/token/create", {"comment": "x"}).json["token_value"]
    assert first.own != second.own
    for w, name in [(first, "one"), (second, "two")]:
        listed = w.server.request("GET", CATALOGS, token=w.own).json["catalogs"]
        assert name in [c["name"] for c in listed]
        # It is no key to the control API.
        assert w.server.request("GET", "/_dbxsim/journal", token=w.own).status == 401
        assert w.journal()[-1]["operation"] == "catalog.catalogs.list"


def test_oauth_clients_choose_their_workspace(make, virtual_server):
    """One seed gives both workspaces a service principal with the same id: the secret tells them apart."""
    workspaces = [make(seed=5), make(seed=5)]
    credentials = []
    for number, w in enumerate(workspaces):
        w.request("POST", CATALOGS, {"name": f"own_{number}"})
        robot = w.request("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "robot"}).json
        w.request("PATCH", "/api/2.0/preview/scim/v2/Groups/" + next(
            g["id"] for g in w.request("GET", "/api/2.0/preview/scim/v2/Groups").json["Resources"] if g["displayName"] == "admins"),
            {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
             "Operations": [{"op": "add", "value": {"members": [{"value": robot["id"]}]}}]})
        secret = w.request("POST", f"/api/2.0/accounts/servicePrincipals/{robot['id']}/credentials/secrets", {}).json["secret"]
        credentials.append((robot["applicationId"], secret))
    assert credentials[0][0] == credentials[1][0] and credentials[0][1] != credentials[1][1]
    for number, w in reversed(list(enumerate(workspaces))):
        client, secret = credentials[number]
        w.control("DELETE", "journal")
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "all-apis"}).encode()
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        answer = virtual_server.request("POST", "/oidc/v1/token", form, token=None, headers={
            "Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})
        token = answer.json["access_token"]
        names = [c["name"] for c in virtual_server.request("GET", CATALOGS, token=token).json["catalogs"]]
        assert f"own_{number}" in names
        assert [e["operation"] for e in w.journal()] == ["oidc.token", "catalog.catalogs.list"]
        # An expired token is refused, and stands in the journal of its workspace.
        w.control("POST", "clock", {"advance": "2h"})
        assert virtual_server.request("GET", CATALOGS, token=token).status in (401, 403)
        assert virtual_server.request("GET", CATALOGS, token=token).status in (401, 403)
        assert [e["status"] for e in w.journal()][2:] == [w.journal()[2]["status"]] * 2
        sdk = workspace_client(virtual_server, client_id=client, client_secret=secret)
        assert f"own_{number}" in [c.name for c in sdk.catalogs.list()]


def test_control_calls_are_for_ones_own_workspace(make, virtual_server):
    first, second = make("a"), make("b")
    assert first.control("GET", f"journal?workspace={second.id}").json["error_code"] == "PERMISSION_DENIED"
    assert first.control("POST", "workspaces", {"name": "x"}).status == 403
    assert first.control("GET", "workspaces").status == 403
    assert first.control("DELETE", f"workspaces/{second.id}").status == 403
    assert first.control("GET", f"workspaces/{first.id}").json["name"] == "a"
    # The admin reaches every one.
    assert virtual_server.control("POST", f"faults?workspace={first.id}", {
        "name": "f", "match": {"path": CATALOGS}, "inject": {"status": 503}}).status == 200
    assert (first.request("GET", CATALOGS).status, second.request("GET", CATALOGS).status) == (503, 200)
    assert len(virtual_server.control("GET", f"journal?workspace={first.id}").json["exchanges"]) == 1
    for call, status in [("journal?workspace=1", 404), ("journal?workspace=x", 400)]:
        assert virtual_server.control("GET", call).status == status
    assert virtual_server.control("DELETE", f"workspaces/{second.id}").status == 200
    assert virtual_server.control("DELETE", f"workspaces/{second.id}").status == 404
    main = virtual_server.request("GET", CATALOGS).headers["x-databricks-org-id"]
    assert first.request("GET", SCHEMAS + "?catalog_name=main").headers["x-databricks-org-id"] == str(first.id) != main
    assert virtual_server.control("DELETE", f"workspaces/{main}").status == 400


@pytest.mark.parametrize("body, hint", [
    ({}, "name"), ({"name": "a/b"}, "name"), ({"name": 3}, "name"), ({"name": "a", "sead": 1}, "sead"),
    ({"name": "a", "seed": -1}, "seed"), ({"name": "a", "seed": "1"}, "seed"), ({"name": "a", "snapshot": 3}, "snapshot"), ([], "object")])
def test_bad_orders_are_refused(virtual_server, body, hint):
    answer = virtual_server.control("POST", "workspaces", body)
    assert answer.status == 400 and hint in answer.json["message"]


def test_snapshots_bring_everything_back(make, virtual_server):
    w = make()
    w.sql("CREATE TABLE main.default.t (n INT)")
    w.sql("INSERT INTO main.default.t VALUES (1)")
    early = w.request("POST", "/api/2.0/token/create", {}).json["token_value"]
    w.control("POST", "clock", {"advance": "1h"})
    assert w.control("POST", "snapshots", {"name": "clean one"}).json == {"name": "clean one", "at": "2026-01-01T01:00:00.000Z"}
    assert w.control("POST", "snapshots", {"name": "clean one"}).status == 409

    def change():
        w.sql("INSERT INTO main.default.t VALUES (2)")
        w.sql("CREATE TABLE main.default.u AS SELECT 1 AS x")
        w.control("POST", "clock", {"advance": "1h"})
        late = w.request("POST", "/api/2.0/token/create", {}).json["token_value"]
        return late, w.request("POST", CATALOGS, {"name": "later"}).json, w.sql("DESCRIBE HISTORY main.default.t")

    changed = change()
    assert w.sql("SELECT count(*) FROM main.default.t") == [["2"]]
    assert w.control("POST", "snapshots/clean%20one/restore").status == 200
    assert w.control("GET", "clock").json["now"] == "2026-01-01T01:00:00.000Z"
    assert w.sql("SELECT n FROM main.default.t") == [["1"]]
    assert w.sql("SHOW TABLES IN main.default") == [["default", "t", "false"]]
    assert w.server.request("GET", CATALOGS, token=early).status == 200
    assert w.server.request("GET", CATALOGS, token=changed[0]).status in (401, 403)
    assert w.sql("SELECT n FROM main.default.t VERSION AS OF 1") == [["1"]]
    # Ids go on from where they were.
    w.control("POST", "snapshots/clean%20one/restore")
    assert change() == changed
    # A workspace begins with it, and goes its own way.
    virtual_server.control("POST", f"workspaces?workspace={w.id}", {"name": "x"})
    copy = virtual_server.control("POST", f"workspaces?workspace={w.id}", {"name": "copy", "snapshot": "clean one"}).json
    rows = lambda: virtual_server.request("POST", STATEMENTS, {
        "statement": "SELECT n FROM main.default.t", "warehouse_id": copy["warehouse_id"]}, token=copy["token"]).json["result"]["data_array"]
    assert rows() == [["1"]]
    assert virtual_server.request("GET", "/_dbxsim/clock", token=copy["token"]).json["now"] == "2026-01-01T01:00:00.000Z"
    w.sql("INSERT INTO main.default.t VALUES (3)")
    assert rows() == [["1"]]
    assert virtual_server.control("POST", "workspaces", {"name": "x", "snapshot": "clean one"}).status == 404
    # Deleted, it is gone; the copies stay.
    assert [s["name"] for s in w.control("GET", "snapshots").json["snapshots"]] == ["clean one"]
    assert w.control("DELETE", "snapshots/clean%20one").status == 200
    assert w.control("GET", "snapshots").json == {"snapshots": []}
    assert w.control("POST", "snapshots/clean%20one/restore").json["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert virtual_server.request("POST", "/_dbxsim/reset", token=copy["token"]).status == 200
    assert rows() == [["1"]]
    for made in virtual_server.control("GET", "workspaces").json["workspaces"]:
        if made["name"] in ("x", "copy"):
            virtual_server.control("DELETE", f"workspaces/{made['workspace_id']}")


def test_scenarios_of_the_start_count_in_each_workspace(start, tmp_path):
    scenario = tmp_path / "twice.yaml"
    scenario.write_text("scenario: twice\nfaults:\n  - name: busy\n    match: {operation: catalog.catalogs.list}\n"
                        "    when: {times: 2}\n    inject: {status: 503}\n")
    server = start("serve", "--port", 0, "--seed", 1, "--scenario", scenario)
    first, second = Workspace(server, "a"), Workspace(server, "b")
    statuses = lambda w: [w.request("GET", CATALOGS).status for _ in range(3)]
    assert statuses(first) == statuses(second) == [503, 503, 200]
    assert [server.request("GET", CATALOGS).status for _ in range(3)] == [503, 503, 200]
    first.control("POST", "reset")
    assert statuses(first) == [503, 503, 200]
    assert second.control("GET", "faults").json["faults"][0]["matched"] == 3


def test_main_workspace_on_disk_goes_back(start, tmp_path):
    data = tmp_path / "data"
    server = start("serve", "--port", 0, "--data-dir", data, "--seed", 3)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    note = "/api/2.0/fs/files/Volumes/main/default/v/note.txt"

    def rows(text, server=server, token=None, warehouse_id=warehouse):
        answer = server.request(
            "POST", STATEMENTS, {"statement": text, "warehouse_id": warehouse_id, "wait_timeout": "30s"}, **({"token": token} if token else {}))
        assert answer.json["status"]["state"] == "SUCCEEDED", answer.json
        return answer.json.get("result", {}).get("data_array", [])

    rows("CREATE TABLE main.default.t AS SELECT 1 AS n")
    rows("CREATE VOLUME main.default.v")
    assert server.request("PUT", note, b"first").status == 204
    early = server.request("POST", "/api/2.0/token/create", {}).json["token_value"]
    assert server.control("POST", "snapshots", {"name": "one"}).status == 200
    for number in (2, 3):
        rows(f"INSERT INTO main.default.t VALUES ({number})")
        rows("CREATE TABLE main.default.u AS SELECT 1 AS x")
        assert server.request("PUT", note + "?overwrite=true", b"second").status == 204
        assert rows("SELECT n FROM main.default.t ORDER BY n") == [["1"], [str(number)]]
        # What was done since does not show in the snapshot, which brings it all back each time.
        assert server.control("POST", "snapshots/one/restore").status == 200
        assert rows("SELECT n FROM main.default.t") == [["1"]]
        assert server.request("GET", "/api/2.1/unity-catalog/tables/main.default.u").status == 404
        assert server.request("GET", note).body == b"first"
        assert server.request("GET", CATALOGS, token=early).status == 200
    # A workspace in memory begins with it.
    copy = server.control("POST", "workspaces", {"name": "copy", "snapshot": "one"}).json
    in_copy = {"token": copy["token"], "warehouse_id": copy["warehouse_id"]}
    rows("INSERT INTO main.default.t VALUES (9)", **in_copy)
    assert rows("SELECT n FROM main.default.t ORDER BY n", **in_copy) == [["1"], ["9"]]
    # What was done after going back is kept as before.
    rows("INSERT INTO main.default.t VALUES (4)")
    server.process.kill()
    server.process.communicate()

    server = start("serve", "--port", 0, "--data-dir", data)
    assert server.exports["DATABRICKS_WAREHOUSE_ID"] == warehouse
    assert rows("SELECT n FROM main.default.t ORDER BY n", server) == [["1"], ["4"]]
    assert server.request("GET", note).body == b"first"
    # Snapshots end with the process.
    assert server.control("GET", "snapshots").json == {"snapshots": []}
    assert not (data / "snapshots").exists() and len(list((data / "generations").iterdir())) == 1
    # Back to how the directory began, whatever the seed of this process.
    assert server.control("POST", "reset").status == 200
    assert server.request("GET", "/api/2.1/unity-catalog/tables/main.default.t").status == 404
    assert [w["id"] for w in server.request("GET", "/api/2.0/sql/warehouses").json["warehouses"]] == [warehouse]
    assert rows("SELECT count(*) > 0 FROM samples.nyctaxi.trips", server) == [["true"]]
    rows("CREATE TABLE main.default.after AS SELECT 5 AS n", server)
    assert server.stop() == 0
    server = start("serve", "--port", 0, "--data-dir", data)
    assert rows("SELECT n FROM main.default.after", server) == [["5"]]
    assert server.stop() == 0
    (data / "current").write_text("../elsewhere")
    with pytest.raises(AssertionError, match="the file 'current' names no folder"):
        start("serve", "--port", 0, "--data-dir", data)


@pytest.fixture
def replay(start, tmp_path):
    """A recording of one catalog in three states."""
    folder = tmp_path / "tape"
    folder.mkdir()
    lines = ['{"cassette":1,"recorded":"2026-01-01T00:00:00Z","upstream":"https://REDACTED","match":["method","path","query","body"]}']
    lines += [
        '{"n":%d,"operation":"catalog.catalogs.get","request":{"method":"GET","path":"%s/c"},"response":{"status":200,"headers":{"content-type":"application/json"},'
        '"body":{"comment":"%d"}},"ms":1}' % (n, CATALOGS, n) for n in (1, 2, 3)]
    (folder / "cassette.jsonl").write_text("\n".join(lines) + "\n")
    return start("replay", "--port", 0, "--cassette", folder)


def test_workspaces_of_a_replay(replay):
    first, second = Workspace(replay, "a"), Workspace(replay, "b")
    comment = lambda w: w.request("GET", CATALOGS + "/c").json.get("comment")
    assert [comment(first), comment(first), comment(second)] == ["1", "2", "1"]
    first.control("POST", "faults", {"inject": {"status": 503}, "when": {"times": 1}})
    assert [comment(second), comment(first), comment(first)] == ["2", None, "3"]
    assert [[e["status"] for e in w.journal()] for w in (first, second)] == [[200, 200, 503, 200], [200, 200]]
    assert replay.request("GET", CATALOGS + "/c").json["comment"] == "1"
    assert replay.control("GET", "journal").json["exchanges"][0]["n"] == 1
    # A snapshot holds how far the workspace has come, and a reset leaves the others alone.
    assert second.control("POST", "snapshots", {"name": "s"}).status == 200
    assert comment(second) == "3"
    second.control("POST", "snapshots/s/restore")
    first.control("POST", "reset")
    assert [comment(second), comment(first)] == ["3", "1"]
    second.control("POST", "snapshots/s/restore")
    replay.control("POST", "reset")
    assert [comment(second), replay.request("GET", CATALOGS + "/c").json["comment"]] == ["3", "1"]
    refused = replay.control("POST", "workspaces", {"name": "x", "snapshot": "s"})
    assert refused.status == 501 and "snapshot" in refused.json["message"]
    assert [w["name"] for w in replay.control("GET", "workspaces").json["workspaces"]] == ["a", "b"]
    assert (first.delete(), first.delete()) == (200, 401)
    # Its token is one of many again.
    assert comment(first) == "1"
    assert len(replay.control("GET", "journal").json["exchanges"]) == 2
