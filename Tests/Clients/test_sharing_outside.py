"""Providers outside of the server: one process provides, another reads its shares by the open protocol."""

import json

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service import sharing as s

from conftest import Server, run_sql, workspace_client
from sharing_support import HISTORY, Workspace, activate, objects, profile, recipient, shop  # noqa: F401


@pytest.fixture(scope="module")
def second_server():
    server = Server("serve", "--port", 0, "--seed", 8)
    yield server
    assert server.stop() == 0


@pytest.fixture
def theirs(second_server):
    """The workspace that receives; `server` and `client` are of the one that provides."""
    assert second_server.control("POST", "reset").status == 200
    made = Workspace(workspace_client(second_server), second_server.exports["DATABRICKS_WAREHOUSE_ID"])
    made.server = second_server
    return made


@pytest.fixture
def mine(shop, sql):
    """The share `sales` with the orders and their history."""
    shop.shares.update("sales", updates=objects("main.shop.orders", **HISTORY))
    return sql


@pytest.fixture
def bought(mine, theirs, profile):
    theirs.client.providers.create("acme", s.AuthenticationType.TOKEN, recipient_profile_str=profile.read_text())
    theirs.client.catalogs.create("bought", provider_name="acme", share_name="sales")
    return theirs


def exchanges(server, part):
    """The journal's exchanges whose path has a part."""
    return [x for x in server.control("GET", "journal?limit=1000").json["exchanges"] if part in x["path"]]


def test_lists(bought, server, mine):
    w = bought.client
    known = w.providers.get("acme")
    assert known.authentication_type == s.AuthenticationType.TOKEN
    assert known.recipient_profile.share_credentials_version == 1 and known.recipient_profile.endpoint.startswith(server.host)
    assert known.recipient_profile.bearer_token is None and known.recipient_profile_str is None
    assert [x.name for x in w.providers.list_shares("acme")] == ["sales"]
    assert bought.sql("SHOW SHARES IN PROVIDER acme") == [["sales"]]
    assets = w.providers.list_provider_share_assets("acme", "sales")
    assert [(x.schema, x.name, x.share) for x in assets.tables] == [("shop", "orders", "sales")]
    assert [x.name for x in w.schemas.list("bought")] == ["information_schema", "shop"]
    table = next(iter(w.tables.list("bought", "shop")))
    assert (table.full_name, table.data_source_format.value) == ("bought.shop.orders", "DELTASHARING")
    assert [(c.name, c.type_text, c.partition_index) for c in table.columns] == [("id", "bigint", None), ("amount", "double", None), ("day", "date", 0)]
    assert w.tables.get("bought.shop.orders").columns == table.columns
    assert bought.sql("SHOW TABLES IN bought.shop") == [["shop", "orders", "false"]]
    assert bought.sql("SELECT column_name FROM bought.information_schema.columns WHERE table_schema = 'shop' ORDER BY ordinal_position") == [
        ["id"], ["amount"], ["day"]]
    # What is added is there at once, what is taken back is gone.
    w2 = workspace_client(server)
    w2.shares.update("sales", updates=objects("main.shop.secret"))
    assert [x.name for x in w.tables.list("bought", "shop")] == ["orders", "secret"]
    w2.shares.update("sales", updates=[s.SharedDataObjectUpdate(s.SharedDataObjectUpdateAction.REMOVE, s.SharedDataObject("main.shop.secret"))])
    with pytest.raises(NotFound):
        w.tables.get("bought.shop.secret")
    assert "TABLE_OR_VIEW_NOT_FOUND" in bought.error("SELECT * FROM bought.shop.secret")


