"""The examples of runs in `scenarios/` do what they say: failed, slow, flaky and cancelled ones, by the SDK on a virtual clock."""

import pytest
from databricks.sdk.service import jobs

from conftest import ROOT, workspace_client


@pytest.fixture
def play(virtual):
    def play(name):
        answer = virtual.request("POST", "/_dbxsim/scenarios", (ROOT / f"scenarios/{name}.yaml").read_bytes(),
                                 headers={"Content-Type": "application/yaml"})
        assert answer.status == 200, answer.body
        return workspace_client(virtual)

    return play


def task(key, **options):
    return jobs.Task(task_key=key, notebook_task=jobs.NotebookTask("/Shared/" + key), **options)


def make(client, *tasks, name="job"):
    return client.jobs.create(name=name, tasks=list(tasks)).job_id


def later(server, time):
    assert server.control("POST", "clock", {"advance": time}).status == 200


def states(client, run):
    return {t.task_key: (t.state.life_cycle_state.value, t.state.result_state and t.state.result_state.value) for t in client.jobs.get_run(run).tasks}


def test_failed(virtual, play):
    client = play("runs-failed")
    job = make(client, task("extract_orders"), task("load", depends_on=[jobs.TaskDependency("extract_orders")]), task("other"), name="nightly load")
    run = client.jobs.run_now(job).response.run_id
    assert states(client, run)["extract_orders"] == ("RUNNING", None)
    later(virtual, "2s")
    assert states(client, run) == {"extract_orders": ("TERMINATED", "FAILED"), "load": ("SKIPPED", "UPSTREAM_FAILED"), "other": ("TERMINATED", "SUCCESS")}
    failed = next(t for t in client.jobs.get_run(run).tasks if t.task_key == "extract_orders")
    output = client.jobs.get_run_output(failed.run_id)
    assert output.error.startswith("AnalysisException: [TABLE_OR_VIEW_NOT_FOUND]") and output.error_trace.startswith("Traceback")
    assert output.logs == "reading raw.orders\n"
    verdict = lambda: {e["name"]: e["verdict"] for e in virtual.control("GET", "report").json["scenarios"][0]["expectations"]}
    assert verdict() == {"runs-once": "pass"}
    client.jobs.run_now(job)
    assert verdict() == {"runs-once": "fail"}


def test_slow(virtual, play):
    client = play("runs-slow")
    run = client.jobs.run_now(make(client, task("any"))).response.run_id
    later(virtual, "119s")
    assert states(client, run)["any"] == ("PENDING", None)
    later(virtual, "1s")
    assert states(client, run)["any"] == ("RUNNING", None)
    later(virtual, "10m")
    assert states(client, run)["any"] == ("TERMINATED", "SUCCESS")
    found = client.jobs.get_run(run)
    assert (found.end_time - found.start_time, found.tasks[0].setup_duration, found.tasks[0].execution_duration) == (720_000, 120_000, 600_000)
    assert client.jobs.get_run_output(found.tasks[0].run_id).notebook_output.result == "done"


def test_flaky(virtual, play):
    client = play("runs-flaky")
    run = client.jobs.run_now(make(client, task("load", max_retries=2))).response.run_id
    attempts = [(t.attempt_number, t.state.result_state.value) for t in client.jobs.get_run(run).tasks]
    assert attempts == [(2, "SUCCESS")], "the latest attempt, after two that failed"
    assert client.jobs.get_run(run).state.result_state.value == "SUCCESS"

    def spots(client):
        run = client.jobs.run_now(make(client, *(task(f"spot{i}") for i in range(60)))).response.run_id
        return [end for _, end in states(client, run).values()]

    first = spots(client)
    assert 8 <= first.count("FAILED") <= 32 and set(first) == {"FAILED", "SUCCESS"}
    # The same ones for the same seed.
    assert virtual.control("POST", "reset").status == 200
    virtual.control("DELETE", "scenarios/runs-flaky")
    client = play("runs-flaky")
    client.jobs.run_now(make(client, task("load", max_retries=2)))
    assert spots(client) == first


def test_cancelled(virtual, play):
    client = play("runs-cancelled")
    run = client.jobs.run_now(make(client, task("export"), task("rest"))).response.run_id
    night = client.jobs.run_now(make(client, task("any"), name="nightly sums")).response.run_id
    later(virtual, "5s")
    assert states(client, run) == {"export": ("TERMINATED", "CANCELED"), "rest": ("TERMINATED", "SUCCESS")}
    assert client.jobs.get_run(run).state.result_state.value == "CANCELED"
    later(virtual, "1h")
    assert states(client, night)["any"][1] == "TIMEDOUT"
    assert client.jobs.get_run(night).state.result_state.value == "TIMEDOUT"
