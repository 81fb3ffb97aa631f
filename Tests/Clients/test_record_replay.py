"""Traffic of the SDK, recorded from one server through another and replayed with both gone."""

import json
import pathlib
import re

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound

from conftest import ROOT, TOKEN, run_sql, workspace_client


def script(client):
    """What a test suite might do; everything that it saw."""
    seen = [client.current_user.me().user_name]
    warehouse = next(iter(client.warehouses.list()))
    seen.append(client.schemas.create("recorded", "main", comment="once").as_dict())
    seen.append(run_sql(client, "CREATE TABLE main.recorded.t (id INT, name STRING)", warehouse.id))
    seen.append(run_sql(client, "INSERT INTO main.recorded.t VALUES (1, 'é'), (2, NULL)", warehouse.id))
    seen.append(run_sql(client, "SELECT * FROM main.recorded.t ORDER BY id", warehouse.id))
    seen.append([t.as_dict() for t in client.tables.list("main", "recorded")])
    try:
        client.tables.get("main.recorded.none")
    except NotFound as error:
        seen.append(str(error))
    seen.append([c.name for c in client.catalogs.list()])
    return seen


def files(folder):
    return [p for p in pathlib.Path(folder).rglob("*") if p.is_file()]


def test_record_then_replay(start, cassette):
    upstream = start("serve", "--port", 0)
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0)
    recorded = script(workspace_client(recorder))
    assert recorder.stop() == 0
    assert upstream.stop() == 0

    for file in files(cassette):
        assert TOKEN.encode() not in file.read_bytes(), file
    lines = (cassette / "cassette.jsonl").read_text().splitlines()
    header = json.loads(lines[0])
    assert header["cassette"] == 1
    assert [json.loads(line)["n"] for line in lines[1:]] == list(range(1, len(lines)))

    replayer = start("replay", "--cassette", cassette, "--port", 0)
    assert script(workspace_client(replayer, token="anything")) == recorded
    assert replayer.stop() == 0


IDS = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16}\b")


def test_stable_ids(start, cassette):
    """Two services, or one a day later, make up different ids; the recordings have the same, and replay."""
    requests, ids = [], []
    for seed in (1, 2):
        folder = cassette / str(seed)
        upstream = start("serve", "--port", 0, "--seed", seed)
        recorder = start("record", "--upstream", upstream.host, "--cassette", folder, "--port", 0, "--stable-ids")
        seen = json.dumps(script(workspace_client(recorder)))
        assert recorder.stop() == 0
        assert upstream.stop() == 0
        text = (folder / "cassette.jsonl").read_text()
        requests.append([json.loads(line)["request"] for line in text.splitlines()[1:]])
        ids.append(IDS.findall(json.dumps(requests[-1])))
        replayer = start("replay", "--cassette", folder, "--port", 0)
        replayed = json.dumps(script(workspace_client(replayer, token="anything")))
        assert replayer.stop() == 0
        assert IDS.sub("ID", replayed) == IDS.sub("ID", seen)
        assert set(IDS.findall(seen)) and not set(IDS.findall(seen)) & set(IDS.findall(text))
    assert requests[0] == requests[1]
    assert ids[0] == ids[1] and any(i.startswith("aaaaaaaaaa") for i in ids[0])


def test_secrets_do_not_reach_the_disk(start, cassette):
    upstream = start("serve", "--port", 0)
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0)
    client = workspace_client(recorder)
    token = client.tokens.create(comment="c").token_value
    principal = client.service_principals.create(display_name="robot")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=int(principal.id)).secret
    robot = WorkspaceClient(host=recorder.host, client_id=principal.application_id, client_secret=secret)
    assert robot.current_user.me().display_name == "robot"
    issued = robot.config.oauth_token().access_token
    assert recorder.stop() == 0
    text = b"".join(f.read_bytes() for f in files(cassette))
    for value in [token, secret, issued, TOKEN]:
        assert value.encode() not in text
    assert b"token_value" in text

    replayer = start("replay", "--cassette", cassette, "--port", 0)
    client = workspace_client(replayer, token="x")
    assert client.tokens.create(comment="c").token_value.startswith("dapi")
    client.service_principals.create(display_name="robot")
    robot = WorkspaceClient(host=replayer.host, client_id=principal.application_id, client_secret="any")
    assert robot.current_user.me().display_name == "robot"


