"""The calls of the Terraform provider's resources, in its order and with its bodies: what was written is read again without a difference.
Calls: databricks/terraform-provider-databricks, catalog/ and sharing/."""

import pytest

from conftest import TOKEN

UC = "/api/2.1/unity-catalog"


@pytest.fixture
def call(server):
    def call(method, path, body=None, status=200, token=TOKEN):
        answer = server.request(method, UC + path, body, token=token)
        assert answer.status == status, (method, path, answer.body)
        return answer.json
    return call


def same(answer, **wanted):
    """What is configured is what is read; the rest is computed."""
    assert {name: answer.get(name) for name in wanted} == wanted


@pytest.fixture
def metastore(call):
    known = call("GET", "/metastore_summary")
    call("PATCH", f"/metastores/{known['metastore_id']}", {
        "delta_sharing_scope": "INTERNAL_AND_EXTERNAL", "delta_sharing_recipient_token_lifetime_in_seconds": 0})
    return known["metastore_id"]


def test_metastore(call):
    made = call("POST", "/metastores", {"name": "tf", "storage_root": "s3://bucket/tf", "region": "us-east-1"})
    path = f"/metastores/{made['metastore_id']}"
    wanted = {"delta_sharing_scope": "INTERNAL_AND_EXTERNAL", "delta_sharing_recipient_token_lifetime_in_seconds": 86400,
              "delta_sharing_organization_name": "acme"}
    call("PATCH", path, wanted)
    known = call("GET", path)
    same(known, name="tf", region="us-east-1", **wanted)
    assert known["storage_root"].startswith("s3://bucket/tf")
    call("PATCH", path, {"owner": "account users"})
    call("PATCH", path, {**wanted, "delta_sharing_recipient_token_lifetime_in_seconds": 0})
    same(call("GET", path), name="tf", owner="account users", delta_sharing_recipient_token_lifetime_in_seconds=0)
    call("DELETE", path + "?force=true")
    call("GET", path, status=404)


def test_recipient(call, metastore):
    wanted = {"name": "tf", "comment": "c", "authentication_type": "TOKEN", "ip_access_list": {"allowed_ip_addresses": ["10.0.0.0/8"]},
              "properties_kvpairs": {"properties": {"k": "v"}}}
    made = call("POST", "/recipients", wanted)
    known = call("GET", f"/recipients/{made['name']}")
    del known["properties_kvpairs"]["properties"]["databricks.name"]
    same(known, **wanted)
    assert known["tokens"][0]["activation_url"] == known["activation_url"] and known["activated"] is False
    call("PATCH", "/recipients/tf", {"owner": "account users"})
    # All of the plan is sent again.
    call("PATCH", "/recipients/tf", {"comment": "d", "ip_access_list": {"allowed_ip_addresses": ["10.0.0.1"]}, "properties_kvpairs": {"properties": {"k": "w"}}})
    known = call("GET", "/recipients/tf")
    same(known, comment="d", owner="account users", ip_access_list={"allowed_ip_addresses": ["10.0.0.1"]})
    assert known["properties_kvpairs"]["properties"] == {"k": "w", "databricks.name": "tf"}
    call("DELETE", "/recipients/tf")
    call("GET", "/recipients/tf", status=404)


def update(action, **data_object):
    return {"action": action, "data_object": data_object}


