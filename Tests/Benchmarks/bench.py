#!/usr/bin/env python3
"""Speed and memory of the release binary, with nginx serving a file of the same size beside it; prints JSON.

    bench.py --binary .build/release/dbxsim [--seconds 5] [--connections 16]

Needs wrk and, for the ratios, nginx, mitmproxy (MITMDUMP names its mitmdump), duckdb with its tpch extension and deltalake, and pyspark
(SPARK_PYTHON names a Python that has it).  Load comes from this machine to 127.0.0.1 alone.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import delta_tables
import delta_writes
import drivers
import engine
import fault_rules
import feature_serving
import jobs
import tpch
import workspace

TOKEN = "dapi-dbxsim"


class Server:
    def __init__(self, binary, *arguments):
        self.begun = time.perf_counter()
        self.process = subprocess.Popen([binary, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(re.search(r":(\d+)$", self.process.stdout.readline().strip()).group(1))
        self.exports = {}

    def exported(self, count):
        for _ in range(count):
            name, value = re.fullmatch(r"export (\w+)=(.*)\n", self.process.stdout.readline()).groups()
            self.exports[name] = value
        return self

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}

    def call(self, connection, method, path, body=None):
        connection.request(method, path, body and json.dumps(body), self.headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {data[:300]!r}")
        return json.loads(data or b"null")

    def resident_mb(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)


def wrk(port, path, seconds, connections, script=None):
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-H", f"Authorization: Bearer {TOKEN}"]
    if script:
        command += ["-s", script]
    out = subprocess.run(command + [f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"{path}: {out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def cold_start(binary, runs=10):
    """From exec to the end of the first answer of the API, in milliseconds."""
    times = []
    for _ in range(runs):
        server = Server(binary, "serve", "--port", "0")
        server.call(server.connection(), "GET", "/api/2.1/unity-catalog/catalogs")
        times.append((time.perf_counter() - server.begun) * 1000)
        server.stop()
    return statistics.median(times)


def median_ms(server, method, path, body, runs=2000):
    connection = server.connection()
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        server.call(connection, method, path, body)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def nginx(folder, body, seconds, connections):
    if not shutil.which("nginx"):
        return None
    root = pathlib.Path(folder, "www")
    root.mkdir()
    (root / "body.json").write_bytes(body)
    config = pathlib.Path(folder, "nginx.conf")
    config.write_text(f"""worker_processes 2; pid {folder}/pid; error_log /dev/null; daemon off; {'user root;' if os.geteuid() == 0 else ''}
