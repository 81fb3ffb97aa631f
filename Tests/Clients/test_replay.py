"""Replay as real clients see it: polls, positions, fallbacks, the report of misses."""

import concurrent.futures
import http.client
import json

import pytest
from databricks.sdk.service.sql import State

from conftest import TOKEN, run_sql, workspace_client
from test_record_streaming import MB, block, connection, peak_mb
from upstreams import http_upstream

HEADER = {"cassette": 1, "match": ["method", "path", "query", "body"], "ignore": {"body": ["$.idempotency_token"]}}
WAREHOUSE = "/api/2.0/sql/warehouses/0123456789abcdef"


def write(folder, exchanges):
    """A cassette of (method, path, request body, answer[, more of the response])."""
    folder.mkdir(exist_ok=True)
    lines = [HEADER]
    for number, (method, path, body, answer, *more) in enumerate(exchanges, 1):
        path, _, query = path.partition("?")
        request = {"method": method, "path": path}
        if query:
            request["query"] = query
        if body is not None:
            request["body"] = body
        response = {"status": 200, "headers": {"content-type": "application/json"}}
        if answer is not None:
            response["body"] = answer
        response.update(*more)
        lines.append({"n": number, "request": request, "response": response})
    (folder / "cassette.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    return folder


def state(name):
    return ("GET", WAREHOUSE, None, {"id": "0123456789abcdef", "name": "w", "state": name})


def journal(server):
    return server.control("GET", "journal").json["exchanges"]


@pytest.mark.parametrize("between", ["nothing", "other threads"])
def test_a_cold_warehouse_starts_in_two_polls(start, cassette, between):
    exchanges = [("POST", WAREHOUSE + "/start", {}, {})]
    for n in range(200):
        exchanges.append(state("STARTING"))
        if between != "nothing":
            exchanges.append(("POST", "/api/2.0/sql/statements", {"statement": f"SELECT {n}"}, {"statement_id": str(n)}))
            exchanges.append(("POST", "/api/2.0/sql/warehouses/fedcba9876543210/stop", {}, {}))
    exchanges.append(state("RUNNING"))
    server = start("replay", "--cassette", write(cassette, exchanges), "--port", 0, exports=3)
    assert server.exports["DATABRICKS_WAREHOUSE_ID"] == "0123456789abcdef"
    waited = workspace_client(server).warehouses.start("0123456789abcdef").result()
    assert waited.state == State.RUNNING
    assert [e["path"] for e in journal(server) if e["method"] == "GET" and "warehouses" in e["path"]] == [WAREHOUSE] * 2
    assert server.stop() == 0


def test_each_token_has_its_own_place(start, cassette):
    exchanges = [("POST", "/api/2.1/jobs/create", {"name": "j"}, {"job_id": n}) for n in (1, 2, 3)] + [state("STOPPED"), state("RUNNING")]
    server = start("replay", "--cassette", write(cassette, exchanges), "--port", 0)

    def suite(number):
        made = [server.request("POST", "/api/2.1/jobs/create", {"name": "j"}, token=f"dapi{number}").json["job_id"] for _ in range(3)]
        return made + [server.request("GET", WAREHOUSE, token=f"dapi{number}").json["state"] for _ in range(2)]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(suite, range(16))) == [[1, 2, 3, "STOPPED", "RUNNING"]] * 16
    assert server.request("POST", "/api/2.1/jobs/create", {"name": "j"}, token="dapi0").status == 404
    assert server.request("POST", "/api/2.1/jobs/create", {"name": "j"}, token=None).json["job_id"] == 1
    assert server.control("POST", "reset").status == 200
    assert suite(0) == [1, 2, 3, "STOPPED", "RUNNING"]
    # A reset forgets the misses before it.
    assert server.stop() == 0


