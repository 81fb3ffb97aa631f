"""Pipelines through the SDK: updates that fill tables, their events, jobs that begin them, streaming tables and materialized views by SQL."""

import base64
import datetime

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotFound, ResourceConflict
from databricks.sdk.service import jobs, pipelines
from databricks.sdk.service.workspace import ImportFormat, Language

SOURCE = """-- Databricks notebook source
CREATE OR REFRESH MATERIALIZED VIEW daily AS
SELECT day, sum(amount) AS total FROM LIVE.clean GROUP BY day;
-- COMMAND ----------
CREATE OR REFRESH STREAMING TABLE clean (
  CONSTRAINT positive EXPECT (amount > 0) ON VIOLATION DROP ROW,
  CONSTRAINT has_day EXPECT (day IS NOT NULL)
) COMMENT 'what is valid' AS
SELECT * FROM STREAM(recent);
-- COMMAND ----------
CREATE TEMPORARY VIEW recent AS SELECT id, amount, day FROM STREAM(main.raw.orders) WHERE id < 100;
"""


@pytest.fixture
def w(client):
    client.schemas.create("raw", "main")
    sql(client, "CREATE TABLE main.raw.orders (id INT, amount INT, day STRING)")
    sql(client, "INSERT INTO main.raw.orders VALUES (1, 10, 'a'), (2, -5, 'a'), (3, 7, NULL), (200, 1, 'a')")
    return client


def sql(client, text, expected="SUCCEEDED"):
    warehouse = next(iter(client.warehouses.list()))
    answer = client.statement_execution.execute_statement(text, warehouse_id=warehouse.id)
    assert answer.status.state.value == expected, answer.status
    return answer.status.error.message if expected == "FAILED" else answer.result.data_array if answer.result else None


def notebook(client, path, text, language=Language.SQL):
    client.workspace.import_(path, content=base64.b64encode(text.encode()).decode(), format=ImportFormat.SOURCE, language=language, overwrite=True)


def make(client, text=SOURCE, name="orders", **more):
    notebook(client, f"/{name}", text)
    library = pipelines.PipelineLibrary(notebook=pipelines.NotebookLibrary(path=f"/{name}"))
    return client.pipelines.create(name=name, catalog="main", schema="gold", libraries=[library], **more).pipeline_id


def run(client, id, **options):
    update = client.pipelines.start_update(id, **options).update_id
    for _ in range(200):
        info = client.pipelines.get_update(id, update).update
        if info.state.value in ("COMPLETED", "FAILED", "CANCELED"):
            return info
    raise AssertionError(info)


def raw_events(server, id):
    return server.request("GET", f"/api/2.0/pipelines/{id}/events?max_results=250").json["events"]


def test_an_update_fills_the_tables_in_the_order_of_what_they_read(server, w):
    id = make(w)
    info = run(w, id)
    assert (info.state.value, info.cause.value, info.full_refresh) == ("COMPLETED", "API_CALL", False)
    assert sql(w, "SELECT * FROM main.gold.clean ORDER BY id") == [["1", "10", "a"], ["3", "7", None]]
    assert sql(w, "SELECT * FROM main.gold.daily ORDER BY total") == [[None, "7"], ["a", "10"]]
    table = w.tables.get("main.gold.clean")
    assert (table.table_type.value, table.pipeline_id) == ("STREAMING_TABLE", id)
    assert w.tables.get("main.gold.daily").table_type.value == "MATERIALIZED_VIEW"
    done = [e for e in raw_events(server, id) if e["event_type"] == "flow_progress" and e["level"] == "METRICS"]
    flow = {e["origin"]["dataset_name"]: e["details"]["flow_progress"] for e in done}
    assert flow["main.gold.clean"] == {
        "status": "COMPLETED", "metrics": {"num_output_rows": 2},
        "data_quality": {"dropped_records": 1, "expectations": [
            {"name": "positive", "dataset": "main.gold.clean", "passed_records": 2, "failed_records": 1},
            {"name": "has_day", "dataset": "main.gold.clean", "passed_records": 2, "failed_records": 1}]}}
    assert flow["main.gold.daily"]["metrics"] == {"num_output_rows": 2}
    # Newest first: what reads comes behind what is read.
    assert [e["origin"]["dataset_name"] for e in done] == ["main.gold.daily", "main.gold.clean"]


