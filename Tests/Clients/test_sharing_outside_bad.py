"""Sharing servers that fail, lie or hang: each ends in a named error, and nothing of the credential is told."""

import base64
import io
import json
import threading
import urllib.parse
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service import sharing as s

from conftest import run_sql
from upstreams import http_upstream, raw_upstream

SCHEMA = json.dumps({"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": True, "metadata": {}}]})
TOKEN = "very-secret-token"


def parquet(*ids):
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": pa.array(ids, pa.int64())}), sink)
    return sink.getvalue()


class Endpoint:
    """A sharing server of one table; what it answers can be changed by path."""

    def __init__(self):
        self.file = parquet(1, 2, 3)
        self.size = None
        self.changed = {}
        self.asked = []
        self.link = None
        self.version = 0

    def head(self):
        return [{"protocol": {"minReaderVersion": 1}},
                {"metaData": {"id": "t", "format": {"provider": "parquet"}, "schemaString": SCHEMA, "partitionColumns": [], "configuration": {}}}]

    def entry(self, **changes):
        return {"file": {"url": self.link or self.url + "/data/f.parquet?sig=SECRETSIG", "id": "f", "partitionValues": {},
                         "size": self.size if self.size is not None else len(self.file), **changes}}

    def lines(self, *lines):
        return b"\n".join(json.dumps(x).encode() for x in lines)

    def usual(self, path):
        if path.endswith("/shares"):
            return json.dumps({"items": [{"name": "One", "id": "1"}]}).encode()
        if path.endswith("/schemas"):
            return json.dumps({"items": [{"name": "s", "share": "one"}]}).encode()
        if path.endswith("/all-tables"):
            return json.dumps({"items": [{"name": "T", "schema": "S", "share": "one"}]}).encode()
        if path.endswith("/metadata"):
            return self.lines(*self.head())
        if path.endswith("/query"):
            return self.lines(*self.head(), self.entry())
        return self.file

    def handle(self, handler):
        path = urllib.parse.urlsplit(handler.path).path
        list(handler.body())
        self.asked.append((handler.command, handler.path, handler.headers.get("Authorization")))
        for part, change in self.changed.items():
            if path.endswith(part):
                answer = change(handler) if callable(change) else change
                if answer is not None:
                    return handler.answer(answer[1], status=answer[0], headers=answer[2] if len(answer) > 2 else ())
                if callable(change):
                    return None
        handler.answer(self.usual(path), headers=[("Delta-Table-Version", str(self.version))])


@pytest.fixture
def endpoint():
    made = Endpoint()
    with http_upstream(GET=lambda h: made.handle(h), POST=lambda h: made.handle(h)) as url:
        made.url = url
        yield made


def profile(url, **more):
    return json.dumps({"shareCredentialsVersion": 1, "endpoint": url, "bearerToken": TOKEN, **more})


@pytest.fixture
def bought(client, endpoint):
    client.providers.create("far", s.AuthenticationType.TOKEN, recipient_profile_str=profile(endpoint.url))
    client.catalogs.create("bought", provider_name="far", share_name="one")
    endpoint.asked.clear()
    return client


READ = "SELECT id FROM bought.s.t ORDER BY id"


@pytest.fixture
def failure(fails, server):
    def failure(text=READ):
        message = fails(text)
        assert TOKEN not in message and "SECRETSIG" not in message
        assert TOKEN not in server.control("GET", "journal?limit=1000").body.decode()
        start = message.index("DELTA_SHARING_PROVIDER.") + 23
        return message[start:].split("]")[0], message
    return failure