def test_answers_are_those_of_the_recording(start, cassette):
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Odd-Case": "1", "etag": "\"a\"", "Date": "Sat, 01 Nov 2025 10:00:00 GMT",
               "x-last": "z"}
    text = '{ "a" : 1.50,\r\n "é":"\\u00e9" }\n'
    blob = bytes(range(256)) * 40
    write(cassette, [
        ("GET", "/api/2.0/x", None, None, {"headers": headers, "text": text}),
        ("GET", "/api/2.0/fs/files/Volumes/a", None, None, {"headers": {"content-type": "application/octet-stream"}, "file": "bodies/" + digest(blob)}),
        ("DELETE", "/api/2.0/x", None, None, {"status": 204, "headers": {}}),
    ])
    (cassette / "bodies").mkdir()
    (cassette / "bodies" / digest(blob)).write_bytes(blob)
    server = start("replay", "--cassette", cassette, "--port", 0)
    connection = http.client.HTTPConnection(server.host.removeprefix("http://"))
    connection.request("GET", "/api/2.0/x")
    answer = connection.getresponse()
    assert answer.read() == text.encode()
    assert [pair for pair in answer.getheaders() if pair[0].lower() != "content-length"] == list(headers.items())
    assert server.request("GET", "/api/2.0/fs/files/Volumes/a").body == blob
    gone = server.request("DELETE", "/api/2.0/x")
    assert (gone.status, gone.body) == (204, b"")


def digest(data):
    import hashlib
    return hashlib.sha256(data).hexdigest()


def test_misses_are_reported_at_the_end(start, cassette):
    write(cassette, [
        ("POST", "/api/2.1/jobs/create", {"name": "j", "tags": {"a": [1, 2]}}, {}),
        ("GET", "/api/2.1/unity-catalog/catalogs/main?max_results=5", None, {}),
        ("POST", "/api/2.0/connections", {"options": {"password": "REDACTED_PASSWORD_1"}}, {}),
    ])
    server = start("replay", "--cassette", cassette, "--port", 0)
    for _ in range(2):
        missed = server.request("POST", "/api/2.1/jobs/create", {"name": "j", "tags": {"a": [1, 3]}})
    assert (missed.status, missed.json["error_code"]) == (404, "CASSETTE_MISS")
    assert "body $.tags.a[1]: recorded 2, asked 3" in missed.json["message"]
    server.request("GET", "/api/2.1/unity-catalog/catalogs/mian?max_results=6")
    server.request("POST", "/api/2.0/connections", {"options": {"password": "hunter2", "user": "u"}})
    assert server.stop() == 2
    assert "4 requests had no recorded answer" in server.err
    assert "2 × POST /api/2.1/jobs/create" in server.err
    assert "path segment 5: recorded main, asked mian" in server.err
    assert "query max_results: recorded 5, asked 6" in server.err
    assert "body $.options.user: recorded without it" in server.err
    assert "hunter2" not in server.err


def test_a_client_may_look_for_its_host(start, cassette):
    """Newer SDKs ask for the host's metadata, and do without."""
    server = start("replay", "--cassette", write(cassette, [state("RUNNING")]), "--port", 0)
    assert server.request("GET", "/.well-known/databricks-config").json["error_code"] == "CASSETTE_MISS"
    assert server.stop() == 0


def test_recorded_latency(start, cassette):
    write(cassette, [("GET", "/api/2.0/x", None, {"a": 1})])
    text = (cassette / "cassette.jsonl").read_text().rstrip()
    (cassette / "cassette.jsonl").write_text(text[:-1] + ',"ms":150}\n')
    server = start("replay", "--cassette", cassette, "--port", 0, "--latency", "recorded")
    assert server.request("GET", "/api/2.0/x").json == {"a": 1}
    assert journal(server)[0]["duration_ms"] >= 150


