"""The pytest plugin of integrations/pytest, in pytest sessions of its own."""

import importlib.util
import os
import re
import subprocess
import sys
import textwrap

import pytest

from conftest import BINARY, ROOT, TOKEN, Server

PLUGIN = ROOT / "integrations/pytest"


@pytest.fixture
def session(tmp_path):
    """Runs a file of tests; the outcome and what was printed."""

    def run(source, *arguments, env=None, name="test_it.py"):
        (tmp_path / name).write_text(textwrap.dedent(source))
        (tmp_path / "pytest.ini").write_text("[pytest]\ndbxsim_args = --clock virtual --seed 7\n")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLUGIN), *filter(None, [os.environ.get("PYTHONPATH")])]), "DBXSIM": str(BINARY), **(env or {})}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "pytest_dbxsim", "-q", "-rfE", "-p", "no:cacheprovider", *arguments, str(tmp_path / name)],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        return re.sub(r" in [\d.]+s.*", "", done.stdout.strip().splitlines()[-1]), done.stdout + done.stderr

    run.folder = tmp_path
    return run


CALL = """
    import json, os, urllib.error, urllib.request
    import pytest

    CATALOGS = "/api/2.1/unity-catalog/catalogs"

    def call(target, method="GET", path=CATALOGS, body=None):
        request = urllib.request.Request(target.host + path, data=json.dumps(body).encode() if body else None, method=method)
        request.add_header("Authorization", "Bearer " + target.token)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, {}
"""


def test_workspaces_faults_and_verdicts(session):
    (session.folder / "s.yaml").write_text(
        "scenario: s\nfaults:\n  - {match: {path: '*/catalogs'}, when: {times: 1}, inject: {status: 503}}\n"
        "expect:\n  - {name: twice, attempts: {at_most: 2}}\n")
    summary, output = session(CALL + """
    ids = []

    @pytest.mark.parametrize("n", range(3))
    def test_each_has_its_own(dbxsim, n):
        assert call(dbxsim, "POST", body={"name": "mine"})[0] == 200
        assert dbxsim.seed == 7 and dbxsim.workspace_id not in ids
        ids.append(dbxsim.workspace_id)
        assert [e["n"] for e in dbxsim.journal(operation="catalog.*")] == [1]

    @pytest.mark.dbxsim(seed=3)
    def test_faults(dbxsim):
        assert dbxsim.seed == 3
        with dbxsim.faults(match={"path": CATALOGS}, inject={"status": 503}) as names:
            assert call(dbxsim)[0] == 503 and names == ["fault-1"]
        assert call(dbxsim)[0] == 200
        with dbxsim.faults({"name": "a b", "inject": {"status": 500}}, {"inject": {"status": 501}}) as names:
            assert call(dbxsim)[0] == 500
        assert call(dbxsim)[0] == 200
        assert dbxsim.verify({"status": 503}, times=1) == 1
        with pytest.raises(AssertionError, match="1 exchange matched; expected exactly 2"):
            dbxsim.verify({"status": 503}, times=2)

    def test_state(dbxsim_env):
        assert os.environ["DATABRICKS_HOST"] == dbxsim_env.host and "DATABRICKS_CONFIG_FILE" not in os.environ
        dbxsim_env.snapshot("s s")
        call(dbxsim_env, "POST", body={"name": "c"})
        assert dbxsim_env.advance(90).startswith("2026-01-01T00:01:30")
        dbxsim_env.restore("s s")
        assert call(dbxsim_env, path=CATALOGS + "/c")[0] == 404
        call(dbxsim_env, "POST", body={"name": "c"})
        dbxsim_env.reset()
        assert dbxsim_env.journal() == []

    def test_scenario_in_a_block(dbxsim):
        with dbxsim.scenario("s.yaml"):
            assert [call(dbxsim)[0], call(dbxsim)[0]] == [503, 200]
        with pytest.raises(AssertionError, match="twice: inconclusive"):
            with dbxsim.scenario("s.yaml"):
                pass

    @pytest.mark.dbxsim_scenario("s.yaml")
    def test_verdict_passes(dbxsim):
        assert [call(dbxsim)[0], call(dbxsim)[0]] == [503, 200]

    @pytest.mark.dbxsim_scenario("s.yaml")
    def test_verdict_is_told(dbxsim):
        call(dbxsim, path="/api/2.0/x")

    def test_nothing_is_left(dbxsim_server, dbxsim):
        assert [w["workspace_id"] for w in dbxsim_server.control("GET", "workspaces")["workspaces"]] == [dbxsim.workspace_id]
    """)
    assert summary == "9 passed, 1 error", output
    assert "s: twice: inconclusive: 1 exchange seen, but no attempt failed" in output


