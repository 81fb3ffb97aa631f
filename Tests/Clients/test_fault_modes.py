"""Every injection on the simulator, on replay and in front of a recording: what a raw client sees, and what the journal says."""

import concurrent.futures
import http.client
import json
import time
import urllib.parse

import pytest

from conftest import ROOT, TOKEN, Server

SCHEMAS = "/api/2.1/unity-catalog/schemas"
MODES = ["serve", "replay", "record"]


class Bench:
    """The three modes at once: a simulator, a recorder in front of another one, and a replay of what that recorder took."""

    def __init__(self, folder):
        self.upstream = Server("serve", "--port", 0, "--seed", 7)
        first = Server("record", "--upstream", self.upstream.host, "--cassette", folder / "c", "--port", 0)
        for n in range(3):
            assert create(first, f"made{n}").status == 200
        self.list_bytes = first.request("GET", SCHEMAS + "?catalog_name=main").body
        assert first.stop() == 0
        self.servers = {
            "serve": Server("serve", "--port", 0, "--seed", 7),
            "replay": Server("replay", "--cassette", folder / "c", "--port", 0),
            "record": Server("record", "--upstream", self.upstream.host, "--cassette", folder / "d", "--port", 0),
        }
        self.cassette = folder / "d" / "cassette.jsonl"

    def stop(self):
        for server in [*self.servers.values(), self.upstream]:
            server.stop()


def create(server, name, token=TOKEN):
    return server.request("POST", SCHEMAS, {"name": name, "catalog_name": "main"}, token=token)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("modes"))
    yield bench
    bench.stop()


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


@pytest.fixture
def server(bench, mode):
    server = bench.servers[mode]
    server.control("DELETE", "faults")
    server.control("DELETE", "journal")
    if mode != "record":
        assert server.control("POST", "reset").status == 200
    yield server
    server.control("DELETE", "faults")


def load(server, inject, at=None, **rule):
    rule = {"name": "f", "match": {"path": SCHEMAS}, "inject": inject, **rule}
    if at:
        rule["at"] = at
    answer = server.control("POST", "faults", rule)
    assert answer.status == 200, answer.json


