"""Monitors of tables by name and by id, and of schemas: settings, checks, refreshes. Metrics are not computed, and every refresh says so."""

import json

import pytest
from databricks.sdk.errors import AlreadyExists, BadRequest, DatabricksError, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service import catalog as uc, dataquality as dq

from conftest import workspace_client

TABLE = "main.default.sold"
OLD = f"/api/2.1/unity-catalog/tables/{TABLE}/monitor"
NEW = "/api/data-quality/v1/monitors"


@pytest.fixture
def table(sql):
    sql(f"CREATE TABLE {TABLE} (day TIMESTAMP, amount DOUBLE, model STRING, guess STRING, truth STRING)")
    sql("CREATE SCHEMA main.metrics")
    return TABLE


def make(client, **options):
    options = {"snapshot": uc.MonitorSnapshot()} | options
    return client.quality_monitors.create(TABLE, "main.metrics", "/Users/admin@example.com/monitors", **options)


def test_life_of_a_monitor(client, table, warehouse_id):
    made = make(client, slicing_exprs=["amount > 10"], notifications=uc.MonitorNotifications(on_failure=uc.MonitorDestination(["a@example.com"])),
                schedule=uc.MonitorCronSchedule("0 0 12 * * ?", "UTC"), baseline_table_name=TABLE, custom_metrics=[
                    uc.MonitorMetric("m", "avg(`{{input_column}}`)", ["amount"], "double", uc.MonitorMetricType.CUSTOM_METRIC_TYPE_AGGREGATE)])
    assert (made.table_name, made.status.value, made.monitor_version) == (TABLE, "MONITOR_STATUS_ACTIVE", 1)
    assert (made.profile_metrics_table_name, made.drift_metrics_table_name) == (
        "main.metrics.sold_profile_metrics", "main.metrics.sold_drift_metrics")
    assert (made.output_schema_name, made.assets_dir, made.schedule.pause_status.value) == (
        "main.metrics", "/Users/admin@example.com/monitors", "UNPAUSED")
    assert client.quality_monitors.get("MAIN.default.SOLD") == made and made.snapshot == uc.MonitorSnapshot()
    with pytest.raises((AlreadyExists, ResourceConflict)):
        make(client)
    # The first refresh comes by itself; neither it nor another one has made-up metrics.
    first, = client.quality_monitors.list_refreshes(TABLE).refreshes
    second = client.quality_monitors.run_refresh(TABLE)
    assert [r.refresh_id for r in client.quality_monitors.list_refreshes(TABLE).refreshes] == [second.refresh_id, first.refresh_id]
    got = client.quality_monitors.get_refresh(TABLE, second.refresh_id)
    assert (got.state.value, got.trigger.value, got.end_time_ms >= got.start_time_ms) == ("FAILED", "MANUAL", True)
    assert "not simulated" in got.message and client.quality_monitors.get(TABLE).latest_monitor_failure_msg == got.message
    with pytest.raises(NotFound):
        client.tables.get(made.profile_metrics_table_name)
    with pytest.raises(BadRequest):  # What is over cannot be cancelled.
        client.quality_monitors.cancel_refresh(TABLE, second.refresh_id)
    with pytest.raises(NotFound):
        client.quality_monitors.get_refresh(TABLE, 7)
    # A change replaces all settings.
    new = client.quality_monitors.update(TABLE, "main.default", time_series=uc.MonitorTimeSeries(granularities=["1 day", "2 weeks"], timestamp_col="day"))
    assert (new.monitor_version, new.snapshot, new.schedule, new.slicing_exprs or [], new.custom_metrics or []) == (2, None, None, [], [])
    assert (new.time_series.granularities, new.profile_metrics_table_name) == (["1 day", "2 weeks"], "main.default.sold_profile_metrics")
    assert (new.assets_dir, new.dashboard_id) == (made.assets_dir, made.dashboard_id)
    assert client.quality_monitors.get(TABLE) == new
    client.quality_monitors.delete(TABLE)
    for call in [client.quality_monitors.get, client.quality_monitors.delete, client.quality_monitors.run_refresh,
                 client.quality_monitors.list_refreshes]:
        with pytest.raises(NotFound):
            call(TABLE)
    # A monitor goes with its table; one of the same name is another one.
    make(client)
    client.tables.delete(TABLE)
    with pytest.raises(NotFound):
        client.quality_monitors.get(TABLE)


