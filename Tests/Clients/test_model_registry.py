"""The workspace's model registry: by the SDK, and by MLflow's own client."""

import hashlib
import hmac
import http.server
import json
import queue
import threading

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotImplemented, PermissionDenied, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import iam, jobs, ml

from conftest import Server, TOKEN, workspace_client

SOURCE = "dbfs:/models/1"
NOW = 1767225600000


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual", "--webhooks")
    yield server
    assert server.stop() == 0


@pytest.fixture
def registry(client):
    return client.model_registry


def someone(server, client, name):
    """A principal without rights, and a client of its own."""
    principal = client.service_principals.create(display_name=name)
    token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value
    return principal.application_id, workspace_client(server, token=token)


def names(models):
    return [m.name for m in models]


def numbers(versions):
    return [(v.name, v.version) for v in versions]


def test_models(server, registry):
    made = registry.create_model("risk", description="d", tags=[ml.ModelTag("a", "1"), ml.ModelTag("a", "2")]).registered_model
    assert (made.name, made.description, made.user_id, made.creation_timestamp) == ("risk", "d", "admin@example.com", NOW)
    assert [(t.key, t.value) for t in made.tags] == [("a", "2")] and not made.latest_versions
    with pytest.raises(ResourceAlreadyExists, match=r"Registered Model \(name=risk\) already exists\."):
        registry.create_model("risk")
    for name in ("a/b", "a:b", " ", "..", "."):
        with pytest.raises(InvalidParameterValue):
            registry.create_model(name)
    got = registry.get_model("risk").registered_model_databricks
    assert (len(got.id), got.permission_level, got.name) == (32, ml.PermissionLevel.CAN_MANAGE, "risk")
    with pytest.raises(ResourceDoesNotExist, match="Registered Model with name=no not found"):
        registry.get_model("no")
    server.control("POST", "clock", {"advance": "1s"})
    changed = registry.update_model("risk", description="e").registered_model
    assert (changed.description, changed.creation_timestamp, changed.last_updated_timestamp) == ("e", NOW, NOW + 1000)
    registry.set_model_tag("risk", "b/c d", "3")
    registry.set_model_tag("risk", "a", "4")
    with pytest.raises(InvalidParameterValue, match="Names may only contain"):
        registry.set_model_tag("risk", "a?", "4")
    with pytest.raises(InvalidParameterValue, match="'value' exceeds the maximum length of 5000 bytes"):
        registry.set_model_tag("risk", "a", "x" * 5001)
    with pytest.raises(InvalidParameterValue, match="'key' exceeds the maximum length of 250 characters"):
        registry.set_model_tag("risk", "k" * 251, "x")
    assert [(t.key, t.value) for t in registry.get_model("risk").registered_model_databricks.tags] == [("a", "4"), ("b/c d", "3")]
    registry.delete_model_tag("risk", "a")
    registry.delete_model_tag("risk", "never")
    assert [t.key for t in registry.get_model("risk").registered_model_databricks.tags] == ["b/c d"]
    registry.create_model_version("risk", SOURCE)
    assert registry.rename_model("risk", new_name="risk 2").registered_model.latest_versions[0].name == "risk 2"
    registry.create_model("risk")
    with pytest.raises(ResourceAlreadyExists):
        registry.rename_model("risk", new_name="risk 2")
    with pytest.raises(InvalidParameterValue, match="new_name"):
        registry.rename_model("risk")
    assert registry.get_model("risk 2").registered_model_databricks.id == got.id
    registry.delete_model("risk 2")
    with pytest.raises(ResourceDoesNotExist):
        registry.delete_model("risk 2")
    with pytest.raises(ResourceDoesNotExist):
        registry.get_model_version("risk 2", "1")
    assert names(registry.list_models()) == ["risk"]


