"""The recorder before upstreams of many kinds: behind TLS and proxies, over HTTP/2, with their own links, and broken ones."""

import http.client
import json
import pathlib
import re
import socket
import threading

import pytest
from databricks.sdk import WorkspaceClient

from conftest import workspace_client
from upstreams import certificate, http_upstream, raw_upstream, read_head


def record(start, upstream, cassette, *arguments, **options):
    return start("record", "--upstream", upstream, "--cassette", cassette, "--port", 0, *arguments, **options)


def exchanges(cassette):
    return [json.loads(line) for line in (cassette / "cassette.jsonl").read_text().splitlines()[1:]]


# Empty counts as not set; whoever runs the tests may have some of these.
NO_AUTHORITIES = {name: "" for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"]}


# MARK: TLS, proxies, HTTP/2


def workspace(handler):
    """A workspace that names itself by absolute URLs, as the real one does."""
    me = f"https://{handler.headers['Host']}"
    if handler.path == "/.well-known/databricks-config":
        handler.answer(json.dumps({"oidc_endpoint": me + "/oidc", "workspace_id": "1", "cloud": "AWS"}).encode())
    elif handler.path == "/oidc/.well-known/oauth-authorization-server":
        handler.answer(json.dumps({"token_endpoint": me + "/oidc/v1/token", "authorization_endpoint": me + "/oidc/v1/authorize"}).encode())
    elif handler.path == "/oidc/v1/token":
        assert b"grant_type=client_credentials" in b"".join(handler.body())
        handler.answer(json.dumps({"access_token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", "token_type": "Bearer", "expires_in": 3600}).encode())
    elif handler.path == "/moved":
        handler.answer(b"", status=307, headers=[("Location", me + "/api/2.0/elsewhere?x=1")])
    else:
        assert handler.headers["Authorization"].startswith("Bearer eyJ")
        handler.answer(json.dumps({"userName": "robot"}).encode())


def test_tls_and_oauth_through_the_recorder(start, cassette, tmp_path):
    """An SDK with a client's id and secret needs nothing but the recorder's address."""
    authority, context = certificate(tmp_path, "workspace.test")
    with http_upstream(context, GET=workspace, POST=workspace) as upstream:
        recorder = record(start, upstream, cassette, env={**NO_AUTHORITIES, "SSL_CERT_FILE": str(authority)})
        client = WorkspaceClient(host=recorder.host, client_id="robot", client_secret="dose" + "0a" * 16)
        assert client.current_user.me().user_name == "robot"
        moved = http.client.HTTPConnection(recorder.host.removeprefix("http://"), timeout=60)
        moved.request("GET", "/moved")
        assert moved.getresponse().headers["Location"] == recorder.host + "/api/2.0/elsewhere?x=1"
        assert recorder.stop() == 0
        untrusting = record(start, upstream, tmp_path / "c2", env=NO_AUTHORITIES)
        answer = untrusting.request("GET", "/api/2.0/x")
        assert (answer.status, answer.json["error_code"]) == (502, "UPSTREAM_TLS_ERROR")
        assert untrusting.stop() == 0
    paths = [e["request"]["path"] for e in exchanges(cassette)]
    assert "/oidc/v1/token" in paths and paths[-2] == "/api/2.0/preview/scim/v2/Me"
    text = (cassette / "cassette.jsonl").read_text()
    assert "c2lnbmF0dXJl" not in text and "0a0a0a0a" not in text and upstream.removeprefix("https://") not in text

    replayer = start("replay", "--cassette", cassette, "--port", 0)
    client = WorkspaceClient(host=replayer.host, client_id="robot", client_secret="any")
    assert client.current_user.me().user_name == "robot"
    assert replayer.stop() == 0


def proxy(target, seen):
    """Answers CONNECT by a tunnel to `target`, and plain requests itself."""
    def run(connection):
        head = read_head(connection)
        seen.append(head.split(b"\r\n")[0].decode())
        if not head.startswith(b"CONNECT"):
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}')
            return
        with socket.create_connection(target) as other:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=copy, args=(other, connection), daemon=True).start()
            copy(connection, other)
    return run


