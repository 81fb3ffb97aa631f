"""Each of the SDK's waiters reaches its state, and each of its error classes is raised by a call that deserves it."""

import datetime
import importlib
import inspect

import pytest
from databricks.sdk import WorkspaceClient, errors
from databricks.sdk.config import Config
from databricks.sdk.credentials_provider import credentials_strategy
from databricks.sdk.errors import platform
from databricks.sdk.service import catalog as uc, compute, database as db, jobs, pipelines, serving, sql as dbsql

from conftest import Server, workspace_client

SOON = datetime.timedelta(seconds=30)

# The API groups of the SDK that are simulated and have waiters.
GROUPS = ["jobs.JobsAPI", "sql.WarehousesAPI", "pipelines.PipelinesAPI", "catalog.OnlineTablesAPI", "database.DatabaseAPI", "compute.ClustersAPI",
          "serving.ServingEndpointsAPI"]
# Provisioned throughput serves foundation models, which is refused by name.
REFUSED = {"serving.create_provisioned_throughput_endpoint", "serving.update_provisioned_throughput_endpoint_config"}


@pytest.fixture(scope="module")
def waited():
    """Every waiter of these groups, called once: by its group and method, what it gave."""
    server = Server("serve", "--port", 0, "--seed", 7)
    w = workspace_client(server)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    ask = lambda text: w.statement_execution.execute_statement(statement=text, warehouse_id=warehouse)
    done = {}

    def wait(name, method, /, *arguments, **options):
        done[name] = method(*arguments, timeout=SOON, **options)
        return done[name]

    house = wait("sql.create", w.warehouses.create_and_wait, name="w", cluster_size="2X-Small", max_num_clusters=1)
    wait("sql.edit", w.warehouses.edit_and_wait, id=house.id, name="x", cluster_size="Small", max_num_clusters=1)
    wait("sql.stop", w.warehouses.stop_and_wait, house.id)
    wait("sql.start", w.warehouses.start_and_wait, house.id)

    settings = {"spark_version": "15.4.x-scala2.12", "num_workers": 1, "node_type_id": "i3.xlarge", "cluster_name": "c"}
    cluster = wait("compute.create", w.clusters.create_and_wait, **settings).cluster_id
    wait("compute.edit", w.clusters.edit_and_wait, cluster_id=cluster, **settings)
    wait("compute.update", w.clusters.update_and_wait, cluster_id=cluster, update_mask="cluster_name",
         cluster=compute.UpdateClusterResource(cluster_name="d"))
    wait("compute.resize", w.clusters.resize_and_wait, cluster_id=cluster, num_workers=2)
    wait("compute.restart", w.clusters.restart_and_wait, cluster_id=cluster)
    wait("compute.delete", w.clusters.delete_and_wait, cluster_id=cluster)
    wait("compute.start", w.clusters.start_and_wait, cluster_id=cluster)

    task = jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))
    job = w.jobs.create(name="j", tasks=[task]).job_id
    run = wait("jobs.run_now", w.jobs.run_now_and_wait, job)
    wait("jobs.submit", w.jobs.submit_and_wait, run_name="s", tasks=[jobs.SubmitTask(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))])
    wait("jobs.repair_run", w.jobs.repair_run_and_wait, run.run_id, rerun_tasks=["t"])
    long = {"scenario": "long", "runs": [{"match": {"job_name": "j"}, "duration": "60s"}]}
    assert server.control("POST", "scenarios", long).status == 200
    wait("jobs.cancel_run", w.jobs.cancel_run_and_wait, w.jobs.run_now(job).run_id)

    library = [pipelines.PipelineLibrary(file=pipelines.FileLibrary(path="/p.sql"))]
    pipeline = w.pipelines.create(name="p", catalog="main", schema="default", libraries=library).pipeline_id
    wait("pipelines.stop", w.pipelines.stop_and_wait, pipeline)

    wait("database.create_database_instance", w.database.create_database_instance_and_wait, db.DatabaseInstance(name="os", capacity="CU_1"))
    ask("CREATE TABLE main.default.keyed (id INT NOT NULL, CONSTRAINT k PRIMARY KEY (id)) TBLPROPERTIES (delta.enableChangeDataFeed = true)")
    wait("catalog.create", w.online_tables.create_and_wait, uc.OnlineTable(name="main.default.online", spec=uc.OnlineTableSpec(
        source_table_full_name="main.default.keyed", primary_key_columns=["id"], run_triggered=uc.OnlineTableSpecTriggeredSchedulingPolicy())))

    model = serving.ServedEntityInput(name="chat", external_model=serving.ExternalModel(
        name="gpt", provider=serving.ExternalModelProvider.OPENAI, task="llm/v1/chat",
        openai_config=serving.OpenAiConfig(openai_api_key_plaintext="key")))
    wait("serving.create", w.serving_endpoints.create_and_wait, "e", config=serving.EndpointCoreConfigInput(name="e", served_entities=[model]))
    wait("serving.update_config", w.serving_endpoints.update_config_and_wait, "e", served_entities=[model])
    yield done
    assert server.stop() == 0


def test_every_waiter_is_called(waited):
    there = set()
    for group in GROUPS:
        module, _, kind = group.partition(".")
        members = inspect.getmembers(getattr(importlib.import_module("databricks.sdk.service." + module), kind), inspect.isfunction)
        there |= {f"{module}.{name.removesuffix('_and_wait')}" for name, _ in members if name.endswith("_and_wait")}
    assert there - REFUSED == set(waited)


