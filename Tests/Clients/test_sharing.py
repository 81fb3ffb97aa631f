"""Delta Sharing: shares and recipients by databricks-sdk, their tables by delta-sharing."""

import json

import delta_sharing
import pytest
from databricks.sdk.errors import ResourceAlreadyExists, NotFound, PermissionDenied
from databricks.sdk.service import sharing as s

from conftest import TOKEN, workspace_client
from sharing_support import HISTORY, QUERY, activate, enable, fetch, objects, profile, raw, recipient, shop  # noqa: F401


def rows(frame):
    return sorted(frame["id"].tolist())


def test_reads_a_snapshot_by_pandas(shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    client = delta_sharing.SharingClient(str(profile))
    assert [x.name for x in client.list_shares()] == ["sales"]
    assert [(x.share, x.schema, x.name) for x in client.list_all_tables()] == [("sales", "shop", "orders")]
    frame = delta_sharing.load_as_pandas(f"{profile}#sales.shop.orders")
    assert rows(frame) == [1, 2, 3]
    assert frame.set_index("id").amount[3] == 3.5
    assert str(frame.set_index("id").day[1]) == "2026-01-01"
    assert len(delta_sharing.load_as_pandas(f"{profile}#sales.shop.orders", limit=1)) == 1
    assert delta_sharing.get_table_version(f"{profile}#sales.shop.orders") == 2
    assert rows(delta_sharing.load_as_pandas(f"{profile}#sales.shop.orders", use_delta_format=True)) == [1, 2, 3]


def test_history_is_shared_only_if_it_is_said(shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    with pytest.raises(Exception, match="Reading table by version is not supported"):
        delta_sharing.load_as_pandas(f"{profile}#sales.shop.orders", version=1)
    change = s.SharedDataObject("main.shop.orders", **HISTORY)
    shop.shares.update("sales", updates=[s.SharedDataObjectUpdate(s.SharedDataObjectUpdateAction.UPDATE, change)])
    assert rows(delta_sharing.load_as_pandas(f"{profile}#sales.shop.orders", version=1)) == [1, 2]


def test_change_feed(shop, sql, profile):
    sql("UPDATE main.shop.orders SET amount = 9 WHERE id = 2")
    shop.shares.update("sales", updates=objects("main.shop.orders", cdf_enabled=True))
    frame = delta_sharing.load_table_changes_as_pandas(f"{profile}#sales.shop.orders", starting_version=1)
    told = sorted(zip(frame["_commit_version"], frame["_change_type"], frame["id"], frame["amount"]))
    assert told == [
        (1, "insert", 1, 1.5), (1, "insert", 2, 2.5), (2, "insert", 3, 3.5),
        (3, "update_postimage", 2, 9.0), (3, "update_preimage", 2, 2.5)]


def test_deletion_vectors_need_the_delta_format(server, shop, sql, profile):
    sql("CREATE TABLE main.shop.dv (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    sql("INSERT INTO main.shop.dv SELECT id FROM range(10)")
    sql("DELETE FROM main.shop.dv WHERE id IN (3, 4)")
    shop.shares.update("sales", updates=objects("main.shop.dv"))
    answer = raw(server, profile, "/shares/sales/schemas/shop/tables/dv/query", {})
    assert (answer.status, answer.json["errorCode"]) == (400, "UNSUPPORTED_OPERATION")
    assert "deletionVectors" in answer.json["message"]
    assert rows(delta_sharing.load_as_pandas(f"{profile}#sales.shop.dv")) == [0, 1, 2, 5, 6, 7, 8, 9]


def test_partitions_and_aliases(server, shop, profile):
    day = s.PartitionValue(name="day", op=s.PartitionValueOp.EQUAL, value="2026-01-02")
    shop.shares.update("sales", updates=objects("main.shop.orders", shared_as="pub.part", partitions=[s.Partition([day])]))
    assert rows(delta_sharing.load_as_pandas(f"{profile}#sales.pub.part")) == [2, 3]
    answer = raw(server, profile, "/shares/sales/schemas/pub/tables/part/query", {})
    assert answer.body.count(b'{"file"') == 2 and b"2026-01-01" not in answer.body
    assert raw(server, profile, QUERY, {}).status == 404


def test_a_recipient_sees_nothing_else(server, shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    shop.shares.create("other")
    shop.shares.update("other", updates=objects("main.shop.secret"))
    for path in ["/shares/other", "/shares/other/schemas", "/shares/sales/schemas/shop/tables/secret/metadata", "/shares/sales/schemas/none/tables"]:
        answer = raw(server, profile, path)
        assert (answer.status, answer.json["errorCode"]) == (404, "RESOURCE_DOES_NOT_EXIST"), path
    token = json.loads(profile.read_text())["bearerToken"]
    assert server.request("GET", "/api/2.1/unity-catalog/shares", token=token).status in (401, 403)
    endpoint = json.loads(profile.read_text())["endpoint"][len(server.host):]
    assert server.request("GET", endpoint + "/shares", token=TOKEN).status == 401
    assert server.request("GET", endpoint + "/shares", token="0" * 64).json["errorCode"] == "UNAUTHENTICATED"
    assert server.request("GET", "/api/2.0/delta-sharing/metastores/00000000-0000-4000-8000-000000000000/shares", token=token).status == 404


def test_links_are_signed_and_end(start, tmp_path):
    server = start("serve", "--port", 0, "--clock", "virtual")
    client = workspace_client(server)
    enable(client)

    def sql(text):
        return server.request("POST", "/api/2.0/sql/statements", {
            "statement": text, "warehouse_id": server.exports["DATABRICKS_WAREHOUSE_ID"]}).json["status"]["state"]

    server.control("POST", "clock", {"advance": "10s"})
    assert sql("CREATE TABLE main.default.t AS SELECT 1 AS id") in ("SUCCEEDED", "PENDING", "RUNNING")
    server.control("POST", "clock", {"advance": "60s"})
    client.shares.create("sales")
    client.shares.update("sales", updates=objects("main.default.t", shared_as="shop.orders"))
    profile = tmp_path / "p.share"
    profile.write_bytes(activate(server, recipient(client)).body)
    line = json.loads(raw(server, profile, QUERY, {}).body.splitlines()[2])
    url = line["file"]["url"]
    status, body = fetch(url)
    assert status == 200 and body[:4] == b"PAR1" and len(body) == line["file"]["size"]
    assert fetch(url.replace(".parquet?", ".other?"))[0] == 403
    assert fetch(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"))[0] == 403
    server.control("POST", "clock", {"advance": "2h"})
    assert fetch(url)[0] in (400, 403)


def test_tokens_rotate_expire_and_are_revoked(server, shop, profile):
    old = json.loads(profile.read_text())["bearerToken"]
    made = shop.recipients.get("acme")
    assert made.activated and made.activation_url is None and len(made.tokens) == 1
    made = shop.recipients.rotate_token("acme", existing_token_expire_in_seconds=3600)
    assert len(made.tokens) == 2 and made.tokens[0].expiration_time
    assert raw(server, profile, "/shares").status == 200
    first = activate(server, made)
    new = first.json["bearerToken"]
    assert activate(server, made).status == 404 and new != old
    journal = server.request("GET", "/_dbxsim/journal").body
    assert made.activation_url.split("?")[1].encode() not in journal and new.encode() not in journal
    assert raw(server, profile, "/shares", token=new).status == 200
    shop.recipients.update("acme", expiration_time=4102444800000)
    assert raw(server, profile, "/shares").status == 200
    shop.recipients.delete("acme")
    assert raw(server, profile, "/shares", token=new).status == 401
    with pytest.raises(NotFound):
        shop.recipients.get("acme")


def test_grants_are_taken_back(server, shop, profile):
    assert [x["name"] for x in raw(server, profile, "/shares").json["items"]] == ["sales"]
    assert shop.recipients.share_permissions("acme").permissions_out[0].share_name == "sales"
    shop.shares.update_permissions("sales", changes=[s.PermissionsChange(remove=["SELECT"], principal="acme")])
    assert raw(server, profile, "/shares").json == {"items": []}
    assert shop.shares.share_permissions("sales").privilege_assignments == []
    with pytest.raises(NotFound):
        shop.shares.update_permissions("sales", changes=[s.PermissionsChange(add=["SELECT"], principal="nobody")])


def test_addresses_outside_of_the_list_are_refused(server, shop, profile):
    shop.recipients.update("acme", ip_access_list=s.IpAccessList(["10.0.0.0/8"]))
    answer = raw(server, profile, "/shares")
    assert (answer.status, answer.json["errorCode"]) == (403, "PERMISSION_DENIED")
    assert raw(server, profile, "/shares", headers={"X-Forwarded-For": "10.1.2.3"}).status == 200


def test_pages(server, shop, profile):
    for name in ("a", "b"):
        shop.shares.create(name)
        shop.shares.update_permissions(name, changes=[s.PermissionsChange(add=["SELECT"], principal="acme")])
    page = raw(server, profile, "/shares?maxResults=2").json
    assert [x["name"] for x in page["items"]] == ["a", "b"]
    page = raw(server, profile, f"/shares?maxResults=2&pageToken={page['nextPageToken']}").json
    assert [x["name"] for x in page["items"]] == ["sales"] and "nextPageToken" not in page


def test_shares_and_their_objects(shop):
    share = shop.shares.update("sales", updates=objects("main.shop.orders", comment="all"))
    one = share.objects[0]
    assert (one.name, one.shared_as, one.status.value, one.cdf_enabled, one.start_version) == (
        "main.shop.orders", "shop.orders", "ACTIVE", False, 0)
    with pytest.raises(ResourceAlreadyExists):
        shop.shares.update("sales", updates=objects("main.shop.orders"))
    with pytest.raises(NotFound):
        shop.shares.update("sales", updates=objects("main.shop.none"))
    assert shop.shares.get("sales").objects == []
    assert shop.shares.get("sales", include_shared_data=True).objects == share.objects
    remove = s.SharedDataObjectUpdate(s.SharedDataObjectUpdateAction.REMOVE, s.SharedDataObject("main.shop.orders"))
    assert shop.shares.update("sales", updates=[remove]).objects == []
    assert shop.shares.update("sales", new_name="sold").name == "sold"
    shop.shares.delete("sold")
    assert [x.name for x in shop.shares.list_shares()] == []


def test_external_sharing_must_be_enabled(client):
    with pytest.raises(Exception, match="delta_sharing_scope is INTERNAL"):
        client.recipients.create("acme", s.AuthenticationType.TOKEN)


def test_who_has_no_privilege_makes_no_share(server, client):
    principal = client.service_principals.create(display_name="robot")
    secret = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=600).token_value
    robot = workspace_client(server, token=secret)
    with pytest.raises(PermissionDenied):
        robot.shares.create("mine")
    from databricks.sdk.service.catalog import PermissionsChange, Privilege
    client.grants.update("metastore", client.metastores.summary().metastore_id, changes=[
        PermissionsChange(add=[Privilege.CREATE_SHARE], principal=principal.application_id)])
    assert robot.shares.create("mine").owner == principal.application_id


def test_federation_policies(client):
    enable(client)
    client.recipients.create("idp", s.AuthenticationType.OIDC_FEDERATION)
    policy = s.FederationPolicy(name="p", oidc_policy=s.OidcFederationPolicy("https://idp.example.com", "sub", "me", ["aud"]))
    made = client.recipient_federation_policies.create("idp", policy)
    assert made.oidc_policy.subject == "me"
    assert [x.name for x in client.recipient_federation_policies.list("idp")] == ["p"]
    client.recipient_federation_policies.delete("idp", "p")
    with pytest.raises(NotFound):
        client.recipient_federation_policies.get_federation_policy("idp", "p")
