"""Jobs and runs through the SDK: waiters, iterators, errors, scenarios, the clock."""

import base64
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys

import pytest
from databricks.sdk.errors import InvalidParameterValue, OperationFailed, PermissionDenied, ResourceDoesNotExist
from databricks.sdk.service import jobs
from databricks.sdk.service.sql import CreateQueryRequestQuery

from conftest import ROOT, TOKEN, workspace_client

CONTRACT = pathlib.Path(os.environ.get("DBXSIM_SHARED", ROOT.parent / "shared")) / "contract"


def scenario(server, *rules):
    answer = server.control("POST", "scenarios", {"scenario": "runs", "runs": list(rules)})
    assert answer.status == 200 and "warnings" not in answer.json, answer.body


def notebook(key, *after, **more):
    return jobs.Task(
        task_key=key, notebook_task=jobs.NotebookTask("/Shared/" + key), depends_on=[jobs.TaskDependency(k) for k in after] or None, **more)


def submit_task(key, *after, **more):
    return jobs.SubmitTask.from_dict(notebook(key, *after, **more).as_dict())


# Jobs


def test_a_job_is_made_changed_and_deleted(client):
    made = client.jobs.create(
        name="etl", tasks=[notebook("a"), notebook("b", "a")], tags={"team": "x"}, max_concurrent_runs=3,
        schedule=jobs.CronSchedule("0 0 6 * * ?", "Europe/Berlin", pause_status=jobs.PauseStatus.PAUSED),
        parameters=[jobs.JobParameterDefinition("p", "1")])
    job = client.jobs.get(made.job_id)
    assert job.creator_user_name == job.run_as_user_name == "admin@example.com"
    assert job.settings.name == "etl" and job.settings.max_concurrent_runs == 3 and job.settings.format == jobs.Format.MULTI_TASK
    assert [t.run_if for t in job.settings.tasks] == [jobs.RunIf.ALL_SUCCESS] * 2
    assert job.settings.tasks[0].notebook_task.source == jobs.Source.WORKSPACE
    client.jobs.update(
        made.job_id, new_settings=jobs.JobSettings(name="etl2", tasks=[notebook("b", timeout_seconds=5), notebook("c")]),
        fields_to_remove=["schedule", "tasks/a"])
    settings = client.jobs.get(made.job_id).settings
    assert (settings.name, settings.schedule, settings.tags) == ("etl2", None, {"team": "x"})
    assert [(t.task_key, t.timeout_seconds) for t in settings.tasks] == [("b", 5), ("c", 0)]
    client.jobs.reset(made.job_id, jobs.JobSettings(name="etl3", tasks=[notebook("z")]))
    settings = client.jobs.get(made.job_id).settings
    assert (settings.name, settings.tags, settings.max_concurrent_runs, len(settings.tasks)) == ("etl3", None, 1, 1)
    client.jobs.delete(made.job_id)
    with pytest.raises(ResourceDoesNotExist, match=f"Job {made.job_id} does not exist"):
        client.jobs.get(made.job_id)


def test_jobs_are_listed_page_by_page(server, client):
    made = [client.jobs.create(name=f"job-{i % 3}", tasks=[notebook("a")]).job_id for i in range(25)]
    assert [j.job_id for j in client.jobs.list(limit=10)] == made[::-1]
    assert [j.job_id for j in client.jobs.list(name="JOB-1")] == [id for i, id in reversed(list(enumerate(made))) if i % 3 == 1]
    assert not next(iter(client.jobs.list())).settings.tasks
    assert len(next(iter(client.jobs.list(expand_tasks=True))).settings.tasks) == 1
    first = server.request("GET", "/api/2.2/jobs/list?limit=10").json
    second = server.request("GET", f"/api/2.2/jobs/list?limit=10&page_token={first['next_page_token']}").json
    back = server.request("GET", f"/api/2.2/jobs/list?limit=10&page_token={second['prev_page_token']}").json
    assert first["has_more"] and "prev_page_token" not in first
    assert [j["job_id"] for j in back["jobs"]] == [j["job_id"] for j in first["jobs"]] == made[::-1][:10]
    assert [j["job_id"] for j in server.request("GET", "/api/2.1/jobs/list?limit=5&offset=20").json["jobs"]] == made[:5][::-1]
    assert server.request("GET", "/api/2.2/jobs/list?limit=101").status == 400


