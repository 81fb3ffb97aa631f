"""What a workspace receives from another one of the server beside tables' rows: change feeds, streams, volumes and notebooks."""

import io

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service import sharing as s
from databricks.sdk.service.catalog import VolumeType

from sharing_support import HISTORY, here, objects, other, shared, shop  # noqa: F401


@pytest.fixture
def bought(here, other, shared):
    other.client.catalogs.create("bought", provider_name=shared, share_name="sales")
    return other


def test_change_feeds(here, bought):
    feed = "SELECT id, _change_type, _commit_version FROM table_changes('bought.shop.orders', 1{}) ORDER BY ALL"
    assert "must be shared with its history" in bought.error(feed.format(""))
    here.sql("ALTER SHARE sales ALTER TABLE main.shop.orders WITH HISTORY")
    here.sql("UPDATE main.shop.orders SET amount = 9 WHERE id = 1")
    here.sql("DELETE FROM main.shop.orders WHERE id = 3")
    assert bought.sql(feed.format("")) == here.sql(feed.format("").replace("bought", "main")) == [
        ["1", "insert", "1"], ["1", "update_postimage", "3"], ["1", "update_preimage", "3"], ["2", "insert", "1"],
        ["3", "delete", "4"], ["3", "insert", "2"]]
    assert bought.sql(feed.format(", 2")) == [["1", "insert", "1"], ["2", "insert", "1"], ["3", "insert", "2"]]
    assert "PERMISSION" in bought.error("SELECT * FROM table_changes('bought.shop.orders', 1)", robot(bought))


def robot(workspace):
    from databricks.sdk import WorkspaceClient

    made = workspace.client.service_principals.create(display_name="robot")
    token = workspace.client.token_management.create_obo_token(made.application_id, lifetime_seconds=600).token_value
    return WorkspaceClient(host=workspace.client.config.host, token=token)


def test_change_feeds_of_partitions_and_from_a_version(here, bought):
    part = s.PartitionValue(name="day", op=s.PartitionValueOp.EQUAL, value="2026-01-02")
    here.client.shares.update("sales", updates=objects("main.shop.secret"))
    here.client.shares.create("more")
    here.client.shares.update("more", updates=objects("main.shop.orders", partitions=[s.Partition([part])], start_version=2, **HISTORY))
    here.client.shares.update_permissions("more", changes=[s.PermissionsChange(add=["SELECT"], principal="other")])
    bought.client.catalogs.create("more", provider_name=next(iter(bought.client.providers.list())).name, share_name="more")
    here.sql("INSERT INTO main.shop.orders VALUES (4, 1, DATE'2026-01-01'), (5, 1, DATE'2026-01-02')")
    assert bought.sql("SELECT id, _change_type FROM table_changes('more.shop.orders', 2) ORDER BY id") == [["3", "insert"], ["5", "insert"]]
    assert "Version 1 of" in bought.error("SELECT * FROM table_changes('more.shop.orders', 1)")


def test_streams(here, bought):
    make = "CREATE OR REFRESH STREAMING TABLE main.default.copy AS SELECT id, amount FROM STREAM bought.shop.orders"
    assert "history is not shared" in bought.error(make)
    here.sql("ALTER SHARE sales ALTER TABLE main.shop.orders WITH HISTORY")
    bought.sql(make)
    assert bought.sql("SELECT * FROM main.default.copy ORDER BY id") == [["1", "1.5"], ["2", "2.5"], ["3", "3.5"]]
    here.sql("INSERT INTO main.shop.orders VALUES (4, 4.5, DATE'2026-01-03')")
    bought.sql("REFRESH STREAMING TABLE main.default.copy")
    assert bought.sql("SELECT * FROM main.default.copy ORDER BY id") == [["1", "1.5"], ["2", "2.5"], ["3", "3.5"], ["4", "4.5"]]
    # Only what is new was read: the table's own log has one commit a refresh, and no row came twice.
    here.sql("DELETE FROM main.shop.orders WHERE id = 1")
    assert "DELTA_SOURCE_TABLE_IGNORE_CHANGES" in bought.error("REFRESH STREAMING TABLE main.default.copy")


