"""MLflow's own client (mlflow-skinny) with the tracking URI `databricks`."""

import os

import pytest

from conftest import TOKEN

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", GIT_PYTHON_REFRESH="quiet")
mlflow = pytest.importorskip("mlflow")


@pytest.fixture
def tracking(server, monkeypatch):
    for name, value in {"DATABRICKS_HOST": server.host, "DATABRICKS_TOKEN": TOKEN, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}.items():
        monkeypatch.setenv(name, value)
    mlflow.set_tracking_uri("databricks")
    yield mlflow.MlflowClient()
    while mlflow.active_run():
        mlflow.end_run()


def test_a_run_from_start_to_end(tracking):
    experiment = mlflow.set_experiment("/Shared/train")
    # The second time it is found.
    assert mlflow.set_experiment("/Shared/train").experiment_id == experiment.experiment_id
    with mlflow.start_run(run_name="outer", tags={"team": "ml"}) as outer:
        mlflow.log_params({"depth": 3, "name": "tree"})
        mlflow.log_metrics({"loss": 0.5, "bad": float("nan")}, step=1)
        mlflow.log_metric("loss", 0.25, step=2)
        mlflow.log_text("hello", "notes/a.txt")
        mlflow.log_dict({"a": 1}, "b.json")
        with mlflow.start_run(nested=True) as inner:
            mlflow.log_param("depth", 4)
    run = tracking.get_run(outer.info.run_id)
    assert (run.info.status, run.info.run_name, run.data.params) == ("FINISHED", "outer", {"depth": "3", "name": "tree"})
    assert run.data.metrics["loss"] == 0.25 and run.data.metrics["bad"] != run.data.metrics["bad"]
    assert [(m.step, m.value) for m in tracking.get_metric_history(run.info.run_id, "loss")] == [(1, 0.5), (2, 0.25)]
    assert tracking.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"] == run.info.run_id
    assert [(f.path, f.is_dir, f.file_size) for f in tracking.list_artifacts(run.info.run_id)] == [("b.json", False, 12), ("notes", True, None)]
    assert mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/a.txt") == "hello"
    found = mlflow.search_runs([experiment.experiment_id], filter_string="metrics.loss < 0.3 and tags.team LIKE 'm%'", output_format="list")
    assert [r.info.run_id for r in found] == [run.info.run_id]
    with pytest.raises(mlflow.exceptions.MlflowException, match="already logged with a value of 3"):
        tracking.log_param(run.info.run_id, "depth", 5)
    with pytest.raises(mlflow.exceptions.RestException, match="absolute path within the Databricks workspace"):
        mlflow.create_experiment("relative")
    assert tracking.get_experiment_by_name("/Shared/none") is None
    tracking.set_experiment_tag(experiment.experiment_id, "k", "v")
    tracking.delete_experiment_tag(experiment.experiment_id, "k")
    assert "k" not in tracking.get_experiment(experiment.experiment_id).tags
    with pytest.raises(mlflow.exceptions.RestException, match="No tag with name: k"):
        tracking.delete_experiment_tag(experiment.experiment_id, "k")


def test_models_that_are_logged(tracking):
    experiment = mlflow.set_experiment("/Shared/models")
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model("tree", params={f"p{n}": str(n) for n in range(120)}, tags={"a": "b"})
        mlflow.log_metric("acc", 0.9, model_id=model.model_id)
        mlflow.finalize_logged_model(model.model_id, "READY")
    got = mlflow.get_logged_model(model.model_id)
    assert (got.status, got.tags["a"], len(got.params), [(m.key, m.value) for m in got.metrics], got.source_run_id) == (
        "READY", "b", 120, [("acc", 0.9)], run.info.run_id)
    found = mlflow.search_logged_models([experiment.experiment_id], filter_string="metrics.acc > 0.5", output_format="list")
    assert [m.name for m in found] == ["tree"]
    tracking.log_outputs(run.info.run_id, [mlflow.entities.LoggedModelOutput(model.model_id, 1)])
    assert [(o.model_id, o.step) for o in tracking.get_run(run.info.run_id).outputs.model_outputs] == [(model.model_id, 1)]
