"""Jobs that begin runs when tables change or files arrive, on a virtual clock."""

import io
import json

import pytest
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service import catalog, jobs, sql

from conftest import run_sql, workspace_client


def notebook(key):
    return jobs.Task(task_key=key, notebook_task=jobs.NotebookTask("/Shared/" + key))


def test_runs_follow_changes_of_tables(virtual):
    client = workspace_client(virtual)
    warehouse = virtual.exports["DATABRICKS_WAREHOUSE_ID"]
    for name in ("a", "b"):
        run_sql(client, f"CREATE TABLE main.default.{name} AS SELECT 1 AS id", warehouse)

    def job(condition, **options):
        watched = jobs.TableUpdateTriggerConfiguration(table_names=["main.default.a", "main.default.b"], condition=condition, **options)
        return client.jobs.create(name="follow", tasks=[notebook("t")], trigger=jobs.TriggerSettings(table_update=watched)).job_id

    def runs(id):
        return [(r.trigger.value, r.start_time) for r in client.jobs.list_runs(job_id=id)]

    def later(time):
        virtual.control("POST", "clock", {"advance": time})

    whichever, both = job(jobs.Condition.ANY_UPDATED), job(jobs.Condition.ALL_UPDATED)
    calm = job(jobs.Condition.ANY_UPDATED, wait_after_last_change_seconds=120, min_time_between_triggers_seconds=600)
    later("5m")
    assert [runs(id) for id in (whichever, both, calm)] == [[], [], []]
    run_sql(client, "INSERT INTO main.default.a VALUES (2)", warehouse)
    later("60s")
    assert [len(runs(id)) for id in (whichever, both, calm)] == [1, 0, 0]
    run_sql(client, "UPDATE main.default.b SET id = 3", warehouse)
    later("60s")
    assert [len(runs(id)) for id in (whichever, both, calm)] == [2, 1, 0]
    later("120s")
    assert [len(runs(id)) for id in (whichever, both, calm)] == [2, 1, 1]
    assert {trigger for trigger, _ in runs(both)} == {"TABLE"}
    run_sql(client, "OPTIMIZE main.default.a", warehouse)
    run_sql(client, "ALTER TABLE main.default.b SET TBLPROPERTIES ('k' = 'v')", warehouse)
    later("5m")
    assert [len(runs(id)) for id in (whichever, both, calm)] == [2, 1, 1]
    run_sql(client, "DELETE FROM main.default.a WHERE id = 2", warehouse)
    later("180s")
    assert [len(runs(id)) for id in (whichever, calm)] == [3, 1], "ten minutes have not passed"
    later("10m")
    assert [len(runs(id)) for id in (whichever, calm)] == [3, 2]
    client.jobs.update(whichever, new_settings=jobs.JobSettings(trigger=jobs.TriggerSettings(
        pause_status=jobs.PauseStatus.PAUSED,
        table_update=jobs.TableUpdateTriggerConfiguration(table_names=["main.default.a"], condition=jobs.Condition.ANY_UPDATED))))
    run_sql(client, "INSERT INTO main.default.a VALUES (9)", warehouse)
    later("1h")
    assert len(runs(whichever)) == 3


