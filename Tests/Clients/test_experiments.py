"""MLflow's tracking: experiments, runs, metrics, parameters, tags, inputs, logged models and artifacts, by databricks-sdk."""

import io
import json
import time
import urllib.error
import urllib.request

import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service import ml
from databricks.sdk.service.workspace import ImportFormat

from conftest import workspace_client

E1 = "/Shared/e1"


@pytest.fixture
def x(client):
    return client.experiments


@pytest.fixture
def experiment(x):
    return x.create_experiment(E1, tags=[ml.ExperimentTag("team", "ml")]).experiment_id


@pytest.fixture
def run(x, experiment):
    return x.create_run(experiment_id=experiment, run_name="first", start_time=1000, tags=[ml.RunTag("a", "b")]).run.info.run_id


def tags(thing):
    return {t.key: t.value for t in thing.tags or []}


def test_life_of_an_experiment(client, x, experiment):
    shown = x.get_experiment(experiment).experiment
    assert (shown.name, shown.lifecycle_stage, shown.artifact_location) == (E1, "active", f"dbfs:/databricks/mlflow-tracking/{experiment}")
    assert tags(shown) == {
        "team": "ml", "mlflow.experiment.sourceName": E1, "mlflow.ownerId": str(client.current_user.me().id),
        "mlflow.ownerEmail": "admin@example.com", "mlflow.experimentType": "MLFLOW_EXPERIMENT"}
    assert x.get_by_name("/Workspace" + E1).experiment == shown
    # It has its place in the workspace's tree.
    assert client.workspace.get_status(E1).object_id == int(experiment)
    with pytest.raises(ResourceAlreadyExists):
        x.create_experiment(E1)
    with pytest.raises(BadRequest):
        client.workspace.import_(E1, content="", format=ImportFormat.RAW, overwrite=True)
    with pytest.raises(NotFound, match="Parent directory /Shared/none does not exist"):
        x.create_experiment("/Shared/none/e")
    for bad in ["e1", "/", "/Shared/../e", "/Shared/" + "e" * 500]:
        with pytest.raises(InvalidParameterValue):
            x.create_experiment(bad)
    with pytest.raises(InvalidParameterValue, match="found 'DIRECTORY'"):
        x.get_experiment(client.workspace.get_status("/Shared").object_id)
    x.set_experiment_tag(experiment, "team", "other")
    x.update_experiment(experiment, new_name="/Shared/e2")
    shown = x.get_experiment(experiment).experiment
    assert (shown.name, tags(shown)["team"], tags(shown)["mlflow.experiment.sourceName"]) == ("/Shared/e2", "other", "/Shared/e2")
    with pytest.raises(NotFound):
        client.workspace.get_status(E1)


def test_deleted_experiments_come_back_with_their_runs(client, x, experiment, run):
    x.delete_experiment(experiment)
    assert x.get_experiment(experiment).experiment.lifecycle_stage == x.get_run(run).run.info.lifecycle_stage == "deleted"
    for refused in [lambda: x.create_run(experiment_id=experiment), lambda: x.set_experiment_tag(experiment, "a", "b"),
                    lambda: x.update_experiment(experiment, new_name="/Shared/e9"), lambda: x.log_metric("m", 1.0, 1, run_id=run)]:
        with pytest.raises(BadRequest):
            refused()
    assert [e.name for e in x.search_experiments()] == []
    assert [e.name for e in x.search_experiments(view_type=ml.ViewType.DELETED_ONLY)] == [E1]
    # Its path is free for another one, which is found first by name.
    other = x.create_experiment(E1).experiment_id
    assert x.get_by_name(E1).experiment.experiment_id == other
    with pytest.raises(ResourceAlreadyExists):
        x.restore_experiment(experiment)
    client.workspace.delete(E1)
    assert x.get_experiment(other).experiment.lifecycle_stage == "deleted"
    x.restore_experiment(experiment)
    assert x.get_run(run).run.info.lifecycle_stage == "active"
    with pytest.raises(InvalidParameterValue):
        x.restore_experiment(experiment)
    client.workspace.mkdirs("/Shared/folder")
    inner = x.create_experiment("/Shared/folder/e").experiment_id
    client.workspace.delete("/Shared/folder", recursive=True)
    assert x.get_experiment(inner).experiment.lifecycle_stage == "deleted"
    with pytest.raises(NotFound):
        x.restore_experiment(inner)


