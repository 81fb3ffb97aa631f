"""Database instances, their roles, catalogs and synced tables: by the SDK."""

import datetime

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service import database as db

from conftest import Server, workspace_client


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


def make(client, name, **settings):
    return client.database.create_database_instance_and_wait(
        db.DatabaseInstance(name=name, **settings), timeout=datetime.timedelta(seconds=20))


def test_an_instance_and_its_settings(client):
    made = make(client, "shop-db", capacity="CU_2", retention_window_in_days=14)
    assert made.state == db.DatabaseInstanceState.AVAILABLE
    assert (made.capacity, made.effective_retention_window_in_days, made.effective_node_count, made.effective_stopped) == ("CU_2", 14, 1, False)
    assert made.creator == "admin@example.com" and made.creation_time == "2026-01-01T00:00:00Z"
    assert made.read_write_dns == f"instance-{made.uid}.database.cloud.databricks.com" and made.read_only_dns is None
    assert client.database.find_database_instance_by_uid(uid=made.uid).name == "shop-db"
    changed = client.database.update_database_instance(
        "shop-db", db.DatabaseInstance(name="shop-db", stopped=True, capacity="CU_8"), update_mask="stopped")
    assert (changed.state, changed.effective_stopped, changed.capacity) == (db.DatabaseInstanceState.STOPPED, True, "CU_2")
    changed = client.database.update_database_instance(
        "shop-db", db.DatabaseInstance(name="shop-db", stopped=False, node_count=2, enable_readable_secondaries=True),
        update_mask="stopped,node_count,enable_readable_secondaries")
    assert (changed.state, changed.effective_node_count) == (db.DatabaseInstanceState.AVAILABLE, 2)
    assert changed.read_only_dns == f"instance-ro-{made.uid}.database.cloud.databricks.com"
    assert [i.name for i in client.database.list_database_instances(page_size=1)] == ["shop-db"]
    with pytest.raises(ResourceAlreadyExists):
        make(client, "shop-db")
    for settings in ({"capacity": "CU_3"}, {"retention_window_in_days": 1}, {"node_count": 0}, {"enable_readable_secondaries": True}):
        with pytest.raises(InvalidParameterValue):
            make(client, "other", **settings)
    for name in ("1db", "a_b", "a-", "x" * 64):
        with pytest.raises(InvalidParameterValue):
            make(client, name)
    assert [i.name for i in client.database.list_database_instances()] == ["shop-db"]
    client.database.delete_database_instance("shop-db", purge=True)
    with pytest.raises(NotFound):
        client.database.get_database_instance("shop-db")


def test_children_and_roles(client):
    parent = make(client, "parent")
    child = make(client, "child", parent_instance_ref=db.DatabaseInstanceRef(name="parent"))
    assert child.parent_instance_ref.uid == parent.uid
    assert [(c.name, c.uid) for c in client.database.get_database_instance("parent").child_instance_refs] == [("child", child.uid)]
    with pytest.raises(NotFound):
        make(client, "orphan", parent_instance_ref=db.DatabaseInstanceRef(name="nobody"))
    role = client.database.create_database_instance_role(
        "parent", db.DatabaseInstanceRole(name="app", attributes=db.DatabaseInstanceRoleAttributes(createdb=True)))
    assert (role.identity_type.value, role.effective_attributes.createdb, role.effective_attributes.bypassrls) == ("PG_ONLY", True, False)
    roles = list(client.database.list_database_instance_roles("parent", page_size=1))
    assert [(r.name, r.membership_role and r.membership_role.value) for r in roles] == [
        ("admin@example.com", "DATABRICKS_SUPERUSER"), ("app", None)]
    with pytest.raises(ResourceAlreadyExists):
        client.database.create_database_instance_role("parent", db.DatabaseInstanceRole(name="app"))
    with pytest.raises(NotFound):
        client.database.create_database_instance_role(
            "parent", db.DatabaseInstanceRole(name="nobody@example.com", identity_type=db.DatabaseInstanceRoleIdentityType.USER))
    client.database.delete_database_instance_role("parent", "app")
    with pytest.raises(NotFound):
        client.database.delete_database_instance_role("parent", "app")
    client.database.delete_database_instance_role("parent", "app", allow_missing=True)
    with pytest.raises(BadRequest):
        client.database.delete_database_instance("parent")
    with pytest.raises(BadRequest):
        client.database.delete_database_instance("parent", purge=False)
    client.database.delete_database_instance("parent", force=True)
    assert list(client.database.list_database_instances()) == []