def test_long_jobs_come_in_pages_from_version_2_2_on(server, client):
    made = client.jobs.create(name="long", tasks=[notebook(f"t{i:03}") for i in range(250)])
    assert [t.task_key for t in client.jobs.get(made.job_id).settings.tasks] == [f"t{i:03}" for i in range(250)]
    page = server.request("GET", f"/api/2.2/jobs/get?job_id={made.job_id}").json
    assert len(page["settings"]["tasks"]) == 100 and page["has_more"]
    assert len(server.request("GET", f"/api/2.1/jobs/get?job_id={made.job_id}").json["settings"]["tasks"]) == 250
    run = client.jobs.run_now(made.job_id).result()
    assert len(run.tasks) == 250 and run.state.result_state == jobs.RunResultState.SUCCESS


@pytest.mark.parametrize("settings, message", [
    ({"tasks": [{"task_key": "a", "depends_on": [{"task_key": "a"}], "notebook_task": {"notebook_path": "/n"}}]}, "can not reference itself"),
    ({"schedule": {"quartz_cron_expression": "* * *", "timezone_id": "UTC"}}, "Invalid quartz_cron_expression"),
    ({"tasks": [{"task_key": "s", "sql_task": {"warehouse_id": "0123456789abcdef", "file": {"path": "/q"}}}]}, "was not found"),
    ({"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/n"}, "max_retries": "x"}]}, "Expected Integer value"),
])
def test_wrong_settings_change_nothing(server, settings, message):
    for path, body in [("create", settings), ("runs/submit", settings)]:
        if path == "runs/submit" and "schedule" in settings:
            continue
        answer = server.request("POST", "/api/2.2/jobs/" + path, body)
        assert answer.status == 400 and message in answer.json["message"], answer.body
        assert answer.json["error_code"] in ("INVALID_PARAMETER_VALUE", "MALFORMED_REQUEST")
    assert server.request("GET", "/api/2.2/jobs/list").json == {"has_more": False}
    assert server.request("GET", "/api/2.2/jobs/runs/list").json == {"has_more": False}


def test_a_dry_run_checks_and_does_nothing(server):
    task = {"task_key": "a", "notebook_task": {"notebook_path": "/n"}}
    answer = server.request("POST", "/api/2.2/jobs/create?dry_run=true", {"name": "j", "tasks": [task]}).json
    assert answer["dry_run"] and answer["settings"]["max_concurrent_runs"] == 1
    assert server.request("POST", "/api/2.2/jobs/runs/submit?dry_run=true", {"tasks": [task, task]}).status == 400
    assert server.request("GET", "/api/2.2/jobs/list").json == {"has_more": False}


# Runs


def test_waiters_see_the_end(client):
    made = client.jobs.create(name="j", tasks=[notebook("a"), notebook("b", "a")], parameters=[jobs.JobParameterDefinition("p", "1")])
    run = client.jobs.run_now(made.job_id, job_parameters={"p": "2"}).result(timeout=datetime.timedelta(seconds=20))
    assert run.state.life_cycle_state == jobs.RunLifeCycleState.TERMINATED and run.state.result_state == jobs.RunResultState.SUCCESS
    assert run.status.state == jobs.RunLifecycleStateV2State.TERMINATED
    assert run.status.termination_details.code == jobs.TerminationCodeCode.SUCCESS
    assert [(p.name, p.default, p.value) for p in run.job_parameters] == [("p", "1", "2")]
    assert [t.task_key for t in run.tasks] == ["a", "b"] and run.run_type == jobs.RunType.JOB_RUN
    done = client.jobs.submit(run_name="once", tasks=[submit_task("x")]).result(timeout=datetime.timedelta(seconds=20))
    assert (done.run_name, done.run_type) == ("once", jobs.RunType.SUBMIT_RUN)
    assert client.jobs.get_run(done.tasks[0].run_id).run_id == done.tasks[0].run_id