def test_experiments_are_searched_and_listed_by_pages(x):
    made = [x.create_experiment(f"/Shared/{n}", tags=[ml.ExperimentTag("n", n)]).experiment_id for n in "cab"]
    names = lambda **options: [e.name[-1] for e in x.search_experiments(**options)]  # noqa: E731
    assert names(order_by=["name"], max_results=1) == ["a", "b", "c"]
    assert names(order_by=["name DESC"], max_results=2) == ["c", "b", "a"]
    assert names(filter="name ILIKE '%/A' ") == ["a"]
    assert names(filter="tags.n != 'a' AND attribute.creation_time > 0", order_by=["experiment_id ASC"]) == [
        n for _, n in sorted(zip(map(int, made), "cab")) if n != "a"]
    assert names(filter=f"experiment_id IN ('{made[0]}')") == ["c"]
    assert sorted(e.experiment_id for e in x.list_experiments(max_results=2)) == sorted(made)
    for options in [{"filter": "tag.n = 1"}, {"filter": "metrics.a = 1"}, {"order_by": ["tags.n"]}, {"max_results": 3001}, {"page_token": "bad"}]:
        with pytest.raises(InvalidParameterValue):
            list(x.search_experiments(**options))


def test_life_of_a_run(x, experiment, run):
    info = x.get_run(run).run.info
    assert (info.run_name, info.status.value, info.start_time, info.end_time) == ("first", "RUNNING", 1000, None)
    assert info.artifact_uri == f"dbfs:/databricks/mlflow-tracking/{experiment}/{run}/artifacts"
    assert tags(x.get_run(run).run.data) == {"a": "b", "mlflow.runName": "first"}
    done = x.update_run(run_id=run, status=ml.UpdateRunStatus.FINISHED, end_time=2000, run_name="renamed").run_info
    assert (done.status.value, done.end_time, done.run_name) == ("FINISHED", 2000, "renamed")
    x.set_tag("mlflow.runName", "again", run_id=run)
    x.set_tag("a", "c", run_id=run)
    assert (x.get_run(run).run.info.run_name, tags(x.get_run(run).run.data)["a"]) == ("again", "c")
    x.delete_tag(run, "a")
    with pytest.raises(NotFound):
        x.delete_tag(run, "a")
    unnamed = x.create_run(experiment_id=experiment).run
    assert unnamed.info.run_name.count("-") == 2 and tags(unnamed.data) == {"mlflow.runName": unnamed.info.run_name}
    with pytest.raises(InvalidParameterValue):
        x.create_run(experiment_id=experiment, run_name="x", tags=[ml.RunTag("mlflow.runName", "y")])
    x.delete_run(run)
    assert x.get_run(run).run.info.lifecycle_stage == "deleted"
    with pytest.raises(InvalidParameterValue, match="must be in the 'active' state"):
        x.set_tag("a", "b", run_id=run)
    x.restore_run(run)
    x.set_tag("a", "b", run_id=run)
    for lost in [lambda: x.get_run("0" * 32), lambda: x.delete_run("none"), lambda: x.create_run(experiment_id="123456789012345")]:
        with pytest.raises(NotFound):
            lost()


def test_runs_are_deleted_and_restored_in_bulk(x, experiment):
    runs = [x.create_run(experiment_id=experiment, start_time=1000 * n).run.info.run_id for n in (1, 2, 3)]
    before = int(time.time() * 1000) - 60_000
    active = lambda: [r.info.start_time for r in x.search_runs(experiment_ids=[experiment])]  # noqa: E731
    assert x.delete_runs(experiment, max_timestamp_millis=2000, max_runs=1).runs_deleted == 1
    assert active() == [3000, 2000]
    assert x.delete_runs(experiment, max_timestamp_millis=2000).runs_deleted == 1
    assert active() == [3000]
    assert x.restore_runs(experiment, min_timestamp_millis=before + 3_600_000).runs_restored == 0
    assert x.restore_runs(experiment, min_timestamp_millis=before).runs_restored == 2
    assert active() == [3000, 2000, 1000] and len(runs) == 3
    with pytest.raises(InvalidParameterValue):
        x.delete_runs(experiment, max_timestamp_millis=1, max_runs=10_001)