def test_reads(bought, endpoint, sql):
    assert sql(READ) == [["1"], ["2"], ["3"]]
    links = [x for x in endpoint.asked if "/data/" in x[1]]
    # The link is the credential for the file: the token is for the sharing server alone.
    assert links and all(x[2] is None for x in links)
    assert {x[2] for x in endpoint.asked if "/data/" not in x[1]} == {"Bearer " + TOKEN}
    # An answer of many pages.
    def pages(handler):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(handler.path).query)
        place = int(query.get("pageToken", ["0"])[0])
        body = {"items": [{"name": f"t{place}", "schema": "s", "share": "one"}]}
        return 200, json.dumps(body if place == 2 else {**body, "nextPageToken": str(place + 1)}).encode()

    endpoint.changed["/all-tables"] = pages
    assert [x[1] for x in sql("SHOW TABLES IN bought.s")] == ["t0", "t1", "t2"]


@pytest.mark.parametrize("status, kind, attempts", [
    (401, "UNAUTHENTICATED", 1), (403, "PERMISSION_DENIED", 1), (404, "NOT_FOUND", 1), (400, "REQUEST_REFUSED", 1), (302, "MALFORMED_ANSWER", 1),
    (429, "TOO_MANY_REQUESTS", 4), (500, "SERVER_ERROR", 4), (503, "SERVER_ERROR", 4)])
def test_statuses(bought, endpoint, failure, status, kind, attempts):
    endpoint.changed["/query"] = (status, json.dumps({"errorCode": "E", "message": f"told of {TOKEN}"}).encode())
    found, message = failure()
    assert found == kind and ("told of [REDACTED]" in message) == (status != 302 or "told of" in message)
    assert len([x for x in endpoint.asked if x[1].endswith("/query")]) == attempts


def test_what_passes_is_asked_again(bought, endpoint, sql):
    left = [3]

    def busy(handler):
        left[0] -= 1
        return (429, b"{}") if left[0] >= 0 else (200, endpoint.usual("/query"))

    endpoint.changed["/query"] = busy
    assert sql(READ) == [["1"], ["2"], ["3"]]


def test_long_waits_are_not_waited_for(bought, endpoint, failure):
    endpoint.changed["/query"] = (429, b"{}", [("Retry-After", "3600")])
    assert failure()[0] == "TOO_MANY_REQUESTS"
    assert len([x for x in endpoint.asked if x[1].endswith("/query")]) == 1


def test_connections_that_break(bought, endpoint, failure, sql):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.close_connection = True

    endpoint.changed["/query"] = cut
    assert failure()[0] == "CONNECTION_LOST"
    del endpoint.changed["/query"]
    endpoint.changed["/f.parquet"] = cut
    assert failure()[0] == "CONNECTION_LOST"
    del endpoint.changed["/f.parquet"]
    assert sql(READ) == [["1"], ["2"], ["3"]]