def test_versions_and_stages(server, registry):
    registry.create_model("m")
    first = registry.create_model_version("m", SOURCE, run_id="r1", run_link="http://x", description="d", tags=[ml.ModelVersionTag("t", "v")])
    version = first.model_version
    assert (version.version, version.current_stage, version.status, version.source) == ("1", "None", ml.ModelVersionStatus.READY, SOURCE)
    assert (version.run_id, version.run_link, version.description, version.tags[0].value) == ("r1", "http://x", "d", "v")
    assert [registry.create_model_version("m", f"dbfs:/models/{i}").model_version.version for i in (2, 3, 4)] == ["2", "3", "4"]
    with pytest.raises(ResourceDoesNotExist):
        registry.create_model_version("no", SOURCE)
    assert registry.get_model_version_download_uri("m", "2").artifact_uri == "dbfs:/models/2"
    copy = registry.create_model_version("m", "models:/m/2").model_version
    assert registry.get_model_version_download_uri("m", copy.version).artifact_uri == "dbfs:/models/2"
    with pytest.raises(ResourceDoesNotExist, match="m-123"):
        registry.create_model_version("m", "models:/m-123")
    with pytest.raises(InvalidParameterValue, match="models:/m/Staging"):
        registry.create_model_version("m", "models:/m/Staging")
    with pytest.raises(InvalidParameterValue, match="Parameter 'version' must be an integer, got 'x'"):
        registry.get_model_version("m", "x")
    with pytest.raises(ResourceDoesNotExist, match=r"Model Version \(name=m, version=9\) not found"):
        registry.get_model_version("m", "9")
    registry.delete_model_version("m", copy.version)
    # A number is never given twice.
    assert registry.create_model_version("m", SOURCE).model_version.version == "6"
    assert registry.update_model_version("m", "1", description="e").model_version.description == "e"
    registry.set_model_version_tag("m", "1", "k", "1")
    registry.delete_model_version_tag("m", "1", "t")
    assert [(t.key, t.value) for t in registry.get_model_version("m", "1").model_version.tags] == [("k", "1")]

    moved = registry.transition_stage("m", "1", "staging", False, comment="c").model_version_databricks
    assert (moved.current_stage, moved.permission_level, moved.status) == ("Staging", ml.PermissionLevel.CAN_MANAGE, ml.Status.READY)
    registry.transition_stage("m", "2", "Staging", False)
    registry.transition_stage("m", "3", "Production", True)
    stages = {v.current_stage: v.version for v in registry.get_latest_versions("m")}
    assert stages == {"Staging": "2", "Production": "3", "None": "6"}
    assert [v.version for v in registry.get_latest_versions("m", stages=["production", "Archived"])] == ["3"]
    assert {v.version for v in registry.get_model("m").registered_model_databricks.latest_versions} == {"2", "3", "6"}
    with pytest.raises(InvalidParameterValue, match="Invalid Model Version stage: Beta. Value must be one of None, Staging, Production, Archived."):
        registry.transition_stage("m", "1", "Beta", False)
    with pytest.raises(InvalidParameterValue, match="because 'Archived' is not an Active stage"):
        registry.transition_stage("m", "1", "Archived", True)
    with pytest.raises(InvalidParameterValue, match="stage"):
        registry.get_latest_versions("m", stages=["x"]).__next__()
    registry.transition_stage("m", "4", "Staging", True)
    assert [registry.get_model_version("m", str(i)).model_version.current_stage for i in (1, 2, 3, 4)] == ["Archived", "Archived", "Production", "Staging"]
    for call in (lambda: registry.delete_model("m"), lambda: registry.rename_model("m", new_name="n"), lambda: registry.delete_model_version("m", "3")):
        with pytest.raises(InvalidParameterValue, match="None or Archived"):
            call()
    assert registry.get_model_version("m", "3").model_version.current_stage == "Production"
    for number in ("3", "4"):
        registry.transition_stage("m", number, "Archived", False)
    registry.delete_model_version("m", "3")
    registry.delete_model("m")
    # A new model of the name begins anew.
    registry.create_model("m")
    assert registry.create_model_version("m", SOURCE).model_version.version == "1"