def test_metrics_have_histories_and_latest_values(x, run):
    for step, stamp, value in [(2, 20, 0.5), (1, 30, 0.7), (2, 10, 0.9), (0, 5, 1.0)]:
        x.log_metric("loss", value, stamp, run_id=run, step=step)
    x.log_metric("loss", 1.0, 5, run_id=run, step=0)
    history = [(m.timestamp, m.step, m.value) for m in x.get_history("loss", run_id=run, max_results=3)]
    # By time; the same value at the same step and time is one.
    assert history == [(5, 0, 1.0), (10, 2, 0.9), (20, 2, 0.5), (30, 1, 0.7)]
    [latest] = x.get_run(run).run.data.metrics
    # The latest is that of the last step.
    assert (latest.key, latest.value, latest.step, latest.timestamp) == ("loss", 0.5, 2, 20)
    assert list(x.get_history("none", run_id=run)) == []
    for key, value, stamp in [("bad,name", 1.0, 1), ("a//b", 1.0, 1), ("../a", 1.0, 1), ("k" * 251, 1.0, 1), ("loss", 1.0, -1)]:
        with pytest.raises(InvalidParameterValue):
            x.log_metric(key, value, stamp, run_id=run)
    with pytest.raises(InvalidParameterValue):
        list(x.get_history("loss", run_id=run, max_results=25_001))


def test_batches_are_logged_whole_or_not_at_all(x, run):
    x.log_param("alpha", "1", run_id=run)
    x.log_param("alpha", "1", run_id=run)
    with pytest.raises(InvalidParameterValue, match="already logged with a value of 1. The attempted new value was 2"):
        x.log_param("alpha", "2", run_id=run)
    metric = lambda n: ml.Metric(key=f"m{n}", value=float(n), timestamp=n, step=n)  # noqa: E731
    with pytest.raises(InvalidParameterValue):
        x.log_batch(run_id=run, metrics=[metric(1)], tags=[ml.RunTag("t", "u")], params=[ml.Param("beta", "1"), ml.Param("alpha", "3")])
    assert x.get_run(run).run.data.metrics == [] and "t" not in tags(x.get_run(run).run.data)
    x.log_batch(run_id=run, metrics=[metric(n) for n in range(900)], tags=[ml.RunTag("t", str(n)) for n in range(50)],
                params=[ml.Param(f"p{n}", "v") for n in range(50)])
    data = x.get_run(run).run.data
    assert (len(data.metrics), len(data.params), tags(data)["t"]) == (900, 51, "49")
    for batch in [{"metrics": [metric(1)] * 1001}, {"params": [ml.Param(f"q{n}", "") for n in range(101)]}, {"tags": [ml.RunTag("a", "b")] * 101},
                  {"metrics": [metric(1)] * 950, "tags": [ml.RunTag("a", "b")] * 51}, {"params": [ml.Param("d", "1"), ml.Param("d", "1")]},
                  {"params": [ml.Param("long", "v" * 6001)]}, {"tags": [ml.RunTag("", "v")]}, {"tags": [ml.RunTag("v", "v" * 65_537)]}]:
        with pytest.raises(InvalidParameterValue):
            x.log_batch(run_id=run, **batch)