def test_queries(bought, mine, server):
    assert bought.sql("SELECT * FROM bought.shop.orders ORDER BY id") == [
        ["1", "1.5", "2026-01-01"], ["2", "2.5", "2026-01-02"], ["3", "3.5", "2026-01-02"]]
    assert bought.sql("SELECT count(*), sum(a.amount) FROM bought.shop.orders a JOIN bought.shop.orders b USING (id)") == [["3", "7.5"]]
    mine("INSERT INTO main.shop.orders VALUES (4, 4.5, DATE'2026-01-03')")
    assert bought.sql("SELECT max(id) FROM bought.shop.orders") == [["4"]]
    # Versions and times.
    assert bought.sql("SELECT count(*) FROM bought.shop.orders VERSION AS OF 1") == [["2"]]
    stamp = next(row[1] for row in mine("DESCRIBE HISTORY main.shop.orders") if row[0] == "2")
    assert bought.sql(f"SELECT count(*) FROM bought.shop.orders TIMESTAMP AS OF '{stamp}'") == [["3"]]
    assert "DELTA_SHARING_PROVIDER.REQUEST_REFUSED" in bought.error("SELECT * FROM bought.shop.orders VERSION AS OF 99")
    # Views and copies of it, and it in a CREATE TABLE.
    bought.sql("CREATE VIEW main.default.late AS SELECT id FROM bought.shop.orders WHERE day > DATE'2026-01-01'")
    assert bought.sql("SELECT * FROM main.default.late ORDER BY id") == [["2"], ["3"], ["4"]]
    bought.sql("CREATE TABLE main.default.copy AS SELECT * FROM bought.shop.orders")
    assert bought.sql("SELECT count(*) FROM main.default.copy") == [["4"]]
    assert bought.error("INSERT INTO bought.shop.orders VALUES (9, 9, NULL)")
    # The provider's owner decides who may read here.
    made = bought.client.service_principals.create(display_name="robot")
    from databricks.sdk import WorkspaceClient

    robot = WorkspaceClient(host=bought.client.config.host, token=bought.client.token_management.create_obo_token(
        made.application_id, lifetime_seconds=600).token_value)
    assert "PERMISSION" in bought.error("SELECT * FROM bought.shop.orders", robot)


def test_streams(bought, mine, client, server):
    make = "CREATE OR REFRESH STREAMING TABLE main.default.st AS SELECT id, amount FROM STREAM bought.shop.orders"
    refresh, read = "REFRESH STREAMING TABLE main.default.st", "SELECT * FROM main.default.st ORDER BY id"
    bought.sql(make)
    assert bought.sql(read) == [["1", "1.5"], ["2", "2.5"], ["3", "3.5"]]
    server.control("DELETE", "journal")
    bought.sql(refresh)
    # Nothing is new: no files are asked for.
    assert exchanges(server, "/query") == [] and len(bought.sql(read)) == 3
    mine("INSERT INTO main.shop.orders VALUES (4, 4.5, DATE'2026-01-03')")
    mine("INSERT INTO main.shop.orders VALUES (5, 5.5, DATE'2026-01-03')")
    mine("OPTIMIZE main.shop.orders")
    bought.sql(refresh)
    asked = [x["request"]["body"] for x in exchanges(server, "/query")]
    assert [x["startingVersion"] for x in asked] == [3]
    assert bought.sql(read) == [["1", "1.5"], ["2", "2.5"], ["3", "3.5"], ["4", "4.5"], ["5", "5.5"]]
    mine("ALTER TABLE main.shop.orders ADD COLUMN note STRING")
    mine("INSERT INTO main.shop.orders VALUES (6, 6.5, DATE'2026-01-03', 'n')")
    bought.sql(refresh)
    assert bought.sql(read)[-1] == ["6", "6.5"]
    mine("DELETE FROM main.shop.orders WHERE id = 1")
    assert "DELTA_SOURCE_TABLE_IGNORE_CHANGES" in bought.error(refresh)
    bought.sql("REFRESH STREAMING TABLE main.default.st FULL")
    assert [row[0] for row in bought.sql(read)] == ["2", "3", "4", "5", "6"]
    # Without its history a table is no stream.
    client.shares.update("sales", updates=objects("main.shop.secret"))
    assert "REQUEST_REFUSED" in bought.error("CREATE STREAMING TABLE main.default.no AS SELECT * FROM STREAM bought.shop.secret")