def test_miss_is_named(start, cassette):
    upstream = start("serve", "--port", 0)
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0)
    workspace_client(recorder).catalogs.get("main")
    recorder.stop()
    replayer = start("replay", "--cassette", cassette, "--port", 0)
    answer = replayer.request("GET", "/api/2.1/unity-catalog/catalogs/mian")
    assert (answer.status, answer.json["error_code"]) == (404, "CASSETTE_MISS")
    assert "/api/2.1/unity-catalog/catalogs/main" in json.dumps(answer.json["details"])
    assert replayer.stop() == 2


def test_shipped_cassette_replays(start):
    replayer = start("replay", "--cassette", ROOT / "cassettes/quickstart", "--port", 0)
    seen = script(workspace_client(replayer, token="x"))
    assert seen[0] == "admin@example.com"
    assert seen[4] == [["1", "é"], ["2", None]]
    assert replayer.stop() == 0


def test_upstream_gone_is_named(start, cassette):
    upstream = start("serve", "--port", 0)
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0)
    upstream.stop()
    answer = recorder.request("GET", "/api/2.1/unity-catalog/catalogs")
    assert answer.status == 502
    assert answer.json["error_code"] == "UPSTREAM_UNREACHABLE"
    assert recorder.stop() == 0
    assert len((cassette / "cassette.jsonl").read_text().splitlines()) == 1


def test_links_to_other_hosts(start, cassette):
    """An answer's link leads through the recorder, without the workspace's token, and to the recording on replay."""
    other = start("serve", "--port", 0)
    upstream = start("serve", "--port", 0)
    upstream.control("POST", "faults", {
        "match": {"path": "/api/2.0/preview/scim/v2/Me"}, "inject": {"status": 200, "body": {"link": other.host + "/.well-known/databricks-config"}}})
    recorder = start(
        "record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0, "--allow-host", other.host.removeprefix("http://"))
    link = recorder.request("GET", "/api/2.0/preview/scim/v2/Me").json["link"]
    assert link.startswith(recorder.host + "/")
    recorded = recorder.request("GET", link.removeprefix(recorder.host)).json
    assert recorded["cloud"] == "AWS"
    seen = other.control("GET", "journal").json["exchanges"]
    assert [e["path"] for e in seen] == ["/.well-known/databricks-config"]
    assert "authorization" not in {name.lower() for name in seen[0]["request"]["headers"]}
    for server in (recorder, upstream, other):
        assert server.stop() == 0

    replayer = start("replay", "--cassette", cassette, "--port", 0)
    link = replayer.request("GET", "/api/2.0/preview/scim/v2/Me").json["link"]
    assert link.startswith(replayer.host + "/")
    assert replayer.request("GET", link.removeprefix(replayer.host)).json["cloud"] == "AWS"
    assert replayer.stop() == 0


def test_scenario_on_replay(start, tmp_path):
    rules = tmp_path / "s.yaml"
    rules.write_text("scenario: s\nfaults:\n  - name: once\n    match: {method: GET, path: '/api/2.0/preview/scim/v2/Me'}\n"
                     "    when: {times: 1}\n    inject: {status: 503}\n")
    replayer = start("replay", "--cassette", ROOT / "cassettes/quickstart", "--port", 0, "--scenario", rules)
    answers = [replayer.request("GET", "/api/2.0/preview/scim/v2/Me").status for _ in range(2)]
    assert answers == [503, 200]


@pytest.mark.parametrize("text, hint", [
    ("", "cassette.jsonl"), ('{"cassette":9}\n', "9"), ('{"cassette":1,"match":["method","path","query","body"]}\nnonsense\n', ":2"),
])
def test_damaged_cassettes_are_refused(tmp_path, text, hint):
    import subprocess
    from conftest import BINARY
    (tmp_path / "cassette.jsonl").write_text(text)
    done = subprocess.run([str(BINARY), "replay", "--cassette", str(tmp_path), "--port", "0"], capture_output=True, text=True)
    assert done.returncode == 1
    assert hint in done.stderr and len(done.stderr.strip().splitlines()) == 1
