"""What the tests of Delta Sharing have in common: a shop with tables, a share, a recipient with its credential file."""

import json
import urllib.error
import urllib.request

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import sharing as s
from databricks.sdk.service.catalog import DeltaSharingScopeEnum

from conftest import run_sql


QUERY = "/shares/sales/schemas/shop/tables/orders/query"


def enable(client):
    metastore = client.metastores.summary()
    client.metastores.update(metastore.metastore_id, delta_sharing_scope=DeltaSharingScopeEnum.INTERNAL_AND_EXTERNAL,
                             delta_sharing_recipient_token_lifetime_in_seconds=0)
    return metastore


def objects(*tables, **options):
    return [s.SharedDataObjectUpdate(s.SharedDataObjectUpdateAction.ADD, s.SharedDataObject(name, **options)) for name in tables]


HISTORY = {"history_data_sharing_status": s.SharedDataObjectHistoryDataSharingStatus.ENABLED}


@pytest.fixture
def shop(client, sql):
    enable(client)
    sql("CREATE SCHEMA main.shop")
    sql("CREATE TABLE main.shop.orders (id BIGINT, amount DOUBLE, day DATE) PARTITIONED BY (day) "
        "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', 'delta.enableDeletionVectors' = 'false')")
    sql("INSERT INTO main.shop.orders VALUES (1, 1.5, DATE'2026-01-01'), (2, 2.5, DATE'2026-01-02')")
    sql("INSERT INTO main.shop.orders VALUES (3, 3.5, DATE'2026-01-02')")
    sql("CREATE TABLE main.shop.secret (id BIGINT)")
    client.shares.create("sales")
    return client


def recipient(client, name="acme", share="sales", **options):
    made = client.recipients.create(name, s.AuthenticationType.TOKEN, **options)
    if share:
        client.shares.update_permissions(share, changes=[s.PermissionsChange(add=["SELECT"], principal=name)])
    return made


def activate(server, made, path="data_sharing_activation"):
    nonce = made.activation_url.split("?")[1]
    return server.request("GET", f"/api/2.1/unity-catalog/public/{path}/{nonce}", token=None)


@pytest.fixture
def profile(server, shop, tmp_path):
    """A recipient's credential file, written as a recipient would keep it."""
    answer = activate(server, recipient(shop))
    assert answer.status == 200, answer.body
    file = tmp_path / "acme.share"
    file.write_bytes(answer.body)
    return file


def raw(server, profile, path, body=None, method=None, headers=None, token=None):
    known = json.loads(profile.read_text())
    return server.request(
        method or ("GET" if body is None else "POST"), known["endpoint"][len(server.host):] + path, body,
        token=token or known["bearerToken"], headers=headers)


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


# A second workspace of the same server


class Workspace:
    def __init__(self, client, warehouse):
        self.client, self.warehouse = client, warehouse

    def sql(self, text, **options):
        return run_sql(self.client, text, self.warehouse, **options)

    def error(self, text, client=None):
        answer = (client or self.client).statement_execution.execute_statement(text, self.warehouse)
        assert answer.status.state.value == "FAILED", text
        return answer.status.error.message


@pytest.fixture
def other(server):
    """A second workspace with a metastore of its own."""
    made = server.control("POST", "workspaces", {"name": "other", "seed": 4711}).json
    yield Workspace(WorkspaceClient(host=server.host, token=made["token"]), made["warehouse_id"])
    server.control("DELETE", f"workspaces/{made['workspace_id']}")


@pytest.fixture
def here(shop, warehouse_id):
    return Workspace(shop, warehouse_id)


def identifier(workspace):
    return workspace.client.metastores.summary().global_metastore_id


@pytest.fixture
def shared(here, other):
    """The share `sales` with the orders, given to the other workspace."""
    here.client.recipients.create("other", s.AuthenticationType.DATABRICKS, data_recipient_global_metastore_id=identifier(other))
    here.client.shares.update("sales", updates=objects("main.shop.orders"))
    here.client.shares.update_permissions("sales", changes=[s.PermissionsChange(add=["SELECT"], principal="other")])
    return next(iter(other.client.providers.list())).name