def test_a_streaming_table_reads_what_is_new_and_a_full_refresh_all(server, w):
    id = make(w)
    run(w, id)
    sql(w, "INSERT INTO main.raw.orders VALUES (4, 1, 'b')")
    assert run(w, id).state.value == "COMPLETED"
    done = next(e for e in raw_events(server, id) if e["level"] == "METRICS" and e["origin"]["dataset_name"] == "main.gold.clean")
    assert done["details"]["flow_progress"]["metrics"]["num_output_rows"] == 1
    assert sql(w, "SELECT count(*) FROM main.gold.clean") == [["3"]]
    sql(w, "DELETE FROM main.raw.orders WHERE id = 1")
    failed = run(w, id)
    assert failed.state.value == "FAILED"
    assert w.pipelines.get(id).state.value == "FAILED" and w.pipelines.get(id).health.value == "UNHEALTHY"
    errors = list(w.pipelines.list_pipeline_events(id, filter="level='ERROR'"))
    assert "Detected a data update in the source table at version 3" in errors[-1].error.exceptions[0].message
    assert run(w, id, full_refresh=True).state.value == "COMPLETED"
    assert sql(w, "SELECT id FROM main.gold.clean ORDER BY id") == [["3"], ["4"]]


def test_selections_validation_and_failures(server, w):
    id = make(w)
    assert run(w, id, validate_only=True).validate_only
    assert [t.name for t in w.tables.list("main", "gold")] == []
    run(w, id, refresh_selection=["clean"])
    assert [t.name for t in w.tables.list("main", "gold")] == ["clean"]
    strict = SOURCE.replace("(day IS NOT NULL)", "(day IS NOT NULL) ON VIOLATION FAIL UPDATE")
    failing = make(w, strict.replace("clean", "strict").replace("daily", "sums"), "failing")
    assert run(w, failing).state.value == "FAILED"
    states = [(e["origin"]["dataset_name"], e["details"]["flow_progress"]["status"])
              for e in reversed(raw_events(server, failing)) if e["event_type"] == "flow_progress"]
    assert states == [("main.gold.strict", "RUNNING"), ("main.gold.strict", "FAILED"), ("main.gold.sums", "SKIPPED")]
    error = next(e for e in raw_events(server, failing) if e["level"] == "ERROR" and e["event_type"] == "flow_progress")["error"]
    assert "Violated expectations: 'has_day'" in error["exceptions"][0]["message"]
    circle = make(w, "CREATE MATERIALIZED VIEW a AS SELECT * FROM b; CREATE MATERIALIZED VIEW b AS SELECT * FROM a", "circle")
    assert run(w, circle).state.value == "FAILED"
    assert "Circular dependencies" in next(iter(w.pipelines.list_pipeline_events(circle))).message
    flow = make(w, "CREATE FLOW f AS INSERT INTO t BY NAME SELECT 1", "flow")
    assert run(w, flow).state.value == "FAILED"
    assert "no streaming table that the pipeline defines" in next(iter(w.pipelines.list_pipeline_events(flow))).message
    notebook(w, "/python", "print(1)", Language.PYTHON)
    w.pipelines.update(flow, name="flow", libraries=[pipelines.PipelineLibrary(notebook=pipelines.NotebookLibrary(path="/python"))])
    assert run(w, flow).state.value == "FAILED"
    assert "not written in SQL" in next(iter(w.pipelines.list_pipeline_events(flow))).message


def test_pipelines_as_objects(server, w):
    id = make(w, configuration={"a": "b"}, development=True)
    with pytest.raises(ResourceConflict, match="already used by another pipeline"):
        make(w)
    with pytest.raises(InvalidParameterValue, match="not a valid name"):
        w.pipelines.create(name="x", catalog="main", schema="a.b")
    with pytest.raises(InvalidParameterValue, match="pipelines.numUpdateRetryAttempts"):
        w.pipelines.create(name="x", catalog="main", schema="s", configuration={"pipelines.numUpdateRetryAttempts": "many"})
    dry = w.pipelines.create(name="dry", catalog="main", schema="s", dry_run=True)
    assert dry.pipeline_id is None and dry.effective_settings.name == "dry"
    got = w.pipelines.get(id)
    assert (got.state.value, got.spec.id, got.spec.configuration, got.spec.development) == ("IDLE", id, {"a": "b"}, True)
    w.pipelines.update(id, name="renamed", catalog="main", schema="gold", libraries=got.spec.libraries)
    others = [make(w, name=f"other-{n}") for n in range(3)]
    assert [p.name for p in w.pipelines.list_pipelines(max_results=2)] == ["renamed", "other-0", "other-1", "other-2"]
    assert [p.pipeline_id for p in w.pipelines.list_pipelines(filter="name LIKE '%other-_'", order_by=["name desc"])] == others[::-1]
    assert [p.pipeline_id for p in w.pipelines.list_pipelines(filter="notebook='/other-1'")] == [others[1]]
    with pytest.raises(InvalidParameterValue, match="Invalid filter"):
        list(w.pipelines.list_pipelines(filter="owner = 'me'"))
    legacy = w.pipelines.create(name="legacy", target="old", libraries=got.spec.libraries).pipeline_id
    copy = w.pipelines.clone_pipeline(legacy, catalog="main", name="copy") if hasattr(w.pipelines, "clone_pipeline") else w.pipelines.clone(legacy, catalog="main", name="copy")
    assert w.pipelines.get(copy.pipeline_id).spec.catalog == "main"
    levels = [l.permission_level.value for l in w.pipelines.get_permission_levels(id).permission_levels]
    assert levels == ["CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"]
    run(w, id)
    w.pipelines.delete(id)
    assert not [t for t in w.tables.list("main", "gold")]
    with pytest.raises(NotFound, match=f"The specified pipeline {id} was not found"):
        w.pipelines.get(id)