def test_runs_are_searched(x, experiment):
    made = {}
    for n, (name, loss, model) in enumerate([("a", 0.5, "tree"), ("b", 0.1, "linear"), ("c", None, "tree"), ("d", 0.3, "forest")]):
        made[name] = x.create_run(experiment_id=experiment, run_name=name, start_time=1000 + n).run.info.run_id
        x.log_param("model class", model, run_id=made[name])
        x.set_tag("env", name.upper(), run_id=made[name])
        if loss is not None:
            x.log_metric("loss", loss, 1, run_id=made[name])
    x.update_run(run_id=made["a"], status=ml.UpdateRunStatus.FAILED, end_time=5)
    names = lambda **options: "".join(r.info.run_name for r in x.search_runs(experiment_ids=[experiment], **options))  # noqa: E731
    assert names() == "dcba"
    assert names(order_by=["metrics.loss"], max_results=1) == "bdac"
    assert names(order_by=["metrics.loss DESC"], max_results=3) == "adbc"
    assert names(order_by=["params.`model class`", "start_time ASC"]) == "dbac"
    assert names(filter="metrics.loss < 0.4 and params.\"model class\" != 'forest'") == "b"
    assert names(filter="tags.env ILIKE '%c'") == "c"
    assert names(filter="attributes.status = 'FAILED'") == "a"
    assert names(filter="params.`model class` LIKE 't%'", order_by=["attribute.run_name"]) == "ac"
    assert names(filter=f"run_id IN ('{made['b']}', '{made['d']}')") == "db"
    assert names(filter="start_time >= 1002") == "dc"
    x.delete_run(made["a"])
    assert names() == "dcb"
    assert names(run_view_type=ml.ViewType.DELETED_ONLY) == "a"
    assert names(run_view_type=ml.ViewType.ALL, filter="metrics.loss > 0") == "dba"
    for options in [{"filter": "metrics.loss = 'a'"}, {"filter": "loss < 1"}, {"filter": "metrics.loss < 1 OR metrics.loss > 2"},
                    {"order_by": ["loss"]}, {"order_by": ["metrics.loss DOWN"]}, {"max_results": 50_001}, {"max_results": 0}, {"page_token": "x"}]:
        with pytest.raises(InvalidParameterValue):
            names(**options)
    # A token is of its search alone.
    first = x._api.do("POST", "/api/2.0/mlflow/runs/search", body={"experiment_ids": [experiment], "max_results": 1})
    with pytest.raises(InvalidParameterValue):
        names(page_token=first["next_page_token"], filter="metrics.loss > 0")
    with pytest.raises(NotFound):
        list(x.search_runs(experiment_ids=["123456789012345"]))


def test_inputs_and_outputs_of_a_run(x, experiment, run):
    dataset = ml.Dataset(name="d", digest="1", source_type="delta", source='{"path": "t"}', schema="{}")
    model = x.create_logged_model(experiment, name="m").model.info.model_id
    x.log_inputs(run, datasets=[ml.DatasetInput(dataset=dataset, tags=[ml.InputTag("mlflow.data.context", "training")])],
                 models=[ml.ModelInput(model)])
    x.log_inputs(run, datasets=[ml.DatasetInput(dataset=dataset, tags=[ml.InputTag("k", "v")])], models=[ml.ModelInput(model)])
    x.log_outputs(run, models=[ml.ModelOutput(model, 3)])
    inputs = x.get_run(run).run.inputs
    assert [(i.dataset, [(t.key, t.value) for t in i.tags]) for i in inputs.dataset_inputs] == [
        (dataset, [("mlflow.data.context", "training"), ("k", "v")])]
    assert [m.model_id for m in inputs.model_inputs] == [model]
    found = lambda text: [r.info.run_id for r in x.search_runs(experiment_ids=[experiment], filter=text)]  # noqa: E731
    assert found("datasets.name = 'd' AND dataset.context = 'training'") == [run]
    assert found("datasets.digest IN ('2')") == []
    with pytest.raises(InvalidParameterValue, match="dataset.source"):
        x.log_inputs(run, datasets=[ml.DatasetInput(dataset=ml.Dataset(name="d", digest="1", source_type="t", source=""))])
    with pytest.raises(NotFound):
        x.log_inputs(run, models=[ml.ModelInput("m-none")])
    described = {"artifact_path": "model", "flavors": {}, "utc_time_created": "now", "run_id": run}
    x.log_model(run_id=run, model_json=json.dumps(described))
    assert json.loads(tags(x.get_run(run).run.data)["mlflow.log-model.history"]) == [described]
    with pytest.raises(InvalidParameterValue, match="missing mandatory fields: flavors"):
        x.log_model(run_id=run, model_json=json.dumps({**described, "flavors": None}).replace('"flavors": null, ', ""))