def test_a_failure_is_told_with_its_output(server, client):
    scenario(
        server, {"match": {"task_key": "bad"}, "outcome": "FAILED", "error": "boom", "output": {"error_trace": "line 1", "logs": "log"}},
        {"match": {"task_key": "good"}, "output": {"result": "42"}})
    waiter = client.jobs.submit(tasks=[submit_task("good"), submit_task("bad", "good"), submit_task("late", "bad")])
    with pytest.raises(OperationFailed, match="Task bad failed with message: Workload failed, see run output for details"):
        waiter.result(timeout=datetime.timedelta(seconds=20))
    run = client.jobs.get_run(waiter.run_id)
    states = {t.task_key: t.state.result_state.value for t in run.tasks}
    assert states == {"good": "SUCCESS", "bad": "FAILED", "late": "UPSTREAM_FAILED"}
    ids = {t.task_key: t.run_id for t in run.tasks}
    output = client.jobs.get_run_output(ids["bad"])
    assert (output.error, output.error_trace, output.logs) == ("boom", "line 1", "log")
    assert client.jobs.get_run_output(ids["good"]).notebook_output.result == "42"
    with pytest.raises(InvalidParameterValue, match="multiple tasks is not supported"):
        client.jobs.get_run_output(waiter.run_id)
    assert "/Shared/good" in client.jobs.export_run(ids["good"]).views[0].content


def test_a_run_is_cancelled(server, client):
    scenario(server, {"duration": "1h"})
    waiter = client.jobs.submit(tasks=[submit_task("a"), submit_task("b", "a")])
    assert client.jobs.get_run(waiter.run_id).state.life_cycle_state == jobs.RunLifeCycleState.RUNNING
    assert [r.run_id for r in client.jobs.list_runs(active_only=True)] == [waiter.run_id]
    with pytest.raises(InvalidParameterValue, match="still active"):
        client.jobs.delete_run(waiter.run_id)
    run = client.jobs.cancel_run(waiter.run_id).result(timeout=datetime.timedelta(seconds=20))
    assert run.state.result_state == jobs.RunResultState.CANCELED and run.state.user_cancelled_or_timedout
    assert list(client.jobs.list_runs(active_only=True)) == []
    client.jobs.delete_run(waiter.run_id)
    with pytest.raises(ResourceDoesNotExist):
        client.jobs.get_run(waiter.run_id)


def test_a_flaky_task_is_tried_again_and_repaired(server, client):
    scenario(server, {"match": {"task_key": "a"}, "when": {"times": 3}, "outcome": "FAILED", "error": "flaky"})
    waiter = client.jobs.submit(tasks=[submit_task("a", max_retries=1), submit_task("b", "a")])
    with pytest.raises(OperationFailed):
        waiter.result(timeout=datetime.timedelta(seconds=20))
    first = client.jobs.repair_run(waiter.run_id, rerun_all_failed_tasks=True)
    run = first.result(timeout=datetime.timedelta(seconds=20))
    assert run.state.result_state == jobs.RunResultState.SUCCESS
    assert {t.task_key: t.attempt_number for t in run.tasks} == {"a": 3, "b": 1}
    history = client.jobs.get_run(waiter.run_id, include_history=True).repair_history
    assert [(h.type.value, h.state.result_state.value) for h in history] == [("ORIGINAL", "FAILED"), ("REPAIR", "SUCCESS")]
    assert history[1].id == first.response.repair_id


def test_runs_are_listed_newest_first(server, client):
    made = client.jobs.create(name="j", tasks=[notebook("a")])
    runs = [client.jobs.run_now(made.job_id).run_id for _ in range(30)]
    other = client.jobs.submit(tasks=[submit_task("x")]).run_id
    assert [r.run_id for r in client.jobs.list_runs(limit=7)] == [other] + runs[::-1]
    assert [r.run_id for r in client.jobs.list_runs(job_id=made.job_id)] == runs[::-1]
    assert [r.run_id for r in client.jobs.list_runs(run_type=jobs.RunType.SUBMIT_RUN)] == [other]
    times = [client.jobs.get_run(r).start_time for r in runs]
    assert {r.run_id for r in client.jobs.list_runs(start_time_to=times[4])} >= set(runs[:5])
    assert server.request("GET", "/api/2.2/jobs/runs/list?active_only=true&completed_only=true").status == 400
    page = server.request("GET", "/api/2.2/jobs/runs/list?limit=10").json
    after = server.request("GET", f"/api/2.2/jobs/runs/list?limit=10&page_token={page['next_page_token']}").json
    back = server.request("GET", f"/api/2.2/jobs/runs/list?limit=10&page_token={after['prev_page_token']}").json
    assert back["runs"] == page["runs"] and "tasks" not in page["runs"][0]