def test_a_continuous_update_runs_until_it_is_stopped(server, w):
    id = make(w, continuous=True)
    update = w.pipelines.start_update(id).update_id
    with pytest.raises(ResourceConflict, match=f"An active update {update} already exists"):
        w.pipelines.start_update(id)
    for _ in range(400):
        if any(e["level"] == "METRICS" for e in raw_events(server, id) if e["origin"].get("dataset_name") == "main.gold.daily"):
            break
    assert w.pipelines.get(id).state.value == "RUNNING"
    w.pipelines.stop_and_wait(id, timeout=datetime.timedelta(seconds=20))
    assert w.pipelines.get_update(id, update).update.state.value == "CANCELED"
    assert sql(w, "SELECT count(*) FROM main.gold.clean") == [["2"]]


def test_a_jobs_pipeline_task_is_an_update(server, w):
    id = make(w, configuration={"pipelines.numUpdateRetryAttempts": "0"})
    job = w.jobs.create(name="nightly", tasks=[jobs.Task(task_key="p", pipeline_task=jobs.PipelineTask(pipeline_id=id, full_refresh=True))]).job_id
    ended = w.jobs.run_now_and_wait(job, timeout=datetime.timedelta(seconds=20))
    assert ended.state.result_state.value == "SUCCESS"
    update = w.pipelines.list_updates(id).updates[0]
    assert (update.state.value, update.cause.value, update.full_refresh) == ("COMPLETED", "JOB_TASK", True)
    assert sql(w, "SELECT count(*) FROM main.gold.clean") == [["2"]]
    sql(w, "DROP TABLE main.raw.orders")
    run_id = w.jobs.run_now(job).run_id
    for _ in range(400):
        got = w.jobs.get_run(run_id)
        if got.end_time:
            break
    assert got.tasks[0].state.result_state.value == "FAILED"
    assert "is FAILED" in w.jobs.get_run_output(got.tasks[0].run_id).error


def test_datasets_outside_of_pipelines(w):
    sql(w, "CREATE SCHEMA main.gold")
    sql(w, "CREATE OR REFRESH STREAMING TABLE main.gold.s AS SELECT id, amount FROM STREAM main.raw.orders")
    sql(w, "CREATE MATERIALIZED VIEW main.gold.m (n, t) AS SELECT count(*), sum(amount) FROM main.gold.s")
    assert sql(w, "SELECT * FROM main.gold.m") == [["4", "13"]]
    sql(w, "INSERT INTO main.raw.orders VALUES (5, 1, 'c')")
    sql(w, "REFRESH STREAMING TABLE main.gold.s")
    assert sql(w, "SELECT count(*) FROM main.gold.s") == [["5"]]
    assert sql(w, "SELECT * FROM main.gold.m") == [["4", "13"]]
    sql(w, "REFRESH MATERIALIZED VIEW main.gold.m")
    assert sql(w, "SELECT * FROM main.gold.m") == [["5", "14"]]
    assert "STREAMING_TABLE_QUERY_INVALID" in sql(w, "CREATE STREAMING TABLE main.gold.x AS SELECT * FROM main.raw.orders", "FAILED")
    assert "UNSUPPORTED_FEATURE" in sql(w, "SELECT * FROM STREAM main.raw.orders", "FAILED")
    sql(w, "DROP MATERIALIZED VIEW main.gold.m")
    sql(w, "DROP TABLE main.gold.s")
    assert [t.name for t in w.tables.list("main", "gold")] == []