def test_logged_models(x, experiment, run):
    make = lambda name, **options: x.create_logged_model(experiment, name=name, **options).model  # noqa: E731
    model = make("tree", model_type="agent", source_run_id=run, params=[ml.LoggedModelParameter("depth", "3")], tags=[ml.LoggedModelTag("a", "b")])
    info = model.info
    assert (info.status.value, info.name, info.model_type, info.source_run_id, info.creator_id) == (
        "LOGGED_MODEL_PENDING", "tree", "agent", run, int(x._api.do("GET", "/api/2.0/preview/scim/v2/Me")["id"]))
    assert info.artifact_uri == f"dbfs:/databricks/mlflow-tracking/{experiment}/logged_models/{info.model_id}"
    assert x.finalize_logged_model(info.model_id, ml.LoggedModelStatus.LOGGED_MODEL_READY).model.info.status.value == "LOGGED_MODEL_READY"
    with pytest.raises(InvalidParameterValue):
        x.finalize_logged_model(info.model_id, ml.LoggedModelStatus.LOGGED_MODEL_PENDING)
    x.log_logged_model_params(info.model_id, params=[ml.LoggedModelParameter("depth", "3"), ml.LoggedModelParameter("eta", "0.1")])
    with pytest.raises(InvalidParameterValue):
        x.log_logged_model_params(info.model_id, params=[ml.LoggedModelParameter("depth", "4")])
    x.set_logged_model_tags(info.model_id, tags=[ml.LoggedModelTag("a", "c"), ml.LoggedModelTag("d", "e")])
    x.delete_logged_model_tag(info.model_id, "d")
    with pytest.raises(NotFound):
        x.delete_logged_model_tag(info.model_id, "d")
    for value, step in [(0.2, 1), (0.9, 2)]:
        x.log_metric("acc", value, step, run_id=run, step=step, model_id=info.model_id, dataset_name="d", dataset_digest="1")
    got = x.get_logged_model(info.model_id).model
    assert (tags(got.info), [(p.key, p.value) for p in got.data.params]) == ({"a": "c"}, [("depth", "3"), ("eta", "0.1")])
    assert [(m.key, m.value, m.run_id, m.dataset_name) for m in got.data.metrics] == [("acc", 0.9, run, "d")]
    other = make("linear").info.model_id
    search = lambda **options: [m.info.name for m in x.search_logged_models(experiment_ids=[experiment], **options).models or []]  # noqa: E731
    assert search(order_by=[ml.SearchLoggedModelsOrderBy("name")]) == ["linear", "tree"]
    assert search(order_by=[ml.SearchLoggedModelsOrderBy("metrics.acc")]) == ["tree", "linear"]
    assert search(filter="metrics.acc > 0.5 AND params.eta = '0.1' AND tags.a = 'c'") == ["tree"]
    assert search(filter="attributes.status = 'PENDING'") == search(filter=f"model_id = '{other}'") == ["linear"]
    assert search(datasets=[ml.SearchLoggedModelsDataset("d")]) == ["tree"] and search(datasets=[ml.SearchLoggedModelsDataset("e")]) == []
    page = x.search_logged_models(experiment_ids=[experiment], max_results=1)
    rest = x.search_logged_models(experiment_ids=[experiment], max_results=1, page_token=page.next_page_token)
    assert {page.models[0].info.name, rest.models[0].info.name} == {"linear", "tree"} and rest.next_page_token is None
    x.delete_logged_model(other)
    with pytest.raises(NotFound):
        x.get_logged_model(other)
    assert search() == ["tree"]
    for bad in [lambda: make("a/b"), lambda: search(filter="datasets.name = 'd'"), lambda: search(max_results=51)]:
        with pytest.raises(InvalidParameterValue):
            bad()


