"""Two writers on one object: one wins and the others get the service's conflict; where both may write, neither change is lost."""

import concurrent.futures
import http.client
import json
import threading
import urllib.parse

import pytest

from conftest import TOKEN

WRITERS = 6
UC = "/api/2.1/unity-catalog/"
SCIM = "/api/2.0/preview/scim/v2/"
ROLE = {"aws_iam_role": {"role_arn": "arn:aws:iam::123456789012:role/r"}, "skip_validation": True}
PROFILE = json.dumps({"shareCredentialsVersion": 1, "bearerToken": "x", "endpoint": "http://127.0.0.1:1/"})
NOTEBOOK = {"notebook_task": {"notebook_path": "/Shared/n"}}
FUNCTION = {
    "name": "f", "catalog_name": "main", "schema_name": "default", "input_params": {"parameters": []}, "data_type": "INT", "full_data_type": "INT",
    "routine_body": "SQL", "routine_definition": "1", "parameter_style": "S", "is_deterministic": True, "sql_data_access": "CONTAINS_SQL",
    "is_null_call": False, "security_type": "DEFINER", "specific_name": "f", "properties": "{}"}
TABLE = {
    "name": "t", "catalog_name": "main", "schema_name": "default", "table_type": "EXTERNAL", "data_source_format": "DELTA",
    "columns": [{"name": "a", "type_name": "INT", "type_text": "int", "position": 0}]}