def test_searches(server, registry):
    for name in ("beta", "alpha", "Alphabet", "gamma"):
        registry.create_model(name, tags=[ml.ModelTag("team", name[:1]), ml.ModelTag("my key", "1")])
        server.control("POST", "clock", {"advance": "1s"})

    def found(filter=None, **options):
        return names(registry.search_models(filter=filter, **options))

    assert found() == ["Alphabet", "alpha", "beta", "gamma"] == names(registry.list_models())
    # The service looks for the pattern anywhere.
    assert found("name LIKE 'alpha'") == ["alpha"] and found("name ilike 'alpha'") == ["Alphabet", "alpha"] and found("name LIKE 'et'") == ["Alphabet", "beta"]
    assert found("name = 'beta'") == ["beta"] and found("name != 'beta' AND tags.team = 'g'") == ["gamma"]
    assert found("name IN ('beta', 'gamma', 'x')") == ["beta", "gamma"] and found("tags.none != 'x'") == []
    assert found("tags.\"my key\" LIKE '_' and tags.team ilike 'A'") == ["Alphabet", "alpha"]
    assert found(order_by=["last_updated_timestamp DESC"]) == ["gamma", "Alphabet", "alpha", "beta"]
    assert found(order_by=["name DESC"], max_results=3) == ["gamma", "beta", "alpha", "Alphabet"]
    page = registry._api.do("GET", "/api/2.0/mlflow/registered-models/search", query={"max_results": 3}, headers={"Accept": "application/json"})
    assert len(page["registered_models"]) == 3 and page["next_page_token"]
    for filter, message in (
        ("name", "Invalid clause"), ("name > 'a'", "Invalid comparator '>'"), ("age = '1'", "Invalid attribute key 'age' specified. Valid keys are"),
        ("metrics.a = '1'", "Invalid entity type 'metrics'"), ("name = a", "Expected a quoted string value"), ("name = 1", "Expected a quoted string value"),
        ("name = 'a' OR name = 'b'", "Invalid clause"), ("tags.a IS NULL", "Invalid comparator 'IS NULL'"), ("name = 'a", "A quotation is not closed"),
    ):
        with pytest.raises(InvalidParameterValue, match=message):
            found(filter)
    for order in ("age", "name UP", "tags.a"):
        with pytest.raises(InvalidParameterValue):
            found(order_by=[order])
    with pytest.raises(InvalidParameterValue, match="1000"):
        found(max_results=1001)

    for name, run, tag in (("alpha", "r1", "x"), ("beta", "r2", "y"), ("alpha", "r3", "z")):
        registry.create_model_version(name, f"dbfs:/{run}", run_id=run, tags=[ml.ModelVersionTag("t", tag)])
        server.control("POST", "clock", {"advance": "1s"})
    registry.transition_stage("alpha", "1", "Production", False)

    def versions(filter=None, **options):
        return numbers(registry.search_model_versions(filter=filter, **options))

    assert versions() == [("alpha", "1"), ("alpha", "2"), ("beta", "1")]
    assert versions("name='alpha'") == [("alpha", "1"), ("alpha", "2")] and versions("name = 'alpha' and version_number >= 2") == [("alpha", "2")]
    assert versions("run_id IN ('r1', 'r2')", order_by=["name DESC"]) == [("beta", "1"), ("alpha", "1")]
    assert versions("source_path LIKE '%r3'") == [("alpha", "2")] and versions("tags.t = 'y'") == [("beta", "1")]
    assert versions("version_number < '2'", order_by=["creation_timestamp"], max_results=1) == [("alpha", "1"), ("beta", "1")]
    assert versions(order_by=["version DESC", "name"]) == [("alpha", "2"), ("alpha", "1"), ("beta", "1")]
    for filter in ("version_number LIKE '1'", "version_number = 'x'", "stage = 'None'", "name = 3", "source_path IN ('a')"):
        with pytest.raises(InvalidParameterValue):
            versions(filter)


