"""Shares between workspaces of one server: providers that appear, catalogs over shares, and reading them by SQL."""

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service import catalog as c
from databricks.sdk.service import sharing as s

from conftest import run_sql
from sharing_support import here, identifier, objects, other, shared, shop  # noqa: F401


def test_providers_appear(here, other, shared):
    provider = other.client.providers.get(shared)
    assert provider.authentication_type == s.AuthenticationType.DATABRICKS
    assert provider.data_provider_global_metastore_id == identifier(here)
    assert [x.name for x in other.client.providers.list(data_provider_global_metastore_id=identifier(here))] == [shared]
    assert list(here.client.providers.list()) == []
    assert [x.name for x in other.client.providers.list_shares(shared)] == ["sales"]
    assert other.sql(f"SHOW SHARES IN PROVIDER {shared}") == [["sales"]]
    assert [row[0] for row in other.sql("SHOW PROVIDERS")] == [shared]
    told = dict(other.sql(f"DESCRIBE PROVIDER {shared}"))
    assert ":".join([told["cloud"], told["region"], told["metastore_id"]]) == identifier(here)
    assets = other.client.providers.list_provider_share_assets(shared, "sales")
    assert [(x.schema, x.name, x.share) for x in assets.tables] == [("shop", "orders", "sales")]
    with pytest.raises(NotFound):
        other.client.providers.list_provider_share_assets(shared, "other")


def test_a_catalog_over_a_share_is_read(here, other, shared):
    other.sql(f"CREATE CATALOG bought USING SHARE {shared}.sales COMMENT 'c'")
    known = other.client.catalogs.get("bought")
    assert (known.provider_name, known.share_name, known.catalog_type, known.comment) == (
        shared, "sales", c.CatalogType.DELTASHARING_CATALOG, "c")
    assert [x.name for x in other.client.schemas.list("bought")] == ["information_schema", "shop"]
    table = other.client.tables.get("bought.shop.orders")
    assert [(x.name, x.type_text) for x in table.columns] == [("id", "bigint"), ("amount", "double"), ("day", "date")]
    assert other.sql("SELECT id, day FROM bought.shop.orders ORDER BY id") == [["1", "2026-01-01"], ["2", "2026-01-02"], ["3", "2026-01-02"]]
    # What the provider writes is there at once, new tables too.
    here.sql("INSERT INTO main.shop.orders VALUES (4, 4.5, DATE'2026-01-03')")
    here.sql("ALTER TABLE main.shop.orders ADD COLUMN note STRING")
    here.client.shares.update("sales", updates=objects("main.shop.secret", shared_as="pub.open"))
    assert other.sql("SELECT count(*), max(note) FROM bought.shop.orders") == [["4", None]]
    assert [x.name for x in other.client.tables.get("bought.shop.orders").columns] == ["id", "amount", "day", "note"]
    assert other.sql("SHOW TABLES IN bought.pub") == [["pub", "open", "false"]]
    assert other.sql("SELECT * FROM system.information_schema.catalog_provider_share_usage") == [["bought", shared, "sales"]]
    # Joined with the recipient's own.
    other.sql("CREATE TABLE main.default.mine AS SELECT 2 AS id, 'two' AS name")
    assert other.sql("SELECT name, amount FROM bought.shop.orders JOIN main.default.mine USING (id)") == [["two", "2.5"]]


def test_partitions_views_and_history(here, other, shared):
    part = s.PartitionValue(name="day", op=s.PartitionValueOp.EQUAL, value="2026-01-02")
    own = s.PartitionValue(name="day", op=s.PartitionValueOp.EQUAL, recipient_property_key="day")
    here.sql("CREATE VIEW main.shop.totals AS SELECT day, sum(amount) AS total FROM main.shop.orders GROUP BY day")
    here.client.shares.create("more")
    here.client.shares.update("more", updates=objects("main.shop.orders", shared_as="a.part", partitions=[s.Partition([part])]) + objects("main.shop.totals"))
    here.client.shares.create("own")
    here.client.shares.update("own", updates=objects("main.shop.orders", partitions=[s.Partition([own])]))
    for name in ("more", "own"):
        here.client.shares.update_permissions(name, changes=[s.PermissionsChange(add=["SELECT"], principal="other")])
        other.client.catalogs.create(name, provider_name=shared, share_name=name)
    assert other.sql("SELECT id FROM more.a.part ORDER BY id") == [["2"], ["3"]]
    assert other.sql("SELECT * FROM more.shop.totals ORDER BY day") == [["2026-01-01", "1.5"], ["2026-01-02", "6.0"]]
    assert other.sql("SELECT id FROM own.shop.orders") == []
    here.sql("ALTER RECIPIENT other SET PROPERTIES ('day' = '2026-01-01')")
    assert other.sql("SELECT id FROM own.shop.orders") == [["1"]]
    assert "history is not shared" in other.error("SELECT * FROM more.a.part VERSION AS OF 1")
    here.sql("ALTER SHARE more ALTER TABLE main.shop.orders WITH HISTORY")
    assert other.sql("SELECT id FROM more.a.part VERSION AS OF 1") == [["2"]]