def raw(server, method="GET", path=SCHEMAS + "?catalog_name=main", body=None, timeout=20):
    """Status and body, or what broke, as the socket shows it."""
    address = urllib.parse.urlsplit(server.host)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
    try:
        connection.request(method, path, body=body and json.dumps(body), headers={
            "Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except TimeoutError:
        return "timeout", None
    except http.client.RemoteDisconnected:
        return "closed", None
    except ConnectionResetError:
        return "reset", None
    except http.client.IncompleteRead as error:
        return "cut", error.partial
    except (http.client.HTTPException, ValueError) as error:
        return "malformed", str(error)
    finally:
        connection.close()


def entry(server, path=SCHEMAS):
    entries = []
    # A broken connection is journalled when its answer has been given up, which may be just behind the client's back.
    for _ in range(200):
        entries = server.control("GET", f"journal?path={path}").json["exchanges"]
        if entries:
            break
        time.sleep(0.01)  # between two looks: the journal is only to be asked
    assert len(entries) == 1, entries
    return entries[0]


def recorded(bench, mode):
    return len(bench.cassette.read_text().splitlines()) if mode == "record" else None


PLACES = ["before_handler", "after_handler"]


@pytest.mark.parametrize("at", PLACES)
def test_answer(bench, server, mode, at):
    lines = recorded(bench, mode)
    load(server, {"status": 503, "message": "no", "headers": {"Retry-After": "3"}}, at)
    answer = create(server, "made0")
    assert (answer.status, answer.headers["retry-after"]) == (503, "3")
    assert answer.json == {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "no"}
    seen = entry(server)
    assert (seen["status"], seen["fault"]) == (503, "f")
    server.control("DELETE", "faults")
    has_effect = at == "after_handler"
    if mode == "serve":
        assert server.request("GET", SCHEMAS + "/main.made0").status == (200 if has_effect else 404)
    if mode == "record":
        # What the recorder injects is not in the cassette; what the service said behind it is.
        added = bench.cassette.read_text().splitlines()[lines:]
        assert [json.loads(line)["request"]["method"] for line in added] == (["POST"] if has_effect else [])
        assert "503" not in [json.loads(line)["response"]["status"] for line in added]


@pytest.mark.parametrize("at", PLACES)
def test_delay(server, at):
    load(server, {"delay": {"fixed": "150ms"}}, at)
    begun = time.monotonic()
    status, body = raw(server)
    assert time.monotonic() - begun >= 0.15
    assert status == 200 and b"information_schema" in body
    seen = entry(server)
    assert (seen["status"], seen["fault"]) == (200, "f") and seen["duration_ms"] >= 150


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("kind, seen_by_client", [
    ("reset", "reset"), ("close", "closed"), ("stall", "timeout"), ("close_mid_body", "cut"), ("malformed_chunk", "malformed")])
def test_connection(server, kind, seen_by_client, at):
    whole = raw(server)[1]
    server.control("DELETE", "journal")
    load(server, {"connection": kind}, at)
    outcome, part = raw(server, timeout=0.4 if kind == "stall" else 20)
    if kind == "malformed_chunk":
        assert outcome in ("malformed", "cut")
    else:
        assert outcome == seen_by_client
    if kind == "close_mid_body":
        assert whole.startswith(part) and 0 < len(part) < len(whole)
    seen = entry(server)
    assert seen["fault"] == "f"
    assert seen["status"] == (200 if kind in ("close_mid_body", "malformed_chunk") else 0)
    server.control("DELETE", "faults")
    assert raw(server)[0] == 200


@pytest.mark.parametrize("at, made", [("before_handler", 404), ("after_handler", 200)])
def test_lost_connection_and_the_effect(server, mode, at, made):
    load(server, {"connection": "reset"}, at, when={"times": 1})
    assert raw(server, "POST", SCHEMAS, {"name": "made1", "catalog_name": "main"})[0] == "reset"
    if mode == "serve":
        assert server.request("GET", SCHEMAS + "/main.made1").status == made


@pytest.mark.parametrize("at", PLACES)
def test_throttle(server, at):
    whole = raw(server)[1]
    server.control("DELETE", "journal")
    load(server, {"throttle": {"bytes_per_second": len(whole) * 3}}, at)
    begun = time.monotonic()
    assert raw(server) == (200, whole)
    # Three tenths of a second, less the last slice, which is not waited for.
    assert time.monotonic() - begun >= 0.2
    assert entry(server)["fault"] == "f"


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("key", ["all", "principal"])
def test_rate_limit(bench, server, mode, at, key):
    others = TOKEN
    if key == "principal":
        others = "dapi-other"
        if mode == "serve":
            # Another user by an on-behalf-of token.
            robot = server.request("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "robot"}).json
            others = server.request("POST", "/api/2.0/token-management/on-behalf-of/tokens", {
                "application_id": robot["applicationId"], "lifetime_seconds": 600}).json["token_value"]
    load(server, {"rate_limit": {"requests": 2, "per": "1h", "key": key}}, at)
    path = SCHEMAS + "?catalog_name=main"
    statuses = [server.request("GET", path, token=token).status for token in [TOKEN, others, TOKEN, others, TOKEN, others]]
    limited = [status == 429 for status in statuses]
    assert limited == ([False, False, True, True, True, True] if key == "all" else [False, False, False, False, True, True])
    answer = server.request("GET", path)
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert answer.json["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert [e["fault"] for e in server.control("GET", f"journal?path={SCHEMAS}&status=429").json["exchanges"]] == ["f"] * (5 if key == "all" else 3)


@pytest.mark.parametrize("at", PLACES)
def test_expire_token(server, mode, at):
    token = "dapi-of-somebody"
    if mode == "serve":
        token = server.request("POST", "/api/2.0/token/create", {"comment": "c"}).json["token_value"]
    load(server, {"expire_token": True}, at, when={"times": 1})
    get = lambda path: server.request("GET", path, token=token)
    refused = {"error_code": 403, "message": "Invalid access token."}
    first = get(SCHEMAS + "?catalog_name=main")
    if mode == "record":
        # The upstream does not know this token; only the rule's own refusal is looked at.
        assert first.status == 403
    else:
        assert (first.status, first.json if at == "before_handler" else None) == ((403, refused) if at == "before_handler" else (200, None))
    later = get("/api/2.1/unity-catalog/catalogs")
    assert (later.status, later.json) == (403, refused)
    assert "'f'" in server.control("GET", "journal?path=/api/2.1/unity-catalog/catalogs").json["exchanges"][-1]["note"]
    # The admin's does not expire.
    assert server.request("GET", SCHEMAS + "?catalog_name=main").status == 200


@pytest.mark.parametrize("at", PLACES)
def test_hold(server, at):
    load(server, {"hold": "until_next"}, at, when={"times": 1})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(raw, server)
        while server.control("GET", "faults").json["faults"][0]["fired"] == 0:
            pass
        assert not first.done()
        second = raw(server)
        assert first.result() == second and second[0] == 200
    assert [e["fault"] for e in server.control("GET", f"journal?path={SCHEMAS}").json["exchanges"]] == ["f", "f"]


@pytest.mark.parametrize("rule, hint", [
    ({"match": {"operation": "catalog.tables.get"}, "inject": {"stale": {"reads": 1}}}, "injects stale"),
    ({"inject": {"conflict": True}}, "injects conflict"),
    ({"match": {"point": "delta.commit.before_put"}, "inject": {"hold": "until_next"}}, "names a point"),
    ({"match": {"principal": "*"}, "inject": {"status": 500}}, "names a principal"),
])
def test_what_only_the_simulator_can_do_is_refused_elsewhere(server, mode, rule, hint):
    answer = server.control("POST", "faults", {"name": "r", **rule})
    if mode == "serve":
        assert answer.status == 200
    else:
        assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
        assert "'r'" in answer.json["message"] and hint in answer.json["message"] and mode in answer.json["message"]


def test_scenario_that_the_mode_cannot_do_is_refused_at_start(tmp_path, bench):
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nfaults:\n  - {name: ok, inject: {status: 500}}\n  - {name: bad, inject: {conflict: true}}\n")
    with pytest.raises(AssertionError, match=rf"{file}:4: the rule 'bad' injects conflict.*not with replay"):
        Server("replay", "--cassette", bench.cassette.parent, "--scenario", file, "--port", 0)


def test_phases_by_the_virtual_clock(start):
    server = start("serve", "--port", 0, "--clock", "virtual", "--scenario", ROOT / "scenarios/outage-phases.yaml")

    def statuses(count=40):
        return [server.request("GET", "/api/2.1/unity-catalog/catalogs").status for _ in range(count)]

    def advance(duration):
        assert server.control("POST", "clock", {"advance": duration}).status == 200

    assert set(statuses(5)) == {200}
    advance("59s")
    assert set(statuses(5)) == {200}
    advance("1s")
    assert set(statuses(5)) == {503}
    advance("179s")
    assert set(statuses(5)) == {503}
    advance("1s")
    recovering = statuses()
    assert 3 <= recovering.count(503) <= 20 and set(recovering) == {200, 503}
    advance("2m")
    assert set(statuses(5)) == {200}
    # The same file and seed give the same course.
    assert server.control("POST", "reset").status == 200
    advance("4m")
    assert statuses() == recovering


def test_rate_windows_by_the_virtual_clock(start):
    server = start("serve", "--port", 0, "--clock", "virtual", "--scenario", ROOT / "scenarios/rate-limits.yaml")
    get = lambda: server.request("GET", "/api/2.0/preview/scim/v2/Me")
    assert [get().status for _ in range(256)].count(429) == 1
    assert get().headers["retry-after"] == "60"
    assert server.control("POST", "clock", {"advance": "59500ms"}).status == 200
    assert get().headers["retry-after"] == "1"
    assert server.control("POST", "clock", {"advance": "500ms"}).status == 200
    assert get().status == 200


def test_many_threads_get_what_one_gets(server):
    """As many requests fail as would one after another, whatever the order of the threads."""
    load(server, {"status": 503}, when={"probability": 0.3, "skip": 5, "times": 20})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: raw(server)[0], range(80)))
    counts = [(f["matched"], f["fired"]) for f in server.control("GET", "faults").json["faults"]]
    server.control("DELETE", "faults")
    load(server, {"status": 503}, when={"probability": 0.3, "skip": 5, "times": 20})
    alone = [raw(server)[0] for _ in range(80)]
    assert together.count(503) == alone.count(503) > 10
    assert [(f["matched"], f["fired"]) for f in server.control("GET", "faults").json["faults"]] == counts == [(80, alone.count(503))]