def test_transition_requests_and_comments(server, client, registry):
    registry.create_model("m")
    registry.create_model_version("m", SOURCE)
    reader, other = someone(server, client, "reader")
    model = registry.get_model("m").registered_model_databricks.id
    registry.update_permissions(model, access_control_list=[ml.RegisteredModelAccessControlRequest(
        service_principal_name=reader, permission_level=ml.RegisteredModelPermissionLevel.CAN_READ)])
    made = other.model_registry.create_transition_request("m", "1", "Staging", comment="please").request
    assert (made.user_id, made.to_stage, made.comment, made.creation_timestamp) == (reader, "Staging", "please", NOW)
    assert made.available_actions == [ml.ActivityAction.CANCEL_TRANSITION_REQUEST]
    with pytest.raises(ResourceAlreadyExists):
        other.model_registry.create_transition_request("m", "1", "staging")
    mine = registry.create_transition_request("m", "1", "Production").request
    assert ml.ActivityAction.APPROVE_TRANSITION_REQUEST in mine.available_actions
    open_requests = list(registry.list_transition_requests("m", "1"))
    assert [(a.user_id, a.activity_type, a.from_stage, a.to_stage) for a in open_requests] == [
        (reader, ml.ActivityType.REQUESTED_TRANSITION, "None", "Staging"),
        ("admin@example.com", ml.ActivityType.REQUESTED_TRANSITION, "None", "Production")]
    with pytest.raises(PermissionDenied, match="CAN_MANAGE_STAGING_VERSIONS"):
        other.model_registry.approve_transition_request("m", "1", "Staging", False)
    with pytest.raises(PermissionDenied):
        other.model_registry.reject_transition_request("m", "1", "Staging")
    with pytest.raises(PermissionDenied):
        other.model_registry.delete_transition_request("m", "1", "Production", "admin@example.com")
    approved = registry.approve_transition_request("m", "1", "Staging", True, comment="ok").activity
    assert (approved.activity_type, approved.comment, approved.from_stage, approved.to_stage) == (ml.ActivityType.APPROVED_REQUEST, "ok", "None", "Staging")
    assert registry.get_model_version("m", "1").model_version.current_stage == "Staging"
    with pytest.raises(ResourceDoesNotExist):
        registry.approve_transition_request("m", "1", "Staging", False)
    rejected = registry.reject_transition_request("m", "1", "Production", comment="no").activity
    assert (rejected.activity_type, rejected.to_stage) == (ml.ActivityType.REJECTED_REQUEST, "Production")
    assert list(registry.list_transition_requests("m", "1")) == []
    other.model_registry.create_transition_request("m", "1", "Archived")
    moved = registry.transition_stage("m", "1", "None", False).model_version_databricks
    assert [(r.user_id, r.to_stage) for r in moved.open_requests] == [(reader, "Archived")]
    cancelled = other.model_registry.delete_transition_request("m", "1", "Archived", reader).activity
    assert (cancelled.activity_type, cancelled.user_id) == (ml.ActivityType.CANCELLED_REQUEST, reader)
    with pytest.raises(ResourceDoesNotExist):
        registry.delete_transition_request("m", "1", "Archived", reader)

    comment = other.model_registry.create_comment("m", "1", "hello").comment
    assert (comment.comment, comment.user_id) == ("hello", reader)
    assert comment.available_actions == [ml.CommentActivityAction.EDIT_COMMENT, ml.CommentActivityAction.DELETE_COMMENT]
    server.control("POST", "clock", {"advance": "1s"})
    edited = other.model_registry.update_comment(comment.id, "hello 2").comment
    assert (edited.comment, edited.creation_timestamp, edited.last_updated_timestamp) == ("hello 2", NOW, NOW + 1000)
    with pytest.raises(PermissionDenied):
        registry.update_comment(comment.id, "not mine")
    registry.delete_comment(comment.id)
    with pytest.raises(ResourceDoesNotExist):
        registry.delete_comment(comment.id)
    with pytest.raises(ResourceDoesNotExist):
        registry.update_comment(approved.id, "not a comment")