def test_dashboards(client, table, warehouse_id):
    made = make(client, warehouse_id=warehouse_id)
    board = client.lakeview.get(made.dashboard_id)
    assert (board.path, board.warehouse_id) == (f"/Users/admin@example.com/monitors/{TABLE} Monitoring.lvdash.json", warehouse_id)
    datasets = json.loads(board.serialized_dashboard)["datasets"]
    assert [d["queryLines"] for d in datasets] == [[f"SELECT * FROM main.metrics.sold_{n}_metrics"] for n in ("profile", "drift")]
    again = client.quality_monitors.regenerate_dashboard(TABLE)
    assert (again.dashboard_id, again.parent_folder) == (made.dashboard_id, "/Users/admin@example.com/monitors")
    client.lakeview.trash(made.dashboard_id)
    other = client.quality_monitors.regenerate_dashboard(TABLE).dashboard_id
    assert other != made.dashboard_id == made.dashboard_id and client.quality_monitors.get(TABLE).dashboard_id == other
    client.quality_monitors.delete(TABLE)
    assert client.lakeview.get(other).display_name == f"{TABLE} Monitoring"  # It stays.
    assert make(client, skip_builtin_dashboard=True).dashboard_id is None
    with pytest.raises(DatabricksError):
        client.quality_monitors.regenerate_dashboard(TABLE, warehouse_id="nosuch")


def inference(**options):
    return uc.MonitorInferenceLog(**({"granularities": ["1 day"], "timestamp_col": "day", "prediction_col": "guess", "model_id_col": "model",
                                      "problem_type": uc.MonitorInferenceLogProblemType.PROBLEM_TYPE_CLASSIFICATION} | options))


def metric(**options):
    return [uc.MonitorMetric(**({"name": "m", "definition": "sum(amount)", "input_columns": ["amount"], "output_data_type": "double",
                                 "type": uc.MonitorMetricType.CUSTOM_METRIC_TYPE_AGGREGATE} | options))]


def test_what_monitors_refuse(server, client, table, sql):
    regression = uc.MonitorInferenceLogProblemType.PROBLEM_TYPE_REGRESSION
    for options, word in [
        ({"snapshot": None}, "Exactly one"), ({"time_series": uc.MonitorTimeSeries(granularities=["1 day"], timestamp_col="day")}, "Exactly one"),
        ({"snapshot": None, "time_series": uc.MonitorTimeSeries(granularities=["1 day"], timestamp_col="nosuch")}, "'nosuch'"),
        ({"snapshot": None, "time_series": uc.MonitorTimeSeries(granularities=["1 fortnight"], timestamp_col="day")}, "'1 fortnight'"),
        ({"snapshot": None, "inference_log": inference(prediction_col="nosuch")}, "'nosuch'"),
        ({"snapshot": None, "inference_log": inference(label_col="nosuch")}, "'nosuch'"),
        ({"snapshot": None, "inference_log": inference(model_id_col="nosuch")}, "'nosuch'"),
        ({"snapshot": None, "inference_log": inference(prediction_proba_col="amount", problem_type=regression)}, "classification"),
        ({"schedule": uc.MonitorCronSchedule("every day", "UTC")}, "every day"), ({"schedule": uc.MonitorCronSchedule("0 0 8 * * ?", "Mars")}, "Mars"),
        ({"slicing_exprs": ["nosuch > 1"]}, "nosuch"), ({"slicing_exprs": ["amount >"]}, "amount >"),
        ({"custom_metrics": metric(input_columns=["nosuch"])}, "nosuch"), ({"custom_metrics": metric(definition="nosuch(amount)")}, "nosuch"),
        ({"custom_metrics": metric(definition="sum({{other}})")}, "variable"), ({"custom_metrics": metric() + metric()}, "two custom metrics"),
        ({"custom_metrics": metric(name="")}, "name"), ({"latest_monitor_failure_msg": "x"}, "latest_monitor_failure_msg"),
    ]:
        with pytest.raises(BadRequest) as error:
            make(client, **options)
        assert word in str(error.value), (options, str(error.value))
    for schema in ["main.nosuch", "main", ""]:
        with pytest.raises(BadRequest):
            client.quality_monitors.create(TABLE, schema, "/x", snapshot=uc.MonitorSnapshot())
    with pytest.raises(NotFound):
        make(client, baseline_table_name="main.default.nosuch")
    with pytest.raises(NotFound):
        client.quality_monitors.create("main.default.nosuch", "main.metrics", "/x", snapshot=uc.MonitorSnapshot())
    assert server.request("POST", OLD, {"output_schema_name": "main.metrics", "assets_dir": "x", "snapshot": {}}).status == 400
    assert server.request("POST", OLD, {
        "output_schema_name": "main.metrics", "assets_dir": "/x", "time_series": {"granularities": ["7 weeks"], "timestamp_col": "day"}}).status == 501
    with pytest.raises(NotFound):
        client.quality_monitors.get(TABLE)  # Nothing of all that has made one.
    make(client, snapshot=None, inference_log=inference(label_col="TRUTH", prediction_proba_col="amount"), custom_metrics=metric(
        definition="sum(if(`{{prediction_col}}` = `{{label_col}}`, 1, 0))", input_columns=[":table"]))


