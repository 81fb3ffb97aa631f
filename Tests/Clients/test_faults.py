"""Injected faults, met by the SDK's own retries."""

import http.client
import time
import urllib.parse

import pytest
from databricks.sdk.errors import ResourceConflict

from conftest import ROOT, workspace_client

CATALOGS = "/api/2.1/unity-catalog/catalogs"


def attempts(server, path=CATALOGS):
    return server.control("GET", f"journal?path={path}").json["exchanges"]


def test_scenario_file_is_survived(start):
    server = start("serve", "--port", 0, "--scenario", ROOT / "scenarios/retry-429-503-reset.yaml")
    client = workspace_client(server)
    names = [c.name for c in client.catalogs.list()]
    assert "main" in names
    seen = [(e["status"], e["fault"]) for e in attempts(server)]
    assert [s for s, _ in seen] == [429, 503, 0, 200]
    assert all(rule for _, rule in seen[:3]) and seen[3][1] is None
    assert len({rule for _, rule in seen[:3]}) == 3


def test_fault_by_control_api(server, client):
    answer = server.control("POST", "faults", {
        "name": "taken", "match": {"method": "POST", "path": CATALOGS}, "when": {"times": 1},
        "inject": {"status": 409, "error_code": "RESOURCE_CONFLICT", "message": "try later"}})
    assert answer.json == {"names": ["taken"]}
    with pytest.raises(ResourceConflict) as refused:
        client.catalogs.create("c")
    assert str(refused.value) == "try later"
    assert client.catalogs.create("c").name == "c"
    assert [f["name"] for f in server.control("GET", "faults").json["faults"]] == ["taken"]
    assert server.control("DELETE", "faults/taken").status == 200
    assert server.control("GET", "faults").json["faults"] == []


def test_lost_answer_keeps_the_effect(server, client):
    server.control("POST", "faults", {
        "name": "lost", "match": {"operation": "catalog.schemas.create"}, "when": {"times": 1}, "at": "after_handler",
        "inject": {"status": 500, "error_code": "INTERNAL_ERROR", "message": "lost"}})
    answer = server.request("POST", "/api/2.1/unity-catalog/schemas", {"name": "s", "catalog_name": "main"})
    assert (answer.status, answer.json["error_code"]) == (500, "INTERNAL_ERROR")
    assert client.schemas.get("main.s").name == "s"


def test_headers_of_an_injected_answer(server):
    server.control("POST", "faults", {
        "match": {"path": CATALOGS}, "inject": {"status": 429, "headers": {"Retry-After": "2"}}})
    answer = server.request("GET", CATALOGS)
    assert (answer.status, answer.headers["retry-after"]) == (429, "2")
    assert answer.json["error_code"] == "REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize("kind", ["reset", "close", "close_mid_body"])
def test_broken_connections(server, kind):
    server.control("POST", "faults", {"match": {"path": CATALOGS}, "when": {"times": 1}, "inject": {"connection": kind}})
    address = urllib.parse.urlsplit(server.host)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.request("GET", CATALOGS, headers={"Authorization": "Bearer dapi-dbxsim"})
        connection.getresponse().read()
    assert server.request("GET", CATALOGS).status == 200


def test_delay(server):
    server.control("POST", "faults", {"match": {"path": CATALOGS}, "when": {"times": 1}, "inject": {"delay": {"fixed": "300ms"}}})
    begun = time.monotonic()
    assert server.request("GET", CATALOGS).status == 200
    assert time.monotonic() - begun >= 0.3
    assert attempts(server)[-1]["duration_ms"] >= 300


def test_bad_rules_are_refused(server):
    for rule, hint in [
        ({"inject": {"status": "many"}}, "status"), ({"injekt": {}}, "injekt"),
        ({"match": {"path": 3}, "inject": {"status": 500}}, "path"), ({"match": {}}, "inject"),
    ]:
        answer = server.control("POST", "faults", rule)
        assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), rule
        assert hint in answer.json["message"]
    assert server.control("GET", "faults").json["faults"] == []
