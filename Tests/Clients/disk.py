"""Fixtures of a server with tables on disk, for engines that open them by path."""

import pytest

from conftest import Server


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(data):
    server = Server("serve", "--data-dir", data)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def run(server):
    """A statement's answer."""
    warehouse = server.request("GET", "/api/2.0/sql/warehouses").json["warehouses"][0]["id"]

    def execute(statement):
        return server.request("POST", "/api/2.0/sql/statements", {"statement": statement, "warehouse_id": warehouse}).json

    return execute


@pytest.fixture(scope="module")
def sql(run):
    """The rows of a statement that must succeed."""
    def rows(statement):
        answer = run(statement)
        assert answer["status"]["state"] == "SUCCEEDED", (statement, answer["status"])
        return answer.get("result", {}).get("data_array")

    return rows


@pytest.fixture(scope="module")
def error(run):
    """The message of a statement that must fail."""
    def message(statement):
        answer = run(statement)
        assert answer["status"]["state"] == "FAILED", statement
        return answer["status"]["error"]["message"]

    return message


@pytest.fixture(scope="module")
def path(server, data):
    """The folder of a table."""
    def locate(table):
        location = server.request("GET", f"/api/2.1/unity-catalog/tables/main.default.{table}").json["storage_location"]
        found = data / "storage" / location.split("://")[1]
        assert found.is_dir()
        return found

    return locate