def test_share_and_its_grants(call, metastore, sql):
    sql("CREATE TABLE main.default.a (id BIGINT, day DATE) PARTITIONED BY (day)")
    sql("CREATE TABLE main.default.b (id BIGINT)")
    part = [{"values": [{"name": "day", "op": "EQUAL", "value": "2026-01-01"}]}]
    call("POST", "/shares", {"name": "tf"})
    a = {"name": "main.default.a", "data_object_type": "TABLE", "shared_as": "pub.a", "partitions": part, "comment": "x"}
    b = {"name": "main.default.b", "data_object_type": "TABLE", "history_data_sharing_status": "ENABLED"}
    call("PATCH", "/shares/tf", {"updates": [update("ADD", **a), update("ADD", **b)]})

    def read():
        return {x["name"]: x for x in call("GET", "/shares/tf?include_shared_data=true")["objects"]}

    known = read()
    same(known["main.default.a"], **a, status="ACTIVE", history_data_sharing_status="DISABLED")
    same(known["main.default.b"], **b, shared_as="default.b")
    # Another plan: b is gone, a has another comment, c is new.
    sql("CREATE TABLE main.default.c (id BIGINT)")
    gone = known["main.default.b"]
    call("PATCH", "/shares/tf", {"owner": "account users"})
    call("PATCH", "/shares/tf", {"comment": "", "updates": [
        update("REMOVE", **gone), update("UPDATE", **{**a, "comment": "y"}), update("ADD", name="main.default.c", data_object_type="TABLE")]})
    known = read()
    assert sorted(known) == ["main.default.a", "main.default.c"]
    same(known["main.default.a"], **{**a, "comment": "y"})
    # A share without objects, as the provider makes one.
    call("POST", "/shares", {"name": "empty", "comment": "e"})
    same(call("PATCH", "/shares/empty", {}), name="empty", comment="e")

    for name in ("one", "two"):
        call("POST", "/recipients", {"name": name, "authentication_type": "TOKEN"})
    path = "/shares/tf/permissions"
    assert call("GET", path).get("privilege_assignments", []) == []
    call("PATCH", path, {"changes": [{"principal": "one", "add": ["SELECT"]}]})
    assert call("GET", path)["privilege_assignments"] == [{"principal": "one", "privileges": ["SELECT"]}]
    call("PATCH", path, {"changes": [{"principal": "one", "remove": ["SELECT"]}, {"principal": "two", "add": ["SELECT"]}], "omit_permissions_list": True})
    assert call("GET", path)["privilege_assignments"] == [{"principal": "two", "privileges": ["SELECT"]}]
    call("PATCH", path, {"changes": [{"principal": "two", "remove": ["SELECT"]}]})
    assert call("GET", path).get("privilege_assignments", []) == []
    call("DELETE", "/shares/tf")
    call("GET", "/shares/tf?include_shared_data=true", status=404)


def test_provider(call, metastore):
    profile = '{"shareCredentialsVersion":1,"bearerToken":"secret-token","endpoint":"https://sharing.example.com/delta-sharing/"}'
    call("POST", "/providers", {"name": "tf", "comment": "c", "authentication_type": "TOKEN", "recipient_profile_str": profile})
    same(call("GET", "/providers/tf"), name="tf", comment="c", authentication_type="TOKEN")
    call("PATCH", "/providers/tf", {"comment": "d"})
    known = call("GET", "/providers/tf")
    same(known, name="tf", comment="d")
    assert "secret-token" not in str(known)
    call("DELETE", "/providers/tf")
    call("GET", "/providers/tf", status=404)


def test_catalog_over_a_share(server, call, metastore, sql):
    sql("CREATE TABLE main.default.a AS SELECT 1 AS id")
    made = server.control("POST", "workspaces", {"name": "far", "seed": 99}).json

    def theirs(method, path, body=None, status=200):
        return call(method, path, body, status, token=made["token"])

    identifier = theirs("GET", "/metastore_summary")["global_metastore_id"]
    call("POST", "/recipients", {"name": "far", "authentication_type": "DATABRICKS", "data_recipient_global_metastore_id": identifier})
    same(call("GET", "/recipients/far"), data_recipient_global_metastore_id=identifier, activated=True)
    call("POST", "/shares", {"name": "tf"})
    call("PATCH", "/shares/tf", {"updates": [update("ADD", name="main.default.a", data_object_type="TABLE")]})
    call("PATCH", "/shares/tf/permissions", {"changes": [{"principal": "far", "add": ["SELECT"]}]})
    provider = theirs("GET", "/providers")["providers"][0]["name"]
    wanted = {"name": "tf", "provider_name": provider, "share_name": "tf", "comment": "c"}
    assert theirs("POST", "/catalogs", wanted)["share_name"] == "tf"
    theirs("PATCH", "/catalogs/tf", {"owner": "account users"})
    theirs("PATCH", "/catalogs/tf", {"comment": "d", "isolation_mode": "OPEN"})
    known = theirs("GET", "/catalogs/tf")
    same(known, **{**wanted, "comment": "d"}, owner="account users", catalog_type="DELTASHARING_CATALOG", isolation_mode="OPEN")
    assert "options" not in known
    theirs("POST", "/catalogs", {"name": "half", "provider_name": provider}, status=400)
    theirs("DELETE", "/catalogs/tf?force=true")
    theirs("GET", "/catalogs/tf", status=404)
    server.control("DELETE", f"workspaces/{made['workspace_id']}")