def test_hints(bought, mine, server):
    def asked(text):
        server.control("DELETE", "journal")
        rows = bought.sql(text)
        bodies = [x["request"]["body"] for x in exchanges(server, "/query")]
        return rows, bodies, len(exchanges(server, ".parquet"))

    rows, bodies, files = asked("SELECT id FROM bought.shop.orders WHERE day = DATE'2026-01-01'")
    assert rows == [["1"]] and files == 1
    parts = json.loads(bodies[0]["jsonPredicateHints"])
    assert {"op": "equal", "children": [
        {"op": "column", "name": "day", "valueType": "date"}, {"op": "literal", "value": "2026-01-01", "valueType": "date"}]} in (
            parts["children"] if parts["op"] == "and" else [parts])
    rows, bodies, files = asked("SELECT id FROM bought.shop.orders LIMIT 1")
    assert len(rows) == 1 and bodies[0]["limitHint"] == 1 and files == 1
    # A limit behind a filter is no limit of what is scanned.
    rows, bodies, _ = asked("SELECT id FROM bought.shop.orders WHERE id = 3 LIMIT 1")
    assert rows == [["3"]] and "limitHint" not in bodies[0]
    assert asked("SELECT count(*) FROM bought.shop.orders")[0] == [["3"]]


def test_deletion_vectors_and_column_mapping(mine, theirs, client, server, profile):
    mine("CREATE TABLE main.shop.deep (id BIGINT, info STRUCT<a: INT, b: ARRAY<STRING>>, old STRING) TBLPROPERTIES "
         "('delta.enableDeletionVectors' = 'true', 'delta.columnMapping.mode' = 'name', 'delta.enableChangeDataFeed' = 'true')")
    mine("INSERT INTO main.shop.deep SELECT id, named_struct('a', CAST(id AS INT), 'b', array('x', 'y')), 'o' FROM range(10)")
    mine("ALTER TABLE main.shop.deep RENAME COLUMN old TO new")
    mine("DELETE FROM main.shop.deep WHERE id IN (3, 5)")
    mine("UPDATE main.shop.deep SET new = 'n' WHERE id = 7")
    client.shares.update("sales", updates=objects("main.shop.deep", **HISTORY))
    theirs.client.providers.create("acme", s.AuthenticationType.TOKEN, recipient_profile_str=profile.read_text())
    theirs.sql("CREATE CATALOG deep USING SHARE acme.sales")
    query = "SELECT id, info.a, info.b[1], new FROM {}.shop.deep ORDER BY id"
    assert theirs.sql(query.format("deep")) == mine(query.format("main")) and len(theirs.sql(query.format("deep"))) == 8
    assert theirs.sql("SELECT count(*) FROM deep.shop.deep") == [["8"]]
    feed = "SELECT id, new, _change_type, _commit_version FROM table_changes('{}.shop.deep', 3) ORDER BY ALL"
    assert theirs.sql(feed.format("deep")) == mine(feed.format("main")) != []


def test_change_feeds(bought, mine):
    mine("UPDATE main.shop.orders SET amount = 9 WHERE id = 1")
    mine("DELETE FROM main.shop.orders WHERE id = 3")
    for bounds in ("1", "1, 2", "2, 4", "4"):
        feed = f"SELECT * FROM table_changes('{{}}.shop.orders', {bounds}) ORDER BY ALL"
        known = mine(feed.format("main"))
        assert bought.sql(feed.format("bought")) == known != [], bounds
    stamp = next(row[1] for row in mine("DESCRIBE HISTORY main.shop.orders") if row[0] == "2")
    feed = f"SELECT id, _commit_version FROM table_changes('{{}}.shop.orders', '{stamp}') ORDER BY ALL"
    assert bought.sql(feed.format("bought")) == mine(feed.format("main")) != []
    assert "DELTA_SHARING_PROVIDER.REQUEST_REFUSED" in bought.error("SELECT * FROM table_changes('bought.shop.orders', 77)")


