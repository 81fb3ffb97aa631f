"""Paths that try to leave a volume, DBFS or the program's own directory: nothing outside is read, written or deleted, and refused calls change nothing."""

import base64
import http.client
import random
import urllib.parse

from conftest import FUZZ_REQUESTS, FUZZ_SEED

SECRET = b"not for anybody"
PARTS = ["..", ".", "", "%2e%2e", "%2E.", "..%2f..", "%2f", "..%5c", "\\..", "%00", "%", "%c0%ae%c0%ae", "a", "b", "outside", "secret.txt", "etc", "passwd",
         "workspace.sqlite", "storage", "x" * 300, "\u00e9", "~", "..;", ".dbxsim"]
ROOTS = ["/Volumes/main/default/files", "/Volumes/main/default", "/Volumes", "", "/tmp", "/dbfs", "/FileStore", "/Volumes/../.."]


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_nothing_outside_is_reached(start, tmp_path):
    outside, data = tmp_path / "outside", tmp_path / "data"
    outside.mkdir()
    data.mkdir()
    (outside / "secret.txt").write_bytes(SECRET)
    server = start("serve", "--port", 0, "--data-dir", data)
    volume = {"catalog_name": "main", "schema_name": "default", "name": "files", "volume_type": "MANAGED"}
    assert server.request("POST", "/api/2.1/unity-catalog/volumes", volume).status == 200
    assert server.request("PUT", "/api/2.0/fs/files/Volumes/main/default/files/kept", b"kept").status == 204
    assert server.request("POST", "/api/2.0/dbfs/put", {"path": "/tmp/kept", "contents": "eA=="}).status == 200
    names = {p.name.split("-")[0] for p in data.iterdir()}
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.host).netloc, timeout=30)

    def send(method, target, body=None, content_type="application/json"):
        connection.putrequest(method, urllib.parse.quote(target, safe="/%?=&;~"), skip_accept_encoding=True)
        connection.putheader("Authorization", "Bearer dapi-dbxsim")
        connection.putheader("Content-Type", content_type)
        connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body or b"")
        answer = connection.getresponse()
        return answer.status, answer.read()

    draw = random.Random(FUZZ_SEED)
    refused = 0
    storage = data / "storage"
    for n in range(FUZZ_REQUESTS):
        path = draw.choice(ROOTS) + "".join("/" + part for part in draw.choices(PARTS, k=draw.randrange(0, 6)))
        raw = path.replace(" ", "%20").replace("\\", "%5c")
        encoded = urllib.parse.quote(path, safe="/" if n % 2 else "")
        literal = urllib.parse.unquote(path, errors="replace")
        json_path = '"' + literal.replace("\\", "\\\\").replace("\0", "\\u0000") + '"'
        before = contents(storage)
        kind = draw.randrange(10)
        if kind < 4:
            method = draw.choice(["GET", "PUT", "DELETE", "HEAD"])
            route = draw.choice(["files", "directories"])
            status, body = send(method, f"/api/2.0/fs/{route}{raw if n % 3 else '/' + encoded}", b"written" if method == "PUT" else None)
        elif kind < 6:
            status, body = send("GET", f"/api/2.0/dbfs/{draw.choice(['read', 'list', 'get-status'])}?path={urllib.parse.quote(literal)}")
        elif kind < 9:
            call = draw.choice(["put", "delete", "mkdirs", "create", "move"])
            fields = {"put": ',"contents":"eA==","overwrite":true', "delete": ',"recursive":true', "move": ',"destination_path":"/tmp/../../moved"'}
            source = "source_path" if call == "move" else "path"
            status, body = send("POST", f"/api/2.0/dbfs/{call}", f'{{"{source}":{json_path}{fields.get(call, "")}}}'.encode())
        else:
            status, body = send(draw.choice(["GET", "PUT", "DELETE"]), raw or "/", b"written")
        assert status < 500, (n, kind, path, status, body)
        assert SECRET not in body and base64.b64encode(SECRET) not in body and b"root:" not in body and b"SQLite format" not in body, (n, path)
        if status >= 400:
            refused += 1
            assert contents(storage) == before, (n, kind, path, status, body)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "outside"], (n, path)
        assert contents(outside) == {"secret.txt": SECRET}, (n, path)
        assert {p.name.split("-")[0] for p in data.iterdir()} == names, (n, path)
    assert FUZZ_REQUESTS // 4 < refused < FUZZ_REQUESTS
    assert send("GET", "/api/2.1/unity-catalog/catalogs")[0] == 200
