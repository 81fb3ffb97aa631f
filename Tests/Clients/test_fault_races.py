"""Held writers, competing changes, expired tokens, stale reads and points inside the work of a statement."""

import threading

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied

from conftest import TOKEN, run_sql, workspace_client

UC = "/api/2.1/unity-catalog"


def fault(server, **rule):
    answer = server.control("POST", "faults", rule)
    assert answer.status == 200, answer.json
    return answer.json["names"][0]


def counts(server):
    return {f["name"]: (f["matched"], f["fired"]) for f in server.control("GET", "faults").json["faults"]}


def journal(server, query=""):
    return server.control("GET", "journal?" + query).json["exchanges"]


def statement(server, text, warehouse):
    answer = server.request("POST", "/api/2.0/sql/statements", {"statement": text, "warehouse_id": warehouse, "wait_timeout": "30s"})
    assert answer.status == 200, answer.body
    return answer.json


def outcome(answer):
    """SUCCEEDED, or the condition in the message."""
    status = answer["status"]
    return status["state"] if status["state"] == "SUCCEEDED" else status["error"]["message"].split("]")[0].strip("[")


def together(*calls):
    results = [None] * len(calls)

    def run(place, call):
        results[place] = call()

    threads = [threading.Thread(target=run, args=(i, c)) for i, c in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def in_order(server, rule, first, second):
    """Starts the second call when the first is held."""
    results = {}
    thread = threading.Thread(target=lambda: results.update(first=first()))
    thread.start()
    while counts(server)[rule][1] == 0 and thread.is_alive():
        pass
    results["second"] = second()
    thread.join(30)
    return results["first"], results["second"]


@pytest.fixture
def table(sql):
    sql("CREATE TABLE main.default.t (id INT)")
    sql("INSERT INTO main.default.t VALUES (1), (2)")
    return "main.default.t"


def versions(sql, table):
    return [row[0] for row in sql(f"DESCRIBE HISTORY {table}")]


@pytest.mark.parametrize("times", [{"times": 1}, {}])
def test_two_writers_meet_and_the_second_has_the_conflict(server, sql, table, warehouse_id, times):
    """Both have read version 1; the held one commits version 2, and the other one must see that."""
    fault(server, name="race", match={"point": "delta.commit.before_put", "table": table}, when=times, inject={"hold": "until_next"})
    first, second = in_order(
        server, "race", lambda: statement(server, f"INSERT OVERWRITE {table} VALUES (10)", warehouse_id),
        lambda: statement(server, f"INSERT OVERWRITE {table} VALUES (20)", warehouse_id))
    assert outcome(first) == "SUCCEEDED"
    assert outcome(second).startswith("DELTA_CONCURRENT_"), second
    assert second["status"]["sql_state"] == "2D521"
    server.control("DELETE", "faults")
    assert sql(f"SELECT * FROM {table}") == [["10"]]
    seen = journal(server, "operation=sql.statements.execute&fault=race")
    assert len(seen) == 2


def test_two_appends_that_meet_both_succeed(server, sql, table, warehouse_id):
    """Blind appends do not conflict: the second goes on with the next version, and is not held again on its second attempt."""
    fault(server, name="race", match={"point": "delta.commit.before_put"}, inject={"hold": "until_next"})
    first, second = in_order(
        server, "race", lambda: statement(server, f"INSERT INTO {table} VALUES (10)", warehouse_id),
        lambda: statement(server, f"INSERT INTO {table} VALUES (20)", warehouse_id))
    assert (outcome(first), outcome(second)) == ("SUCCEEDED", "SUCCEEDED")
    server.control("DELETE", "faults")
    assert sql(f"SELECT id FROM {table} ORDER BY id") == [["1"], ["2"], ["10"], ["20"]]
    assert len(versions(sql, table)) == 4


def test_more_held_statements_than_workers(server, sql, warehouse_id):
    """Each pair has a rule of its own: all first halves are held at once, and the second halves still find workers."""
    pairs = 12
    for n in range(pairs):
        sql(f"CREATE TABLE main.default.t{n} (id INT)")
        fault(server, name=f"race{n}", match={"point": "delta.commit.before_put", "table": f"main.default.t{n}"},
              when={"times": 1}, inject={"hold": "until_next"})
    results = []
    threads = [threading.Thread(target=lambda n=n: results.append(outcome(
        statement(server, f"INSERT INTO main.default.t{n} VALUES (1)", warehouse_id)))) for n in range(pairs)]
    for thread in threads:
        thread.start()
    while sum(fired for _, fired in counts(server).values()) < pairs:
        pass
    for n in range(pairs):
        assert outcome(statement(server, f"INSERT INTO main.default.t{n} VALUES (2)", warehouse_id)) == "SUCCEEDED"
    for thread in threads:
        thread.join(30)
    assert results == ["SUCCEEDED"] * pairs


def test_two_creations_meet_before_the_handler(server):
    fault(server, name="both", match={"operation": "catalog.catalogs.create"}, when={"times": 1}, inject={"hold": "until_next"})
    create = lambda: server.request("POST", f"{UC}/catalogs", {"name": "twin"}).status
    assert in_order(server, "both", create, create) == (200, 400)


def test_hold_after_the_handler_keeps_the_effect(server):
    fault(server, name="kept", match={"operation": "catalog.schemas.create"}, at="after_handler", when={"times": 1}, inject={"hold": "until_next"})
    create = lambda name: server.request("POST", f"{UC}/schemas", {"name": name, "catalog_name": "main"}).status

    def second():
        # The first one's schema is there although its answer is not.
        assert server.request("GET", f"{UC}/schemas/main.s1").status == 200
        return create("s2")

    assert in_order(server, "kept", lambda: create("s1"), second) == (200, 200)


def test_a_hold_that_nobody_ends(start):
    server = start("serve", "--port", 0)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    statement(server, "CREATE TABLE main.default.t (id INT)", warehouse)
    fault(server, name="alone", match={"operation": "catalog.schemas.create"}, inject={"hold": "until_next"})
    fault(server, name="stuck", match={"point": "delta.commit.before_put"}, inject={"hold": "until_next"})
    answers = together(
        lambda: server.request("POST", f"{UC}/schemas", {"name": "s", "catalog_name": "main"}),
        lambda: statement(server, "INSERT INTO main.default.t VALUES (1)", warehouse))
    assert (answers[0].status, answers[0].json["error_code"]) == (504, "DEADLINE_EXCEEDED")
    assert "'alone'" in answers[0].json["message"]
    assert answers[1]["status"]["state"] == "FAILED" and "'stuck'" in answers[1]["status"]["error"]["message"]
    server.control("DELETE", "faults")
    assert server.request("GET", f"{UC}/schemas/main.s").status == 404
    assert "data_array" not in statement(server, "SELECT * FROM main.default.t", warehouse)["result"]


def test_removing_a_rule_lets_go(server):
    fault(server, name="gone", match={"operation": "catalog.schemas.create"}, inject={"hold": "until_next"})
    first, second = in_order(
        server, "gone", lambda: server.request("POST", f"{UC}/schemas", {"name": "s", "catalog_name": "main"}).status,
        lambda: server.control("DELETE", "faults/gone").status)
    assert (first, second) == (200, 200)


def test_competing_commit(server, sql, table, warehouse_id):
    """The rival rewrites the files: an append goes on behind it, an overwrite fails, and the rows are as they were."""
    fault(server, name="rival", match={"operation": "sql.statements.execute"}, when={"times": 2}, inject={"conflict": True})
    assert outcome(statement(server, f"INSERT INTO {table} VALUES (3)", warehouse_id)) == "SUCCEEDED"
    assert sql(f"SELECT id FROM {table} ORDER BY id") == [["1"], ["2"], ["3"]]
    assert len(versions(sql, table)) == 4
    assert outcome(statement(server, f"INSERT OVERWRITE {table} VALUES (9)", warehouse_id)).startswith("DELTA_CONCURRENT_")
    assert sql(f"SELECT id FROM {table} ORDER BY id") == [["1"], ["2"], ["3"]]
    assert counts(server)["rival"] == (2, 2)
    assert outcome(statement(server, f"INSERT OVERWRITE {table} VALUES (9)", warehouse_id)) == "SUCCEEDED"


def test_competing_commit_on_an_empty_table(server, sql, warehouse_id):
    sql("CREATE TABLE main.default.e (id INT, day DATE) PARTITIONED BY (day)")
    fault(server, name="rival", match={"table": "main.default.e"}, when={"times": 1}, inject={"conflict": True})
    assert outcome(statement(server, "INSERT OVERWRITE main.default.e VALUES (1, DATE'2026-01-01')", warehouse_id)) == "DELTA_METADATA_CHANGED"
    assert sql("SELECT * FROM main.default.e") == []


def test_competing_creation_of_a_table(server, sql, warehouse_id):
    fault(server, name="rival", match={"point": "catalog.table.before_create"}, when={"times": 1}, inject={"conflict": True})
    assert outcome(statement(server, "CREATE TABLE main.default.c AS SELECT 1 AS a", warehouse_id)) == "TABLE_OR_VIEW_ALREADY_EXISTS"
    assert sql("SELECT * FROM main.default.c") == [["1"]]


@pytest.mark.parametrize("operation, method, path, body, status", [
    ("catalog.catalogs.create", "POST", f"{UC}/catalogs", {"name": "x"}, 400),
    ("catalog.catalogs.delete", "DELETE", f"{UC}/catalogs/x?force=true", None, 404),
    ("catalog.schemas.create", "POST", f"{UC}/schemas", {"name": "x", "catalog_name": "main"}, 400),
    ("catalog.schemas.delete", "DELETE", f"{UC}/schemas/main.x", None, 404),
    ("catalog.volumes.create", "POST", f"{UC}/volumes",
     {"name": "x", "catalog_name": "main", "schema_name": "default", "volume_type": "MANAGED"}, 409),
    ("catalog.volumes.delete", "DELETE", f"{UC}/volumes/main.default.x", None, 404),
    ("catalog.tables.delete", "DELETE", f"{UC}/tables/main.default.x", None, 404),
    ("iam.users.create", "POST", "/api/2.0/preview/scim/v2/Users", {"userName": "x@example.com"}, 409),
    ("iam.groups.create", "POST", "/api/2.0/preview/scim/v2/Groups", {"displayName": "x"}, 409),
])
def test_competing_requests(server, client, sql, operation, method, path, body, status):
    if operation == "catalog.tables.delete":
        sql("CREATE TABLE main.default.x (id INT)")
    elif method == "DELETE":
        {"catalogs": lambda: client.catalogs.create("x"), "schemas": lambda: client.schemas.create("x", "main"),
         "volumes": lambda: server.request("POST", f"{UC}/volumes", {
             "name": "x", "catalog_name": "main", "schema_name": "default", "volume_type": "MANAGED"})}[operation.split(".")[1]]()
    fault(server, name="faster", match={"operation": operation}, when={"times": 1}, inject={"conflict": True})
    answer = server.request(method, path, body)
    assert answer.status == status, answer.body
    assert journal(server)[-1]["fault"] == "faster"
    # Its effect is there once.
    assert server.request(method, path, body).status == status


def test_lost_commit_state(server, sql, table, warehouse_id):
    """The commit stands, and the statement says that it failed: a client that simply runs it again has the rows twice."""
    fault(server, name="unknown", match={"point": "delta.commit.after_put", "body": {"statement": "re:(?i)^insert"}}, when={"times": 1},
          inject={"status": 503, "error_code": "TEMPORARILY_UNAVAILABLE", "message": "the answer of the storage was lost"})
    answer = statement(server, f"INSERT INTO {table} VALUES (3)", warehouse_id)
    assert answer["status"]["state"] == "FAILED"
    assert answer["status"]["error"]["message"].startswith("[TEMPORARILY_UNAVAILABLE] the answer of the storage was lost")
    assert sql(f"SELECT count(*) FROM {table}") == [["3"]]


@pytest.mark.parametrize("point, rows", [
    ("sql.statement.before_execute", "2"), ("delta.commit.read", "2"), ("delta.commit.before_put", "2"), ("delta.commit.after_put", "3"),
    ("sql.statement.after_execute", "3"),
])
def test_failing_at_each_point(server, sql, table, warehouse_id, point, rows):
    fault(server, name="p", match={"point": point}, when={"times": 1}, inject={"status": 500, "message": "here"})
    assert outcome(statement(server, f"INSERT INTO {table} VALUES (3)", warehouse_id)) == "INTERNAL_ERROR"
    assert sql(f"SELECT count(*) FROM {table}") == [[rows]]


def test_delay_at_a_point(server, sql, table, warehouse_id):
    fault(server, name="slow", match={"point": "delta.commit.before_put"}, when={"times": 1}, inject={"delay": {"fixed": "200ms"}})
    assert outcome(statement(server, f"INSERT INTO {table} VALUES (3)", warehouse_id)) == "SUCCEEDED"
    seen = journal(server, "fault=slow")
    assert len(seen) == 1 and seen[0]["duration_ms"] >= 200


def test_expired_personal_token(server, client):
    token = client.tokens.create(comment="c").token_value
    mine = workspace_client(server, token=token)
    assert mine.current_user.me()
    fault(server, name="dies", match={"operation": "iam.current_user.me"}, when={"skip": 1, "times": 1}, inject={"expire_token": True})
    assert mine.current_user.me()
    # The admin's own does not expire, and does not count.
    for _ in range(3):
        assert client.current_user.me()
    for path in ["/api/2.0/preview/scim/v2/Me", f"{UC}/catalogs"]:
        answer = server.request("GET", path, token=token)
        assert (answer.status, answer.json) == (403, {"error_code": 403, "message": "Invalid access token."})
        assert answer.headers["x-databricks-reason-phrase"] == "Invalid access token."
    assert [e["fault"] for e in journal(server)[-2:]] == ["dies", None]
    assert counts(server)["dies"] == (2, 1)
    other = client.tokens.create(comment="c").token_value
    assert server.request("GET", f"{UC}/catalogs", token=other).status == 200


def test_the_sdk_refreshes_its_oauth_token(start):
    """With a lifetime below 40 s the SDK asks for a token before each call, as it does near the end of any token's life."""
    for lifetime, recovers in [("30s", True), ("1h", False)]:
        server = start("serve", "--port", 0, "--oauth-ttl", lifetime)
        admin = workspace_client(server)
        principal = admin.service_principals.create(display_name="robot")
        secret = admin.service_principal_secrets_proxy.create(service_principal_id=int(principal.id)).secret
        robot = lambda: WorkspaceClient(host=server.host, client_id=principal.application_id, client_secret=secret)
        client = robot()
        assert client.current_user.me().display_name == "robot"
        fault(server, name="dies", match={"principal": principal.application_id}, when={"times": 1}, inject={"expire_token": True})
        with pytest.raises(PermissionDenied, match="Invalid access token"):
            client.current_user.me()
        if recovers:
            assert client.current_user.me().display_name == "robot"
        else:
            with pytest.raises(PermissionDenied):
                client.current_user.me()
        assert robot().current_user.me().display_name == "robot"


def test_token_that_expires_after_its_request(server, client):
    token = client.tokens.create(comment="c").token_value
    fault(server, name="after", match={"method": "POST"}, at="after_handler", when={"times": 1}, inject={"expire_token": True})
    assert server.request("POST", f"{UC}/schemas", {"name": "s", "catalog_name": "main"}, token=token).status == 200
    assert server.request("GET", f"{UC}/schemas/main.s", token=token).status == 403
    server.control("DELETE", "faults")
    assert server.request("GET", f"{UC}/schemas/main.s").status == 200


def test_stale_reads(server, client, sql):
    fault(server, name="old", match={"path": f"{UC}/schemas/*"}, inject={"stale": {"reads": 2}})
    get = lambda name: server.request("GET", f"{UC}/schemas/main.{name}")
    client.schemas.create("a", "main", comment="one")
    client.schemas.create("b", "main")
    # Each thing has its own two reads, and what was made before is not touched.
    assert [get("a").status, get("default").status, get("b").status, get("a").status, get("a").status] == [404, 200, 404, 404, 200]
    client.schemas.update("main.a", comment="two")
    assert [get("a").json["comment"] for _ in range(3)] == ["one", "one", "two"]
    client.schemas.delete("main.a")
    client.catalogs.create("unrelated")
    assert [get("a").status for _ in range(3)] == [200, 200, 404]
    assert [get("b").status for _ in range(2)] == [404, 200]
    assert counts(server)["old"] == (8, 8)
    assert {e["fault"] for e in journal(server, "method=GET") if e["path"].endswith(".default")} <= {None}


def test_stale_reads_after_sql(server, sql):
    fault(server, name="old", match={"operation": "catalog.tables.get"}, when={"times": 1}, inject={"stale": {"reads": 5}})
    sql("CREATE TABLE main.default.t (id INT)")
    assert [server.request("GET", f"{UC}/tables/main.default.t").status for _ in range(2)] == [404, 200]


@pytest.mark.parametrize("rule, hint", [
    ({"match": {"operation": "sql.statements.get"}, "inject": {"stale": {"reads": 1}}}, "what SQL reads is never stale"),
    ({"match": {"operation": "catalog.schemas.create"}, "inject": {"stale": {"reads": 1}}}, "stale is for GET operations"),
    ({"match": {"operation": "sql.warehouses.start"}, "inject": {"conflict": True}}, "catalog.catalogs.create"),
    ({"match": {"point": "delta.comit.before_put"}, "inject": {"hold": "until_next"}}, "did you mean 'delta.commit.before_put'?"),
    ({"match": {"point": "delta.commit.before_put"}, "inject": {"connection": "reset"}}, "'connection' acts before_handler or after_handler"),
    ({"match": {"table": "t"}, "inject": {"status": 500}}, "'table' goes with 'point'"),
    ({"at": "after_handler", "inject": {"stale": {"reads": 1}}}, "'stale' acts before_handler"),
    ({"inject": {"conection": "reset"}}, "did you mean 'connection'?"),
])
def test_rules_that_could_never_act_are_refused(server, rule, hint):
    answer = server.control("POST", "faults", rule)
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert hint in answer.json["message"]
