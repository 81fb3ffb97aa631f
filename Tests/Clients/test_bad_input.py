"""What no client should send: refused with the reason, in the service's shape, and nothing else happens."""

import random
import socket

import pytest

STATEMENTS = "/api/2.0/sql/statements"
CATALOGS = "/api/2.1/unity-catalog/catalogs"


def refused(answer, statuses=(400,)):
    assert answer.status in statuses, (answer.status, answer.body)
    assert isinstance(answer.json["error_code"], str) and answer.json["message"]
    return answer.json


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"nul", b'{"name": "\xff"}', b'{"name": 01}', b"[" * 100_000, b'{"name":"a"}x'])
def test_malformed_bodies(server, body):
    refused(server.request("POST", CATALOGS, body))
    assert len(server.request("GET", CATALOGS).json["catalogs"]) == 4


@pytest.mark.parametrize("body", [{}, {"name": {"a": 1}}, {"name": None}, {"name": ["a"]}, {"name": "a", "properties": "x"}, {"name": "x" * 5000}])
def test_wrong_types_and_missing_fields(server, body):
    assert refused(server.request("POST", CATALOGS, body))["error_code"] in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "MALFORMED_REQUEST")
    assert len(server.request("GET", CATALOGS).json["catalogs"]) == 4


def test_unknown_fields_are_ignored(server):
    assert server.request("POST", CATALOGS, {"name": "extra", "colour": "red"}).status == 200
    assert server.request("GET", CATALOGS + "?colour=red").status == 200


def test_statement_fields(server, warehouse_id):
    good = {"warehouse_id": warehouse_id, "statement": "SELECT 1"}
    assert server.request("POST", STATEMENTS, good).status == 200
    for change in [{"statement": None}, {"statement": []}, {"warehouse_id": None}, {"row_limit": -1}, {"row_limit": "x"},
                   {"parameters": {}}, {"parameters": [3]}, {"parameters": [{"value": {}}]}, {"wait_timeout": "soon"}, {"wait_timeout": 5},
                   {"warehouse_id": "nosuch"}]:
        refused(server.request("POST", STATEMENTS, {**good, **change}))


def test_oversized_statement(server, warehouse_id):
    text = "SELECT '" + "x" * (17 << 20) + "'"
    refused(server.request("POST", STATEMENTS, {"warehouse_id": warehouse_id, "statement": text}), (400, 413))
    assert server.request("GET", CATALOGS).status == 200


def test_raw_nonsense(server):
    port = int(server.host.rsplit(":", 1)[1])
    draw = random.Random(5)
    for n in range(40):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(draw.randbytes(draw.randrange(1, 400)) + b"\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
    assert server.request("GET", CATALOGS).status == 200


@pytest.mark.parametrize("path", [
    "/api/2.1/unity-catalog/catalogs/%ff", "/api/2.1/unity-catalog/catalogs/%", "/api/2.1/unity-catalog/catalogs/a%00b",
    "/api/2.1/unity-catalog/catalogs/..%2f..%2fetc", "/api/2.1/unity-catalog/catalogs/" + "x" * 20_000,
    "/api/2.1/unity-catalog/tables/a", "/api/2.1/unity-catalog/tables/a.b.c.d", "/api/2.1/unity-catalog/schemas/.",
    "/api/2.1/unity-catalog/schemas?catalog_name=main&max_results=x", "/api/2.1/unity-catalog/schemas?catalog_name=main&max_results=-1",
    "/api/2.1/unity-catalog/schemas", "//", "/%2e%2e", "/api/2.0/sql/statements/not-an-id", "/api/2.0/sql/warehouses/%20",
])
def test_odd_paths(server, path):
    refused(server.request("GET", path), (400, 403, 404))


def test_random_statements_never_break_the_server(server, warehouse_id):
    words = """SELECT FROM WHERE ( ) , * + - / 'a' "b" `c` 1 2.5 1e308 9223372036854775807 -9223372036854775808 NULL CASE WHEN THEN END
        GROUP BY ORDER LIMIT OFFSET JOIN ON t main.default.t CAST AS INT DECIMAL(38,38) STRING DATE'2020-01-01' INTERVAL YEAR :p ? [ ] -> => IN
        EXISTS UNION ALL VALUES range sum count max OVER PARTITION substr left repeat CREATE TABLE INSERT INTO DROP /* */ -- ;""".split()
    draw = random.Random(11)
    for n in range(300):
        statement = " ".join(draw.choices(words, k=draw.randrange(1, 25)))
        answer = server.request("POST", STATEMENTS, {"warehouse_id": warehouse_id, "statement": statement})
        assert answer.status == 200, (statement, answer.body)
        assert answer.json["status"]["state"] in ("SUCCEEDED", "FAILED"), statement
        if answer.json["status"]["state"] == "FAILED":
            assert "INTERNAL_ERROR" not in answer.json["status"]["error"]["message"], statement