def test_one_token_begins_one_run(client):
    made = client.jobs.create(name="j", tasks=[notebook("a")])
    assert client.jobs.run_now(made.job_id, idempotency_token="t").run_id == client.jobs.run_now(made.job_id, idempotency_token="t").run_id
    assert client.jobs.submit(tasks=[submit_task("a")], idempotency_token="u").run_id == client.jobs.submit(
        tasks=[submit_task("a")], idempotency_token="u").run_id
    assert len(list(client.jobs.list_runs())) == 2


def test_references_are_resolved(client):
    task = notebook("a")
    task.notebook_task.base_parameters = {"id": "{{job.id}}", "p": "{{job.parameters.p}}", "x": "{{none}}"}
    made = client.jobs.create(name="j", tasks=[task], parameters=[jobs.JobParameterDefinition("p", "1")])
    run = client.jobs.run_now(made.job_id).result(timeout=datetime.timedelta(seconds=20))
    resolved = client.jobs.get_run(run.run_id, include_resolved_values=True).tasks[0].resolved_values.notebook_task.base_parameters
    assert resolved == {"id": str(made.job_id), "p": "1", "x": "{{none}}"}


def test_sql_in_the_workspace_really_runs(server, client, sql, warehouse_id):
    from databricks.sdk.service.workspace import ImportFormat, Language

    def put(path, text, format=ImportFormat.AUTO, language=None):
        client.workspace.import_(path, content=base64.b64encode(text.encode()).decode(), format=format, language=language, overwrite=True)

    put("/Shared/load.sql", "CREATE OR REPLACE TABLE main.default.loaded AS SELECT 1 AS id, :day AS day; SELECT count(*) AS n FROM main.default.loaded",
        ImportFormat.RAW)
    put("/Shared/more", "-- Databricks notebook source\nINSERT INTO main.default.loaded VALUES (2, 'x')\n\n-- COMMAND ----------\n\n"
        "-- MAGIC %md hello\n\n-- COMMAND ----------\n\nINSERT INTO main.default.loaded VALUES (3, 'y')\n", ImportFormat.SOURCE, Language.SQL)
    query = client.queries.create(query=CreateQueryRequestQuery(
        display_name="q", query_text="SELECT max(id) AS top FROM main.default.loaded", warehouse_id=warehouse_id))

    def sql_task(**what):
        return jobs.SqlTask(warehouse_id=warehouse_id, **what)

    day = jobs.JobParameterDefinition("day", "2026-01-01")
    made = client.jobs.create(name="load", parameters=[day], tasks=[
        jobs.Task(task_key="file", sql_task=sql_task(file=jobs.SqlTaskFile("/Workspace/Shared/load.sql"))),
        jobs.Task(task_key="notebook", depends_on=[jobs.TaskDependency("file")], notebook_task=jobs.NotebookTask("/Shared/more")),
        jobs.Task(task_key="query", depends_on=[jobs.TaskDependency("notebook")], sql_task=sql_task(query=jobs.SqlTaskQuery(query.id))),
        jobs.Task(task_key="many", depends_on=[jobs.TaskDependency("query")], condition_task=jobs.ConditionTask(
            left="{{tasks.query.output.first_row.top}}", op=jobs.ConditionTaskOp.GREATER_THAN, right="2"))])
    run = client.jobs.run_now(made.job_id, job_parameters={"day": "2026-02-02"}).result(timeout=datetime.timedelta(seconds=60))
    tasks = {t.task_key: t for t in run.tasks}
    assert sql("SELECT * FROM main.default.loaded ORDER BY id") == [["1", "2026-02-02"], ["2", "x"], ["3", "y"]]
    def output(key):
        return server.request("GET", f"/api/2.2/jobs/runs/get-output?run_id={tasks[key].run_id}").json["sql_output"]

    assert output("file")["file_output"]["query_result"] == {
        "columns": [{"name": "n"}], "rows": [{"values": [{"string_value": "1"}]}], "truncated": False}
    assert "max(id)" in output("query")["query_output"]["query_text"]
    assert client.jobs.get_run(run.run_id).tasks[3].condition_task.outcome == "true"
    put("/Shared/load.sql", "SELECT * FROM main.default.nothing", ImportFormat.RAW)
    waiter = client.jobs.run_now(made.job_id)
    with pytest.raises(OperationFailed):
        waiter.result(timeout=datetime.timedelta(seconds=60))
    failed = client.jobs.get_run(waiter.run_id).tasks[0]
    assert client.jobs.get_run_output(failed.run_id).error.startswith("[TABLE_OR_VIEW_NOT_FOUND]")