def test_credentials_and_rights(server, client):
    make(client, "guarded")
    given = client.database.generate_database_credential(instance_names=["guarded"], request_id="r1")
    assert given.expiration_time == "2026-01-01T01:00:00Z" and len(given.token) > 30
    journal = server.request("GET", "/_dbxsim/journal?operation=database.generate_database_credential").body
    assert given.token.encode() not in journal
    principal = client.service_principals.create(display_name="stranger")
    token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value
    stranger = workspace_client(server, token=token)
    with pytest.raises(PermissionDenied):
        stranger.database.generate_database_credential(instance_names=["guarded"])
    with pytest.raises(PermissionDenied):
        stranger.database.delete_database_instance("guarded")
    client.database.delete_database_instance("guarded")


def test_catalogs_and_synced_tables(client, sql):
    make(client, "serving")
    with pytest.raises(NotFound):
        client.database.create_database_catalog(
            db.DatabaseCatalog(name="online", database_instance_name="serving", database_name="shop"))
    made = client.database.create_database_catalog(
        db.DatabaseCatalog(name="online", database_instance_name="serving", database_name="shop", create_database_if_not_exists=True))
    assert client.database.get_database_catalog("online").uid == made.uid
    assert client.catalogs.get("online").catalog_type.value == "MANAGED_ONLINE_CATALOG"
    assert [c.name for c in client.database.list_database_catalogs("serving")] == ["online"]
    client.schemas.create("public", "online")
    sql("CREATE SCHEMA main.synced")
    sql("CREATE TABLE main.synced.source (id BIGINT, v STRING)")
    spec = db.SyncedTableSpec(
        source_table_full_name="main.synced.source", primary_key_columns=["id"], scheduling_policy=db.SyncedTableSchedulingPolicy.SNAPSHOT)
    table = client.database.create_synced_database_table(db.SyncedDatabaseTable(name="online.public.copy", spec=spec))
    assert (table.effective_database_instance_name, table.effective_logical_database_name) == ("serving", "shop")
    assert table.data_synchronization_status.detailed_state == db.SyncedTableState.SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE
    assert table.unity_catalog_provisioning_state.value == "ACTIVE"
    assert client.database.get_synced_database_table("online.public.copy") == table
    assert client.database.update_synced_database_table("online.public.copy", table, update_mask="*") == table
    assert [t.name for t in client.database.list_synced_database_tables("serving")] == ["online.public.copy"]
    shown = client.tables.get("online.public.copy")
    assert shown.table_type.value == "FOREIGN" and [c.name for c in shown.columns] == ["id", "v"]
    refused = [
        ({"primary_key_columns": ["nope"]}, "online.public.t"), ({"primary_key_columns": []}, "online.public.t"),
        ({"scheduling_policy": db.SyncedTableSchedulingPolicy.CONTINUOUS}, "online.public.t"), ({}, "main.synced.t"),
    ]
    for change, name in refused:
        bad = db.SyncedTableSpec.from_dict({**spec.as_dict(), **db.SyncedTableSpec(**change).as_dict()})
        if change.get("primary_key_columns") == []:
            bad.primary_key_columns = []
        with pytest.raises(DatabricksError):
            client.database.create_synced_database_table(db.SyncedDatabaseTable(name=name, spec=bad))
        with pytest.raises(NotFound):
            client.tables.get(name)
    sql("ALTER TABLE main.synced.source SET TBLPROPERTIES (delta.enableChangeDataFeed = true)")
    spec.scheduling_policy = db.SyncedTableSchedulingPolicy.CONTINUOUS
    live = client.database.create_synced_database_table(
        db.SyncedDatabaseTable(name="main.synced.live", database_instance_name="serving", logical_database_name="shop", spec=spec))
    assert live.data_synchronization_status.detailed_state.value == "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE"
    assert len(list(client.database.list_synced_database_tables("serving", page_size=1))) == 2
    registered = client.database.create_database_table(
        db.DatabaseTable(name="main.synced.reg", database_instance_name="serving", logical_database_name="shop"))
    assert client.database.get_database_table("main.synced.reg") == registered
    with pytest.raises(NotFound):
        client.database.get_synced_database_table("main.synced.reg")
    with pytest.raises(DatabricksError):
        client.database.delete_database_catalog("online")
    client.database.delete_synced_database_table("online.public.copy")
    client.database.delete_synced_database_table("main.synced.live")
    client.database.delete_database_table("main.synced.reg")
    client.schemas.delete("online.public")
    client.database.delete_database_catalog("online")
    with pytest.raises(NotFound):
        client.catalogs.get("online")
    client.database.delete_database_instance("serving")


def test_the_sdk_finds_the_file_endpoints(server, client):
    told = server.request("GET", "/api/2.0/fs/endpoints").json["endpoints"]
    assert [(e["api"], f"{e['scheme']}://{e['hostname']}") for e in told] == [("IO_OFFLOAD", server.host), ("FILES_API", server.host)]
    assert [(e.kind.value, e.multipart_upload_supported) for e in client.files._fetch_endpoints()] == [("IO_OFFLOAD", True), ("FILES_API_V2", False)]