def test_credentials(bought, mine, client, server, profile):
    """A rotated token is refused, the new one reads; nothing that is answered, kept or written has either."""
    old = json.loads(profile.read_text())["bearerToken"]
    rotated = client.recipients.rotate_token("acme", existing_token_expire_in_seconds=0)
    message = bought.error("SELECT * FROM bought.shop.orders")
    assert "DELTA_SHARING_PROVIDER.UNAUTHENTICATED" in message and old not in message
    with pytest.raises(PermissionDenied) as refused:
        list(bought.client.providers.list_shares("acme"))
    assert refused.value.error_code == "PROVIDER_SHARE_NOT_ACCESSIBLE" and old not in str(refused.value)
    with pytest.raises(PermissionDenied):
        list(bought.client.tables.list("bought", "shop"))
    nonce = [t for t in rotated.tokens if t.activation_url][-1].activation_url.split("?")[1]
    fresh = server.request("GET", f"/api/2.1/unity-catalog/public/data_sharing_activation/{nonce}", token=None).json
    changed = bought.client.providers.update("acme", recipient_profile_str=json.dumps(fresh))
    assert changed.recipient_profile.endpoint == fresh["endpoint"]
    assert bought.sql("SELECT count(*) FROM bought.shop.orders") == [["3"]]
    seen = json.dumps(bought.client.providers.get("acme").as_dict()) + json.dumps([x.as_dict() for x in bought.client.providers.list()])
    seen += json.dumps(bought.sql("DESCRIBE PROVIDER acme")) + json.dumps(bought.sql("SELECT * FROM system.information_schema.providers"))
    seen += bought.server.control("GET", "journal?limit=1000").body.decode() + server.control("GET", "journal?limit=1000").body.decode()
    assert old not in seen and fresh["bearerToken"] not in seen
    # Grants and recipients that are taken back.
    client.shares.update_permissions("sales", changes=[s.PermissionsChange(remove=["SELECT"], principal="acme")])
    assert "NOT_FOUND" in bought.error("SELECT * FROM bought.shop.orders")
    client.recipients.delete("acme")
    assert "UNAUTHENTICATED" in bought.error("SELECT * FROM bought.shop.orders")
    # The catalog can be dropped, and the provider, though nobody answers for them.
    bought.sql("GRANT USE CATALOG ON CATALOG bought TO `account users`")
    bought.sql("DROP CATALOG bought CASCADE")
    bought.client.providers.delete("acme")


def test_profiles(theirs):
    w = theirs.client
    good = {"shareCredentialsVersion": 1, "endpoint": "http://127.0.0.1:1/x", "bearerToken": "topsecret"}
    bad = ["", "[]", "nonsense", json.dumps({**good, "shareCredentialsVersion": 3}), json.dumps({**good, "endpoint": "file:///etc/passwd"}),
           json.dumps({**good, "endpoint": "http://u:p@host/x"}), json.dumps({**good, "bearerToken": ""}),
           json.dumps({**good, "bearerToken": "a\nHost: evil"}), json.dumps({**good, "bearerToken": "x" * 70_000})]
    for text in bad:
        with pytest.raises(BadRequest) as refused:
            w.providers.create("bad", s.AuthenticationType.TOKEN, recipient_profile_str=text)
        assert "topsecret" not in str(refused.value)
    with pytest.raises(BadRequest):
        w.providers.create("bad", s.AuthenticationType.OAUTH_CLIENT_CREDENTIALS, recipient_profile_str=json.dumps(good))
    w.providers.create("closed", s.AuthenticationType.TOKEN, recipient_profile_str=json.dumps(good))
    with pytest.raises(BadRequest) as refused:
        list(w.providers.list_shares("closed"))
    assert "DELTA_SHARING_PROVIDER.UNREACHABLE" in str(refused.value) and "topsecret" not in str(refused.value)
    with pytest.raises(BadRequest):
        w.providers.update("closed", recipient_profile_str="{}")
    with pytest.raises(BadRequest):
        w.catalogs.create("nothing", provider_name="closed", share_name="x")
    assert [x.name for x in w.catalogs.list() if x.name == "nothing"] == []
    # Statements that name no catalog of it do not wait for it.
    assert theirs.sql("SELECT 1") == [["1"]]
    w.providers.create("named", s.AuthenticationType.OIDC_FEDERATION, recipient_profile_str=json.dumps(
        {"shareCredentialsVersion": 2, "type": "oauth_client_credentials", "endpoint": "http://127.0.0.1:1/x"}))
    from databricks.sdk.errors import NotImplemented as Refused

    with pytest.raises(Refused):
        list(w.providers.list_shares("named"))