def test_waiters_reach_their_states(waited):
    states = {name: result.state.value for name, result in waited.items() if name.startswith(("sql.", "compute.", "pipelines."))}
    assert states == {
        "sql.create": "RUNNING", "sql.edit": "RUNNING", "sql.stop": "STOPPED", "sql.start": "RUNNING", "compute.create": "RUNNING",
        "compute.edit": "RUNNING", "compute.update": "RUNNING", "compute.resize": "RUNNING", "compute.restart": "RUNNING",
        "compute.delete": "TERMINATED", "compute.start": "RUNNING", "pipelines.stop": "IDLE"}
    assert {name: waited[name].state.life_cycle_state.value for name in waited if name.startswith("jobs.")} == {
        "jobs.run_now": "TERMINATED", "jobs.submit": "TERMINATED", "jobs.repair_run": "TERMINATED", "jobs.cancel_run": "TERMINATED"}
    assert waited["jobs.cancel_run"].state.result_state.value == "CANCELED"
    assert waited["database.create_database_instance"].state.value == "AVAILABLE"
    assert waited["catalog.create"].unity_catalog_provisioning_state.value == "ACTIVE"
    assert waited["serving.create"].state.config_update.value == waited["serving.update_config"].state.config_update.value == "NOT_UPDATING"


def test_a_waiter_gives_up(virtual):
    w = workspace_client(virtual)
    made = w.warehouses.create(name="slow", cluster_size="2X-Small", max_num_clusters=1)
    # On a clock that stands still nothing is ever reached.
    state = w.warehouses.get(made.id).state
    if state != dbsql.State.RUNNING:
        with pytest.raises(TimeoutError):
            made.result(timeout=datetime.timedelta(seconds=1))


@credentials_strategy("nothing", [])
def nothing(config):
    return dict


# What the simulator says by itself: the class and a call.
BY_ITSELF = {
    "BadRequest": lambda s, w: w.api_client.do("GET", "/api/2.1/unity-catalog/catalogs", query={"max_results": "many"}),
    "InvalidParameterValue": lambda s, w: w.schemas.create("a b", "main"),
    "InvalidState": lambda s, w: masked(s, w),
    "NotFound": lambda s, w: w.catalogs.get("gone"),
    "ResourceDoesNotExist": lambda s, w: w.workspace.get_status("/gone"),
    "AlreadyExists": lambda s, w: [w.tag_policies.create_tag_policy(policy()) for _ in range(2)],
    "ResourceAlreadyExists": lambda s, w: [w.workspace.mkdirs("/d"), [upload(w) for _ in range(2)]],
    "ResourceConflict": lambda s, w: [w.users.create(user_name="u@example.com") for _ in range(2)],
    "PermissionDenied": lambda s, w: stranger(s, w).catalogs.create("c"),
    "Unauthenticated": lambda s, w: WorkspaceClient(config=Config(host=s.host, credentials_strategy=nothing)).catalogs.get("main"),
    "NotImplemented": lambda s, w: w.api_client.do("GET", "/api/2.0/clean-rooms"),
}

# What takes a fault: the status and the error code that the rule gives.
BY_FAULT = {
    "Aborted": (409, "ABORTED"), "Cancelled": (499, "CANCELLED"), "DataLoss": (500, "DATA_LOSS"), "DeadlineExceeded": (504, "DEADLINE_EXCEEDED"),
    "InternalError": (500, "INTERNAL_ERROR"), "Unknown": (500, "UNKNOWN"), "RequestLimitExceeded": (429, "REQUEST_LIMIT_EXCEEDED"),
    "ResourceExhausted": (429, "RESOURCE_EXHAUSTED"), "TooManyRequests": (429, "TOO_MANY"), "TemporarilyUnavailable": (503, "UNAVAILABLE_NOW"),
}


def policy():
    from databricks.sdk.service import tags
    return tags.TagPolicy("twice")


def upload(w):
    from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language
    return w.workspace.import_("/d/n", content="cA==", format=ImportFormat.SOURCE, language=Language.PYTHON)


def stranger(server, w):
    principal = w.service_principals.create(display_name="stranger")
    return workspace_client(server, token=w.token_management.create_obo_token(principal.application_id, lifetime_seconds=600).token_value)


def masked(server, w):
    job = w.jobs.create(name="j", tasks=[jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))]).job_id
    cluster = w.clusters.create(spark_version="15.4.x-scala2.12", num_workers=1, node_type_id="i3.xlarge", cluster_name="c").result().cluster_id
    w.clusters.delete(cluster).result()
    w.clusters.resize(cluster, num_workers=3)


@pytest.mark.parametrize("name", sorted(BY_ITSELF))
def test_errors_by_themselves(server, client, name):
    client.config.retry_timeout_seconds = 1
    with pytest.raises(errors.DatabricksError) as caught:
        BY_ITSELF[name](server, client)
    assert type(caught.value).__name__ == name, (type(caught.value), caught.value.error_code, str(caught.value))
    assert caught.value.error_code and str(caught.value)


@pytest.mark.parametrize("name", sorted(BY_FAULT))
def test_errors_by_faults(server, name):
    status, code = BY_FAULT[name]
    assert server.control("POST", "faults", {"match": {"operation": "catalog.catalogs.get"}, "inject": {"status": status, "error_code": code}}).status < 300
    client = WorkspaceClient(config=Config(host=server.host, token="dapi-dbxsim", retry_timeout_seconds=1))
    with pytest.raises((errors.DatabricksError, TimeoutError)) as caught:
        client.catalogs.get("main")
    error = caught.value if isinstance(caught.value, errors.DatabricksError) else caught.value.__cause__
    assert type(error).__name__ == name, (type(error), str(error))


def test_every_class_is_raised():
    classes = {name for name, kind in inspect.getmembers(platform, inspect.isclass) if issubclass(kind, Exception)} - {"DatabricksError"}
    assert classes == set(BY_ITSELF) | set(BY_FAULT)
