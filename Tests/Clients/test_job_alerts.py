"""Tasks that evaluate alerts and refresh dashboards, by databricks-sdk: their queries run on the engine."""

import json

import pytest
from databricks.sdk.service import dashboards, jobs
from databricks.sdk.service import sql as q


@pytest.fixture
def sales(sql):
    sql("CREATE TABLE main.default.sales (region STRING, amount DECIMAL(10,2))")
    sql("INSERT INTO main.default.sales VALUES ('north', 100.50), ('north', 50), ('south', 7)")


@pytest.fixture
def run(client):
    def run(task, *more):
        run = client.jobs.submit(run_name="r", tasks=[task, *more]).result()
        return {t.task_key: client.jobs.get_run_output(t.run_id) for t in run.tasks}, run

    return run


def older(client, warehouse_id, text, op, column="total", value=None, **condition):
    query = client.queries.create(query=q.CreateQueryRequestQuery(display_name="t", query_text=text, warehouse_id=warehouse_id))
    threshold = q.AlertConditionThreshold(q.AlertOperandValue(double_value=value)) if isinstance(value, (int, float)) else (
        q.AlertConditionThreshold(q.AlertOperandValue(string_value=value)) if value is not None else None)
    return client.alerts.create(alert=q.CreateAlertRequestAlert(
        display_name="a", query_id=query.id, condition=q.AlertCondition(
            op=op, operand=q.AlertConditionOperand(q.AlertOperandColumn(column)), threshold=threshold, **condition))).id


def alert_task(alert, warehouse_id, key="alert", **options):
    return jobs.SubmitTask(key, sql_task=jobs.SqlTask(warehouse_id, alert=jobs.SqlTaskAlert(alert)), **options)


TOTAL = "SELECT sum(amount) AS total FROM main.default.sales"
OP = q.AlertOperator


@pytest.mark.parametrize("text, op, value, state", [
    (TOTAL, OP.GREATER_THAN, 157.0, "TRIGGERED"), (TOTAL, OP.GREATER_THAN, 157.5, "OK"), (TOTAL, OP.GREATER_THAN_OR_EQUAL, 157.5, "TRIGGERED"),
    (TOTAL, OP.LESS_THAN, 9, "OK"), (TOTAL, OP.EQUAL, 157.5, "TRIGGERED"), (TOTAL, OP.NOT_EQUAL, 157.5, "OK"),
    ("SELECT max(region) AS total FROM main.default.sales", OP.EQUAL, "south", "TRIGGERED"),
    ("SELECT amount AS total FROM main.default.sales WHERE region = 'west'", OP.GREATER_THAN, 1, "UNKNOWN"),
    ("SELECT NULL AS total", OP.IS_NULL, None, "TRIGGERED"), ("SELECT 1 AS total", OP.IS_NULL, None, "OK"),
    ("SELECT CAST(NULL AS INT) AS total", OP.EQUAL, 1, "UNKNOWN"), ("SELECT 9 AS total UNION ALL SELECT 1", OP.GREATER_THAN, 10, "OK"),
])
def test_conditions(client, warehouse_id, sales, run, text, op, value, state):
    alert = older(client, warehouse_id, text, op, value=value)
    outputs, _ = run(alert_task(alert, warehouse_id))
    found = outputs["alert"].sql_output.alert_output
    assert (found.alert_state.value, found.warehouse_id, found.query_text) == (state, warehouse_id, text)
    statement = client.statement_execution.get_statement(found.sql_statements[0].lookup_key)
    assert statement.status.state.value == "SUCCEEDED"
    shown = client.alerts.get(alert)
    assert shown.state.value == state and bool(shown.trigger_time) == (state == "TRIGGERED")


def test_the_state_steers_a_condition(client, warehouse_id, sales, run):
    alert = older(client, warehouse_id, TOTAL, OP.GREATER_THAN, value=1)
    _, run_ = run(
        alert_task(alert, warehouse_id),
        jobs.SubmitTask("check", depends_on=[jobs.TaskDependency("alert")], condition_task=jobs.ConditionTask(
            jobs.ConditionTaskOp.EQUAL_TO, "{{tasks.alert.output.alert_state}}", "TRIGGERED")),
        jobs.SubmitTask("act", depends_on=[jobs.TaskDependency("check", "true")], notebook_task=jobs.NotebookTask("/n")),
        jobs.SubmitTask("rest", depends_on=[jobs.TaskDependency("check", "false")], notebook_task=jobs.NotebookTask("/n")))
    states = {t.task_key: t.state.result_state.value for t in run_.tasks}
    assert states == {"alert": "SUCCESS", "check": "SUCCESS", "act": "SUCCESS", "rest": "EXCLUDED"}


def test_what_fails(client, warehouse_id, sales):
    def ended(alert):
        run = client.jobs.submit(run_name="r", tasks=[alert_task(alert, warehouse_id)]).response.run_id
        with pytest.raises(Exception):
            client.jobs.wait_get_run_job_terminated_or_skipped(run)
        task = client.jobs.get_run(run).tasks[0]
        return task.state, client.jobs.get_run_output(task.run_id).error

    state, error = ended(older(client, warehouse_id, "SELECT * FROM main.default.missing", OP.EQUAL, value=1))
    assert state.result_state.value == "FAILED" and "TABLE_OR_VIEW_NOT_FOUND" in error
    assert "'total'" in ended(older(client, warehouse_id, "SELECT 1 AS other", OP.EQUAL, value=1))[1]
    state, error = ended("00000000-0000-0000-0000-000000000000")
    assert state.life_cycle_state.value == "INTERNAL_ERROR" and "does not exist" in error


