"""`serve --webhooks`: notifications of jobs reach a listener on this machine."""

import http.server
import json
import queue
import threading

import pytest
from databricks.sdk.service import jobs, settings

from conftest import Server, workspace_client


@pytest.fixture(scope="module")
def server():
    server = Server("serve", "--port", 0, "--seed", 7, "--webhooks")
    yield server
    assert server.stop() == 0


@pytest.fixture
def hook():
    calls = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls.put((self.path, self.headers.get("Authorization"), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    listener = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}/hook?x=1", calls
    listener.shutdown()
    listener.server_close()


def test_webhooks_tell_of_runs(client, server, hook):
    url, calls = hook
    generic = settings.GenericWebhookConfig(url=url, username="u", password="p")
    here = client.notification_destinations.create(display_name="here", config=settings.Config(generic_webhook=generic))
    away = client.notification_destinations.create(
        display_name="away", config=settings.Config(generic_webhook=settings.GenericWebhookConfig(url="http://192.0.2.1/hook")))
    rules = [{"match": {"task_key": "bad"}, "outcome": "FAILED", "error": "no"}]
    assert server.control("POST", "scenarios", {"scenario": "s", "runs": rules}).status == 200
    all_of_them = [jobs.Webhook(away.id), jobs.Webhook(here.id)]
    made = client.jobs.create(
        name="told", webhook_notifications=jobs.WebhookNotifications(on_start=all_of_them, on_success=all_of_them, on_failure=all_of_them),
        tasks=[
            jobs.Task("good", notebook_task=jobs.NotebookTask("/a")),
            jobs.Task(
                "bad", notebook_task=jobs.NotebookTask("/b"), max_retries=1,
                webhook_notifications=jobs.WebhookNotifications(on_failure=all_of_them),
                notification_settings=jobs.TaskNotificationSettings(alert_on_last_attempt=True))])
    run = client.jobs.run_now(made.job_id)
    told = [calls.get(timeout=30) for _ in range(3)]
    last = next(t for t in client.jobs.get_run(run.run_id).tasks if t.task_key == "bad")
    assert last.attempt_number == 1
    assert {(path, authorization) for path, authorization, _ in told} == {("/hook?x=1", "Basic dTpw")}
    base = {"workspace_id": client.get_workspace_id(), "run": {"run_id": run.run_id}, "job": {"job_id": made.job_id, "name": "told"}}
    assert [body for _, _, body in told] == [
        {"event_type": "jobs.on_start", **base},
        {"event_type": "jobs.on_failure", **base, "task": {"task_key": "bad", "run_id": last.run_id}},
        {"event_type": "jobs.on_failure", **base}]
    settings_text = json.dumps(client.jobs.get(made.job_id).as_dict()) + json.dumps(
        client.notification_destinations.get(here.id).as_dict())
    assert '"p"' not in settings_text and url not in settings_text
    server.control("DELETE", "scenarios")
    client.jobs.run_now(made.job_id, only=["good"])
    assert [calls.get(timeout=30)[2]["event_type"] for _ in range(2)] == ["jobs.on_start", "jobs.on_success"]
    assert calls.empty()


def test_slow_runs_are_told_of(client, server, hook):
    url, calls = hook
    here = client.notification_destinations.create(
        display_name="slow", config=settings.Config(generic_webhook=settings.GenericWebhookConfig(url=url)))
    rules = [{"match": {"task_key": "slow"}, "duration": "3s"}, {"match": {"task_key": "quick"}, "duration": "0s"}]
    assert server.control("POST", "scenarios", {"scenario": "slow", "runs": rules}).status == 200
    health = jobs.JobsHealthRules([jobs.JobsHealthRule(jobs.JobsHealthMetric.RUN_DURATION_SECONDS, jobs.JobsHealthOperator.GREATER_THAN, 1)])
    hooks = jobs.WebhookNotifications(on_duration_warning_threshold_exceeded=[jobs.Webhook(here.id)])
    quick = client.jobs.create(name="quick", health=health, webhook_notifications=hooks, tasks=[jobs.Task("quick", notebook_task=jobs.NotebookTask("/a"))])
    slow = client.jobs.create(name="slow", tasks=[
        jobs.Task("slow", notebook_task=jobs.NotebookTask("/a"), health=health, webhook_notifications=hooks),
        jobs.Task("also", notebook_task=jobs.NotebookTask("/a"))], health=health, webhook_notifications=hooks)
    client.jobs.run_now(quick.job_id).result()
    run = client.jobs.run_now(slow.job_id)
    told = [calls.get(timeout=30)[2] for _ in range(2)]
    assert {t["event_type"] for t in told} == {"jobs.on_duration_warning_threshold_exceeded"}
    assert [t["run"]["run_id"] for t in told] == [run.run_id] * 2
    assert sorted(t.get("task", {}).get("task_key", "") for t in told) == ["", "slow"]
    run.result()
    assert calls.empty()
