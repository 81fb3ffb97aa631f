"""Credentials that the service vends, through the recorder: the client gets them, the disk does not, and the links signed with them lead on."""

import json
import re

from conftest import workspace_client
from upstreams import http_upstream

AWS = {"access_key_id": "ASIAZZZZZZZZZZZZZZZZ", "secret_access_key": "sEcReT/" + "k" * 33, "session_token": "FwoGZXIvYXdzE" + "s+t/" * 20}
R2 = {"access_key_id": "0f" * 16, "secret_access_key": "1e" * 32, "session_token": "r2tok" + "2d" * 60}
SAS = "sv=2025-01-05&st=2026-01-01T00%3A00%3A00Z&se=2026-01-01T01%3A00%3A00Z&sr=d&sp=rl&sdd=3&sig=c2lnbmF0dXJlLW9mLWEtZm9sZGVy%3D"
VENDED = {
    "/api/2.1/unity-catalog/temporary-table-credentials": {"aws_temp_credentials": {**AWS, "access_point": ""}, "url": "s3://bucket/t"},
    "/api/2.1/unity-catalog/temporary-volume-credentials": {
        "azure_user_delegation_sas": {"sas_token": SAS}, "url": "abfss://c@account.dfs.core.windows.net/v"},
    "/api/2.1/unity-catalog/temporary-path-credentials": {"gcp_oauth_token": {"oauth_token": "ya29.c." + "g" * 60}, "url": "gs://bucket/p"},
    "/api/2.1/unity-catalog/temporary-model-version-credentials": {"r2_temp_credentials": R2, "url": "r2://bucket@account/m"},
    "/api/2.1/unity-catalog/temporary-service-credentials": {"azure_aad": {"aad_token": "opaque-aad-token-0001"}},
}
SECRETS = [*list(AWS.values()), *list(R2.values()), SAS, "c2lnbmF0dXJlLW9mLWEtZm9sZGVy", "ya29.c.", "g" * 60, "opaque-aad-token-0001"]


def everything(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file()).decode()


def ask(server, path):
    answer = server.request("POST", path, {"table_id": "t", "operation": "READ"})
    assert answer.status == 200
    return answer.json


def test_vended_credentials_of_every_cloud(start, cassette):
    asked = []

    def stored(handler):
        asked.append((handler.path, handler.headers["Authorization"]))
        handler.answer(b"PAR1 rows PAR1", "binary/octet-stream")

    with http_upstream(GET=stored) as storage:
        # A link that is signed with what was vended, as the files API and statements' results give it.
        link = f"{storage}/t/part-0.parquet?X-Amz-Security-Token={AWS['session_token'].replace('+', '%2B').replace('/', '%2F')}&X-Amz-Signature={'ab' * 32}"
        answers = {**VENDED, "/api/2.0/fs/create-download-url": {"url": link, "headers": []}}
        with http_upstream(POST=lambda handler: (list(handler.body()), handler.answer(json.dumps(answers[handler.path]).encode()))) as upstream:
            recorder = start(
                "record", "--upstream", upstream, "--cassette", cassette, "--port", 0, "--allow-host", storage.removeprefix("http://"))
            for path, vended in VENDED.items():
                assert ask(recorder, path) == vended
            through = ask(recorder, "/api/2.0/fs/create-download-url")["url"]
            assert through.startswith(recorder.host + "/")
            assert recorder.request("GET", through.removeprefix(recorder.host)).body == b"PAR1 rows PAR1"
            assert recorder.stop() == 0
    # The storage got the signed link as it was, and nothing of the workspace's token.
    assert asked == [(link.removeprefix(storage), None)]
    written = everything(cassette)
    assert [secret for secret in SECRETS + ["ab" * 32] if secret in written] == []
    assert written.count("PAR1 rows PAR1") == 1

    replayer = start("replay", "--cassette", cassette, "--port", 0)
    replayed = {path: ask(replayer, path) for path in VENDED}
    for path, vended in VENDED.items():
        (kind, real), (_, made_up) = next(iter(vended.items())), next(iter(replayed[path].items()))
        assert kind in replayed[path] and replayed[path].get("url") == vended.get("url")
        for name, value in real.items():
            # Made up, and so different from each other.
            assert made_up[name] != value or value == "", name
            assert bool(made_up[name]) == bool(value) and "REDACTED" not in made_up[name]
    aws = replayed["/api/2.1/unity-catalog/temporary-table-credentials"]["aws_temp_credentials"]
    assert re.fullmatch("AKIA[0-9A-F]{16}", aws["access_key_id"]) and len(aws["secret_access_key"]) == 40
    assert len({aws["secret_access_key"], replayed["/api/2.1/unity-catalog/temporary-model-version-credentials"]["r2_temp_credentials"]["secret_access_key"]}) == 2
    through = ask(replayer, "/api/2.0/fs/create-download-url")["url"]
    assert through.startswith(replayer.host + "/")
    assert replayer.request("GET", through.removeprefix(replayer.host), token=None).body == b"PAR1 rows PAR1"
    assert replayer.stop() == 0


def test_the_sdk_gets_what_the_simulator_vends(start, cassette):
    from databricks.sdk.service.catalog import TableOperation

    upstream = start("serve", "--port", 0)
    warehouse = upstream.exports["DATABRICKS_WAREHOUSE_ID"]

    def vended(server, **options):
        client = workspace_client(server, **options)
        table = client.tables.get("main.default.t")
        found = client.temporary_table_credentials.generate_temporary_table_credentials(operation=TableOperation.READ, table_id=table.table_id)
        return found.aws_temp_credentials

    workspace_client(upstream).statement_execution.execute_statement(
        "CREATE TABLE main.default.t AS SELECT 1 AS a", warehouse_id=warehouse, wait_timeout="30s")
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0)
    real = vended(recorder)
    assert recorder.stop() == 0
    written = everything(cassette)
    assert real.secret_access_key not in written and real.session_token not in written and real.access_key_id not in written
    replayer = start("replay", "--cassette", cassette, "--port", 0)
    made_up = vended(replayer, token="any")
    assert made_up.secret_access_key and made_up.secret_access_key != real.secret_access_key
    assert replayer.stop() == 0
