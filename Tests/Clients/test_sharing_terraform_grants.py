"""The calls of databricks_grants, databricks_grant and databricks_catalog, and what databricks_provider and databricks_share do when a plan changes.
Calls: databricks/terraform-provider-databricks, catalog/ and sharing/."""

import json

import pytest

from test_sharing_terraform import call, metastore, same, update  # noqa: F401


def assignments(call, path):
    return {x["principal"]: sorted(x["privileges"]) for x in call("GET", path).get("privilege_assignments", [])}


@pytest.mark.parametrize("securable, name, first, second", [
    ("catalog", "tf", ["USE_CATALOG", "USE_SCHEMA"], ["SELECT", "USE_CATALOG"]),
    ("schema", "tf.s", ["CREATE_TABLE", "USE_SCHEMA"], ["USE_SCHEMA"]),
    ("table", "tf.s.t", ["MODIFY", "SELECT"], ["SELECT"]),
    ("volume", "tf.s.v", ["READ_VOLUME", "WRITE_VOLUME"], ["READ_VOLUME"]),
    ("function", "tf.s.f", ["EXECUTE"], ["ALL_PRIVILEGES"]),
])
def test_grants(call, sql, securable, name, first, second):
    for text in ("CREATE CATALOG tf", "CREATE SCHEMA tf.s", "CREATE TABLE tf.s.t (id BIGINT)", "CREATE VOLUME tf.s.v",
                 "CREATE FUNCTION tf.s.f(x INT) RETURNS INT RETURN x"):
        sql(text)
    path = f"/permissions/{securable}/{name}"
    assert assignments(call, path) == {}
    # Create: what is there is read, and the difference is sent.
    call("PATCH", path, {"changes": [{"principal": "account users", "add": first}]})
    assert assignments(call, path) == {"account users": first}
    # Update: one list out, another one in, in one request.
    call("PATCH", path, {"changes": [
        {"principal": "account users", "add": [x for x in second if x not in first], "remove": [x for x in first if x not in second]},
        {"principal": "admin@example.com", "add": first}]})
    assert assignments(call, path) == {"account users": second, "admin@example.com": first}
    # databricks_grant reads one principal's alone.
    one = call("GET", path + "?principal=account%20users")["privilege_assignments"]
    assert [(x["principal"], sorted(x["privileges"])) for x in one] == [("account users", second)]
    # Delete: all that is there is taken back.
    call("PATCH", path, {"changes": [{"principal": who, "remove": privileges} for who, privileges in assignments(call, path).items()]})
    assert assignments(call, path) == {}


def test_grants_on_the_metastore(call, metastore):
    path = f"/permissions/metastore/{metastore}"
    before = assignments(call, path)
    call("PATCH", path, {"changes": [{"principal": "account users", "add": ["CREATE_CATALOG", "CREATE_SHARE"]}]})
    held = assignments(call, path)["account users"]
    assert {"CREATE_CATALOG", "CREATE_SHARE"} <= set(held)
    call("PATCH", path, {"changes": [{"principal": "account users", "remove": ["CREATE_CATALOG", "CREATE_SHARE"]}]})
    left = set(before.get("account users", [])) - {"CREATE_CATALOG", "CREATE_SHARE"}
    assert set(assignments(call, path).get("account users", [])) == left


def test_catalog(call):
    wanted = {"name": "tf", "comment": "c", "properties": {"purpose": "testing"}, "options": {}}
    made = call("POST", "/catalogs", wanted)
    # The default schema goes, unless it is kept.
    call("DELETE", "/schemas/tf.default?force=true")
    call("PATCH", "/catalogs/tf", {"owner": "account users"})
    known = call("GET", "/catalogs/tf")
    same(known, name="tf", comment="c", properties={"purpose": "testing"}, owner="account users", catalog_type="MANAGED_CATALOG",
         isolation_mode="OPEN", enable_predictive_optimization="INHERIT", metastore_id=made["metastore_id"])
    call("PATCH", "/catalogs/tf", {"comment": "d", "properties": {"purpose": "more"}, "isolation_mode": "ISOLATED",
                                   "enable_predictive_optimization": "DISABLE"})
    # An isolated catalog is bound to the workspace at hand.
    same(call("GET", "/catalogs/tf"), comment="d", properties={"purpose": "more"}, isolation_mode="ISOLATED",
         enable_predictive_optimization="DISABLE", owner="account users")
    call("PATCH", "/catalogs/tf", {"new_name": "tf2", "isolation_mode": "OPEN"})
    same(call("GET", "/catalogs/tf2"), name="tf2", comment="d", isolation_mode="OPEN")
    call("GET", "/catalogs/tf", status=404)
    call("DELETE", "/catalogs/tf2?force=true")
    call("GET", "/catalogs/tf2", status=404)


def test_provider_in_another_plan(call, metastore):
    def profile(token, endpoint):
        return json.dumps({"shareCredentialsVersion": 1, "bearerToken": token, "endpoint": endpoint, "expirationTime": "2099-01-01T00:00:00.0Z"})

    call("POST", "/providers", {"name": "tf", "authentication_type": "TOKEN", "recipient_profile_str": profile("one", "https://a.example.com/x")})
    call("PATCH", "/providers/tf", {"owner": "account users"})
    call("PATCH", "/providers/tf", {"comment": "c", "recipient_profile_str": profile("two", "https://b.example.com/x")})
    known = call("GET", "/providers/tf")
    same(known, name="tf", comment="c", owner="account users", authentication_type="TOKEN",
         recipient_profile={"share_credentials_version": 1, "endpoint": "https://b.example.com/x"})
    call("PATCH", "/providers/tf", {"new_name": "tf2"})
    same(call("GET", "/providers/tf2"), name="tf2", comment="c")
    call("GET", "/providers/tf", status=404)
    call("PATCH", "/providers/tf2", {"recipient_profile_str": "{}"}, status=400)
    call("DELETE", "/providers/tf2")
    call("GET", "/providers/tf2", status=404)


def test_share_in_another_plan(call, metastore, sql):
    sql("CREATE SCHEMA main.tf")
    sql("CREATE TABLE main.tf.a (id BIGINT)")
    sql("CREATE VIEW main.tf.v AS SELECT id FROM main.tf.a")
    sql("CREATE VOLUME main.tf.files")
    call("POST", "/shares", {"name": "tf"})
    wanted = [{"name": "main.tf.a", "data_object_type": "TABLE", "cdf_enabled": True, "start_version": 0, "history_data_sharing_status": "ENABLED"},
              {"name": "main.tf.files", "data_object_type": "VOLUME", "string_shared_as": "pub.files"},
              {"name": "main.tf.v", "data_object_type": "VIEW", "shared_as": "pub.v"}]
    call("PATCH", "/shares/tf", {"updates": [update("ADD", **x) for x in wanted]})
    known = {x["name"]: x for x in call("GET", "/shares/tf?include_shared_data=true")["objects"]}
    for x in wanted:
        same(known[x["name"]], **x)
    call("PATCH", "/shares/tf", {"new_name": "tf2"})
    assert len(call("GET", "/shares/tf2?include_shared_data=true")["objects"]) == 3
    call("GET", "/shares/tf", status=404)
    call("DELETE", "/shares/tf2")
