import Server
import Testing

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
            ])
    }
}