def test_privileges(server, client, table, sql):
    robot = client.service_principals.create(display_name="robot")
    token = client.token_management.create_obo_token(robot.application_id, lifetime_seconds=3600).token_value
    other = workspace_client(server, token=token)
    who = f"`{robot.application_id}`"
    sql(f"GRANT USE CATALOG ON CATALOG main TO {who}")
    sql(f"GRANT USE SCHEMA ON SCHEMA main.default TO {who}")
    monitors = other.quality_monitors
    make(client)
    refresh = client.quality_monitors.list_refreshes(TABLE).refreshes[0].refresh_id
    for call in [lambda: monitors.get(TABLE), lambda: monitors.get_refresh(TABLE, refresh)]:
        with pytest.raises(PermissionDenied):
            call()
    sql(f"GRANT SELECT ON TABLE {TABLE} TO {who}")
    assert monitors.get(TABLE).table_name == TABLE and monitors.get_refresh(TABLE, refresh).refresh_id == refresh
    for call in [lambda: monitors.run_refresh(TABLE), lambda: monitors.delete(TABLE), lambda: monitors.cancel_refresh(TABLE, refresh),
                 lambda: monitors.update(TABLE, "main.metrics", snapshot=uc.MonitorSnapshot()), lambda: monitors.regenerate_dashboard(TABLE)]:
        with pytest.raises(PermissionDenied):
            call()
    sql(f"GRANT MANAGE ON TABLE {TABLE} TO {who}")
    monitors.delete(TABLE)
    # The metric tables are made in a schema in which the caller may make tables.
    with pytest.raises(PermissionDenied):
        make(other)
    sql(f"GRANT USE SCHEMA, CREATE TABLE ON SCHEMA main.metrics TO {who}")
    made = make(other)  # The dashboard of the first monitor is not his to change.
    assert other.lakeview.get(made.dashboard_id).display_name == f"{TABLE} Monitoring 2"
    sql(f"REVOKE SELECT ON TABLE {TABLE} FROM {who}")
    monitors.delete(TABLE)  # MANAGE is enough for that, and not for a new one.
    with pytest.raises(PermissionDenied):
        make(other)