def test_a_run_knows_what_began_it(virtual):
    client = workspace_client(virtual)
    warehouse = virtual.exports["DATABRICKS_WAREHOUSE_ID"]
    for name in ("a", "b"):
        run_sql(client, f"CREATE TABLE main.default.{name} AS SELECT 1 AS id", warehouse)
    client.volumes.create("main", "default", "inbox", catalog.VolumeType.MANAGED)
    names = {"when": "{{job.trigger.table_update.main.default.b.commit_timestamp.iso_datetime}}", "tables": "{{job.trigger.table_update.updated_tables}}", "version": "{{job.trigger.table_update.main.default.b.version}}",
             "place": "{{job.trigger.file_arrival.location}}", "type": "{{job.trigger.type}}"}
    parameters = [{"name": name, "default": text} for name, text in names.items()]
    tables = trigger_job(client, {"table_update": {"table_names": ["main.default.a", "main.default.b"]}}, parameters=parameters)
    files = trigger_job(client, {"file_arrival": {"url": "/Volumes/main/default/inbox/"}}, parameters=parameters)
    virtual.control("POST", "clock", {"advance": "60s"})
    run_sql(client, "INSERT INTO main.default.b VALUES (2)", warehouse)
    client.files.upload("/Volumes/main/default/inbox/new.csv", io.BytesIO(b"2"))
    virtual.control("POST", "clock", {"advance": "60s"})

    def values(job):
        (run,) = client.jobs.list_runs(job_id=job)
        return {p.name: p.value for p in client.jobs.get_run(run.run_id).job_parameters}

    # What stands for nothing in a run stays as it is written.
    assert values(tables) == {
        **names, "when": "2026-01-01T00:01:00.000Z", "tables": '["main.default.b"]', "version": "1", "type": "table"}
    assert values(files) == {**names, "place": "/Volumes/main/default/inbox/", "type": "file_arrival"}


def test_runs_follow_the_arrival_of_files(virtual):
    client = workspace_client(virtual)
    client.volumes.create("main", "default", "inbox", catalog.VolumeType.MANAGED)
    client.files.upload("/Volumes/main/default/inbox/old.csv", io.BytesIO(b"1"))
    made = client.jobs.create(name="arrivals", tasks=[notebook("t")], trigger=jobs.TriggerSettings(
        file_arrival=jobs.FileArrivalTriggerConfiguration(url="/Volumes/main/default/inbox/")))

    def count():
        return len(list(client.jobs.list_runs(job_id=made.job_id)))

    def later(time):
        virtual.control("POST", "clock", {"advance": time})

    later("10m")
    assert count() == 0
    client.files.upload("/Volumes/main/default/inbox/deep/new.csv", io.BytesIO(b"2"))
    later("60s")
    assert count() == 1
    client.files.upload("/Volumes/main/default/inbox/old.csv", io.BytesIO(b"3"), overwrite=True)
    client.files.delete("/Volumes/main/default/inbox/deep/new.csv")
    later("10m")
    assert count() == 1, "only files that were not there count"
    client.files.upload("/Volumes/main/default/inbox/deep/new.csv", io.BytesIO(b"4"))
    later("60s")
    (last, _) = client.jobs.list_runs(job_id=made.job_id)
    assert last.trigger == jobs.TriggerType.FILE_ARRIVAL


def test_runs_follow_the_runs_of_another_job(virtual):
    client = workspace_client(virtual)
    rules = [{"match": {"task_key": "bad"}, "outcome": "FAILED", "error": "no"}]
    assert virtual.control("POST", "scenarios", {"scenario": "s", "runs": rules}).status == 200
    first, bad = [client.jobs.create(name=key, tasks=[notebook(key)]).job_id for key in ("good", "bad")]

    def follower(job, status, **options):
        watched = {"jobs": [{"job_id": str(job), "workspace_id": str(client.get_workspace_id())}], "if_status": status}
        body = {"name": "f", "tasks": [notebook("t").as_dict()], "trigger": {"job_completion": watched, **options}}
        return client.api_client.do("POST", "/api/2.2/jobs/create", body=body)["job_id"]

    follow = {key: follower(job, status) for key, (job, status) in {
        "done": (first, "DONE"), "success": (first, "SUCCESS"), "failed": (first, "FAILED"), "bad": (bad, "FAILED"), "not": (bad, "SUCCESS")}.items()}
    paused = follower(first, "DONE", pause_status="PAUSED")
    client.jobs.run_now(first)
    client.jobs.run_now(bad)
    virtual.control("POST", "clock", {"advance": "10s"})
    def triggers(id):
        listed = client.api_client.do("GET", "/api/2.2/jobs/runs/list", query={"job_id": id})
        return [run["trigger"] for run in listed.get("runs", [])]

    count = {key: triggers(id) for key, id in follow.items()}
    assert count == {"done": ["JOB_COMPLETION"], "success": ["JOB_COMPLETION"], "failed": [], "bad": ["JOB_COMPLETION"], "not": []}
    assert list(client.jobs.list_runs(job_id=paused)) == []
    # Days later nothing has begun by itself; then each run is followed by one.
    virtual.control("POST", "clock", {"advance": "3d"})
    client.jobs.run_now(first)
    client.jobs.run_now(first)
    virtual.control("POST", "clock", {"advance": "10s"})
    assert len(list(client.jobs.list_runs(job_id=follow["done"]))) == 3


