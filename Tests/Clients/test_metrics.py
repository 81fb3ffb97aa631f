"""The metrics page: the counters of requests, statements, runs and commits under the names that clients' own metrics have."""

import re

import pytest
from databricks.sdk.errors import NotFound
from databricks.sdk.service import jobs


def numbers(server):
    lines = server.request("GET", "/metrics").body.decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line and not line.startswith("#")}


def test_names_and_numbers(server, client, sql, fails, warehouse_id):
    before = numbers(server)
    sql("CREATE TABLE main.default.measured (id INT)")
    sql("INSERT INTO main.default.measured VALUES (1), (2), (3)")
    assert len(sql("SELECT * FROM main.default.measured")) == 3
    fails("SELECT nothing")
    with pytest.raises(NotFound):
        client.tables.get("main.default.gone")
    job = client.jobs.create(name="j", tasks=[jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))])
    client.jobs.run_now(job.job_id).result()
    after = numbers(server)
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    table = 'table="main.default.measured",operation="WRITE"'
    assert grown["databricks_delta_operations_total{%s}" % table] == 1 and grown["databricks_delta_rows_processed{%s}" % table] == 3
    assert grown["databricks_delta_bytes_processed{%s}" % table] > 100
    house = f'warehouse_id="{warehouse_id}"'
    assert grown['databricks_sql_queries_total{%s,status="SUCCEEDED"}' % house] == 3
    assert grown['databricks_sql_queries_total{%s,status="FAILED"}' % house] == 1
    assert grown["databricks_sql_query_duration_seconds_count{%s}" % house] == 4
    assert grown['databricks_sql_rows_returned_bucket{%s,le="1000"}' % house] == 4 and grown["databricks_sql_rows_returned_sum{%s}" % house] >= 3
    assert grown['databricks_errors_total{error_type="TABLE_DOES_NOT_EXIST"}'] == 1
    assert grown['databricks_api_requests_total{endpoint="catalog.tables.get",status="404"}'] == 1
    assert grown['databricks_jobs_submitted_total{job_type="JOB_RUN",status="PENDING"}'] == 1
    assert grown['databricks_job_duration_seconds_count{job_type="JOB_RUN"}'] == 1
    # Every line is of the text format, and every family is described.
    text = server.request("GET", "/metrics").body.decode()
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="([^"\\]|\\.)*"(,\w+="([^"\\]|\\.)*")*\})? -?[0-9.e+-]+', line), line
    for name in ("databricks_rate_limits_total", "databricks_delta_bytes_processed", "databricks_job_duration_seconds"):
        assert f"# TYPE {name} " in text