def test_by_ids(server, client, table, sql):
    table_id = client.tables.get(TABLE).table_id
    output = client.schemas.get("main.metrics").schema_id
    log = dq.InferenceLogConfig(
        granularities=[dq.AggregationGranularity.AGGREGATION_GRANULARITY_1_DAY, dq.AggregationGranularity.AGGREGATION_GRANULARITY_2_WEEKS],
        model_id_column="model", prediction_column="guess", label_column="truth", timestamp_column="day",
        problem_type=dq.InferenceProblemType.INFERENCE_PROBLEM_TYPE_CLASSIFICATION)
    config = dq.DataProfilingConfig(
        output_schema_id=output, inference_log=log, slicing_exprs=["amount > 1"], schedule=dq.CronSchedule("0 0 12 * * ?", "UTC"),
        notification_settings=dq.NotificationSettings(on_failure=dq.NotificationDestination(email_addresses=["a@example.com"])))
    made = client.data_quality.create_monitor(dq.Monitor("table", table_id, data_profiling_config=config))
    seen = made.data_profiling_config
    assert (made.object_type, made.object_id, seen.monitored_table_name, seen.output_schema_id) == ("table", table_id, TABLE, output)
    assert (seen.inference_log, seen.status.value, seen.schedule.pause_status.value) == (
        log, "DATA_PROFILING_STATUS_ACTIVE", "CRON_SCHEDULE_PAUSE_STATUS_UNPAUSED")
    assert seen.notification_settings.on_failure.email_addresses == ["a@example.com"]
    older = client.quality_monitors.get(TABLE)
    assert (older.inference_log.granularities, older.inference_log.model_id_col, older.output_schema_name) == (["1 day", "2 weeks"], "model", "main.metrics")
    assert older.notifications.on_failure.email_addresses == ["a@example.com"] and older.slicing_exprs == ["amount > 1"]
    assert older.dashboard_id == seen.dashboard_id and older.latest_monitor_failure_msg == seen.latest_monitor_failure_message
    # A change of what the mask names.
    changed = client.data_quality.update_monitor("table", table_id, dq.Monitor(
        "table", table_id, data_profiling_config=dq.DataProfilingConfig(output_schema_id=output, snapshot=dq.SnapshotConfig(), slicing_exprs=["model"])),
        "data_profiling_config.snapshot,data_profiling_config.inference_log").data_profiling_config
    assert (changed.snapshot, changed.inference_log, changed.slicing_exprs, changed.monitor_version) == (dq.SnapshotConfig(), None, ["amount > 1"], 2)
    assert client.quality_monitors.get(TABLE).snapshot == uc.MonitorSnapshot()
    for mask in ["nosuch", "data_profiling_config.nosuch", "data_profiling_config.status", "data_profiling_config.assets_dir", "object_id"]:
        with pytest.raises(BadRequest):
            client.data_quality.update_monitor("table", table_id, dq.Monitor("table", table_id, data_profiling_config=config), mask)
    with pytest.raises(BadRequest):
        client.data_quality.update_monitor("table", table_id, dq.Monitor("table", "other", data_profiling_config=config), "*")
    # Refreshes.
    made = [client.data_quality.create_refresh("table", table_id, dq.Refresh("table", table_id)) for _ in range(4)]
    ids = [r.refresh_id for r in client.data_quality.list_refresh("table", table_id, page_size=2)]
    assert ids[:4] == [r.refresh_id for r in made][::-1] and len(set(ids)) == 5
    got = client.data_quality.get_refresh("table", table_id, ids[0])
    assert (got.state.value, got.object_id) == ("MONITOR_REFRESH_STATE_FAILED", table_id) and "not simulated" in got.message
    assert client.quality_monitors.get_refresh(TABLE, ids[0]).message == got.message
    with pytest.raises(BadRequest):
        client.data_quality.cancel_refresh("table", table_id, ids[0])
    # The service's documentation calls these unimplemented.
    for method, path in [("GET", NEW), ("DELETE", f"{NEW}/table/{table_id}/refreshes/1"), ("PATCH", f"{NEW}/table/{table_id}/refreshes/1")]:
        assert server.request(method, path).status == 501
    client.data_quality.delete_monitor("table", table_id)
    for call in [client.data_quality.get_monitor, client.data_quality.delete_monitor]:
        with pytest.raises(NotFound):
            call("table", table_id)


def test_schemas(server, client, table, sql):
    schema = client.schemas.get("main.default").schema_id
    anomalies = dq.AnomalyDetectionConfig(excluded_table_full_names=[TABLE])
    made = client.data_quality.create_monitor(dq.Monitor("schema", schema, anomaly_detection_config=anomalies))
    assert client.data_quality.get_monitor("schema", schema) == made and made.anomaly_detection_config == anomalies
    with pytest.raises((AlreadyExists, ResourceConflict)):
        client.data_quality.create_monitor(dq.Monitor("schema", schema, anomaly_detection_config=anomalies))
    new = client.data_quality.update_monitor(
        "schema", schema, dq.Monitor("schema", schema, anomaly_detection_config=dq.AnomalyDetectionConfig(excluded_table_full_names=[])),
        "anomaly_detection_config")
    assert not new.anomaly_detection_config.excluded_table_full_names
    output = client.schemas.get("main.metrics").schema_id
    profile = dq.DataProfilingConfig(output_schema_id=output, snapshot=dq.SnapshotConfig())
    table_id = client.tables.get(TABLE).table_id
    for bad in [dq.Monitor("schema", output), dq.Monitor("schema", output, data_profiling_config=profile), dq.Monitor("table", table_id),
                dq.Monitor("schema", output, anomaly_detection_config=anomalies), dq.Monitor("nosuch", output, anomaly_detection_config=anomalies),
                dq.Monitor("table", table_id, data_profiling_config=profile, anomaly_detection_config=anomalies),
                dq.Monitor("table", table_id, data_profiling_config=dq.DataProfilingConfig(output_schema_id="x", snapshot=dq.SnapshotConfig())),
                dq.Monitor("table", table_id, data_profiling_config=dq.DataProfilingConfig(output_schema_id=output, monitor_version=7))]:
        with pytest.raises(BadRequest):
            client.data_quality.create_monitor(bad)
    for kind in ["schema", "table"]:
        with pytest.raises(NotFound):
            client.data_quality.get_monitor(kind, "nosuch")
    with pytest.raises(BadRequest):
        client.data_quality.create_refresh("schema", schema, dq.Refresh("schema", schema))
    client.data_quality.delete_monitor("schema", schema)
    with pytest.raises(NotFound):
        client.data_quality.get_monitor("schema", schema)