def test_rights_and_what_nobody_changes(here, other, shared):
    other.client.catalogs.create("bought", provider_name=shared, share_name="sales")
    robot = other.client.service_principals.create(display_name="robot")
    secret = other.client.token_management.create_obo_token(robot.application_id, lifetime_seconds=600).token_value
    theirs = WorkspaceClient(host=other.client.config.host, token=secret)
    assert "INSUFFICIENT_PERMISSIONS" in other.error("SELECT * FROM bought.shop.orders", theirs)
    other.sql(f"GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG bought TO `{robot.application_id}`")
    assert run_sql(theirs, "SELECT count(*) FROM bought.shop.orders", other.warehouse) == [["3"]]
    with pytest.raises(PermissionDenied):
        theirs.catalogs.create("again", provider_name=shared, share_name="sales")
    for text in ["INSERT INTO bought.shop.orders VALUES (9, 9, NULL)", "DELETE FROM bought.shop.orders", "DROP TABLE bought.shop.orders",
                 "CREATE TABLE bought.shop.t (a INT)", "CREATE SCHEMA bought.s", "ALTER TABLE bought.shop.orders RENAME TO bought.shop.x",
                 "ALTER TABLE bought.shop.orders ADD COLUMN x INT", "TRUNCATE TABLE bought.shop.orders", "CREATE VOLUME bought.shop.v",
                 "OPTIMIZE bought.shop.orders", "VACUUM bought.shop.orders", "DROP SCHEMA bought.shop CASCADE",
                 "COMMENT ON TABLE bought.shop.orders IS 'x'", "UPDATE bought.shop.orders SET id = 1",
                 "MERGE INTO bought.shop.orders t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE"]:
        assert other.error(text), text
    assert here.sql("SELECT count(*) FROM main.shop.orders") == [["3"]]
    other.sql("ALTER CATALOG bought OWNER TO `account users`")
    assert other.client.tables.get("bought.shop.orders").owner == "account users"


def test_what_is_taken_back_is_gone(here, other, shared):
    other.client.catalogs.create("bought", provider_name=shared, share_name="sales")
    assert other.sql("SELECT count(*) FROM bought.shop.orders") == [["3"]]
    here.sql("REVOKE SELECT ON SHARE sales FROM RECIPIENT other")
    assert "TABLE_OR_VIEW_NOT_FOUND" in other.error("SELECT * FROM bought.shop.orders")
    assert [x.name for x in other.client.schemas.list("bought")] == ["information_schema"]
    assert list(other.client.providers.list_shares(shared)) == []
    here.sql("GRANT SELECT ON SHARE sales TO RECIPIENT other")
    assert other.sql("SELECT count(*) FROM bought.shop.orders") == [["3"]]
    other.client.providers.update(shared, new_name="seller")
    assert other.client.catalogs.get("bought").provider_name == "seller"
    assert other.sql("SELECT count(*) FROM bought.shop.orders") == [["3"]]
    here.client.recipients.delete("other")
    assert "TABLE_OR_VIEW_NOT_FOUND" in other.error("SELECT * FROM bought.shop.orders")
    other.client.catalogs.delete("bought", force=True)
    with pytest.raises(NotFound):
        other.client.catalogs.create("bought", provider_name="seller", share_name="sales")


def test_a_metastore_is_no_recipient_of_its_own(here):
    with pytest.raises(Exception, match="cannot be a recipient of its own"):
        here.client.recipients.create("me", s.AuthenticationType.DATABRICKS, data_recipient_global_metastore_id=identifier(here))
