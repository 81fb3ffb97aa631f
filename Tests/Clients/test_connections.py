"""What a connection does with requests as bytes: order, limits, ends; on the simulator and on replay, which answer in different ways."""

import json
import socket

import pytest

from conftest import TOKEN, Server

CATALOGS = "/api/2.1/unity-catalog/catalogs"
# No two stretches of it are equal.
LONG = ",".join(str(n) for n in range(300_000))


@pytest.fixture(scope="module")
def replayer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cassette")
    lines = [{"cassette": 1, "match": ["method", "path", "query", "body"]}]
    for n in range(5):
        lines.append({
            "n": n + 1, "request": {"method": "GET", "path": f"/api/2.0/x/{n}"},
            "response": {"status": 200, "headers": {"content-type": "application/json"}, "body": {"n": n, "text": "x" * n}}})
    lines.append({"n": 6, "request": {"method": "POST", "path": "/api/2.0/x", "body": {"a": 1}}, "response": {"status": 204}})
    lines.append({"n": 7, "request": {"method": "GET", "path": "/api/2.0/long"}, "response": {"status": 200, "body": {"text": LONG}}})
    (folder / "cassette.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    server = Server("replay", "--cassette", folder, "--port", 0)
    yield server
    server.stop()


class Client:
    """Bytes to a server, answers back."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", int(server.host.rsplit(":", 1)[1])), timeout=20)
        self.file = self.socket.makefile("rb")

    def send(self, *parts):
        self.socket.sendall(b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))

    def answer(self, head=False):
        """Status, headers in lower case, body."""
        line = self.file.readline()
        if not line:
            return None
        version, status = line.split(b" ", 2)[:2]
        assert version == b"HTTP/1.1", line
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, value = line.decode().rstrip("\r\n").split(": ", 1)
            assert name.lower() not in headers, name
            headers[name.lower()] = value
        length = 0 if head or status in (b"204", b"100") else int(headers["content-length"])
        return int(status), headers, self.file.read(length)

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def connect():
    clients = []

    def connect(server):
        clients.append(Client(server))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def get(path, *headers, version="1.1", method="GET"):
    lines = [f"{method} {path} HTTP/{version}", "Host: h", f"Authorization: Bearer {TOKEN}", *headers]
    return "\r\n".join(lines) + "\r\n\r\n"


def test_requests_in_one_piece_are_answered_in_their_order(replayer, server, connect):
    client = connect(replayer)
    client.send(*[get(f"/api/2.0/x/{n % 5}") for n in range(500)])
    for n in range(500):
        status, headers, body = client.answer()
        assert (status, json.loads(body)["n"]) == (200, n % 5) and headers["content-type"] == "application/json"
    # Answers that are waited for, and others behind them that are not.
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]
    client = connect(server)
    for n in range(40):
        body = json.dumps({"warehouse_id": warehouse, "statement": f"SELECT {n}"})
        client.send(get("/api/2.0/sql/statements", "Content-Type: application/json", f"Content-Length: {len(body)}", method="POST"), body)
        client.send(get(CATALOGS))
    for n in range(40):
        status, _, body = client.answer()
        assert status == 200 and json.loads(body)["result"]["data_array"] == [[str(n)]]
        status, _, body = client.answer()
        assert status == 200 and len(json.loads(body)["catalogs"]) == 4


def test_long_answers_in_one_row(replayer, connect):
    """More than the sockets hold is asked for before anything is read."""
    client = connect(replayer)
    client.send(*[get("/api/2.0/long") + get(f"/api/2.0/x/{n % 5}") for n in range(8)])
    client.send(get("/api/2.0/long", "Connection: close"))
    for n in range(8):
        status, _, body = client.answer()
        assert status == 200 and json.loads(body)["text"] == LONG
        assert json.loads(client.answer()[2])["n"] == n % 5
    assert json.loads(client.answer()[2])["text"] == LONG
    assert client.answer() is None


def test_requests_byte_by_byte(replayer, connect):
    client = connect(replayer)
    body = json.dumps({"a": 1})
    for byte in get("/api/2.0/x", f"Content-Length: {len(body)}", method="POST") + body:
        client.send(byte)
    status, headers, _ = client.answer()
    assert status == 204 and "content-length" not in headers
    client.send(get("/api/2.0/x/2"))
    assert json.loads(client.answer()[2]) == {"n": 2, "text": "xx"}


def test_chunked_request(server, connect):
    client = connect(server)
    body = json.dumps({"name": "chunked"})
    client.send(get(CATALOGS, "Transfer-Encoding: chunked", "Content-Type: application/json", method="POST"))
    for character in body:
        client.send("1\r\n", character, "\r\n")
    client.send("0\r\n\r\n", get(CATALOGS + "/chunked"))
    assert client.answer()[0] == 200
    assert json.loads(client.answer()[2])["name"] == "chunked"


def test_continue_before_the_body(server, connect):
    client = connect(server)
    body = json.dumps({"name": "expected"})
    client.send(get(CATALOGS, "Expect: 100-continue", f"Content-Length: {len(body)}", "Content-Type: application/json", method="POST"))
    assert client.answer() == (100, {}, b"")
    client.send(body)
    assert client.answer()[0] == 200


@pytest.mark.parametrize("version, header, stays", [
    ("1.1", "Accept: */*", True), ("1.1", "Connection: close", False), ("1.0", "Accept: */*", False), ("1.0", "Connection: keep-alive", True)])
def test_whether_the_connection_stays(replayer, connect, version, header, stays):
    client = connect(replayer)
    client.send(get("/api/2.0/x/1", header, version=version), get("/api/2.0/x/2", header, version=version))
    status, headers, _ = client.answer()
    assert status == 200
    assert headers.get("connection") == {"1.1": None, "1.0": "keep-alive"}[version] if stays else headers["connection"] == "close"
    second = client.answer()
    assert json.loads(second[2])["n"] == 2 if stays else second is None


def test_head(replayer, server, connect):
    client = connect(server)
    client.send(get(CATALOGS, method="HEAD"), get(CATALOGS))
    status, headers, _ = client.answer(head=True)
    length = int(headers["content-length"])
    second = client.answer()
    assert status == 200 and second[0] == 200 and len(second[2]) == length > 0


def test_client_that_ends_its_side_gets_its_answer(replayer, server, connect):
    for which, path in [(replayer, "/api/2.0/x/3"), (server, CATALOGS)]:
        client = connect(which)
        client.send(get(path))
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer()[0] == 200
        assert client.answer() is None


def test_what_is_no_http(replayer, connect):
    for nonsense in [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET /x HTTP/1.1\r\nA b: c\r\n\r\n"]:
        client = connect(replayer)
        # What came before it is answered.
        client.send(get("/api/2.0/x/1"), nonsense)
        assert json.loads(client.answer()[2])["n"] == 1
        status, headers, _ = client.answer()
        assert (status, headers["connection"]) == (400, "close")
        assert client.answer() is None


def test_head_without_end(replayer, connect):
    client = connect(replayer)
    try:
        client.send("GET / HTTP/1.1\r\nX: ")
        for _ in range(64):
            client.send("x" * 4096)
    except OSError:
        # Closed while it was still being sent to.
        return
    answer = client.answer()
    assert answer is None or answer[0] == 400


def test_body_over_the_limit(server, connect):
    client = connect(server)
    megabyte = b"x" * (1 << 20)
    client.send(get(CATALOGS, f"Content-Length: {40 << 20}", method="POST"))
    for _ in range(40):
        client.send(megabyte)
    status, _, body = client.answer()
    assert status == 413 and "33554432" in json.loads(body)["message"]
    # The connection is still in order.
    client.send(get(CATALOGS))
    assert client.answer()[0] == 200


def test_client_that_does_not_read(server, connect):
    """Its answers wait for it, in their order, while others are served."""
    client = connect(server)
    path = CATALOGS + "/" + "x" * 8000
    for _ in range(200):
        client.send(get(path))
        assert client.answer()[0] == 400
    # More than the sockets hold.
    client.send(*[get("/_dbxsim/journal"), get(CATALOGS + "/main")] * 10)
    for _ in range(50):
        assert server.request("GET", CATALOGS + "/samples").json["name"] == "samples"
    for _ in range(10):
        status, _, body = client.answer()
        assert status == 200 and len(json.loads(body)["exchanges"]) >= 200 and len(body) > 1_500_000
        assert json.loads(client.answer()[2])["name"] == "main"