events {{}} http {{ access_log off; default_type application/json; keepalive_requests 1000000000;
server {{ listen 127.0.0.1:18999; root {root}; }} }}""")
    process = subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        return wrk(18999, "/body.json", seconds, connections)
    finally:
        process.terminate()
        process.wait()


def mitmproxy(folder, body, seconds, connections):
    """The server replay of mitmproxy, if mitmdump is on PATH or MITMDUMP names it: one recorded GET, given again and again."""
    program = os.environ.get("MITMDUMP") or shutil.which("mitmdump")
    if not program:
        return None
    flows = pathlib.Path(folder, "flows.har")
    now = "2026-01-01T00:00:00.000Z"
    url = "http://127.0.0.1:18995/body.json"
    flows.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "bench", "version": "1"}, "pages": [], "entries": [{
        "startedDateTime": now, "time": 1, "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0}, "serverIPAddress": "127.0.0.1",
        "request": {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "queryString": [],
                    "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "", "headersSize": -1,
                     "bodySize": len(body), "headers": [{"name": "content-type", "value": "application/json"}],
                     "content": {"size": len(body), "mimeType": "application/json", "text": body.decode()}}}]}}))
    process = subprocess.Popen(
        [program, "-q", "--mode", "reverse:http://127.0.0.1:18995", "--listen-host", "127.0.0.1", "--listen-port", "18994",
         "--set", f"confdir={folder}/mitm", "--set", "connection_strategy=lazy", "--server-replay", str(flows),
         "--set", "server_replay_reuse=true", "--set", "server_replay_extra=404", "--set", "server_replay_refresh=false"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", 18994, timeout=10)
                connection.request("GET", "/body.json")
                answer = connection.getresponse()
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise SystemExit("mitmdump does not answer")
        data = answer.read()
        if answer.status != 200 or data != body:
            raise SystemExit(f"mitmdump does not replay: {answer.status} {data[:200]!r}")
        return wrk(18994, "/body.json", seconds, connections)
    finally:
        process.terminate()
        process.wait()


def large_cassette(folder, count):
    """About a kilobyte an exchange: tables one by one, polls of statements, pages, statements, runs."""
    folder.mkdir()
    with open(folder / "cassette.jsonl", "w") as file:
        file.write('{"cassette":1,"match":["method","path","query","body"],"ignore":{"body":["$.idempotency_token"]}}\n')
        for n in range(1, count + 1):
            answer = {"id": f"{n:08x}", "name": f"object {n}", "owner": "someone@example.com", "comment": "x" * 500,
                      "properties": {f"p{i}": f"value-{n * i}" for i in range(12)}}
            kind = n % 10
            if kind < 6:
                request = {"method": "GET", "path": f"/api/2.1/unity-catalog/tables/main.s{n // 1000}.t{n}"}
            elif kind == 6:
                request = {"method": "GET", "path": f"/api/2.0/sql/statements/{n // 100:032x}"}
                answer["status"] = {"state": "RUNNING" if n % 100 < 90 else "SUCCEEDED"}
            elif kind == 7:
                request = {"method": "GET", "path": "/api/2.2/jobs/list", "query": f"limit=20&page_token=t{n}"}
            elif kind == 8:
                request = {"method": "POST", "path": "/api/2.0/sql/statements", "body": {"statement": f"SELECT {n}", "warehouse_id": "abc"}}
            else:
                request = {"method": "POST", "path": "/api/2.1/jobs/run-now", "body": {"job_id": n, "idempotency_token": str(n)}}
            response = {"status": 200, "headers": {"content-type": "application/json"}, "body": answer}
            file.write(json.dumps({"n": n, "request": request, "response": response, "ms": n % 500}, separators=(",", ":")) + "\n")


def load(binary, cassette, runs=3):
    """From exec to the ready line, in seconds, and the memory then; the median run."""
    results = []
    for _ in range(runs):
        server = Server(binary, "replay", "--cassette", str(cassette), "--port", "0")
        results.append((time.perf_counter() - server.begun, server.resident_mb()))
        server.stop()
    return sorted(results)[runs // 2]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--connections", type=int, default=16)
    args = options.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed")
    figures = {"cold_start_ms": round(cold_start(args.binary), 1)}

    with tempfile.TemporaryDirectory() as folder:
        server = Server(args.binary, "serve", "--port", "0").exported(3)
        connection = server.connection()
        server.call(connection, "GET", "/api/2.1/unity-catalog/catalogs")
        figures["idle_rss_mb"] = round(server.resident_mb(), 1)
        warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
        statement = {"warehouse_id": warehouse, "statement": "SELECT 1"}
        server.call(connection, "POST", "/api/2.0/sql/statements", statement)
        figures["select_1_p50_ms"] = round(median_ms(server, "POST", "/api/2.0/sql/statements", statement), 3)
        made = server.call(connection, "POST", "/api/2.0/sql/statements", {
            **statement, "statement": "CREATE TABLE main.default.t (id BIGINT, name STRING, amount DECIMAL(10,2), day DATE)"})
        assert made["status"]["state"] == "SUCCEEDED", made
        table = "/api/2.1/unity-catalog/tables/main.default.t"
        figures["get_table_per_s"] = round(wrk(server.port, table, args.seconds, args.connections))
        script = pathlib.Path(folder, "select.lua")
        script.write_text(f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{json.dumps(statement)}'""")
        figures["select_1_per_s"] = round(wrk(server.port, "/api/2.0/sql/statements", args.seconds, args.connections, str(script)))

        served = Server(args.binary, "serve", "--port", "0").exported(3)
        figures["feature_lookups"] = feature_serving.lookups(served, TOKEN, seconds=args.seconds, connections=args.connections)
        served.stop()

        virtual = Server(args.binary, "serve", "--port", "0", "--clock", "virtual").exported(3)
        figures["jobs"] = jobs.runs(virtual)
        virtual.stop()

        cassette = pathlib.Path(folder, "cassette")
        recorder = Server(args.binary, "record", "--upstream", f"http://127.0.0.1:{server.port}", "--cassette", str(cassette), "--port", "0")
        through = recorder.connection()
        recorder.call(through, "GET", table)
        # In turns, so that what else the machine does is in both.
        rounds = [(median_ms(server, "GET", table, None, 300), median_ms(recorder, "GET", table, None, 300)) for _ in range(5)]
        direct = statistics.median(d for d, _ in rounds)
        figures["record_overhead_p50_ms"] = round(statistics.median(r - d for d, r in rounds), 3)
        connection.request("GET", table, headers={"Authorization": "Bearer " + TOKEN})
        body = connection.getresponse().read()
        recorder.stop()
        server.stop()

        replayer = Server(args.binary, "replay", "--cassette", str(cassette), "--port", "0")
        figures["get_table_p50_ms"] = round(direct, 3)
        figures["replay_per_s"] = round(wrk(replayer.port, table, args.seconds, args.connections))
        replayer.stop()
        large = pathlib.Path(folder, "large")
        large_cassette(large, 100_000)
        seconds, rss = load(args.binary, large)
        figures["load_100k_s"] = round(seconds, 2)
        figures["load_100k_rss_mb"] = round(rss)
        costs = fault_rules.cost_us(args.binary, folder)
        figures["fault_rules_1000_us"] = max(costs.values())
        figures["fault_rules_1000_worst"] = max(costs, key=costs.get)
        figures.update(delta_writes.figures(Server, args.binary))
        figures.update(delta_tables.figures(Server, args.binary, folder))
        figures.update(workspace.measure(lambda: Server(args.binary, "serve", "--port", "0").exported(3), wrk, TOKEN, args.seconds))
        figures.update(engine.figures(args.binary, folder))
        figures.update(tpch.figures(Server, args.binary, folder))
        figures.update(drivers.figures(Server, args.binary, folder))
        peer = nginx(folder, body, args.seconds, args.connections)
        if peer:
            figures["nginx_per_s"] = round(peer)
            figures["replay_to_nginx"] = round(figures["replay_per_s"] / peer, 2)
        peer = mitmproxy(folder, body, args.seconds, args.connections)
        if peer:
            figures["mitmproxy_per_s"] = round(peer)
            figures["replay_to_mitmproxy"] = round(figures["replay_per_s"] / peer, 1)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    sys.exit(main())
