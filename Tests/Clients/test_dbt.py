"""dbt-core with dbt-databricks over Thrift: a small project of seeds, models of every materialization, tests, a snapshot and its documentation.

dbt is installed by itself (requirements-dbt.txt, `make test` does it); without it these tests are skipped.
"""

import decimal
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT, TOKEN, Server, workspace_client

HERE = pathlib.Path(__file__).parent
PYTHON = pathlib.Path(os.environ.get("DBT_PYTHON", ROOT / ".venv-dbt/bin/python"))

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="dbt is not installed: make .venv-dbt/.ready")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The server after dbt's runs, what dbt said of each, and rows of its tables."""
    work = tmp_path_factory.mktemp("dbt")
    shutil.copytree(HERE / "dbt_project", work, dirs_exist_ok=True)
    server = Server("serve", "--port", 0, "--seed", 7)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    environment = {
        **os.environ, "DBXSIM_HOSTNAME": "localhost", "DBXSIM_PERSONAL_TOKEN": TOKEN, "DBXSIM_WAREHOUSE": warehouse, "DBXSIM_URL": server.host,
    }
    done = subprocess.run([str(PYTHON), HERE / "dbt_run.py", work], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    client = workspace_client(server)

    def rows(text):
        answer = client.statement_execution.execute_statement(text, warehouse_id=warehouse)
        assert answer.status.state.value == "SUCCEEDED", answer.status.error
        return answer.result.data_array or []

    yield json.loads((work / "outcomes.json").read_text()), rows, client
    assert server.stop() == 0


MODELS = ["appended", "customers", "daily", "materialized", "merged", "overwritten", "streamed"]


@pytest.mark.parametrize("step", ["seed", "run", "run again", "snapshot", "test", "changed seed", "second snapshot"])
def test_each_step_goes_well(project, step):
    outcome = project[0][step]
    assert outcome["success"], outcome["messages"]
    expected = {
        "seed": {"orders"}, "changed seed": {"orders"}, "run": set(MODELS), "run again": set(MODELS), "snapshot": {"order_history"},
        "second snapshot": {"order_history"},
    }
    if step == "test":
        assert len(outcome["nodes"]) == 6 and set(outcome["nodes"].values()) == {"pass"}
    else:
        assert set(outcome["nodes"]) == expected[step] and set(outcome["nodes"].values()) == {"success"}


def test_the_seed_has_the_types_asked_for(project):
    _, rows, client = project
    types = [(column.name, column.type_text) for column in client.tables.get("main.shop.orders").columns]
    assert types == [("id", "bigint"), ("customer", "string"), ("amount", "decimal(10,2)"), ("ordered", "date")]
    assert rows("SELECT id, amount FROM main.shop.orders ORDER BY id") == [["1", "12.50"], ["2", "8.00"], ["3", "30.00"], ["4", None]]


def test_a_view_and_a_table_with_their_documentation(project):
    _, rows, client = project
    view = client.tables.get("main.shop.customers")
    assert (view.table_type.value, view.comment) == ("VIEW", "One row for each customer")
    assert view.columns[0].comment == "The customer's name"
    daily = client.tables.get("main.shop.daily")
    assert (daily.table_type.value, daily.comment, daily.properties["team"]) == ("MANAGED", "Sums of a day", "shop")
    assert {column.name: (column.comment, column.partition_index) for column in daily.columns}["ordered"] == ("The day", 0)
    assert rows("SELECT total, orders FROM main.shop.daily ORDER BY ordered") == [["19.75", "2"], ["30.00", "1"], [None, "1"]]
    total = {name: total and decimal.Decimal(total) for name, total in rows("SELECT customer, total FROM main.shop.customers")}
    assert total == {"Ada": decimal.Decimal("42.50"), "Grace": decimal.Decimal("8.00"), "Alan": None}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("appended", [["1", "0"], ["1", "1"], ["2", "0"], ["2", "1"], ["3", "0"], ["3", "1"], ["4", "0"], ["4", "1"]]),
        # It reads what was appended since its last refresh, and keeps what it has.
        ("streamed", [["1", "0"], ["1", "1"], ["2", "0"], ["2", "1"], ["3", "0"], ["3", "1"], ["4", "0"], ["4", "1"]]),
        ("merged", [["1", "0"], ["2", "0"], ["3", "1"], ["4", "1"]]),
        # The adapter's INSERT … REPLACE ON takes the place of one partition.
        ("overwritten", [["1", "1"], ["2", "1"], ["3", "0"], ["4", "0"]]),
    ])
def test_incremental_models_after_their_second_run(project, model, expected):
    assert project[1](f"SELECT id, pass FROM main.shop.{model} ORDER BY id, pass") == expected


def test_tables_that_are_refreshed(project):
    _, rows, client = project
    types = {name: client.tables.get(f"main.shop.{name}").table_type.value for name in ["materialized", "streamed"]}
    assert types == {"materialized": "MATERIALIZED_VIEW", "streamed": "STREAMING_TABLE"}
    assert client.tables.get("main.shop.materialized").properties["team"] == "shop"
    assert rows("SELECT customer, orders FROM main.shop.materialized ORDER BY customer") == [["Ada", "2"], ["Alan", "1"], ["Grace", "1"]]
    described = {name: value for name, value, _ in rows("DESCRIBE TABLE EXTENDED main.shop.streamed")}
    assert described["Refresh Schedule"] == "MANUAL" and "appended" in described["View Text"]


def test_the_documentation_has_every_table_and_column(project):
    outcome = project[0]["docs"]
    assert outcome["success"], outcome["messages"]
    assert set(outcome["catalog"]) == {"orders", "order_history", *MODELS}
    assert outcome["catalog"]["orders"][1] == [
        ["id", "bigint", None], ["customer", "string", None], ["amount", "decimal(10,2)", None], ["ordered", "date", None]]
    kind, columns = outcome["catalog"]["customers"]
    assert kind.lower() == "view" and columns[0][:2] == ["customer", "string"]


def test_the_snapshot_keeps_the_earlier_row(project):
    history = project[1]("SELECT amount, dbt_valid_to IS NULL FROM main.shop.order_history WHERE id = 2 ORDER BY dbt_valid_from")
    assert history == [["7.25", "false"], ["8.00", "true"]]
    assert project[1]("SELECT count(*) FROM main.shop.order_history") == [["5"]]