def test_permissions(server, client, registry):
    registry.create_model("m")
    registry.create_model_version("m", SOURCE)
    model = registry.get_model("m").registered_model_databricks.id
    user, other = someone(server, client, "someone")
    theirs = other.model_registry
    assert list(theirs.list_models()) == [] == list(theirs.search_model_versions())
    with pytest.raises(PermissionDenied):
        theirs.get_model("m")

    def grant(level, id=model):
        return registry.set_permissions(id, access_control_list=[ml.RegisteredModelAccessControlRequest(
            service_principal_name=user, permission_level=ml.RegisteredModelPermissionLevel(level))])

    steps = {
        "CAN_READ": [lambda: theirs.get_model("m"), lambda: theirs.get_model_version_download_uri("m", "1")],
        "CAN_EDIT": [lambda: theirs.set_model_tag("m", "a", "b"), lambda: theirs.create_model_version("m", SOURCE), lambda: theirs.update_model("m", description="x")],
        "CAN_MANAGE_STAGING_VERSIONS": [lambda: theirs.transition_stage("m", "1", "Staging", True)],
        "CAN_MANAGE_PRODUCTION_VERSIONS": [lambda: theirs.transition_stage("m", "1", "Production", True), lambda: theirs.transition_stage("m", "1", "None", False)],
        "CAN_MANAGE": [lambda: theirs.rename_model("m", new_name="m2"), lambda: theirs.rename_model("m2", new_name="m"), lambda: theirs.get_permissions(model)],
    }
    levels = list(steps)
    assert [level.permission_level.value for level in registry.get_permission_levels(model).permission_levels] == levels
    for place, level in enumerate(levels):
        shown = grant(level)
        assert (shown.object_id, shown.object_type) == (f"/registered-models/{model}", "registered-model")
        assert theirs.get_model("m").registered_model_databricks.permission_level.value == level
        for call in steps[level]:
            call()
        if place + 1 < len(levels):
            with pytest.raises(PermissionDenied):
                steps[levels[place + 1]][0]()
    grant("CAN_READ", "root")
    registry.set_permissions(model, access_control_list=[])
    assert names(theirs.list_models()) == ["m"] and theirs.get_model("m").registered_model_databricks.permission_level.value == "CAN_READ"
    inherited = [p for a in registry.get_permissions(model).access_control_list if a.service_principal_name == user for p in a.all_permissions]
    assert [(p.permission_level.value, p.inherited, p.inherited_from_object) for p in inherited] == [("CAN_READ", True, ["/registered-models/root"])]
    # The maker manages.
    theirs.create_model("own")
    own = theirs.get_model("own").registered_model_databricks
    assert own.permission_level.value == "CAN_MANAGE" and own.user_id == user
    theirs.delete_model("own")
    with pytest.raises(ResourceDoesNotExist):
        registry.get_permissions(own.id)
    generic = client.permissions.get("registered-models", model)
    assert isinstance(generic, iam.ObjectPermissions) and generic.object_type == "registered-model"


@pytest.fixture
def listener():
    calls = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.put((self.path, dict(self.headers), body))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b"got it")

        def log_message(self, *arguments):
            pass

    listener = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}/hook", calls
    listener.shutdown()
    listener.server_close()


