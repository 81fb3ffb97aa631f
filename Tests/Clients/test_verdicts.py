"""The verdict: a small well-behaved and a small badly-behaved client under every shipped scenario of resilience, told apart by the report.

The clients sleep by moving the workspace's virtual clock, so nothing here waits.
"""

import http.client
import json
import urllib.parse
import uuid

import pytest

from conftest import ROOT, Server

CATALOGS = "/api/2.1/unity-catalog/catalogs"
STATEMENTS = "/api/2.0/sql/statements"
RUN_NOW = "/api/2.1/jobs/run-now"


@pytest.fixture(scope="module")
def verdict_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


class Failed(Exception):
    def __init__(self, status):
        super().__init__(str(status))
        self.status = status


class Client:
    """One workspace, one token; subclasses say how it behaves."""

    def __init__(self, server, workspace):
        self.server, self.workspace, self.token = server, workspace, workspace["token"]
        self.admin = workspace["token"]

    def control(self, method, path, body=None):
        return self.server.request(method, "/_dbxsim/" + path, body, token=self.admin)

    def sleep(self, seconds):
        self.control("POST", "clock", {"advance": f"{round(seconds * 1000)}ms"})

    def log_in(self):
        """As a service principal: the tokens can be had anew."""
        ask = lambda method, path, body: self.server.request(method, path, body, token=self.admin).json
        robot = ask("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "robot"})
        secret = ask("POST", f"/api/2.0/accounts/servicePrincipals/{robot['id']}/credentials/secrets", {})["secret"]
        self.client = (robot["applicationId"], secret)
        self.refresh()

    def refresh(self):
        form = {"grant_type": "client_credentials", "client_id": self.client[0], "client_secret": self.client[1]}
        answer = self.server.request(
            "POST", "/oidc/v1/token", urllib.parse.urlencode(form).encode(), token=None,
            headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.token = answer.json["access_token"]

    def send(self, method, path, body):
        """Status (0 for a broken connection), headers and body."""
        try:
            answer = self.server.request(method, path, body, token=self.token)
            return answer.status, answer.headers, answer.body
        except (ConnectionError, http.client.HTTPException, OSError):
            return 0, {}, b""


class WellBehaved(Client):
    LIMITS = {429: (5, None), 503: (3, 1.0), 500: (3, 0.5), 409: (3, 0.1)}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.failures, self.open_until, self.probes = 0, None, 0
        self.time = 0.0

    def sleep(self, seconds):
        self.time += seconds
        super().sleep(seconds)

    def call(self, method, path, body=None):
        if self.open_until is not None and self.time < self.open_until:
            raise Failed("open")
        if path == RUN_NOW:
            body = {**body, "idempotency_token": str(uuid.uuid4())}
        attempt = 0
        while True:
            attempt += 1
            status, headers, answer = self.send(method, path, body)
            self.count(status)
            if 200 <= status < 300:
                return answer
            if status in (401, 403) and attempt == 1:
                self.refresh()
                continue
            limit, base = self.LIMITS.get(status, (1, None))
            if attempt >= limit or self.open_until is not None:
                raise Failed(status)
            self.sleep(float(headers["Retry-After"]) if "Retry-After" in headers else base * 2 ** (attempt - 1))

    def count(self, status):
        if status == 0 or status >= 500:
            self.failures += 1
            if self.failures >= 5 or self.open_until is not None:
                self.open_until, self.probes = self.time + 60, 0
        elif self.open_until is not None:
            self.probes += 1
            if self.probes >= 2:
                self.failures, self.open_until = 0, None
        else:
            self.failures = 0

    def create(self, name):
        """Looks whether it is there before it repeats what it was not told of."""
        try:
            self.call("POST", CATALOGS, {"name": name})
        except Failed as failure:
            if failure.status != 0:
                raise
            if name not in [c["name"] for c in json.loads(self.call("GET", CATALOGS))["catalogs"]]:
                raise

    def insert(self, warehouse):
        try:
            self.call("POST", STATEMENTS, {"statement": "INSERT INTO main.default.t VALUES (1)", "warehouse_id": warehouse})
        except Failed:
            self.call("POST", STATEMENTS, {"statement": "SELECT * FROM main.default.t", "warehouse_id": warehouse})


class BadlyBehaved(Client):
    """Tries everything eight times, at once, with what it has."""

    def call(self, method, path, body=None):
        for attempt in range(8):
            if path == RUN_NOW:
                body = {**body, "idempotency_token": str(uuid.uuid4())}
            status, _, answer = self.send(method, path, body)
            if 200 <= status < 300:
                return answer
        raise Failed(status)

    def insert(self, warehouse):
        self.call("POST", STATEMENTS, {"statement": "INSERT INTO main.default.t VALUES (1)", "warehouse_id": warehouse})


def attempt(call, *arguments):
    try:
        call(*arguments)
    except Failed:
        pass


def listing(client):
    attempt(client.call, "GET", CATALOGS)


def expired(client):
    client.log_in()
    load(client, "resilience-token-expired")
    attempt(client.call, "GET", "/api/2.0/preview/scim/v2/Me")


def wrong_statement(client):
    attempt(client.call, "POST", STATEMENTS, {"statement": "SELEC 1", "warehouse_id": client.workspace["warehouse_id"]})


def long_outage(client):
    for _ in range(8):
        listing(client)
    client.sleep(61)
    for _ in range(4):
        listing(client)


def lost_answer(client):
    load(client, "resilience-lost-answer")
    attempt(client.insert, client.workspace["warehouse_id"])


def start_of_a_run(client):
    attempt(client.call, "POST", RUN_NOW, {"job_id": 1})


def load(client, name):
    text = (ROOT / f"scenarios/{name}.yaml").read_bytes()
    assert client.control("POST", "scenarios", text).json == {"name": name}


SCRIPTS = {
    "resilience-rate-limited": listing, "resilience-service-unavailable": listing, "resilience-internal-error": listing,
    "resilience-concurrent-modification": listing, "resilience-token-expired": expired, "resilience-syntax-error": wrong_statement,
    "resilience-circuit-breaker": long_outage, "resilience-lost-answer": lost_answer, "resilience-idempotency-key": start_of_a_run,
}

# What the report says of the bad client: each failed expectation with a part of its reason.
BAD = {
    "resilience-rate-limited": {"waits-as-asked": "whose Retry-After was 2 s", "five-attempts": "8 attempts at one call"},
    "resilience-service-unavailable": {"three-attempts": "8 attempts", "backs-off-from-one-second": "came 0 s after"},
    "resilience-internal-error": {"three-attempts": "8 attempts", "backs-off-from-half-a-second": "expected 0.25 s to 0.75 s"},
    "resilience-concurrent-modification": {"three-attempts": "8 attempts", "backs-off-from-a-tenth-of-a-second": "expected 0.05 s to 0.15 s"},
    "resilience-token-expired": {"one-refresh": "carries the credential"},
    "resilience-syntax-error": {"not-tried-again": "8 attempts"},
    "resilience-circuit-breaker": {"breaker": "should have opened the breaker for 60 s"},
    "resilience-lost-answer": {"done-once": "did again what exchange"},
    "resilience-idempotency-key": {"keeps-its-token": "with another 'idempotency_token'"},
}


@pytest.fixture
def workspace(verdict_server):
    made = verdict_server.control("POST", "workspaces", {"name": "verdict"}).json
    yield made
    verdict_server.control("DELETE", f"workspaces/{made['workspace_id']}")


def run(kind, server, workspace, name):
    client = kind(server, workspace)
    script = SCRIPTS[name]
    if script is lost_answer:
        table = {"statement": "CREATE TABLE main.default.t (n INT)", "warehouse_id": workspace["warehouse_id"]}
        assert server.request("POST", STATEMENTS, table, token=workspace["token"]).json["status"]["state"] == "SUCCEEDED"
    elif script is not expired:
        load(client, name)
    script(client)
    report = client.control("GET", "report").json
    assert [s["scenario"] for s in report["scenarios"]] == [name]
    return report, client.control("GET", "journal").json["exchanges"]


def test_every_shipped_scenario_has_its_clients():
    assert set(SCRIPTS) == {file.stem for file in (ROOT / "scenarios").glob("resilience-*.yaml")}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_well_behaved_client_passes(verdict_server, workspace, name):
    report, _ = run(WellBehaved, verdict_server, workspace, name)
    assert report["verdict"] == "pass", json.dumps(report, indent=1)
    assert {e["verdict"] for e in report["scenarios"][0]["expectations"]} == {"pass"}
    assert report["scenarios"][0]["seed"] == 7 and report["workspace_id"] == workspace["workspace_id"]
    (rule,) = report["scenarios"][0]["rules"]
    assert rule["fired"] > 0


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_badly_behaved_client_fails(verdict_server, workspace, name):
    report, journal = run(BadlyBehaved, verdict_server, workspace, name)
    assert report["verdict"] == "fail"
    failed = {e["name"]: e for e in report["scenarios"][0]["expectations"] if e["verdict"] == "fail"}
    assert {n: r for n, r in BAD[name].items() if r not in failed.get(n, {}).get("reason", "")} == {}, failed
    numbers = {e["n"] for e in journal}
    for expectation in failed.values():
        assert expectation["exchanges"] and set(expectation["exchanges"]) <= numbers


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_client_that_does_nothing_does_not_pass(verdict_server, workspace, name):
    client = Client(verdict_server, workspace)
    load(client, name)
    report = client.control("GET", "report").json
    assert report["verdict"] == "inconclusive"
    assert {e["verdict"] for e in report["scenarios"][0]["expectations"]} == {"inconclusive"}


def test_what_was_before_the_scenario_does_not_count(verdict_server, workspace):
    client = BadlyBehaved(verdict_server, workspace)
    client.control("POST", "faults", {"name": "x", "match": {"path": CATALOGS}, "inject": {"status": 503}})
    listing(client)
    client.control("DELETE", "faults")
    load(client, "resilience-service-unavailable")
    assert client.control("GET", "report").json["verdict"] == "inconclusive"
    listing(client)
    report = client.control("GET", "report").json
    assert report["verdict"] == "fail"
    assert min(n for e in report["scenarios"][0]["expectations"] for n in e["exchanges"]) == 9
    assert client.control("DELETE", "scenarios/resilience-service-unavailable").status == 200
    assert client.control("GET", "report").json == {
        "verdict": "inconclusive", "workspace_id": workspace["workspace_id"], "seed": 7, "scenarios": [], "rules": []}


def test_verify(verdict_server, workspace):
    client = Client(verdict_server, workspace)
    client.control("POST", "faults", {"name": "f", "match": {"path": CATALOGS}, "when": {"times": 1}, "inject": {"status": 503}})
    for _ in range(3):
        client.send("GET", CATALOGS, None)
    client.send("POST", CATALOGS, {"name": "c", "comment": "secret words"})
    verify = lambda match, times=None: client.control("POST", "journal/verify", {"match": match, **({"times": times} if times is not None else {})})
    assert verify({"operation": "catalog.catalogs.list"}, 3).json == {"matched": 3}
    assert verify({"operation": "catalog.*"}, {"at_least": 1, "at_most": 5}).json == {"matched": 4}
    assert verify({"method": "post", "path": "*/catalogs", "body": {"name": "c"}}).json == {"matched": 1}
    assert verify({"status": 503, "fault": "f"}, 1).json == {"matched": 1}
    assert verify({"operation": "jobs.*"}, 0).json == {"matched": 0}
    answer = verify({"method": "POST", "path": CATALOGS, "body": {"comment": "other"}}, 2)
    assert answer.status == 422
    assert (answer.json["error_code"], answer.json["matched"]) == ("VERIFICATION_FAILED", 0)
    nearest = answer.json["nearest"][0]
    assert (nearest["n"], nearest["status"], nearest["differs"]) == (4, 200, ["body '$[\"comment\"]' differs; expected 'other'"])
    assert "0 exchanges matched; expected exactly 2" in answer.json["message"] and b"secret words" not in answer.body
    assert verify({"operation": "catalog.catalogs.list"}, {"at_most": 2}).status == 422
    for body, hint in [({"match": {"pth": "x"}}, "pth"), ({"times": "many"}, "times"), ({"times": {"at_least": 3, "at_most": 1}}, "at_most"),
                       ([], "mapping"), ({"match": {"status": "x"}}, "status"), ({"match": {"point": "x"}}, "point")]:
        refused = client.control("POST", "journal/verify", body)
        assert refused.status == 400 and hint in refused.json["message"], (body, refused.json)


def test_broken_off_evidence_is_told(verdict_server, workspace):
    """The journal is bounded: what is gone cannot be judged."""
    client = Client(verdict_server, workspace)
    client.control("POST", "scenarios", json.dumps({
        "scenario": "s", "expect": [{"calls": {"path": "/none*", "at_most": 3000}}, {"calls": {"path": "/none", "at_most": 3}}]}).encode())
    body = b"x" * 16000
    for _ in range(1100):
        client.send("POST", "/none", body)
    report = client.control("GET", "report").json["scenarios"][0]
    assert report["exchanges_lost"] > 0 and report["exchanges"] + report["exchanges_lost"] == 1100
    assert [e["verdict"] for e in report["expectations"]] == ["inconclusive", "fail"]
    assert "fell out of the journal" in report["expectations"][0]["reason"]


def test_a_scenario_with_mistakes_names_its_lines(verdict_server, workspace):
    client = Client(verdict_server, workspace)
    text = b"scenario: s\nexpect:\n  - {name: a, idempotency: {operation: jobs.*}}\n  - {name: b, attempts: {on: 5x, at_most: 1}}\n"
    answer = client.control("POST", "scenarios", text)
    assert answer.status == 400 and "scenario:3: expect[0].idempotency: expected either field or header" in answer.json["message"]
    assert "(and 1 more)" in answer.json["message"]