def test_a_job_is_for_those_who_were_let_in(server, client):
    other = client.service_principals.create(display_name="other")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=other.id)
    guest = workspace_client(server, client_id=other.application_id, client_secret=secret.secret)
    closed = client.jobs.create(name="closed", tasks=[notebook("a")]).job_id
    with pytest.raises(PermissionDenied, match="does not have View or Admin or Manage Run or Owner permissions on job"):
        guest.jobs.get(closed)
    with pytest.raises(PermissionDenied):
        guest.jobs.run_now(closed)
    assert list(guest.jobs.list()) == []
    open_ = client.jobs.create(name="open", tasks=[notebook("a")], access_control_list=[jobs.JobAccessControlRequest(
        service_principal_name=other.application_id, permission_level=jobs.JobPermissionLevel.CAN_MANAGE_RUN)]).job_id
    assert [j.job_id for j in guest.jobs.list()] == [open_]
    run = guest.jobs.run_now(open_).result(timeout=datetime.timedelta(seconds=20))
    assert run.creator_user_name == other.application_id
    with pytest.raises(PermissionDenied):
        guest.jobs.delete(open_)
    own = guest.jobs.create(name="own", tasks=[notebook("a")]).job_id
    guest.jobs.delete(own)
    assert client.jobs.get_permissions(str(open_)).object_type == "job"


# The clock


def test_runs_move_on_the_clock(virtual):
    client = workspace_client(virtual)
    scenario(virtual, {"setup": "30s", "duration": "60s"})
    id = client.jobs.submit(tasks=[submit_task("a"), submit_task("b", "a")]).run_id
    seen = []
    for _ in range(8):
        run = client.jobs.get_run(id)
        seen.append((run.state.life_cycle_state.value, run.status.state.value, *(t.status.state.value for t in run.tasks)))
        virtual.control("POST", "clock", {"advance": "30s"})
    assert seen[0] == ("PENDING", "PENDING", "PENDING", "BLOCKED")
    assert seen[1] == ("RUNNING", "RUNNING", "RUNNING", "BLOCKED")
    assert seen[3] == ("RUNNING", "RUNNING", "TERMINATED", "PENDING")
    assert seen[6] == ("TERMINATED", "TERMINATED", "TERMINATED", "TERMINATED")
    run = client.jobs.get_run(id)
    assert run.run_duration == run.end_time - run.start_time == 180_000
    assert [(t.setup_duration, t.execution_duration) for t in run.tasks] == [(30_000, 60_000)] * 2


def test_schedules_begin_runs(virtual):
    client = workspace_client(virtual)
    made = client.jobs.create(name="hourly", tasks=[notebook("a")], schedule=jobs.CronSchedule("0 30 9 ? * MON-FRI", "America/New_York"))
    virtual.control("POST", "clock", {"advance": "168h"})
    starts = [datetime.datetime.fromtimestamp(r.start_time / 1000, datetime.timezone.utc) for r in client.jobs.list_runs(job_id=made.job_id)]
    assert [f"{t:%a %H:%M}" for t in reversed(starts)] == ["Thu 14:30", "Fri 14:30", "Mon 14:30", "Tue 14:30", "Wed 14:30"]
    assert all(r.trigger == jobs.TriggerType.PERIODIC for r in client.jobs.list_runs(job_id=made.job_id))


def test_a_continuous_job_runs_until_it_is_cancelled(virtual):
    client = workspace_client(virtual)
    made = client.jobs.create(name="stream", tasks=[notebook("a")], continuous=jobs.Continuous())
    virtual.control("POST", "clock", {"advance": "48h"})
    (run,) = client.jobs.list_runs(job_id=made.job_id)
    assert run.state.life_cycle_state == jobs.RunLifeCycleState.RUNNING and run.trigger == jobs.TriggerType.CONTINUOUS
    client.jobs.cancel_run(run.run_id).result(timeout=datetime.timedelta(seconds=20))
    virtual.control("POST", "clock", {"advance": "48h"})
    assert [r.state.result_state.value for r in client.jobs.list_runs(job_id=made.job_id)] == ["CANCELED"]