def test_issues_of_an_experiment(x, experiment, run):
    parent = f"experiments/{experiment}"
    make = lambda title, severity="HIGH", **more: x.create_issue(  # noqa: E731
        parent, ml.Issue(title=title, severity=ml.IssueSeverity(severity), **more))
    one = make("Slow answers", categories=[" latency "], description="long", tags={"team": "a"}, metadata={"k": "v", "l": "w"})
    assert (one.name, one.status.value, one.source_type.value, one.categories, one.created_by, one.last_seen_time) == (
        f"{parent}/issues/{one.issue_id}", "PENDING", "MANUAL", ["latency"], "admin@example.com", one.create_time)
    assert x.get_issue(one.name) == one
    given = "iss-" + "0" * 32
    two = x.create_issue(parent, ml.Issue(title="Wrong", severity=ml.IssueSeverity.LOW, tags={"team": "b"}), issue_id=given)
    with pytest.raises(AlreadyExists):
        x.create_issue(parent, ml.Issue(title="Wrong", severity=ml.IssueSeverity.LOW), issue_id=given)
    three = make("slow start", "MEDIUM", source_type=ml.IssueSourceType.ADHOC_RUN, source_id=run, last_seen_time=one.create_time)
    for bad in [lambda: make(""), lambda: make("t" * 251), lambda: make("t", categories=["a", "A"]), lambda: make("t", tags={"a b": "c"}),
                lambda: make("t", source_id=run), lambda: make("t", source_type=ml.IssueSourceType.SCHEDULED_RUN, source_id=run),
                lambda: make("t", metadata={str(n): "" for n in range(21)}), lambda: x.create_issue(parent, ml.Issue("t", ml.IssueSeverity.LOW), issue_id="x")]:
        with pytest.raises(InvalidParameterValue):
            bad()

    def change(issue, mask, **fields):
        return x.update_issue(issue.name, ml.Issue(**{"title": issue.title, "severity": issue.severity, **fields}), FieldMask(field_mask=mask))

    changed = change(one, ["status", "metadata.k", "metadata.m", "tags"], status=ml.IssueStatus.RESOLVED, metadata={"m": "x", "l": "kept"})
    assert (changed.status.value, changed.metadata, changed.tags, changed.description) == ("RESOLVED", {"l": "w", "m": "x"}, None, "long")
    for mask in [["metadata"], ["created_by"], ["status"], ["nothing"]]:
        with pytest.raises(InvalidParameterValue):
            change(two, mask)
    found = lambda **options: [i.issue_id for i in x.search_issues(parent, **options)]  # noqa: E731
    # What is open comes first in both directions.
    assert found() == [three.issue_id, two.issue_id, one.issue_id]
    assert found(sort_order=ml.SortOrder.ASCENDING, page_size=1) == [two.issue_id, three.issue_id, one.issue_id]
    assert found(query="SLOW", statuses=[ml.IssueStatus.PENDING]) == [three.issue_id]
    assert found(tag_filters=[ml.IssueTagFilter("team", ["a", "b"])]) == found(severities=[ml.IssueSeverity.LOW]) == [two.issue_id]
    assert found(categories=["Latency"]) == [one.issue_id] and found(categories=["other"]) == []
    assert [i.description for i in x.search_issues(parent, categories=["latency"])] == [None]
    assert [i.description for i in x.search_issues(parent, categories=["latency"], view=ml.IssueView.FULL)] == ["long"]
    with pytest.raises(NotFound):
        x.get_issue(f"{parent}/issues/iss-{'1' * 32}")


def test_artifacts_by_links_and_in_volumes(server, client, x, experiment, run):
    assert list(x.list_artifacts(run_id=run)) == []
    link = client.api_client.do("POST", "/api/2.0/mlflow/artifacts/credentials-for-write", body={"run_id": run, "path": ["d/a.txt", "b.txt"]})
    for info, data in zip(link["credential_infos"], [b"hello", b"xy"]):
        urllib.request.urlopen(urllib.request.Request(info["signed_uri"], data=data, method="PUT"), timeout=60)
    listed = lambda **options: [(f.path, bool(f.is_dir), f.file_size) for f in x.list_artifacts(run_id=run, **options)]  # noqa: E731
    assert listed() == [("b.txt", False, 2), ("d", True, None)]
    assert listed(path="d") == listed(path="d/a.txt") == [("d/a.txt", False, 5)]
    read = client.api_client.do("POST", "/api/2.0/mlflow/artifacts/credentials-for-read", body={"run_id": run, "path": ["d/a.txt"]})
    assert urllib.request.urlopen(read["credential_infos"][0]["signed_uri"], timeout=60).read() == b"hello"
    # Who may only read cannot write by his link.
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(read["credential_infos"][0]["signed_uri"], data=b"", method="PUT"), timeout=60)
    for path in ["../x", "/x", ""]:
        with pytest.raises(InvalidParameterValue):
            client.api_client.do("POST", "/api/2.0/mlflow/artifacts/credentials-for-write", body={"run_id": run, "path": [path]})
    with pytest.raises(PermissionDenied):
        list(client.dbfs.list("dbfs:/databricks/mlflow-tracking"))
    signature = read["credential_infos"][0]["signed_uri"].rsplit("X-Amz-Signature=", 1)[1]
    assert signature not in server.control("GET", "journal").body.decode()

    client.api_client.do("POST", "/api/2.1/unity-catalog/volumes", body={
        "catalog_name": "main", "schema_name": "default", "name": "art", "volume_type": "MANAGED"})
    there = x.create_experiment("/Shared/e3", artifact_location="dbfs:/Volumes/main/default/art/e3").experiment_id
    info = x.create_run(experiment_id=there).run.info
    assert info.artifact_uri == f"dbfs:/Volumes/main/default/art/e3/{info.run_id}/artifacts"
    client.files.upload(f"/Volumes/main/default/art/e3/{info.run_id}/artifacts/m/f.bin", io.BytesIO(b"123"))
    assert [(f.path, f.is_dir) for f in x.list_artifacts(run_id=info.run_id)] == [("m", True)]
    away = x.create_experiment("/Shared/e4", artifact_location="s3://bucket/e4").experiment_id
    with pytest.raises(Exception, match="not simulated"):
        list(x.list_artifacts(run_id=x.create_run(experiment_id=away).run.info.run_id))
    with pytest.raises(InvalidParameterValue):
        x.create_experiment("/Shared/e5", artifact_location="nowhere")