def test_the_simulator_answers_what_is_not_recorded(start, cassette):
    write(cassette, [state("RUNNING"), ("GET", "/api/2.1/unity-catalog/catalogs/recorded", None, {"name": "recorded"})])
    server = start("replay", "--cassette", cassette, "--port", 0, "--fallback", "simulate", "--seed", 7, exports=3)
    client = workspace_client(server, token="anything")
    assert client.catalogs.get("recorded").name == "recorded"
    assert client.catalogs.get("main").name == "main"
    # The recorded warehouse stands for the simulated one, in both directions.
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    run_sql(client, "CREATE TABLE main.default.t (a INT)", warehouse)
    run_sql(client, "INSERT INTO main.default.t VALUES (1), (2)", warehouse)
    assert run_sql(client, "SELECT sum(a) FROM main.default.t", warehouse) == [["3"]]
    assert [w.id for w in client.warehouses.list()] == [warehouse]
    assert client.tables.get("main.default.t").name == "t"
    notes = {e["path"]: e["note"] for e in journal(server)}
    assert notes["/api/2.1/unity-catalog/catalogs/main"] == "not recorded; answered by the simulator"
    assert notes["/api/2.1/unity-catalog/catalogs/recorded"].endswith("cassette.jsonl:3")
    # What the simulator refuses is its own refusal, and its own tokens are its own.
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs/none").json["error_code"] == "CATALOG_DOES_NOT_EXIST"
    own = client.tokens.create(comment="c").token_value
    assert server.request("GET", "/api/2.0/preview/scim/v2/Me", token=own).status == 200
    assert server.control("POST", "reset").status == 200
    assert server.request("GET", "/api/2.1/unity-catalog/tables/main.default.t").status == 404
    assert server.stop() == 0


def test_the_upstream_answers_what_is_not_recorded(start, cassette):
    write(cassette, [("GET", "/api/2.1/unity-catalog/catalogs/main", None, {"name": "recorded"})])
    upstream = start("serve", "--port", 0)
    server = start("replay", "--cassette", cassette, "--port", 0, "--fallback", "upstream=" + upstream.host)
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs/main").json == {"name": "recorded"}
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs/system").json["name"] == "system"
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs/system", token="dapiwrong").status in (401, 403)
    config = server.request("GET", "/.well-known/databricks-config")
    assert upstream.host not in config.body.decode()
    assert [e["path"] for e in journal(upstream)][:2] == ["/api/2.1/unity-catalog/catalogs/system"] * 2
    assert journal(server)[1]["note"] == "not recorded; answered by " + upstream.host
    upstream.stop()
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs/system").json["error_code"] == "UPSTREAM_UNREACHABLE"
    assert server.stop() == 0
    assert len((cassette / "cassette.jsonl").read_text().splitlines()) == 2


def test_large_answers_of_the_upstream_are_not_held(start, cassette):
    count = 64
    host = []

    def get(handler):
        handler.send_response(200)
        if handler.path == "/api/2.0/cut":
            handler.send_header("Content-Length", str(8 * MB))
            handler.end_headers()
            handler.wfile.write(b"x" * (2 * MB))
            handler.close_connection = True
        elif handler.path == "/api/2.0/lines":
            # Text of unknown length, with links that the client is to follow through the server.
            handler.send_header("Content-Type", "application/x-ndjson")
            handler.end_headers()
            for _ in range(3 * MB // 64):
                handler.wfile.write(b'{"url":"%s/f","pad":"......................"}\n' % host[0].encode())
            handler.close_connection = True
        else:
            handler.send_header("Content-Type", "application/octet-stream")
            handler.send_header("Content-Length", str(count * MB))
            handler.end_headers()
            for number in range(count):
                handler.wfile.write(block(number))

    write(cassette, [("GET", "/api/2.0/x", None, {"a": 1})])
    with http_upstream(GET=get) as upstream:
        host.append(upstream)
        server = start("replay", "--cassette", cassette, "--port", 0, "--fallback", "upstream=" + upstream)
        before = peak_mb(server)
        client = connection(server)
        client.request("GET", "/api/2.0/fs/files/big.bin")
        answer = client.getresponse()
        assert answer.headers["Content-Length"] == str(count * MB)
        for number in range(count):
            assert answer.read(MB) == block(number)
        assert answer.read() == b""
        assert peak_mb(server) - before < 32
        client.request("GET", "/api/2.0/lines")
        text = client.getresponse().read()
        assert upstream.encode() not in text
        assert text.splitlines() == [b'{"url":"%s/f","pad":"......................"}' % server.host.encode()] * (3 * MB // 64)
        # A large answer that is broken off is broken off for the client, too.
        client.request("GET", "/api/2.0/cut")
        with pytest.raises(http.client.IncompleteRead):
            client.getresponse().read()
        assert server.request("GET", "/api/2.0/x").json == {"a": 1}
        assert server.stop() == 0