def test_a_snapshot_has_the_runs(virtual):
    client = workspace_client(virtual)
    scenario(virtual, {"duration": "60s"})
    id = client.jobs.submit(tasks=[submit_task("a")]).run_id
    virtual.control("POST", "clock", {"advance": "30s"})
    assert virtual.control("POST", "snapshots", {"name": "half"}).status == 200
    virtual.control("POST", "clock", {"advance": "30s"})
    assert client.jobs.get_run(id).state.result_state == jobs.RunResultState.SUCCESS
    virtual.control("POST", "snapshots/half/restore")
    assert client.jobs.get_run(id).state.life_cycle_state == jobs.RunLifeCycleState.RUNNING
    virtual.control("POST", "clock", {"advance": "30s"})
    assert client.jobs.get_run(id).state.result_state == jobs.RunResultState.SUCCESS
    virtual.control("DELETE", "snapshots/half")


def test_a_directory_keeps_jobs(start, tmp_path):
    server = start("serve", "--port", 0, "--data-dir", tmp_path)
    client = workspace_client(server)
    made = client.jobs.create(name="kept", tasks=[notebook("a")])
    run = client.jobs.run_now(made.job_id).result(timeout=datetime.timedelta(seconds=20))
    server.stop()
    client = workspace_client(start("serve", "--port", 0, "--data-dir", tmp_path))
    assert client.jobs.get(made.job_id).settings.name == "kept"
    assert client.jobs.get_run(run.run_id).state.result_state == jobs.RunResultState.SUCCESS


@pytest.mark.parametrize("name, results", [
    ("failed", {"extract_orders": "FAILED", "other": "SUCCESS"}), ("flaky", {"load": "SUCCESS"}), ("cancelled", {"export": "CANCELED"}),
    ("slow", {"any": "SUCCESS"})])
def test_the_shipped_scenarios(start, name, results):
    server = start("serve", "--port", 0, "--clock", "virtual", "--scenario", ROOT / f"scenarios/runs-{name}.yaml")
    client = workspace_client(server)
    id = client.jobs.submit(tasks=[submit_task(key, max_retries=2 if name == "flaky" else None) for key in results]).run_id
    server.control("POST", "clock", {"advance": "20m"})
    assert {t.task_key: t.state.result_state.value for t in client.jobs.get_run(id).tasks} == results


# The contract


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not beside the project")
def test_answers_are_those_of_the_contract(start, tmp_path):
    server = start("serve", "--port", 0, "--seed", 7)
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, str(CONTRACT / "validate.py"), "--record", "--upstream", server.host, "--listen", "127.0.0.1:0", "--report", str(report),
         "--", sys.executable, "-c", CALLS], capture_output=True, text=True, timeout=120, env={**os.environ, "DATABRICKS_TOKEN": TOKEN})
    assert done.returncode == 0, done.stdout + done.stderr


CALLS = """
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import jobs
w = WorkspaceClient()
task = jobs.Task(task_key="a", notebook_task=jobs.NotebookTask("/n"), max_retries=1, timeout_seconds=9)
loop = jobs.Task(task_key="l", depends_on=[jobs.TaskDependency("a")], for_each_task=jobs.ForEachTask(
    inputs="[1,2]", task=jobs.Task(task_key="i", notebook_task=jobs.NotebookTask("/n"))))
choice = jobs.Task(task_key="c", condition_task=jobs.ConditionTask(left="1", right="2", op=jobs.ConditionTaskOp.EQUAL_TO))
yes = jobs.Task(task_key="y", depends_on=[jobs.TaskDependency("c", "true")], spark_python_task=jobs.SparkPythonTask("f.py"))
j = w.jobs.create(name="j", tasks=[task, loop, choice, yes], parameters=[jobs.JobParameterDefinition("p", "1")],
                  schedule=jobs.CronSchedule("0 0 0 * * ?", "UTC"), tags={"a": "b"}, queue=jobs.QueueSettings(True)).job_id
w.jobs.get(j, include_trigger_state=True)
list(w.jobs.list(expand_tasks=True))
run = w.jobs.run_now(j, job_parameters={"p": "2"}).result()
full = w.jobs.get_run(run.run_id, include_history=True, include_resolved_values=True)
for t in full.tasks:
    w.jobs.get_run(t.run_id)
    w.jobs.get_run_output(t.run_id)
w.jobs.export_run(full.tasks[0].run_id)
w.jobs.repair_run(run.run_id, rerun_tasks=["a"]).result()
list(w.jobs.list_runs(expand_tasks=True))
once = w.jobs.submit(tasks=[jobs.SubmitTask(task_key="a", notebook_task=jobs.NotebookTask("/n"))]).result()
w.jobs.cancel_run(once.run_id).result()
w.jobs.cancel_all_runs(job_id=j)
w.jobs.update(j, fields_to_remove=["schedule"])
w.jobs.reset(j, jobs.JobSettings(name="k", tasks=[task]))
w.jobs.delete_run(once.run_id)
w.jobs.delete(j)
for call in (lambda: w.jobs.get(j), lambda: w.jobs.get_run(1), lambda: w.jobs.run_now(1)):
    try:
        call()
        raise SystemExit("no error")
    except Exception as error:
        assert "does not exist" in str(error), error
"""