def test_webhooks_are_kept(server, client, registry):
    registry.create_model("m")
    E = ml.RegistryWebhookEvent
    spec = ml.HttpUrlSpec("https://example.com/x", authorization="Bearer tOp1", secret="sEcr2")
    made = registry.create_webhook([E.MODEL_VERSION_CREATED, E.COMMENT_CREATED], model_name="m", http_url_spec=spec, description="d").webhook
    assert (made.status, made.model_name, made.description, made.creation_timestamp) == (ml.RegistryWebhookStatus.ACTIVE, "m", "d", NOW)
    assert made.http_url_spec.as_dict() == {"url": "https://example.com/x", "enable_ssl_verification": True}
    job = registry.create_webhook([E.REGISTERED_MODEL_CREATED], job_spec=ml.JobSpec(access_token="tOp3", job_id="123")).webhook
    assert (job.job_spec.job_id, job.model_name) == ("123", None)
    for options in (
        {"events": [], "http_url_spec": spec}, {"events": [E.COMMENT_CREATED]}, {"events": [E.COMMENT_CREATED], "http_url_spec": ml.HttpUrlSpec("http://example.com")},
        {"events": [E.COMMENT_CREATED], "http_url_spec": spec, "job_spec": ml.JobSpec(access_token="t", job_id="1")},
        {"events": [E.REGISTERED_MODEL_CREATED], "http_url_spec": spec, "model_name": "m"},
        {"events": [E.COMMENT_CREATED], "job_spec": ml.JobSpec(access_token="t", job_id="x")},
    ):
        with pytest.raises(InvalidParameterValue):
            registry.create_webhook(**options)
    with pytest.raises(ResourceDoesNotExist):
        registry.create_webhook([E.COMMENT_CREATED], model_name="no", http_url_spec=spec)
    with pytest.raises(NotImplemented, match="workspace_url"):
        registry.create_webhook([E.COMMENT_CREATED], job_spec=ml.JobSpec(access_token="t", job_id="1", workspace_url="https://other.example.com"))
    changed = registry.update_webhook(made.id, status=ml.RegistryWebhookStatus.TEST_MODE, http_url_spec=ml.HttpUrlSpec("https://example.com/y")).webhook
    assert (changed.status, changed.http_url_spec.url, changed.description) == (ml.RegistryWebhookStatus.TEST_MODE, "https://example.com/y", "d")
    registry.rename_model("m", new_name="n")

    def listed(**options):
        return [w.id for w in registry.list_webhooks(**options)]

    assert listed() == [made.id, job.id] == listed(max_results=1) and listed(model_name="n") == [made.id]
    assert listed(events=[E.COMMENT_CREATED, E.MODEL_VERSION_TAG_SET]) == [made.id] and listed(events=[E.MODEL_VERSION_TAG_SET]) == []
    # Addresses elsewhere are not called.
    with pytest.raises(NotImplemented, match="--webhooks"):
        registry.test_registry_webhook(made.id)
    user, other = someone(server, client, "someone")
    theirs = other.model_registry
    assert list(theirs.list_webhooks()) == []
    for call in (lambda: theirs.update_webhook(made.id, description="x"), lambda: theirs.delete_webhook(job.id),
                 lambda: theirs.create_webhook([E.COMMENT_CREATED], http_url_spec=spec), lambda: theirs.test_registry_webhook(made.id)):
        with pytest.raises(PermissionDenied):
            call()
    seen = json.dumps([w.as_dict() for w in registry.list_webhooks()]) + json.dumps(server.control("GET", "journal").json)
    assert not any(secret in seen for secret in ("tOp1", "sEcr2", "tOp3"))
    registry.delete_webhook(job.id)
    with pytest.raises(ResourceDoesNotExist):
        registry.delete_webhook(job.id)
    registry.delete_model("n")
    assert listed() == []