def trigger_job(client, trigger, **settings):
    body = {"name": "f", "tasks": [notebook("t").as_dict()], **({"trigger": trigger} if trigger else {}), **settings}
    return client.api_client.do("POST", "/api/2.2/jobs/create", body=body)["job_id"]


def raw_runs(client, id):
    return client.api_client.do("GET", "/api/2.2/jobs/runs/list", query={"job_id": id}).get("runs", [])


def test_a_run_follows_once_all_of_several_jobs_have_ended(virtual):
    client = workspace_client(virtual)
    assert virtual.control("POST", "scenarios", {"scenario": "s", "runs": [
        {"match": {"task_key": "bad"}, "outcome": "FAILED", "error": "no"}]}).status == 200
    a, b, bad = [client.jobs.create(name=key, tasks=[notebook(key)]).job_id for key in ("a", "b", "bad")]
    workspace = str(client.get_workspace_id())

    def completion(*jobs, **options):
        return {"job_completion": {"jobs": [{"job_id": str(job), "workspace_id": workspace} for job in jobs], **options}}

    both = trigger_job(client, completion(a, b))
    never = trigger_job(client, completion(a, bad))
    done = trigger_job(client, completion(a, bad, if_status="DONE"))

    def ends(job):
        run = client.jobs.run_now(job).run_id
        virtual.control("POST", "clock", {"advance": "10s"})
        return run

    first, second = ends(a), ends(a)
    assert [raw_runs(client, id) for id in (both, never, done)] == [[], [], []]
    state = client.api_client.do("GET", "/api/2.2/jobs/get", query={"job_id": both, "include_trigger_state": "true"})["trigger_state"]
    seen = {s["job_id"]: s for s in state["job_completion"]["monitored_job_states"]}
    assert (seen[str(a)]["has_seen_completion"], seen[str(b)]["has_seen_completion"]) == (True, False)
    assert (seen[str(a)]["last_seen_run_id"], seen[str(a)]["last_seen_result"]) == (str(second), "SUCCESS")
    third, failed = ends(b), ends(bad)
    (run,) = raw_runs(client, both)
    whole = client.api_client.do("GET", "/api/2.2/jobs/runs/get", query={"run_id": run["run_id"]})
    ended = whole["trigger_info"]["job_completion"]["completed_jobs"]
    assert [(e["job_id"], e["run_id"], e["termination_code"]) for e in ended] == [
        (str(a), str(second), "SUCCESS"), (str(b), str(third), "SUCCESS")], "the latest run of each"
    assert run["trigger"] == "JOB_COMPLETION" and raw_runs(client, never) == [] and len(raw_runs(client, done)) == 1
    state = client.api_client.do("GET", "/api/2.2/jobs/get", query={"job_id": never, "include_trigger_state": "true"})["trigger_state"]
    assert state["job_completion"]["monitored_job_states"][1]["latest_non_matching_result"] == "RUN_EXECUTION_ERROR"
    ends(b)
    assert len(raw_runs(client, both)) == 1, "the other one must end again, too"
    client.api_client.do("POST", "/api/2.2/jobs/update", body={
        "job_id": both, "new_settings": {"trigger": {**completion(a, b), "pause_status": "PAUSED"}}})
    ends(a)
    assert len(raw_runs(client, both)) == 1
    for jobs_, text in (([], "1 to 10 jobs"), ([a] * 2, "more than once"), (range(1, 12), "1 to 10 jobs")):
        with pytest.raises(DatabricksError, match=text):
            trigger_job(client, completion(*jobs_))
    with pytest.raises(DatabricksError, match="another workspace"):
        trigger_job(client, {"job_completion": {"jobs": [{"job_id": str(a), "workspace_id": "17"}]}})