def copy(source, target):
    try:
        while part := source.recv(1 << 16):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_proxies_of_the_environment(start, cassette, tmp_path):
    authority, context = certificate(tmp_path, "workspace.test")
    seen = []
    with http_upstream(context, GET=lambda handler: handler.answer(b'{"b":2}')) as secure:
        port = int(secure.rpartition(":")[2])
        with raw_upstream(proxy(("127.0.0.1", port), seen)) as proxied:
            environment = {**NO_AUTHORITIES, "http_proxy": proxied, "HTTPS_PROXY": proxied, "NO_PROXY": "direct.invalid", "REQUESTS_CA_BUNDLE": str(authority)}
            for upstream, expected in [("https://workspace.test", {"b": 2}), ("http://workspace.test", {"a": 1})]:
                recorder = record(start, upstream, tmp_path / upstream[:5], env=environment)
                assert recorder.request("GET", "/api/2.0/x").json == expected
                assert recorder.stop() == 0
            direct = record(start, "https://direct.invalid", cassette, env=environment)
            assert direct.request("GET", "/api/2.0/x").json["error_code"] == "UPSTREAM_UNREACHABLE"
            assert direct.stop() == 0
    assert seen == ["CONNECT workspace.test:443 HTTP/1.1", "GET http://workspace.test/api/2.0/x HTTP/1.1"]


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def http2(answer):
    """A server of one connection that speaks HTTP/2; `answer` gives what to send for a stream that was opened."""
    def run(connection):
        def read(count):
            data = b""
            while len(data) < count:
                part = connection.recv(count - len(data))
                if not part:
                    raise OSError
                data += part
            return data

        assert connection.selected_alpn_protocol() == "h2"
        assert read(24) == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        connection.sendall(frame(4, 0, 0))
        while True:
            head = read(9)
            payload = read(int.from_bytes(head[:3], "big"))
            if head[3] == 4 and not head[4] & 1:
                connection.sendall(frame(4, 1, 0))
            if head[3] == 1:
                connection.sendall(answer(int.from_bytes(head[5:], "big"), payload))
    return run


def test_http2_upstream(start, cassette, tmp_path):
    authority, context = certificate(tmp_path, "workspace.test")
    context.set_alpn_protocols(["h2"])

    def good(stream, _):
        # :status 200 of the static table, and content-type by its index there.
        head = b"\x88\x5f\x10application/json"
        return frame(1, 4, stream, head) + frame(0, 1, stream, b'{"stream":%d}' % stream)

    def bad(stream, _):
        return frame(9, 0, stream, b"\xff" * 50) + b"rubbish that is no frame at all" * 10

    for number, script in enumerate([good, bad]):
        def secure(connection, script=script):
            http2(script)(context.wrap_socket(connection, server_side=True))

        with raw_upstream(secure) as upstream:
            recorder = record(start, upstream.replace("http:", "https:"), tmp_path / f"c{number}", env={"CURL_CA_BUNDLE": str(authority)})
            answers = [recorder.request("GET", "/api/2.0/x") for _ in range(2)]
            if script is good:
                # One connection, a stream for each request.
                assert [a.json for a in answers] == [{"stream": 1}, {"stream": 3}]
            else:
                # libcurl ends the connection in some cases without saying why.
                assert [a.status for a in answers] == [502, 502]
                assert {a.json["error_code"] for a in answers} <= {"UPSTREAM_PROTOCOL_ERROR", "UPSTREAM_CONNECTION_LOST"}
            assert recorder.stop() == 0


# MARK: Upstreams that lie


def slowly(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"x")
        if threading.Event().wait(0.2):
            return