def test_access_lists_are_enforced(server, client, x, experiment, run):
    client.workspace.mkdirs("/Users/admin@example.com/team")
    own = x.create_experiment("/Users/admin@example.com/team/e").experiment_id
    held = x.create_run(experiment_id=own).run.info.run_id
    name = client.service_principals.create(display_name="bea").application_id
    token = client.token_management.create_obo_token(name, lifetime_seconds=3600).token_value
    bea = workspace_client(server, token=token).experiments
    # What is in /Shared is everybody's.
    bea.set_tag("by", "bea", run_id=run)
    for refused in [lambda: bea.get_experiment(own), lambda: bea.get_run(held), lambda: list(bea.search_runs(experiment_ids=[own])),
                    lambda: bea.create_experiment("/Users/admin@example.com/e")]:
        with pytest.raises(PermissionDenied):
            refused()
    assert [e.experiment_id for e in bea.search_experiments()] == [experiment]
    give = lambda level: x.update_permissions(  # noqa: E731
        own, access_control_list=[ml.ExperimentAccessControlRequest(service_principal_name=name, permission_level=level)])
    shown = give(ml.ExperimentPermissionLevel.CAN_READ)
    assert (shown.object_id, shown.object_type) == (f"/experiments/{own}", "mlflowExperiment")
    assert bea.get_run(held).run.info.run_id == held
    for refused in [lambda: bea.log_metric("m", 1.0, 1, run_id=held), lambda: bea.create_run(experiment_id=own), lambda: bea.delete_run(held),
                    lambda: bea.create_logged_model(own)]:
        with pytest.raises(PermissionDenied):
            refused()
    give(ml.ExperimentPermissionLevel.CAN_EDIT)
    bea.log_metric("m", 1.0, 1, run_id=held)
    for refused in [lambda: bea.delete_experiment(own), lambda: bea.update_experiment(own, new_name="/Shared/taken")]:
        with pytest.raises(PermissionDenied):
            refused()
    give(ml.ExperimentPermissionLevel.CAN_MANAGE)
    bea.delete_experiment(own)
    assert {lvl.permission_level.value for lvl in x.get_permission_levels(own).permission_levels} == {"CAN_READ", "CAN_EDIT", "CAN_MANAGE"}
    mine = bea.create_experiment(f"/Users/{name}/mine").experiment_id
    [first, *_] = bea.get_permissions(mine).access_control_list
    assert (first.service_principal_name, first.all_permissions[0].permission_level.value) == (name, "CAN_MANAGE")


def test_snapshots_and_folders_hold_experiments(server, client, x, experiment, run, start, tmp_path):
    x.log_metric("m", 1.5, 1, run_id=run)
    assert server.control("POST", "snapshots", {"name": "logged"}).status < 300
    x.log_metric("m", 2.5, 2, run_id=run)
    x.delete_experiment(experiment)
    assert server.control("POST", "snapshots/logged/restore").status == 200
    assert [m.value for m in x.get_run(run).run.data.metrics] == [1.5]
    assert server.control("POST", "reset").status == 200
    with pytest.raises(NotFound):
        x.get_run(run)
    first = start("serve", "--data-dir", tmp_path / "data")
    kept = workspace_client(first).experiments
    made = kept.create_run(experiment_id=kept.create_experiment(E1).experiment_id, run_name="kept").run.info.run_id
    assert first.stop() == 0
    again = workspace_client(start("serve", "--data-dir", tmp_path / "data")).experiments
    assert again.get_run(made).run.info.run_name == "kept"