BAD_LINES = {
    "no JSON": b"nonsense", "a list": b"[1, 2]", "nothing": b"", "deep": b"[" * 100_000, "half": b'{"protocol": {"minReaderVersion"',
    "numbers": b'{"protocol": 1}\n{"metaData": 2}', "no metadata": b'{"protocol": {"minReaderVersion": 1}}',
    "bytes": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_lines_that_are_none(bought, endpoint, failure, name):
    endpoint.changed["/query"] = (200, BAD_LINES[name])
    assert failure()[0] == "MALFORMED_ANSWER"


BAD_FILES = {
    "no link": {"url": None}, "another scheme": {"url": "file:///etc/passwd"}, "no id": {"id": ""}, "less than nothing": {"size": -1},
    "a text for a size": {"size": "many"}, "another size": {"size": 100}, "a user": {"url": "http://u:p@127.0.0.1:1/x"},
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_that_are_none(bought, endpoint, failure, name):
    endpoint.changed["/query"] = (200, endpoint.lines(*endpoint.head(), endpoint.entry(**BAD_FILES[name])))
    assert failure()[0] in ("MALFORMED_ANSWER", "ANSWER_TOO_LARGE")


def test_files_that_lie(bought, endpoint, fails, failure, sql):
    endpoint.changed["/query"] = (200, endpoint.lines(*endpoint.head(), endpoint.entry(size=1 << 50)))
    assert failure()[0] == "ANSWER_TOO_LARGE"
    endpoint.changed.clear()
    # A longer file than was told is not taken whole.
    endpoint.changed["/f.parquet"] = (200, endpoint.file + b"x" * 100_000)
    assert failure()[0] == "ANSWER_TOO_LARGE"
    endpoint.changed["/f.parquet"] = (403, b"<Error>Request has expired</Error>")
    kind, message = failure()
    assert kind == "PERMISSION_DENIED" and "status 403" in message
    # What is no Parquet is said as of any other file.
    endpoint.changed["/f.parquet"] = (200, b"y" * len(endpoint.file))
    assert "FAILED_READ_FILE" in fails(READ)
    # Statistics and partition values that are not true, and names that lead elsewhere.
    endpoint.changed.clear()
    for entry in (endpoint.entry(stats="}{"), endpoint.entry(stats='{"numRecords": -5}')):
        endpoint.changed["/query"] = (200, endpoint.lines(*endpoint.head(), entry))
        assert sql(READ) == [["1"], ["2"], ["3"]]
    endpoint.changed["/query"] = (200, endpoint.lines(*endpoint.head(), endpoint.entry(partitionValues=[1])))
    assert "partitionValues" in fails(READ)
    newer = [{"protocol": {"minReaderVersion": 9}}, endpoint.head()[1]]
    endpoint.changed["/query"] = (200, endpoint.lines(*newer))
    assert failure()[0] == "NOT_SUPPORTED"
    unknown = [{"protocol": {"deltaProtocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["magic"], "writerFeatures": ["magic"]}}},
               {"metaData": {"deltaMetadata": endpoint.head()[1]["metaData"]}}]
    endpoint.changed["/query"] = (200, endpoint.lines(*unknown))
    assert "magic" in fails(READ)
    changed = [endpoint.head()[0], {"metaData": {**endpoint.head()[1]["metaData"], "schemaString": SCHEMA.replace("long", "string")}}]
    endpoint.changed["/query"] = (200, endpoint.lines(*changed))
    assert failure()[0] == "TABLE_CHANGED"


def test_made_up_answers(bought, endpoint, warehouse_id):
    """Answers that are damaged somewhere: rows or a named error, and the server goes on."""
    random = Random(11)
    vector = {"storageType": "p", "pathOrInlineDv": endpoint.url + "/data/f.parquet", "offset": 1, "sizeInBytes": 34, "cardinality": 1}
    add = {"path": endpoint.url + "/data/f.parquet", "partitionValues": {}, "size": len(endpoint.file), "modificationTime": 0, "dataChange": True,
           "deletionVector": vector}
    whole = [endpoint.lines(*endpoint.head(), endpoint.entry(stats='{"numRecords": 3}')), endpoint.lines(
        {"protocol": {"deltaProtocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                                        "writerFeatures": ["deletionVectors"]}}},
        {"metaData": {"version": 1, "deltaMetadata": endpoint.head()[1]["metaData"]}},
        {"file": {"id": "f", "deletionVectorFileId": "v", "deltaSingleAction": {"add": add}}})]
    for _ in range(60):
        text = bytearray(random.choice(whole))
        for _ in range(random.randint(1, 4)):
            place = random.randrange(len(text))
            if random.random() < 0.5:
                text[place] = random.choice(b'{}[]",:019-ae\n\\\x00\xff')
            else:
                del text[place:place + random.randint(1, 20)]
        endpoint.changed["/query"] = (200, bytes(text))
        status = bought.statement_execution.execute_statement("SELECT id FROM bought.s.t", warehouse_id).status
        assert status.state.value == "SUCCEEDED" or "INTERNAL_ERROR" not in status.error.message, (bytes(text), status)


def test_lists_that_lie(bought, endpoint, failure):
    def items(*items, **more):
        return 200, json.dumps({"items": list(items), **more}).encode()

    for answer in (items({"name": "../x", "schema": "s"}), items({"name": "", "schema": "s"}), items({"schema": "s"}), items(7),
                   items({"name": "x" * 300, "schema": "s"}), items({"name": "t", "schema": "s"}, {"name": "T", "schema": "s"}),
                   items(nextPageToken="again"), (200, b"[]"), (200, b"\xff\xfe")):
        endpoint.changed["/all-tables"] = answer
        assert failure("SHOW TABLES IN bought.s")[0] == "MALFORMED_ANSWER", answer


def test_a_statement_that_waits_can_be_cancelled(bought, endpoint, warehouse_id):
    reached, go = threading.Event(), threading.Event()

    def hang(handler):
        reached.set()
        go.wait(60)
        return 200, b""

    endpoint.changed["/query"] = hang
    try:
        statement = bought.statement_execution.execute_statement(READ, warehouse_id, wait_timeout="0s")
        assert reached.wait(60)
        # Others go on meanwhile.
        assert run_sql(bought, "SELECT 1", warehouse_id) == [["1"]]
        bought.statement_execution.cancel_execution(statement.statement_id)
        state = None
        while state not in ("CANCELED", "FAILED", "SUCCEEDED"):
            state = bought.statement_execution.get_statement(statement.statement_id).status.state.value
        assert state == "CANCELED"
    finally:
        go.set()


def test_client_credentials(client, sql, endpoint, fails):
    """A profile of the kind oauth_client_credentials: a token is fetched, used until its end, and fetched anew when it is refused."""
    given = []

    def token(handler):
        assert handler.headers["Authorization"] == "Basic " + base64.b64encode(b"me:client-secret").decode()
        given.append(f"access-{len(given)}")
        return 200, json.dumps({"access_token": given[-1], "expires_in": "3600", "token_type": "bearer"}).encode()

    endpoint.changed["/token"] = token
    text = json.dumps({"shareCredentialsVersion": 2, "type": "oauth_client_credentials", "endpoint": endpoint.url + "/ds/",
                       "tokenEndpoint": endpoint.url + "/token", "clientId": "me", "clientSecret": "client-secret", "scope": "a b"})
    client.providers.create("far", s.AuthenticationType.OAUTH_CLIENT_CREDENTIALS, recipient_profile_str=text)
    client.catalogs.create("bought", provider_name="far", share_name="one")
    assert sql(READ) == [["1"], ["2"], ["3"]]
    assert given == ["access-0"] and ("GET", "/ds/shares?maxResults=500", "Bearer access-0") in endpoint.asked
    refused = []

    def once(handler):
        if handler.headers["Authorization"] == "Bearer access-0":
            refused.append(1)
            return 401, b"{}"
        return 200, endpoint.usual("/query")

    endpoint.changed["/query"] = once
    assert sql(READ) == [["1"], ["2"], ["3"]] and given == ["access-0", "access-1"] and refused == [1]
    endpoint.changed["/token"] = (401, b'{"error": "invalid_client"}')
    endpoint.changed["/query"] = (401, b"{}")
    message = fails(READ)
    assert "UNAUTHENTICATED" in message and "client-secret" not in message and "access-" not in message
    seen = json.dumps(client.providers.get("far").as_dict())
    assert "client-secret" not in seen


def test_a_silent_peer(client, warehouse_id):
    """Nothing but nonsense over the wire."""
    def script(connection):
        connection.recv(65536)
        connection.sendall(b"\x00\x01 no HTTP at all\r\n\r\n")

    with raw_upstream(script) as url:
        client.providers.create("odd", s.AuthenticationType.TOKEN, recipient_profile_str=profile(url))
        with pytest.raises(DatabricksError) as failure:
            list(client.providers.list_shares("odd"))
        assert "DELTA_SHARING_PROVIDER." in str(failure.value) and TOKEN not in str(failure.value)
