"""Jobs that begin runs when tables change or files arrive, on a virtual clock."""

import io

from databricks.sdk.service import catalog, jobs

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
        watched = {"jobs": [{"job_id": str(job), "workspace_id": "1"}], "if_status": status}
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