def test_a_running_server_is_used(session):
    server = Server("serve", "--port", 0, "--token", "other")
    try:
        summary, output = session(CALL + """
        def test_it(dbxsim, dbxsim_server):
            assert dbxsim_server.host == os.environ["WANTED"] == dbxsim.host
            assert call(dbxsim)[0] == 200
        """.replace("\n        ", "\n    "), env={"DBXSIM_URL": server.host, "DBXSIM_TOKEN": "other", "WANTED": server.host})
        assert summary == "1 passed", output
        assert server.request("GET", "/_dbxsim/workspaces", token="other").json == {"workspaces": []}
    finally:
        assert server.stop() == 0


def test_cassettes_are_recorded_and_replayed(session):
    source = CALL + """
    @pytest.mark.dbxsim_cassette("tapes/one")
    def test_tape(dbxsim_cassette):
        assert dbxsim_cassette.mode == os.environ["WANTED"]
        assert call(dbxsim_cassette, path=os.environ.get("ASK", CATALOGS))[0] in (200, 404)

    def test_named_after_itself(dbxsim_cassette):
        assert call(dbxsim_cassette)[0] == 200
    """
    summary, output = session(source, env={"WANTED": "replay"})
    assert summary == "2 errors" and "has no recording" in output, output
    upstream = Server("serve", "--port", 0)
    try:
        summary, output = session(source, "--dbxsim-upstream", upstream.host, env={"WANTED": "record", "DATABRICKS_TOKEN": TOKEN})
        assert summary == "2 passed", output
    finally:
        upstream.stop()
    assert (session.folder / "tapes/one/cassette.jsonl").exists()
    assert (session.folder / "cassettes/test_it/test_named_after_itself/cassette.jsonl").exists()
    summary, output = session(source, env={"WANTED": "replay"})
    assert summary == "2 passed", output
    summary, output = session(source, env={"WANTED": "replay", "ASK": "/api/2.1/unity-catalog/schemas"})
    assert summary == "2 passed, 1 error" and "ended with status 2" in output, output


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_xdist_workers_share_one_server(session):
    summary, output = session(CALL + """
    @pytest.mark.parametrize("n", range(2))
    def test_each(dbxsim, dbxsim_server, n):
        for round in range(5):
            assert call(dbxsim, "POST", body={"name": f"c{round}"})[0] == 200
        assert len(dbxsim.journal()) == 5
        with open("seen", "a") as seen:
            seen.write(f"{dbxsim_server.host} {os.environ['PYTEST_XDIST_WORKER']} {dbxsim.workspace_id}\\n")
    """, "-n", "16", "--dist", "each", "-p", "xdist")
    # Each of sixteen workers runs both, in workspaces of their own on one server.
    assert summary == "32 passed", output
    hosts, workers, workspaces = map(set, zip(*(line.split() for line in (session.folder / "seen").read_text().splitlines())))
    assert (len(hosts), len(workers), len(workspaces)) == (1, 16, 32)


def test_a_missing_program_is_named(session):
    summary, output = session("def test_it(dbxsim): pass", env={"DBXSIM": "/nowhere/dbxsim"})
    assert summary == "1 error" and "/nowhere/dbxsim cannot be started" in output