def test_runs_follow_new_models(virtual):
    client = workspace_client(virtual)
    client.schemas.create("other", "main")
    watched = {"securable_name": "main.default", "condition": "MODEL_CREATED"}
    schema, whole = trigger_job(client, {"model": watched}), trigger_job(client, {"model": {"condition": "MODEL_CREATED"}})
    client.registered_models.create(catalog_name="main", schema_name="default", name="early")

    def later(time="60s"):
        virtual.control("POST", "clock", {"advance": time})

    def counts():
        return [len(raw_runs(client, id)) for id in (schema, whole)]

    later()
    assert counts() == [1, 1]
    client.registered_models.create(catalog_name="main", schema_name="other", name="elsewhere")
    later()
    assert counts() == [1, 2]
    for n in range(10):
        client.registered_models.create(catalog_name="main", schema_name="default", name=f"m{n}")
    later()
    assert counts() == [2, 3], "nine of them"
    later()
    assert counts() == [3, 4], "the tenth"
    later("1h")
    assert counts() == [3, 4]
    assert "trigger" not in raw_runs(client, schema)[0], "the API has no name for it"
    for bad, text in (
        ({"condition": "MODEL_ALIAS_SET"}, "1 to 10 aliases"), ({"condition": "MODEL_CREATED", "aliases": ["x"]}, "MODEL_ALIAS_SET"),
        ({"condition": "MODEL_CREATED", "securable_name": "main"}, "securable_name")):
        with pytest.raises(DatabricksError, match=text):
            trigger_job(client, {"model": bad})


def test_conditions_decide_whether_a_run_begins(virtual):
    client = workspace_client(virtual)
    warehouse = virtual.exports["DATABRICKS_WAREHOUSE_ID"]
    run_sql(client, "CREATE TABLE main.default.loads AS SELECT 1 AS id WHERE false", warehouse)

    def condition(text, mode):
        query = client.queries.create(query=sql.CreateQueryRequestQuery(display_name="c", query_text=text, warehouse_id=warehouse))
        return {"sql_query_id": query.id, "warehouse_id": warehouse, "trigger_mode": mode}

    def hourly(text, mode):
        return trigger_job(client, None, schedule={
            "quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC", "sql_condition": condition(text, mode)})

    rows = hourly("SELECT * FROM main.default.loads", "QUERY_RETURNS_ROWS")
    change = hourly("SELECT count(*) FROM main.default.loads", "RESULT_VALUE_CHANGES")
    wide = hourly("SELECT 1, 2", "RESULT_VALUE_CHANGES")
    writes = hourly("INSERT INTO main.default.loads VALUES (99)", "QUERY_RETURNS_ROWS")
    broken = hourly("SELECT * FROM main.default.missing", "QUERY_RETURNS_ROWS")
    table = trigger_job(client, {
        "table_update": {"table_names": ["main.default.loads"]},
        "sql_condition": condition("SELECT 1 FROM main.default.loads WHERE id > 1", "QUERY_RETURNS_ROWS")})

    def later(time):
        virtual.control("POST", "clock", {"advance": time})

    def counts():
        return [len(raw_runs(client, id)) for id in (rows, change, wide, writes, broken, table)]

    later("1h")
    assert counts() == [0, 1, 0, 0, 0, 0], "the first value is a new one"
    run_sql(client, "INSERT INTO main.default.loads VALUES (1)", warehouse)
    later("1h")
    assert counts() == [1, 2, 0, 0, 0, 0]
    later("2h")
    assert counts() == [3, 2, 0, 0, 0, 0]
    run_sql(client, "INSERT INTO main.default.loads VALUES (2)", warehouse)
    later("60s")
    assert counts() == [3, 2, 0, 0, 0, 1]
    run = raw_runs(client, rows)[0]
    found = client.api_client.do("GET", "/api/2.2/jobs/runs/get", query={"run_id": run["run_id"]})["trigger_info"]["sql_condition"]
    statement = client.statement_execution.get_statement(found["condition_evaluation_sql_statement_id"])
    assert found["condition_evaluation_satisfied"] and statement.result.data_array == [["1"]]
    state = client.api_client.do("GET", "/api/2.2/jobs/get", query={"job_id": change, "include_trigger_state": "true"})["trigger_state"]
    assert state["sql_condition"]["latest_condition_evaluation_satisfied"] is False
    with pytest.raises(DatabricksError, match="exactly one"):
        trigger_job(client, {"sql_condition": condition("SELECT 1", "QUERY_RETURNS_ROWS")})