def race(server, calls):
    """Sends all calls at once, each on a connection of its own; status and answer of each."""
    barrier = threading.Barrier(len(calls))

    def send(call):
        method, path, body = call
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.host).netloc, timeout=60)
        connection.connect()
        barrier.wait()
        connection.request(
            method, path, None if body is None else json.dumps(body), {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else {}

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(send, calls))


def one_wins(answers, status, code):
    won = [answer for answer in answers if answer[0] < 300]
    assert len(won) == 1, answers
    for lost in answers:
        if lost[0] >= 300:
            assert (lost[0], lost[1].get("error_code") or lost[1].get("scimType")) == (status, code), lost
    return won[0][1]


CREATIONS = {
    "catalog": (UC + "catalogs", {"name": "c"}, 400, "CATALOG_ALREADY_EXISTS"),
    "schema": (UC + "schemas", {"name": "s", "catalog_name": "main"}, 400, "SCHEMA_ALREADY_EXISTS"),
    "volume": (UC + "volumes", {"name": "v", "catalog_name": "main", "schema_name": "default", "volume_type": "MANAGED"}, 409, "RESOURCE_ALREADY_EXISTS"),
    "model": (UC + "models", {"name": "m", "catalog_name": "main", "schema_name": "default"}, 409, "RESOURCE_ALREADY_EXISTS"),
    "function": (UC + "functions", {"function_info": FUNCTION}, 400, "FUNCTION_ALREADY_EXISTS"),
    "connection": (UC + "connections", {"name": "k", "connection_type": "POSTGRESQL", "options": {"host": "h", "port": "1", "user": "u", "password": "p"}},
                   409, "RESOURCE_ALREADY_EXISTS"),
    "storage credential": (UC + "storage-credentials", {"name": "sc", **ROLE}, 400, "STORAGE_CREDENTIAL_ALREADY_EXISTS"),
    "service credential": (UC + "credentials", {"name": "cr", "purpose": "SERVICE", **ROLE}, 400, "STORAGE_CREDENTIAL_ALREADY_EXISTS"),
    "share": (UC + "shares", {"name": "sh"}, 400, "SHARE_ALREADY_EXISTS"),
    "provider": (UC + "providers", {"name": "pr", "authentication_type": "TOKEN", "recipient_profile_str": PROFILE}, 400, "PROVIDER_ALREADY_EXISTS"),
    "metastore": (UC + "metastores", {"name": "ms", "storage_root": "s3://m/m", "region": "us-east-1"}, 400, "METASTORE_ALREADY_EXISTS"),
    "secret scope": ("/api/2.0/secrets/scopes/create", {"scope": "sec"}, 400, "RESOURCE_ALREADY_EXISTS"),
    "user": (SCIM + "Users", {"userName": "x@example.com"}, 409, "uniqueness"),
    "group": (SCIM + "Groups", {"displayName": "g"}, 409, "uniqueness"),
    "warehouse": ("/api/2.0/sql/warehouses", {"name": "w", "cluster_size": "2X-Small"}, 400, "INVALID_PARAMETER_VALUE"),
    "cluster policy": ("/api/2.0/policies/clusters/create", {"name": "p", "definition": "{}"}, 400, "INVALID_PARAMETER_VALUE"),
    "instance pool": ("/api/2.0/instance-pools/create", {"instance_pool_name": "ip", "node_type_id": "i3.xlarge"}, 400, "INVALID_PARAMETER_VALUE"),
    "instance profile": ("/api/2.0/instance-profiles/add", {"instance_profile_arn": "arn:aws:iam::123456789012:instance-profile/p", "skip_validation": True},
                         400, "RESOURCE_ALREADY_EXISTS"),
    "pipeline": ("/api/2.0/pipelines", {"name": "pl", "catalog": "main", "target": "default", "libraries": [{"notebook": {"path": "/a"}}]},
                 409, "RESOURCE_CONFLICT"),
    "database instance": ("/api/2.0/database/instances", {"name": "di", "capacity": "CU_1"}, 409, "RESOURCE_ALREADY_EXISTS"),
    "online store": ("/api/2.0/feature-store/online-stores", {"name": "os", "capacity": "CU_1"}, 409, "RESOURCE_ALREADY_EXISTS"),
    "notebook": ("/api/2.0/workspace/import", {"path": "/Shared/n", "language": "PYTHON", "format": "SOURCE", "content": "eA=="},
                 400, "RESOURCE_ALREADY_EXISTS"),
    "DBFS file": ("/api/2.0/dbfs/put", {"path": "/tmp/x", "contents": "eA==", "overwrite": False}, 400, "RESOURCE_ALREADY_EXISTS"),
    "tag policy": ("/api/2.1/tag-policies", {"tag_key": "tk"}, 409, "ALREADY_EXISTS"),
    "dashboard": ("/api/2.0/lakeview/dashboards", {"display_name": "d", "parent_path": "/Shared"}, 409, "RESOURCE_ALREADY_EXISTS"),
    "repo": ("/api/2.0/repos", {"url": "https://github.com/a/b", "provider": "gitHub", "path": "/Repos/admin@example.com/b"},
             400, "RESOURCE_ALREADY_EXISTS"),
    "notification destination": ("/api/2.0/notification-destinations", {"display_name": "nd", "config": {"email": {"addresses": ["a@example.com"]}}},
                                 409, "RESOURCE_ALREADY_EXISTS"),
}


def test_creations_of_one_name(server):
    for kind, (path, body, status, code) in CREATIONS.items():
        one_wins(race(server, [("POST", path, body)] * WRITERS), status, code)
    # One more comes too late for the same reason.
    for kind, (path, body, status, code) in CREATIONS.items():
        late = server.request("POST", path, body)
        assert (late.status, late.json.get("error_code") or late.json.get("scimType")) == (status, code), kind


def test_tables_of_one_name_and_locations_of_one_place(server):
    tables = [("POST", UC + "tables", {**TABLE, "storage_location": f"s3://b/t{n}"}) for n in range(WRITERS)]
    won = one_wins(race(server, tables), 400, "TABLE_ALREADY_EXISTS")
    stored = server.request("GET", UC + "tables/main.default.t").json
    assert stored["storage_location"] == won["storage_location"] and stored["table_id"] == won["table_id"]
    assert server.request("POST", UC + "storage-credentials", {"name": "sc", **ROLE}).status == 200
    places = [("POST", UC + "external-locations", {"name": f"e{n}", "url": "s3://zz/b", "credential_name": "sc", "skip_validation": True})
              for n in range(WRITERS)]
    one_wins(race(server, places), 400, "INVALID_PARAMETER_VALUE")
    assert len([e for e in server.request("GET", UC + "external-locations").json["external_locations"] if e["url"].startswith("s3://zz")]) == 1


def test_statements_of_one_name(server, warehouse_id):
    """By SQL and by REST the names are the same ones."""
    statement = {"warehouse_id": warehouse_id, "statement": "CREATE TABLE main.default.t (a INT)", "wait_timeout": "50s"}
    answers = race(server, [("POST", "/api/2.0/sql/statements", statement)] * WRITERS)
    states = [answer["status"]["state"] for _, answer in answers]
    assert sorted(states) == ["FAILED"] * (WRITERS - 1) + ["SUCCEEDED"], states
    for _, answer in answers:
        if answer["status"]["state"] == "FAILED":
            assert "[TABLE_OR_VIEW_ALREADY_EXISTS]" in answer["status"]["error"]["message"]
    mixed = [("POST", "/api/2.0/sql/statements", {**statement, "statement": "CREATE SCHEMA main.both"}),
             ("POST", UC + "schemas", {"name": "both", "catalog_name": "main"})] * 2
    won = [a for s, a in race(server, mixed) if s == 200 and a.get("status", {"state": "SUCCEEDED"})["state"] == "SUCCEEDED"]
    assert len(won) == 1


@pytest.mark.parametrize("kind", ["catalogs", "schemas", "volumes", "shares"])
def test_renames_to_one_name(server, kind):
    parent = {"catalogs": {}, "schemas": {"catalog_name": "main"}, "shares": {},
              "volumes": {"catalog_name": "main", "schema_name": "default", "volume_type": "MANAGED"}}[kind]
    prefix = {"schemas": "main.", "volumes": "main.default."}.get(kind, "")
    for n in range(WRITERS):
        assert server.request("POST", UC + kind, {"name": f"r{n}", **parent}).status == 200
    answers = race(server, [("PATCH", f"{UC}{kind}/{prefix}r{n}", {"new_name": "one"}) for n in range(WRITERS)])
    code = {"catalogs": (400, "CATALOG_ALREADY_EXISTS"), "schemas": (400, "SCHEMA_ALREADY_EXISTS"), "shares": (400, "SHARE_ALREADY_EXISTS"),
            "volumes": (409, "RESOURCE_ALREADY_EXISTS")}[kind]
    one_wins(answers, *code)
    left = [server.request("GET", f"{UC}{kind}/{prefix}r{n}").status for n in range(WRITERS)]
    assert sorted(left) == [200] * (WRITERS - 1) + [404]


def test_deletions_of_one_object(server):
    made = {
        "catalog": (("POST", UC + "catalogs", {"name": "c"}), ("DELETE", UC + "catalogs/c?force=true", None), 404),
        "volume": (("POST", UC + "volumes", CREATIONS["volume"][1]), ("DELETE", UC + "volumes/main.default.v", None), 404),
        "secret scope": (("POST", "/api/2.0/secrets/scopes/create", {"scope": "s"}), ("POST", "/api/2.0/secrets/scopes/delete", {"scope": "s"}), 404),
    }
    for kind, (create, delete, status) in made.items():
        assert server.request(*create).status == 200
        assert sorted(s for s, _ in race(server, [delete] * WRITERS)) == [200] + [status] * (WRITERS - 1), kind
    user = server.request("POST", SCIM + "Users", {"userName": "x@example.com"}).json["id"]
    assert sorted(s for s, _ in race(server, [("DELETE", SCIM + "Users/" + user, None)] * WRITERS)) == [204] + [404] * (WRITERS - 1)
    job = server.request("POST", "/api/2.2/jobs/create", {"name": "j"}).json["job_id"]
    assert sorted(s for s, _ in race(server, [("POST", "/api/2.2/jobs/delete", {"job_id": job})] * WRITERS)) == [200] + [400] * (WRITERS - 1)


def test_one_etag_is_used_once(server):
    path = "/api/2.0/lakeview/dashboards"
    made = server.request("POST", path, {"display_name": "d", "parent_path": "/Shared"}).json
    changes = [("PATCH", f"{path}/{made['dashboard_id']}", {"display_name": f"d{n}", "etag": made["etag"]}) for n in range(WRITERS)]
    won = one_wins(race(server, changes), 409, "ABORTED")
    stored = server.request("GET", f"{path}/{made['dashboard_id']}").json
    assert (stored["display_name"], stored["etag"]) == (won["display_name"], won["etag"]) and won["etag"] != made["etag"]
    assert server.request("PATCH", f"{path}/{made['dashboard_id']}", {"display_name": "last", "etag": won["etag"]}).status == 200


def test_an_idempotency_token_makes_one_run(server):
    job = server.request("POST", "/api/2.2/jobs/create", {"name": "j", "tasks": [{"task_key": "a", **NOTEBOOK}], "max_concurrent_runs": 50}).json["job_id"]
    runs = race(server, [("POST", "/api/2.2/jobs/run-now", {"job_id": job, "idempotency_token": "one"})] * WRITERS)
    assert {s for s, _ in runs} == {200} and len({a["run_id"] for _, a in runs}) == 1
    runs = race(server, [("POST", "/api/2.2/jobs/runs/submit", {"tasks": [{"task_key": "a", **NOTEBOOK}], "idempotency_token": "two"})] * WRITERS)
    assert {s for s, _ in runs} == {200} and len({a["run_id"] for _, a in runs}) == 1
    assert len(server.request("GET", f"/api/2.2/jobs/runs/list?job_id={job}").json["runs"]) == 1


def test_changes_of_different_parts_are_all_kept(server):
    job = server.request("POST", "/api/2.2/jobs/create", {"name": "j"}).json["job_id"]
    parts = [{"name": "other"}, {"max_concurrent_runs": 7}, {"timeout_seconds": 99}, {"tags": {"a": "b"}}, {"description": "text"}, {"queue": {"enabled": True}}]
    changes = [("POST", "/api/2.2/jobs/update", {"job_id": job, "new_settings": part}) for part in parts]
    assert {s for s, _ in race(server, changes)} == {200}
    settings = server.request("GET", f"/api/2.2/jobs/get?job_id={job}").json["settings"]
    for part in parts:
        assert part.items() <= settings.items(), (part, settings)

    users = [f"u{n}@example.com" for n in range(WRITERS)]
    ids = [server.request("POST", SCIM + "Users", {"userName": user}).json["id"] for user in users]
    group = server.request("POST", SCIM + "Groups", {"displayName": "g"}).json["id"]
    patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    changes = [("PATCH", SCIM + "Groups/" + group, {"schemas": [patch], "Operations": [{"op": "add", "value": {"members": [{"value": i}]}}]}) for i in ids]
    assert all(s < 300 for s, _ in race(server, changes))
    assert sorted(m["value"] for m in server.request("GET", SCIM + "Groups/" + group).json["members"]) == sorted(ids)

    changes = [("PATCH", f"/api/2.0/permissions/jobs/{job}", {"access_control_list": [{"user_name": u, "permission_level": "CAN_VIEW"}]}) for u in users]
    assert {s for s, _ in race(server, changes)} == {200}
    listed = {a.get("user_name") for a in server.request("GET", f"/api/2.0/permissions/jobs/{job}").json["access_control_list"]}
    assert set(users) <= listed

    changes = [("PATCH", UC + "permissions/schema/main.default", {"changes": [{"principal": u, "add": ["USE_SCHEMA"]}]}) for u in users]
    assert {s for s, _ in race(server, changes)} == {200}
    granted = {a["principal"] for a in server.request("GET", UC + "permissions/schema/main.default").json["privilege_assignments"]}
    assert set(users) <= granted

    assert server.request("POST", "/api/2.0/secrets/scopes/create", {"scope": "s"}).status == 200
    assert {s for s, _ in race(server, [("POST", "/api/2.0/secrets/acls/put", {"scope": "s", "principal": u, "permission": "READ"}) for u in users])} == {200}
    assert set(users) <= {a["principal"] for a in server.request("GET", "/api/2.0/secrets/acls/list?scope=s").json["items"]}
    values = [f"v{n}" for n in range(WRITERS)]
    assert {s for s, _ in race(server, [("POST", "/api/2.0/secrets/put", {"scope": "s", "key": "k", "string_value": v}) for v in values])} == {200}
    assert len(server.request("GET", "/api/2.0/secrets/list?scope=s").json["secrets"]) == 1


def test_files_are_written_once(server):
    assert server.request("POST", UC + "volumes", CREATIONS["volume"][1]).status == 200
    path = "/api/2.0/fs/files/Volumes/main/default/v/f?overwrite=false"
    answers = race(server, [("PUT", path, f"content {n}") for n in range(WRITERS)])
    one_wins(answers, 409, "ALREADY_EXISTS")
    stored = server.request("GET", path.split("?")[0]).json
    assert stored in [f"content {n}" for n in range(WRITERS)]