def test_broken_requests_are_refused(server):
    """Requests with strange values at every place: never a server error, and a refusal has changed nothing."""
    task = {"task_key": "a", "notebook_task": {"notebook_path": "/n", "base_parameters": {"k": "v"}}, "max_retries": 1, "timeout_seconds": 3}
    job = server.request("POST", "/api/2.2/jobs/create", {"name": "j", "tasks": [task]}).json["job_id"]
    run = server.request("POST", "/api/2.2/jobs/run-now", {"job_id": job}).json["run_id"]
    templates = [
        ("POST", "create", {"name": "j", "tasks": [task], "tags": {"a": "b"}, "job_clusters": [{"job_cluster_key": "k", "new_cluster": {}}],
                            "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}}),
        ("POST", "reset", {"job_id": job, "new_settings": {"name": "j", "tasks": [task]}}),
        ("POST", "update", {"job_id": job, "new_settings": {"tasks": [task]}, "fields_to_remove": ["tags"]}),
        ("POST", "run-now", {"job_id": job, "job_parameters": {"a": "b"}, "only": ["a"], "idempotency_token": "t", "queue": {"enabled": True}}),
        ("POST", "runs/submit", {"run_name": "r", "tasks": [task], "timeout_seconds": 5}),
        ("POST", "runs/repair", {"run_id": run, "rerun_tasks": ["a"], "latest_repair_id": 3}),
        ("POST", "runs/cancel", {"run_id": run}), ("POST", "runs/cancel-all", {"job_id": job, "all_queued_runs": True}),
        ("POST", "runs/delete", {"run_id": run}), ("POST", "delete", {"job_id": job}),
    ]
    queries = ["runs/get?run_id={}", "runs/get-output?run_id={}", "runs/export?run_id={}", "runs/list?job_id={}&limit={}", "get?job_id={}",
               "list?limit={}&page_token={}", "runs/list?page_token={}&offset={}", "runs/list?start_time_from={}&run_type={}"]
    strange = [None, True, 0, -1, 1e30, 2**63, "", "x", "é" * 300, [], [None], {}, {"a": {}}, "{{job.id}}", "\x00", [[[]]], 1.5, "18446744073709551616"]
    draw = random.Random(3)

    def state():
        return [server.request("GET", f"/api/2.1/jobs/{path}?limit=25").json for path in ("list", "runs/list")]

    def mutated(value):
        if draw.random() < 0.15:
            return draw.choice(strange)
        if isinstance(value, dict):
            return {k: mutated(v) for k, v in value.items()}
        return [mutated(v) for v in value] if isinstance(value, list) else value

    refused = 0
    for number in range(400):
        method, path, body = draw.choice(templates)
        body = mutated(body)
        if path in ("delete", "runs/delete") and body in ({"job_id": job}, {"run_id": run}):
            continue
        before = state() if number % 8 == 0 else None
        answer = server.request(method, "/api/2.2/jobs/" + path, json.dumps(body).encode())
        assert answer.status in (200, 400), (path, body, answer.body)
        if answer.status == 400:
            refused += 1
            assert answer.json["error_code"] and answer.json["message"]
            assert before is None or state() == before, (path, body)
    assert refused > 100
    for number in range(150):
        query = draw.choice(queries)
        values = [draw.choice(["", "0", "-1", "x", "99999999999999999999", "%00", str(run), str(job), "bi4x", "true"]) for _ in range(2)]
        assert server.request("GET", "/api/2.2/jobs/" + query.format(*values)).status in (200, 400)
