"""Catalogs, schemas, tables and volumes by databricks-sdk."""

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service.catalog import VolumeType


def test_start_state(client):
    assert [c.name for c in client.catalogs.list()] == ["hive_metastore", "main", "samples", "system"]
    assert [s.name for s in client.schemas.list("main")] == ["default", "information_schema"]
    assert list(client.tables.list("main", "default")) == []
    summary = client.metastores.summary()
    assignment = client.metastores.current()
    assert assignment.metastore_id == summary.metastore_id
    assert assignment.default_catalog_name == "main"


def test_catalog_life(client):
    made = client.catalogs.create("sales", comment="of all", properties={"team": "a"})
    assert (made.name, made.comment, made.properties) == ("sales", "of all", {"team": "a"})
    assert made.owner == client.current_user.me().user_name
    assert made.created_at == made.updated_at
    assert made.catalog_type.value == "MANAGED_CATALOG"

    assert client.catalogs.get("SALES").as_dict() == made.as_dict()
    changed = client.catalogs.update("sales", new_name="revenue", comment="new")
    assert (changed.name, changed.comment) == ("revenue", "new")
    with pytest.raises(NotFound) as missing:
        client.catalogs.get("sales")
    assert missing.value.error_code == "CATALOG_DOES_NOT_EXIST"
    assert str(missing.value) == "Catalog 'sales' does not exist."

    with pytest.raises(BadRequest) as refused:
        client.catalogs.delete("revenue")
    assert refused.value.error_code == "CATALOG_NOT_EMPTY"
    client.schemas.delete("revenue.default")
    client.catalogs.delete("revenue")
    with pytest.raises(NotFound):
        client.catalogs.delete("revenue")


def test_names_taken(client):
    client.catalogs.create("a")
    with pytest.raises(BadRequest) as taken:
        client.catalogs.create("A")
    assert taken.value.error_code == "CATALOG_ALREADY_EXISTS"
    client.schemas.create("s", "a")
    with pytest.raises(BadRequest) as taken:
        client.schemas.create("s", "a")
    assert taken.value.error_code == "SCHEMA_ALREADY_EXISTS"


def test_not_empty(client, sql):
    client.catalogs.create("full")
    client.schemas.create("s", "full")
    sql("CREATE TABLE full.s.t (id INT)")
    with pytest.raises(BadRequest) as refused:
        client.schemas.delete("full.s")
    assert refused.value.error_code == "SCHEMA_NOT_EMPTY"
    assert "1 tables(s)" in str(refused.value)
    with pytest.raises(BadRequest) as refused:
        client.catalogs.delete("full")
    assert refused.value.error_code == "CATALOG_NOT_EMPTY"
    client.catalogs.delete("full", force=True)
    with pytest.raises(NotFound):
        client.tables.get("full.s.t")


def test_schema_life(client):
    made = client.schemas.create("bronze", "main", comment="raw", properties={"k": "v"})
    assert made.full_name == "main.bronze"
    assert made.catalog_name == "main"
    assert client.schemas.update("main.bronze", comment="rawer").comment == "rawer"
    assert client.schemas.get("main.bronze").properties == {"k": "v"}
    assert [s.name for s in client.schemas.list("main")] == ["bronze", "default", "information_schema"]
    client.schemas.delete("main.bronze")
    with pytest.raises(NotFound) as missing:
        client.schemas.get("main.bronze")
    assert missing.value.error_code == "SCHEMA_DOES_NOT_EXIST"


def test_schema_in_missing_catalog(client):
    with pytest.raises(NotFound) as missing:
        client.schemas.create("s", "nowhere")
    assert missing.value.error_code == "CATALOG_DOES_NOT_EXIST"


def test_bad_name(client):
    for name in ["", "a.b", "a b", "a/b"]:
        with pytest.raises((InvalidParameterValue, BadRequest)) as refused:
            client.catalogs.create(name)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE", name


def test_table_made_by_sql(client, sql):
    sql("""CREATE TABLE main.default.orders (
             id BIGINT NOT NULL COMMENT 'key', amount DECIMAL(10, 2), placed TIMESTAMP, day DATE, ok BOOLEAN, n INT, x DOUBLE, s STRING)
           COMMENT 'all of them' TBLPROPERTIES ('quality' = 'gold')""")
    table = client.tables.get("main.default.orders")
    assert (table.full_name, table.comment) == ("main.default.orders", "all of them")
    assert table.table_type.value == "MANAGED"
    assert table.data_source_format.value == "DELTA"
    assert table.properties["quality"] == "gold"
    columns = [(c.name, c.type_text, c.type_name.value, c.position, c.nullable) for c in table.columns]
    assert columns == [
        ("id", "bigint", "LONG", 0, False), ("amount", "decimal(10,2)", "DECIMAL", 1, True), ("placed", "timestamp", "TIMESTAMP", 2, True),
        ("day", "date", "DATE", 3, True), ("ok", "boolean", "BOOLEAN", 4, True), ("n", "int", "INT", 5, True),
        ("x", "double", "DOUBLE", 6, True), ("s", "string", "STRING", 7, True)]
    assert (table.columns[1].type_precision, table.columns[1].type_scale) == (10, 2)
    assert table.columns[0].comment == "key"
    assert client.tables.exists("main.default.orders").table_exists is True
    assert client.tables.exists("main.default.none").table_exists is False
    client.tables.delete("main.default.orders")
    with pytest.raises(NotFound) as missing:
        client.tables.get("main.default.orders")
    assert missing.value.error_code == "TABLE_DOES_NOT_EXIST"


def test_paging(server, client):
    names = [f"s{n:03}" for n in range(25)]
    client.catalogs.create("paged")
    for name in names:
        client.schemas.create(name, "paged")
    everything = sorted(names + ["default", "information_schema"])
    assert [s.name for s in client.schemas.list("paged", max_results=10)] == everything
    first = server.request("GET", "/api/2.1/unity-catalog/schemas?catalog_name=paged&max_results=10").json
    assert len(first["schemas"]) == 10
    second = server.request(
        "GET", f"/api/2.1/unity-catalog/schemas?catalog_name=paged&max_results=10&page_token={first['next_page_token']}").json
    assert [s["name"] for s in second["schemas"]] == everything[10:20]
    forged = server.request("GET", "/api/2.1/unity-catalog/schemas?catalog_name=paged&page_token=zzz")
    assert (forged.status, forged.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_volume_life(client):
    made = client.volumes.create("main", "default", "files", VolumeType.MANAGED, comment="c")
    assert made.full_name == "main.default.files"
    assert client.volumes.read("main.default.files").volume_id == made.volume_id
    assert [v.name for v in client.volumes.list("main", "default")] == ["files"]
    assert client.volumes.update("main.default.files", new_name="data").name == "data"
    with pytest.raises(NotFound) as missing:
        client.volumes.read("main.default.files")
    assert str(missing.value) == "Volume 'main.default.files' does not exist."
    client.volumes.delete("main.default.data")
    assert list(client.volumes.list("main", "default")) == []