def test_webhooks_are_sent(server, client, registry, listener):
    url, calls = listener
    registry.create_model("m")
    E = ml.RegistryWebhookEvent
    everything = [e for e in E if e != E.REGISTERED_MODEL_CREATED]
    spec = ml.HttpUrlSpec(url, authorization="Bearer abc", secret="key")
    hook = registry.create_webhook(everything, model_name="m", http_url_spec=spec).webhook
    wide = registry.create_webhook([E.REGISTERED_MODEL_CREATED], http_url_spec=ml.HttpUrlSpec(url + "?wide")).webhook
    registry.create_webhook([E.REGISTERED_MODEL_CREATED], http_url_spec=ml.HttpUrlSpec(url), status=ml.RegistryWebhookStatus.DISABLED)

    def told():
        path, headers, body = calls.get(timeout=30)
        if path == "/hook":
            assert headers["Authorization"] == "Bearer abc"
            assert headers["X-Databricks-Signature"] == hmac.new(b"key", body, hashlib.sha256).hexdigest()
        return json.loads(body)

    def payload(event, text, webhook=hook, **members):
        return {"event": event, "webhook_id": webhook.id, "event_timestamp": NOW, "model_name": "m", "version": "1", **members, "text": text}

    registry.create_model_version("m", SOURCE)
    assert told() == payload("MODEL_VERSION_CREATED", "admin@example.com created registered model 'm' version 1.")
    registry.set_model_version_tag("m", "1", "k", "v")
    assert told() == payload(
        "MODEL_VERSION_TAG_SET", "admin@example.com set version tag(s) 'k' => 'v' for registered model 'm' version 1.", tags=[{"key": "k", "value": "v"}])
    registry.create_comment("m", "1", "hello")
    assert told() == payload("COMMENT_CREATED", "admin@example.com commented on registered model 'm' version 1.", comment="hello")
    registry.create_transition_request("m", "1", "Staging")
    assert [told()["event"] for _ in range(2)] == ["TRANSITION_REQUEST_CREATED", "TRANSITION_REQUEST_TO_STAGING_CREATED"]
    registry.approve_transition_request("m", "1", "Staging", False)
    staged = payload("MODEL_VERSION_TRANSITIONED_STAGE", "Registered model 'm' version 1 transitioned from None to Staging.", to_stage="Staging", from_stage="None")
    assert [told() for _ in range(2)] == [staged, {**staged, "event": "MODEL_VERSION_TRANSITIONED_TO_STAGING"}]
    registry.create_model("other")
    assert told() == {"event": "REGISTERED_MODEL_CREATED", "webhook_id": wide.id, "event_timestamp": NOW, "model_name": "other",
                      "text": "admin@example.com created registered model 'other'."}
    registry.update_webhook(hook.id, status=ml.RegistryWebhookStatus.TEST_MODE)
    registry.create_comment("m", "1", "unheard")
    answer = registry.test_registry_webhook(hook.id, event=E.MODEL_VERSION_TRANSITIONED_TO_ARCHIVED)
    assert (answer.status_code, answer.body) == (202, "got it")
    test = told()
    assert (test["event"], test["to_stage"], test["model_name"]) == ("MODEL_VERSION_TRANSITIONED_TO_ARCHIVED", "Archived", "m")
    registry.update_webhook(hook.id, status=ml.RegistryWebhookStatus.DISABLED)
    with pytest.raises(InvalidParameterValue, match="disabled"):
        registry.test_registry_webhook(hook.id)
    assert calls.empty()


def test_webhooks_run_jobs(server, client, registry):
    made = client.jobs.create(name="j", tasks=[jobs.Task("t", notebook_task=jobs.NotebookTask("/a"))]).job_id
    registry.create_model("m")
    E = ml.RegistryWebhookEvent
    hook = registry.create_webhook([E.MODEL_VERSION_CREATED], model_name="m", job_spec=ml.JobSpec(access_token=TOKEN, job_id=str(made))).webhook
    registry.create_model_version("m", SOURCE)
    (run,) = client.jobs.list_runs(job_id=made)
    message = json.loads(run.overriding_parameters.notebook_params["event_message"])
    assert (message["event"], message["webhook_id"], message["version"]) == ("MODEL_VERSION_CREATED", hook.id, "1")
    answer = registry.test_registry_webhook(hook.id)
    assert answer.status_code == 200 and json.loads(answer.body)["run_id"] in [r.run_id for r in client.jobs.list_runs(job_id=made)]
    registry.update_webhook(hook.id, job_spec=ml.JobSpec(access_token="wrong", job_id=str(made)))
    assert registry.test_registry_webhook(hook.id).status_code == 403
    registry.create_model_version("m", SOURCE)
    assert len(list(client.jobs.list_runs(job_id=made))) == 2