def newer(client, warehouse_id, text, operator, threshold, aggregation=None, **evaluation):
    return client.alerts_v2.create_alert(q.AlertV2(
        display_name="n", query_text=text, warehouse_id=warehouse_id, schedule=q.CronSchedule("0 0 0 * * ?", timezone_id="UTC"),
        parent_path="/Users/admin@example.com",
        evaluation=q.AlertV2Evaluation(
            source=q.AlertV2OperandColumn(name="amount", aggregation=aggregation), comparison_operator=operator, threshold=threshold,
            **evaluation))).id


def test_alerts_of_the_newer_kind(client, warehouse_id, sales, run):
    number = lambda n: q.AlertV2Operand(value=q.AlertV2OperandValue(double_value=n))
    text = "SELECT * FROM main.default.sales"
    cases = [
        (q.Aggregation.SUM, q.ComparisonOperator.GREATER_THAN, 157, "TRIGGERED"), (q.Aggregation.COUNT, q.ComparisonOperator.EQUAL, 3, "TRIGGERED"),
        (q.Aggregation.MIN, q.ComparisonOperator.LESS_THAN, 7, "OK"), (q.Aggregation.MEDIAN, q.ComparisonOperator.EQUAL, 50, "TRIGGERED"),
        (q.Aggregation.COUNT_DISTINCT, q.ComparisonOperator.EQUAL, 2, "OK"), (None, q.ComparisonOperator.IS_NOT_NULL, None, "TRIGGERED")]
    for aggregation, operator, value, state in cases:
        alert = newer(client, warehouse_id, text, operator, None if value is None else number(value), aggregation)
        outputs, _ = run(jobs.SubmitTask("a", alert_task=jobs.AlertTask(alert_id=alert, warehouse_id=warehouse_id)))
        assert outputs["a"].alert_output.alert_state.value == state, (aggregation, operator)
        shown = client.alerts_v2.get_alert(alert)
        assert shown.evaluation.state.value == state and shown.evaluation.last_evaluated_at
    # Beside another column, and where there are no rows.
    beside = q.AlertV2Operand(column=q.AlertV2OperandColumn(name="amount", aggregation=q.Aggregation.AVG))
    alert = newer(client, warehouse_id, text, q.ComparisonOperator.GREATER_THAN, beside, q.Aggregation.MAX)
    outputs, _ = run(jobs.SubmitTask("a", alert_task=jobs.AlertTask(alert_id=alert, warehouse_id=warehouse_id)))
    assert outputs["a"].alert_output.alert_state.value == "TRIGGERED"
    alert = newer(client, warehouse_id, text + " WHERE false", q.ComparisonOperator.EQUAL, number(1), empty_result_state=q.AlertEvaluationState.OK)
    outputs, _ = run(jobs.SubmitTask("a", alert_task=jobs.AlertTask(workspace_path="/Workspace/Users/admin@example.com/n", warehouse_id=warehouse_id)))
    assert outputs["a"].alert_output.alert_state.value in ("OK", "TRIGGERED")


def board(*queries):
    datasets = [{"name": f"d{i}", "displayName": f"D{i}", "queryLines": [text[:9], text[9:]]} for i, text in enumerate(queries)]
    datasets[0]["parameters"] = [{"displayName": "r", "keyword": "r", "dataType": "STRING", "defaultSelection": {
        "values": {"dataType": "STRING", "values": [{"value": "north"}]}}}]
    pages = [{"name": f"p{i}", "displayName": f"Page {i}", "layout": [{"widget": {"name": "w", "queries": [
        {"name": "main", "query": {"datasetName": f"d{i}"}}]}}]} for i in range(len(queries))]
    return json.dumps({"datasets": datasets, "pages": pages})


def test_dashboards(client, warehouse_id, sales, run):
    made = client.lakeview.create(dashboards.Dashboard(display_name="b", warehouse_id=warehouse_id, serialized_dashboard=board(
        "SELECT sum(amount) FROM main.default.sales WHERE region = :r", "SELECT 1")))
    task = jobs.SubmitTask("d", dashboard_task=jobs.DashboardTask(dashboard_id=made.dashboard_id))
    outputs, _ = run(task)
    pages = outputs["d"].dashboard_output.page_snapshots
    assert [(p.page_display_name, p.widget_error_details) for p in pages] == [("Page 0", []), ("Page 1", [])]
    texts = [x.query_text for x in client.query_history.list(max_results=100).res]
    assert "SELECT 1" in texts and any(":r" in text for text in texts)
    client.lakeview.update(made.dashboard_id, dashboards.Dashboard(serialized_dashboard=board(
        "SELECT :r", "SELECT * FROM main.default.missing")))
    started = client.jobs.submit(run_name="r", tasks=[task]).response.run_id
    with pytest.raises(Exception):
        client.jobs.wait_get_run_job_terminated_or_skipped(started)
    failed = client.jobs.get_run(started).tasks[0]
    output = client.jobs.get_run_output(failed.run_id)
    assert failed.state.result_state.value == "FAILED" and "TABLE_OR_VIEW_NOT_FOUND" in output.error
    errors = {p.page_display_name: [e.message for e in p.widget_error_details or []] for p in output.dashboard_output.page_snapshots}
    assert errors["Page 0"] == [] and "TABLE_OR_VIEW_NOT_FOUND" in errors["Page 1"][0]