@pytest.fixture
def volume(here, bought):
    here.client.volumes.create("main", "shop", "docs", VolumeType.MANAGED, comment="papers")
    here.client.files.upload("/Volumes/main/shop/docs/a/one.csv", io.BytesIO(b"id,name\n1,x\n2,y\n"))
    here.client.files.upload("/Volumes/main/shop/docs/two.txt", io.BytesIO(b"two"))
    here.client.shares.update("sales", updates=objects("main.shop.docs", data_object_type=s.SharedDataObjectDataObjectType.VOLUME, shared_as="pub.papers"))
    return "/Volumes/bought/pub/papers"


def test_volumes(here, bought, volume):
    files = bought.client.files
    found = next(iter(bought.client.volumes.list("bought", "pub")))
    assert (found.full_name, found.volume_type, found.comment, found.storage_location) == ("bought.pub.papers", VolumeType.MANAGED, "papers", None)
    assert sorted((x.name, x.is_directory, x.file_size) for x in files.list_directory_contents(volume)) == [("a", True, None), ("two.txt", False, 3)]
    assert files.download(volume + "/two.txt").contents.read() == b"two"
    assert files.get_metadata(volume + "/a/one.csv").content_length == 16
    assert [row[1] for row in bought.sql(f"LIST '{volume}'")] == ["a/", "two.txt"]
    assert bought.sql(f"SELECT id, name FROM read_files('{volume}/a', format => 'csv', header => true) ORDER BY id") == [["1", "x"], ["2", "y"]]
    assert bought.sql(f"SELECT value FROM text.`{volume}/two.txt`") == [["two"]]
    # What the provider adds is there at once.
    here.client.files.upload("/Volumes/main/shop/docs/three.txt", io.BytesIO(b"3"))
    assert files.download(volume + "/three.txt").contents.read() == b"3"
    link = bought.client.api_client.do("POST", "/api/2.0/fs/create-download-url", query={"path": volume + "/two.txt"})["url"]
    import urllib.request

    assert urllib.request.urlopen(link).read() == b"two"


def test_volumes_are_read_only_and_taken_back(here, bought, volume):
    with pytest.raises(PermissionDenied):
        bought.client.files.upload(volume + "/mine.txt", io.BytesIO(b"x"))
    with pytest.raises(PermissionDenied):
        bought.client.files.delete(volume + "/two.txt")
    assert bought.error("DROP VOLUME bought.pub.papers")
    theirs = robot(bought)
    with pytest.raises(PermissionDenied):
        theirs.files.download(volume + "/two.txt")
    bought.sql(f"GRANT USE CATALOG, USE SCHEMA, READ VOLUME ON CATALOG bought TO `{theirs.current_user.me().user_name}`")
    assert theirs.files.download(volume + "/two.txt").contents.read() == b"two"
    here.sql("ALTER SHARE sales REMOVE VOLUME main.shop.docs")
    with pytest.raises(NotFound):
        bought.client.files.download(volume + "/two.txt")
    assert bought.client.api_client.do("GET", "/api/2.1/unity-catalog/volumes", query={"catalog_name": "bought", "schema_name": "shop"}) == {}
    assert here.client.files.download("/Volumes/main/shop/docs/two.txt").contents.read() == b"two"


def test_volumes_of_shared_schemas_and_notebooks(here, bought, shared):
    here.client.volumes.create("main", "shop", "docs", VolumeType.MANAGED)
    here.client.files.upload("/Volumes/main/shop/docs/two.txt", io.BytesIO(b"two"))
    kind = s.SharedDataObjectDataObjectType
    here.client.shares.create("all")
    here.client.shares.update("all", updates=objects("main.shop", data_object_type=kind.SCHEMA) + objects(
        "/Shared/report", data_object_type=kind.NOTEBOOK_FILE, content="MQ==", comment="how to read it"))
    here.client.shares.update_permissions("all", changes=[s.PermissionsChange(add=["SELECT"], principal="other")])
    bought.client.catalogs.create("whole", provider_name=shared, share_name="all")
    assert bought.client.files.download("/Volumes/whole/shop/docs/two.txt").contents.read() == b"two"
    assets = bought.client.providers.list_provider_share_assets(shared, "all")
    assert [(x.schema, x.name) for x in assets.volumes] == [("shop", "docs")]
    assert [(x.name, x.share, x.comment) for x in assets.notebooks] == [("/Shared/report", "all", "how to read it")]
    assert sorted(x.name for x in assets.tables) == ["orders", "secret"]