def test_state_is_kept(server, registry):
    registry.create_model("m")
    registry.create_model_version("m", SOURCE)
    saved = server.control("POST", "snapshots", {"name": "s"})
    assert saved.status in (200, 201), saved.text
    registry.transition_stage("m", "1", "Staging", False)
    assert server.control("POST", "snapshots/s/restore").status == 200
    assert registry.get_model_version("m", "1").model_version.current_stage == "None"
    assert server.control("POST", "reset").status == 200
    assert list(registry.list_models()) == []


def test_logged_models_become_versions(client, registry):
    experiment = client.experiments.create_experiment("/Shared/e").experiment_id
    run = client.experiments.create_run(experiment_id=experiment).run.info.run_id
    logged = client.experiments.create_logged_model(experiment, name="tree", source_run_id=run).model.info
    registry.create_model("m")
    made = registry.create_model_version("m", f"models:/{logged.model_id}").model_version
    assert (made.source, made.run_id) == (f"models:/{logged.model_id}", run)
    assert registry.get_model_version_download_uri("m", "1").artifact_uri == logged.artifact_uri


def test_mlflow_client(server, monkeypatch):
    pytest.importorskip("mlflow")
    from mlflow import MlflowClient
    from mlflow.exceptions import RestException

    for name, value in (("DATABRICKS_HOST", server.host), ("DATABRICKS_TOKEN", TOKEN), ("MLFLOW_ENABLE_DB_SDK", "false")):
        monkeypatch.setenv(name, value)
    client = MlflowClient(tracking_uri="databricks", registry_uri="databricks")
    assert client.create_registered_model("m", tags={"a": "1"}, description="d").name == "m"
    with pytest.raises(RestException) as error:
        client.create_registered_model("m")
    assert error.value.error_code == "RESOURCE_ALREADY_EXISTS"
    version = client.create_model_version("m", SOURCE, run_id="r", tags={"k": "v"}, await_creation_for=None)
    assert (int(version.version), version.current_stage, version.tags) == (1, "None", {"k": "v"})
    client.create_model_version("m", SOURCE, await_creation_for=None)
    moved = client.transition_model_version_stage("m", 1, "Production", archive_existing_versions=True)
    assert moved.current_stage == "Production"
    assert sorted(int(v.version) for v in client.get_latest_versions("m")) == [1, 2]
    assert [int(v.version) for v in client.get_latest_versions("m", ["Production"])] == [1]
    assert client.get_registered_model("m").tags == {"a": "1"}
    client.set_registered_model_tag("m", "b", 2)
    client.delete_registered_model_tag("m", "a")
    client.set_model_version_tag("m", "2", "x", "y")
    client.delete_model_version_tag("m", "1", "k")
    assert client.get_registered_model("m").tags == {"b": "2"} and client.get_model_version("m", 1).tags == {}
    assert client.get_model_version_download_uri("m", 1) == SOURCE
    assert client.update_registered_model("m", "e").description == "e" and client.update_model_version("m", 1, "f").description == "f"
    assert [m.name for m in client.search_registered_models("tags.`b` = '2'")] == ["m"]
    assert [int(v.version) for v in client.search_model_versions("name='m'", order_by=["version_number ASC"])] == [1, 2]
    client.transition_model_version_stage("m", 1, "Archived")
    client.rename_registered_model("m", "n")
    assert client.get_registered_model("n").latest_versions[0].name == "n"
    client.delete_model_version("n", 2)
    with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
        client.get_model_version("n", 2)
    client.delete_registered_model("n")
    assert list(client.search_registered_models()) == []