def endless(connection, head, part):
    connection.sendall(head)
    while True:
        connection.sendall(part)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LIARS = {
    "too short": (lambda c: c.sendall(OK + b"Content-Length: 100\r\n\r\n{}"), 502, "UPSTREAM_CONNECTION_LOST"),
    "no answer": (lambda c: None, 502, "UPSTREAM_CONNECTION_LOST"),
    "negative length": (lambda c: c.sendall(OK + b"Content-Length: -5\r\n\r\n{}"), 502, None),
    "cut chunk": (lambda c: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\n{"), 502, "UPSTREAM_CONNECTION_LOST"),
    "no last chunk": (lambda c: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), 502, "UPSTREAM_CONNECTION_LOST"),
    "bad encoding": (lambda c: c.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"), 502, "UPSTREAM_PROTOCOL_ERROR"),
    "two lengths": (lambda c: c.sendall(OK + b"Content-Length: 5\r\nContent-Length: 2\r\n\r\n{}"), 502, None),
    "garbage": (lambda c: c.sendall(b"\x00\xff" * 500), 502, "UPSTREAM_PROTOCOL_ERROR"),
    "status": (lambda c: c.sendall(b"HTTP/1.1 9999 No\r\n\r\n"), 502, None),
    "chunk size": (lambda c: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}"), 502, "UPSTREAM_PROTOCOL_ERROR"),
    "huge chunk": (lambda c: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n7FFFFFFF\r\n{}"), 502, "UPSTREAM_CONNECTION_LOST"),
    "no chunk": (lambda c: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n"), 502, "UPSTREAM_PROTOCOL_ERROR"),
    "one header": (lambda c: endless(c, OK + b"X-Long: ", b"x" * 65536), 502, None),
    "many headers": (lambda c: endless(c, OK, b"X-A: b\r\n" * 8192), 502, "UPSTREAM_PROTOCOL_ERROR"),
    "slow": (slowly, 504, "UPSTREAM_TIMEOUT"),
    "silent": (lambda c: c.recv(1), 504, "UPSTREAM_TIMEOUT"),
}


def test_upstreams_that_lie(start, cassette):
    """Each is named, none is recorded, memory stays bounded, and the recorder goes on."""
    def serve(connection):
        head = read_head(connection).decode()
        name = re.match(r"GET /liar/(\S+)", head)
        if name:
            LIARS[name[1].replace("%20", " ")][0](connection)
        else:
            connection.sendall(OK + b"Content-Length: 2\r\n\r\n{}")

    with raw_upstream(serve) as upstream:
        recorder = record(start, upstream, cassette, "--idle-timeout", "1s")
        for name, (_, status, code) in LIARS.items():
            answer = recorder.request("GET", "/liar/" + name.replace(" ", "%20"))
            assert (name, answer.status) == (name, status)
            assert answer.json["error_code"] == code or code is None and answer.json["error_code"].startswith("UPSTREAM_"), (name, answer.body)
            assert recorder.request("GET", "/fine").status == 200
        text = pathlib.Path(f"/proc/{recorder.process.pid}/status").read_text()
        assert int(re.search(r"VmHWM:\s+(\d+)", text)[1]) < 150_000
        assert recorder.stop() == 0
    assert [e["request"]["path"] for e in exchanges(cassette)] == ["/fine"] * len(LIARS)


def test_more_than_was_announced(start, cassette):
    """What follows an answer's last byte is not taken for the next answer."""
    def serve(connection):
        for _ in range(2):
            if read_head(connection):
                connection.sendall(OK + b'Content-Length: 9\r\n\r\n{"of":"a"}' + OK + b'Content-Length: 11\r\n\r\n{"of":"evil"}')

    with raw_upstream(serve) as upstream:
        recorder = record(start, upstream, cassette)
        # The length is one byte short, so that the answer is no JSON; it is passed on and kept as it came.
        assert [recorder.request("GET", "/x").body for _ in range(3)] == [b'{"of":"a"'] * 3
        assert recorder.stop() == 0
    assert [e["response"]["text"] for e in exchanges(cassette)] == ['{"of":"a"'] * 3


def test_a_slow_body_holds_up_nobody(start, cassette):
    """A body that drips is waited for by its own client alone; cut off in the end, it is an error."""
    begun, cut = threading.Event(), threading.Event()

    def serve(connection):
        if b"/slow" not in read_head(connection):
            return connection.sendall(OK + b"Content-Length: 2\r\n\r\n{}")
        connection.sendall(OK + b"Content-Length: 100000\r\n\r\n")
        while not cut.wait(0.05):
            connection.sendall(b" ")
            begun.set()

    with raw_upstream(serve) as upstream:
        recorder = record(start, upstream, cassette)
        answers = []
        slow = threading.Thread(target=lambda: answers.append(recorder.request("GET", "/slow")))
        slow.start()
        assert begun.wait(20)
        assert [recorder.request("GET", f"/{n}").status for n in range(50)] == [200] * 50
        assert answers == []
        cut.set()
        slow.join()
        assert (answers[0].status, answers[0].json["error_code"]) == (502, "UPSTREAM_CONNECTION_LOST")
        assert recorder.stop() == 0
    assert [e["request"]["path"] for e in exchanges(cassette)] == [f"/{n}" for n in range(50)]


def test_hosts_that_are_not_allowed(start, cassette):
    """A link to a host that nobody named stays as it is, and what the client makes of it is not forwarded."""
    asked = []
    with http_upstream(GET=lambda handler: (asked.append(handler.path), handler.answer(b"{}"))) as other, \
            http_upstream(GET=lambda handler: handler.answer(json.dumps({"link": other + "/file"}).encode())) as upstream:
        allowing = record(start, upstream, cassette / "1", "--allow-host", other.removeprefix("http://"))
        through = allowing.request("GET", "/api/2.0/x").json["link"].removeprefix(allowing.host)
        recorder = record(start, upstream, cassette / "2")
        assert recorder.request("GET", "/api/2.0/x").json == {"link": other + "/file"}
        refused = recorder.request("GET", through)
        assert (refused.status, refused.json["error_code"]) == (403, "UPSTREAM_HOST_NOT_ALLOWED")
        assert asked == []
        assert allowing.request("GET", through).status == 200 and asked == ["/file"]
        assert allowing.stop() == recorder.stop() == 0
    assert [e["request"]["path"] for e in exchanges(cassette / "2")] == ["/api/2.0/x"]


# MARK: Links


def test_links_in_lines_of_json(start, cassette, tmp_path):
    """Delta Sharing's answer is a document a line; its files lie on another host, and pass through."""
    with http_upstream(GET=lambda handler: handler.answer(b"PAR1" + handler.path.encode() + b"PAR1", "binary/octet-stream")) as storage:
        lines = "\n".join(json.dumps(value) for value in [
            {"protocol": {"minReaderVersion": 1}}, {"file": {"url": storage + "/part-0?X-Amz-Signature=0123456789abcdef", "size": 9}},
            {"file": {"url": storage + "/part-1?X-Amz-Signature=fedcba9876543210", "size": 9}}]) + "\n"
        with http_upstream(POST=lambda handler: handler.answer(lines.encode(), "application/x-ndjson; charset=utf-8")) as upstream:
            recorder = record(start, upstream, cassette, "--allow-host", storage.removeprefix("http://"))

            def read(server):
                answer = server.request("POST", "/delta-sharing/shares/s/schemas/d/tables/t/query", {"limitHint": 1})
                links = [json.loads(line)["file"]["url"] for line in answer.body.decode().splitlines()[1:]]
                assert all(link.startswith(server.host + "/") for link in links)
                return [server.request("GET", link.removeprefix(server.host), token=None).body for link in links]

            seen = read(recorder)
            assert [s[:11] for s in seen] == [b"PAR1/part-0", b"PAR1/part-1"]
            assert recorder.stop() == 0
    assert "0123456789abcdef" not in (cassette / "cassette.jsonl").read_text()
    replayer = start("replay", "--cassette", cassette, "--port", 0)
    assert [s[:11] for s in read(replayer)] == [b"PAR1/part-0", b"PAR1/part-1"]
    assert replayer.stop() == 0
