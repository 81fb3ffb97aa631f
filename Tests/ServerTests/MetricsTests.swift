import Server
import Testing
import Workspace

@Suite struct MetricsTests {
    @Test func seriesAreOrderedAndEscaped() {
        let metrics = Metrics()
        metrics.count(operation: "b", status: 200, micros: 1_500_000, fault: nil)
        metrics.count(operation: "a", status: 404, micros: 250_000, fault: "say \"no\"")
        metrics.count(operation: "a", status: 404, micros: 250_000, fault: nil)
        metrics.count(operation: nil, status: 0, micros: 0, fault: nil)
        let lines = metrics.text().split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
        #expect(
            lines == [
                #"dbxsim_requests_total{operation="a",status="404"} 2"#, #"dbxsim_requests_total{operation="b",status="200"} 1"#,
                #"dbxsim_requests_total{operation="unknown",status="0"} 1"#,
                #"dbxsim_request_seconds_total{operation="a",status="404"} 0.5"#,
                #"dbxsim_request_seconds_total{operation="b",status="200"} 1.5"#,
                #"dbxsim_request_seconds_total{operation="unknown",status="0"} 0.0"#,
                #"dbxsim_faults_total{rule="say \"no\""} 1"#,
                #"databricks_api_requests_total{endpoint="a",status="404"} 2"#, #"databricks_api_requests_total{endpoint="b",status="200"} 1"#,
                #"databricks_api_requests_total{endpoint="unknown",status="0"} 1"#,
            ])
    }

    @Test func errorsAndRateLimits() {
        let metrics = Metrics()
        metrics.count(operation: "a", status: 429, micros: 0, fault: nil, error: "REQUEST_LIMIT_EXCEEDED")
        metrics.count(operation: "a", status: 404, micros: 0, fault: nil, error: "NOT_FOUND")
        metrics.count(operation: "b", status: 404, micros: 0, fault: nil, error: "NOT_FOUND")
        let lines = metrics.text().split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("databricks_rate_limits") } == [#"databricks_rate_limits_total{endpoint="a"} 1"#])
        #expect(
            lines.filter { $0.hasPrefix("databricks_errors") } == [
                #"databricks_errors_total{error_type="NOT_FOUND"} 2"#, #"databricks_errors_total{error_type="REQUEST_LIMIT_EXCEEDED"} 1"#,
            ])
    }

    @Test func countersOfTheServices() {
        let metrics = ServiceMetrics()
        metrics.submittedRun(type: "JOB_RUN", status: "PENDING")
        metrics.endedRun(type: "JOB_RUN", millis: 2_500)
        metrics.endedStatement(warehouse: "w\"1", status: "SUCCEEDED", micros: 20_000, rows: 5)
        metrics.endedStatement(warehouse: "w\"1", status: "SUCCEEDED", micros: 2_000_000, rows: 0)
        metrics.committed(table: "a.b.c", operation: "WRITE", rows: 3, bytes: 70)
        metrics.committed(table: "a.b.c", operation: "WRITE", rows: 4, bytes: 0)
        let lines = Set(metrics.text().split(separator: "\n").map(String.init))
        for line in [
            #"databricks_jobs_submitted_total{job_type="JOB_RUN",status="PENDING"} 1"#,
            #"databricks_job_duration_seconds_bucket{job_type="JOB_RUN",le="1"} 0"#,
            #"databricks_job_duration_seconds_bucket{job_type="JOB_RUN",le="5"} 1"#, #"databricks_job_duration_seconds_sum{job_type="JOB_RUN"} 2.5"#,
            #"databricks_sql_queries_total{warehouse_id="w\"1",status="SUCCEEDED"} 2"#,
            #"databricks_sql_query_duration_seconds_bucket{warehouse_id="w\"1",le="0.05"} 1"#,
            #"databricks_sql_query_duration_seconds_bucket{warehouse_id="w\"1",le="+Inf"} 2"#,
            #"databricks_sql_rows_returned_bucket{warehouse_id="w\"1",le="0"} 1"#, #"databricks_sql_rows_returned_count{warehouse_id="w\"1"} 2"#,
            #"databricks_delta_operations_total{table="a.b.c",operation="WRITE"} 2"#,
            #"databricks_delta_rows_processed{table="a.b.c",operation="WRITE"} 7"#,
            #"databricks_delta_bytes_processed{table="a.b.c",operation="WRITE"} 70"#,
        ] { #expect(lines.contains(line), "\(line)") }
    }
}
