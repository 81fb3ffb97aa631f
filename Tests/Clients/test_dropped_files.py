"""The files of dropped tables: kept for as long as UNDROP can bring a table back, then deleted by the workspace's clock."""

import pytest

from conftest import Server
from disk import error, path, run, sql  # noqa: F401 (fixtures)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("dropped")


@pytest.fixture(scope="module")
def server(data):
    server = Server("serve", "--data-dir", data, "--clock", "virtual")
    yield server
    server.stop()


def files(place):
    return sorted(file.name for file in place.rglob("*") if file.is_file())


def test_files_go_when_their_time_is_past(server, sql, error, path):
    for name in ("first", "second", "base"):
        sql(f"CREATE TABLE {name} (id BIGINT)")
        sql(f"INSERT INTO {name} VALUES (1), (2)")
    sql("CREATE TABLE outside (id BIGINT) LOCATION 's3://elsewhere/outside'")
    sql("CREATE TABLE clone SHALLOW CLONE base")
    places = {name: path(name) for name in ("first", "second", "base", "outside")}
    sql("DROP TABLE first")
    sql("DROP TABLE base")
    sql("DROP TABLE outside")
    assert server.control("POST", "clock", {"advance": "6d"}).status == 200
    sql("DROP TABLE second")
    assert all(files(place) for place in places.values())
    assert server.control("POST", "clock", {"advance": "1d"}).status == 200
    # Any statement is enough.
    sql("SELECT 1")
    assert files(places["first"]) == []
    # A clone needs the data file, and nobody the log; what lies outside is the user's.
    assert [name[-8:] for name in files(places["base"])] == [".parquet"]
    assert len(files(places["outside"])) >= 2 and len(files(places["second"])) >= 3
    assert sql("SELECT count(*) FROM clone") == [["2"]]
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in error("UNDROP TABLE first")
    sql("UNDROP TABLE second")
    assert sql("SELECT sum(id) FROM second") == [["3"]]
    assert server.control("POST", "clock", {"advance": "30d"}).status == 200
    assert sql("SELECT sum(id) FROM second") == [["3"]]


def test_a_schema_goes_with_its_tables(server, sql, data):
    sql("CREATE SCHEMA gone")
    sql("CREATE TABLE main.gone.t AS SELECT 1 AS id")
    location = server.request("GET", "/api/2.1/unity-catalog/tables/main.gone.t").json["storage_location"]
    place = data / "storage" / location.split("://")[1]
    assert files(place)
    assert server.request("DELETE", "/api/2.1/unity-catalog/tables/main.gone.t").status == 200
    sql("DROP SCHEMA gone")
    assert server.control("POST", "clock", {"advance": "8d"}).status == 200
    sql("SELECT 1")
    assert files(place) == []