def test_alerts_are_evaluated_by_their_own_schedules(virtual):
    client = workspace_client(virtual)
    warehouse = virtual.exports["DATABRICKS_WAREHOUSE_ID"]
    run_sql(client, "CREATE TABLE main.default.sales AS SELECT 5 AS amount", warehouse)

    def alert(text="SELECT sum(amount) AS total FROM main.default.sales", cron="0 0 * * * ?", **options):
        return sql.AlertV2(
            display_name="a", query_text=text, warehouse_id=warehouse,
            schedule=sql.CronSchedule(cron, timezone_id="Europe/Berlin", **options), evaluation=sql.AlertV2Evaluation(
                source=sql.AlertV2OperandColumn(name="total"), comparison_operator=sql.ComparisonOperator.GREATER_THAN,
                threshold=sql.AlertV2Operand(value=sql.AlertV2OperandValue(double_value=10))))

    made = client.alerts_v2.create_alert(alert())
    paused = client.alerts_v2.create_alert(alert(pause_status=sql.SchedulePauseStatus.PAUSED))
    broken = client.alerts_v2.create_alert(alert("SELECT total FROM main.default.missing"))
    daily = client.alerts_v2.create_alert(alert(cron="0 30 9 * * ?"))

    def seen(one):
        found = client.alerts_v2.get_alert(one.id).evaluation
        return found.state and found.state.value, found.last_evaluated_at and found.last_evaluated_at[11:16]

    def advance(time):
        assert virtual.control("POST", "clock", {"advance": time}).status == 200

    start = json.loads(virtual.control("GET", "clock").body)["now"]
    assert start[11:19] == "00:00:00", "the tests' clock begins at midnight UTC"
    assert [seen(one) for one in (made, paused, broken, daily)] == [(None, None)] * 4
    advance("61m")
    assert [seen(one) for one in (made, paused, broken, daily)] == [("OK", "01:00"), (None, None), ("ERROR", "01:00"), (None, None)]
    run_sql(client, "INSERT INTO main.default.sales VALUES (7)", warehouse)
    assert seen(made) == ("OK", "01:00")
    advance("8h")
    assert seen(made) == ("TRIGGERED", "09:00") and seen(daily) == ("TRIGGERED", "08:30"), "half past nine in Berlin in winter"
    client.alerts_v2.update_alert(paused.id, alert(pause_status=sql.SchedulePauseStatus.UNPAUSED), "schedule")
    client.alerts_v2.update_alert(made.id, alert(pause_status=sql.SchedulePauseStatus.PAUSED), "schedule")
    client.alerts_v2.trash_alert(daily.id)
    advance("24h")
    assert (seen(paused), seen(made)) == (("TRIGGERED", "09:00"), ("TRIGGERED", "09:00"))
    assert client.alerts_v2.get_alert(paused.id).evaluation.last_evaluated_at > client.alerts_v2.get_alert(made.id).evaluation.last_evaluated_at
    with pytest.raises(DatabricksError, match="quartz_cron_schedule"):
        client.alerts_v2.create_alert(alert(cron="every day"))
