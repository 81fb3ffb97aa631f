"""The program itself: ready lines, control calls, shutdown, refusals."""

import json
import re
import socket
import subprocess
import threading

from conftest import BINARY, ROOT, TOKEN


def test_ready_lines(start):
    server = start("serve", "--port", 0)
    assert server.exports["DATABRICKS_HOST"] == server.host
    assert server.exports["DATABRICKS_TOKEN"] == TOKEN
    assert re.fullmatch(r"[0-9a-f]{16}", server.exports["DATABRICKS_WAREHOUSE_ID"])
    health = server.request("GET", "/_dbxsim/health", token=None).json
    assert (health["status"], health["mode"], health["version"]) == ("ok", "serve", server.version)
    assert server.stop() == 0
    assert server.out == ""


def test_same_seed_same_answers(start):
    def run():
        server = start("serve", "--port", 0, "--seed", 42, "--clock", "virtual")
        bodies = [server.request("POST", "/api/2.0/token/create", {"comment": "c"}).body,
                  server.request("POST", "/api/2.1/unity-catalog/catalogs", {"name": "c"}).body,
                  server.request("POST", "/api/2.0/sql/statements", {
                      "warehouse_id": server.exports["DATABRICKS_WAREHOUSE_ID"], "statement": "SELECT current_timestamp()"}).body]
        server.stop()
        return bodies

    assert run() == run()


def test_control_needs_the_admin_token(server):
    for path in ["reset", "journal", "faults"]:
        answer = server.request("POST" if path == "reset" else "GET", "/_dbxsim/" + path, token="wrong")
        assert (answer.status, answer.json["error_code"]) == (401, "UNAUTHENTICATED")


def test_reset_brings_the_start_state_back(server, client):
    client.catalogs.create("gone")
    token = client.tokens.create().token_value
    assert server.control("POST", "reset").status == 200
    assert [c.name for c in client.catalogs.list()] == ["hive_metastore", "main", "samples", "system"]
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs", token=token).status == 403
    paths = [e["path"] for e in server.control("GET", "journal").json["exchanges"]]
    assert "/api/2.0/token/create" not in paths


def test_journal(server, client):
    client.catalogs.create("j")
    exchange = server.control("GET", "journal?operation=catalog.catalogs.*").json["exchanges"][-1]
    assert (exchange["operation"], exchange["method"], exchange["path"], exchange["status"]) == (
        "catalog.catalogs.create", "POST", "/api/2.1/unity-catalog/catalogs", 200)
    assert exchange["request"]["body"] == {"name": "j"}
    assert exchange["response"]["body"]["full_name"] == "j"
    assert exchange["principal"] == "admin@example.com"
    assert exchange["fault"] is None
    number = exchange["n"]
    assert server.control("GET", f"journal?since={number}").json["exchanges"] == []
    assert server.control("DELETE", "journal").status == 200
    assert server.control("GET", "journal").json["exchanges"] == []


def test_unknown_path(server):
    answer = server.request("GET", "/api/2.0/no/such/thing")
    assert answer.status == 404
    assert answer.json["error_code"] == "ENDPOINT_NOT_FOUND"
    assert answer.json["message"] == "No API found for 'GET /no/such/thing'"


def test_real_but_not_simulated(server):
    answer = server.request("POST", "/api/2.0/apps", {})
    assert (answer.status, answer.json["error_code"]) == (501, "NOT_IMPLEMENTED")
    assert "apps.create" in answer.json["message"]


def test_response_headers(server):
    answer = server.request("GET", "/api/2.1/unity-catalog/catalogs")
    assert answer.headers["server"] == "databricks"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-request-id"])


def test_operations_table():
    done = subprocess.run([str(BINARY), "operations", "--json"], capture_output=True, text=True, check=True)
    rows = {o["id"]: o for o in json.loads(done.stdout)}
    assert rows["sql.warehouses.get"] == {
        "id": "sql.warehouses.get", "method": "GET", "path": "/api/2.0/sql/warehouses/{id}", "simulated": True}
    assert rows["apps.create"]["simulated"] is False
    assert len(rows) > 1_000
    text = subprocess.run([str(BINARY), "operations"], capture_output=True, text=True, check=True).stdout
    assert "sql.warehouses.get" in text


def test_port_in_use(server):
    port = server.host.rsplit(":", 1)[1]
    done = subprocess.run([str(BINARY), "serve", "--port", port], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert done.stdout == ""
    assert port in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_wrong_options():
    assert subprocess.run([str(BINARY), "serve", "--prot", "1"], capture_output=True).returncode == 64
    assert subprocess.run([str(BINARY), "serve", "--port", "x"], capture_output=True).returncode == 64


def test_options_from_the_environment(start):
    server = start("serve", env={"DBXSIM_PORT": "0", "DBXSIM_TOKEN": "dapi-other"})
    assert server.exports["DATABRICKS_TOKEN"] == "dapi-other"
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs", token="dapi-other").status == 200


def test_bad_scenario_is_one_line_with_its_place(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("scenario: x\nfaults:\n  - name: a\n    inject: {status: 429}\n    wehn: {times: 1}\n")
    done = subprocess.run([str(BINARY), "serve", "--port", "0", "--scenario", str(file)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "bad.yaml:5" in done.stderr and "wehn" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_scenarios_that_ship_are_well_formed():
    files = [str(f) for f in sorted((ROOT / "scenarios").glob("*.yaml"))]
    assert files
    assert subprocess.run([str(BINARY), "scenario", "check", *files], capture_output=True).returncode == 0


def test_answers_under_way_are_finished(start):
    server = start("serve", "--port", 0)
    server.control("POST", "faults", {"match": {"path": "/api/2.1/*"}, "inject": {"delay": {"fixed": "700ms"}}})
    answers = []
    thread = threading.Thread(target=lambda: answers.append(server.request("GET", "/api/2.1/unity-catalog/catalogs").status))
    thread.start()
    # The request is under way once it is being delayed: the rule has fired.
    while server.control("GET", "faults").json["faults"][0]["fired"] == 0:
        pass
    idle = socket.create_connection(("127.0.0.1", int(server.host.rsplit(":", 1)[1])))
    assert server.stop() == 0
    thread.join()
    idle.close()
    assert answers == [200]
