"""Bodies that are too large for memory, answers that come slowly, and clients that go away, through the recorder."""

import hashlib
import http.client
import json
import pathlib
import re
import threading

import pytest

from upstreams import http_upstream

MB = 1 << 20
TOKEN = "dapi" + "0123456789abcdef" * 2


def block(number):
    return hashlib.sha256(b"%d" % number).digest() * (MB // 32)


def peak_mb(server):
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) / 1024


def connection(server):
    return http.client.HTTPConnection(server.host.removeprefix("http://"), timeout=60)


def exchanges(cassette):
    return [json.loads(line) for line in (cassette / "cassette.jsonl").read_text().splitlines()[1:]]


def stored(cassette):
    folder = cassette / "bodies"
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def record(start, upstream, cassette, *arguments):
    return start("record", "--upstream", upstream, "--cassette", cassette, "--port", 0, *arguments)


def test_large_download_in_bounded_memory(start, cassette):
    count = 64

    def get(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/octet-stream")
        handler.send_header("Content-Length", str(count * MB))
        handler.end_headers()
        for number in range(count):
            handler.wfile.write(block(number))

    with http_upstream(GET=get) as upstream:
        recorder = record(start, upstream, cassette)
        before = peak_mb(recorder)
        client = connection(recorder)
        client.request("GET", "/api/2.0/fs/files/Volumes/main/default/v/big.bin")
        answer = client.getresponse()
        assert answer.headers["Content-Length"] == str(count * MB)
        digest = hashlib.sha256()
        while part := answer.read(MB):
            digest.update(part)
        expected = hashlib.sha256()
        for number in range(count):
            expected.update(block(number))
        assert digest.hexdigest() == expected.hexdigest()
        # The end of the answer says that the exchange is in the file.
        assert [e["response"]["file"] for e in exchanges(cassette)] == ["bodies/" + expected.hexdigest()]
        assert stored(cassette) == [expected.hexdigest()]
        assert peak_mb(recorder) - before < 32
        assert recorder.stop() == 0


def test_large_upload_streams(start, cassette):
    count = 40
    seen = {}

    def put(handler):
        digest = hashlib.sha256()
        for part in handler.body():
            digest.update(part)
        seen[handler.headers.get("Transfer-Encoding")] = digest.hexdigest()
        handler.send_response(204)
        handler.end_headers()

    expected = hashlib.sha256()
    for number in range(count):
        expected.update(block(number))
    with http_upstream(PUT=put) as upstream:
        recorder = record(start, upstream, cassette)
        before = peak_mb(recorder)
        for chunked in [False, True]:
            client = connection(recorder)
            headers = {} if chunked else {"Content-Length": str(count * MB)}
            client.request("PUT", "/api/2.0/fs/files/Volumes/main/default/v/up.bin", (block(n) for n in range(count)),
                           {"Content-Type": "application/octet-stream", **headers}, encode_chunked=chunked)
            assert client.getresponse().read() == b""
            # The connection is as good as before.
            client.request("PUT", "/api/2.0/fs/files/small", b"x")
            answer = client.getresponse()
            assert (answer.status, answer.read()) == (204, b"")
        assert seen[None] == hashlib.sha256(b"x").hexdigest() and seen["chunked"] == expected.hexdigest()
        assert peak_mb(recorder) - before < 32
        assert recorder.stop() == 0
    recorded = exchanges(cassette)
    assert [e["request"].get("file") for e in recorded[::2]] == ["bodies/" + expected.hexdigest()] * 2
    assert stored(cassette) == [expected.hexdigest()]


def test_events_pass_as_they_come(start, cassette):
    received = threading.Event()

    def post(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.chunk(b'data: {"n": 1}\n\n')
        # The second event is sent when the client has the first one.
        assert received.wait(20)
        handler.chunk(b'data: {"n": 2}\n\n')
        handler.chunk(b"")

    with http_upstream(POST=post) as upstream:
        recorder = record(start, upstream, cassette)
        client = connection(recorder)
        client.request("POST", "/serving-endpoints/chat/invocations", b'{"stream":true}')
        answer = client.getresponse()
        assert answer.readline() == b'data: {"n": 1}\n'
        received.set()
        assert answer.read() == b'\ndata: {"n": 2}\n\n'
        [exchange] = exchanges(cassette)
        assert exchange["response"]["text"] == 'data: {"n": 1}\n\ndata: {"n": 2}\n\n'
        assert recorder.stop() == 0


def test_secrets_in_large_bodies(start, cassette):
    """Secrets in binary, also across the edges of what is scrubbed at a time, and in JSON, whose links are rewritten on the way."""
    parts = bytearray(b"\x00\x01 " * MB)
    for place in range(MB - 20, len(parts), MB):
        parts[place:place + len(TOKEN)] = TOKEN.encode()
    rows = [{"i": i, "password": "hunter-two-%d" % i, "text": "x" * 400, "link": "UPSTREAM/f%d" % i} for i in range(4_000)]

    def get(handler):
        if handler.path.endswith("binary"):
            handler.answer(bytes(parts), "application/octet-stream")
        else:
            handler.answer(json.dumps(rows).replace("UPSTREAM", f"http://{handler.headers['Host']}").encode())

    with http_upstream(GET=get) as upstream:
        recorder = record(start, upstream, cassette)
        assert recorder.request("GET", "/binary").body == bytes(parts)
        seen = recorder.request("GET", "/json").json
        assert seen == [{**row, "link": row["link"].replace("UPSTREAM", recorder.host)} for row in rows]
        assert recorder.stop() == 0
    binary, text = ((cassette / e["response"]["file"]).read_bytes() for e in exchanges(cassette))
    assert len(binary) == len(parts) and TOKEN.encode() not in binary
    assert binary.count(b"REDACTED_TOKEN_2") == len(range(MB - 20, len(parts), MB))
    loaded = json.loads(text)
    assert b"hunter-two" not in text and [row["i"] for row in loaded] == list(range(4_000))
    assert len({row["password"] for row in loaded}) == 4_000
    assert loaded[7]["link"] == "http://REDACTED/f7"


def test_client_that_goes_away(start, cassette):
    gone = threading.Event()
    asked = threading.Event()

    def get(handler):
        if handler.path == "/waits":
            asked.set()
            # Nothing is sent: the end is seen only if the recorder passes it on.
            assert handler.connection.recv(1) == b""
            gone.set()
            handler.close_connection = True
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "application/octet-stream")
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(block(0))
        except OSError:
            gone.set()

    with http_upstream(GET=get) as upstream:
        recorder = record(start, upstream, cassette, "--record-failures")
        client = connection(recorder)
        client.request("GET", "/waits")
        assert asked.wait(20)
        client.close()
        assert gone.wait(20)
        gone.clear()
        client = connection(recorder)
        client.request("GET", "/endless")
        answer = client.getresponse()
        assert len(answer.read(8 * MB)) == 8 * MB
        answer.close()
        client.close()
        assert gone.wait(20)
        assert recorder.stop() == 0
    assert exchanges(cassette) == [] and stored(cassette) == []


@pytest.mark.parametrize("failures", [False, True])
def test_upstream_that_breaks_off(start, cassette, failures):
    def get(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/octet-stream")
        handler.send_header("Content-Length", str((4 if handler.path == "/large" else 1) * MB))
        handler.end_headers()
        handler.wfile.write(block(0)[:-1] * (3 if handler.path == "/large" else 1))
        handler.close_connection = True

    with http_upstream(GET=get) as upstream:
        recorder = record(start, upstream, cassette, *["--record-failures"] * failures)
        small = recorder.request("GET", "/small")
        assert (small.status, small.json["error_code"]) == (502, "UPSTREAM_CONNECTION_LOST")
        client = connection(recorder)
        client.request("GET", "/large")
        with pytest.raises(http.client.IncompleteRead):
            client.getresponse().read()
        assert recorder.request("GET", "/small").status == 502
        assert recorder.stop() == 0
    recorded = exchanges(cassette)
    assert [e["request"]["path"] for e in recorded] == (["/small", "/large", "/small"] if failures else [])
    for exchange in recorded:
        assert exchange["response"]["status"] == 502
        assert exchange["response"]["body"]["error_code"] == "UPSTREAM_CONNECTION_LOST"
        assert "127.0.0.1" not in json.dumps(exchange)
    assert stored(cassette) == []
