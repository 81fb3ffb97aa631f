"""The object store's S3 interface with vended credentials, by engines that are not ours."""

import datetime
import hashlib
import hmac
import importlib.resources
import json
import os
import subprocess
import sys
import urllib.parse

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet
import pytest
import requests
from databricks.sdk.service.catalog import (
    PathOperation, TableOperation, VolumeOperation, VolumeType)

from conftest import TOKEN


def credentials(answer):
    aws = answer.aws_temp_credentials
    return {"access_key": aws.access_key_id, "secret_key": aws.secret_access_key, "session_token": aws.session_token}


def options(server, answer):
    aws = answer.aws_temp_credentials
    return {
        "AWS_ENDPOINT_URL": server.host, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": aws.access_key_id,
        "AWS_SECRET_ACCESS_KEY": aws.secret_access_key, "AWS_SESSION_TOKEN": aws.session_token}


def filesystem(server, answer):
    return pyarrow.fs.S3FileSystem(
        endpoint_override=server.host.removeprefix("http://"), scheme="http", region="us-west-2", **credentials(answer))


@pytest.fixture
def table(client, sql):
    sql("CREATE TABLE main.default.t (id BIGINT, name STRING)")
    sql("INSERT INTO main.default.t VALUES (1, 'one'), (2, 'two')")
    info = client.tables.get("main.default.t")

    def vend(operation=TableOperation.READ_WRITE):
        return client.temporary_table_credentials.generate_temporary_table_credentials(table_id=info.table_id, operation=operation)

    return info, vend


def test_deltalake_by_s3(server, sql, table):
    info, vend = table
    answer = vend()
    assert answer.url == info.storage_location
    store = options(server, answer)
    delta = deltalake.DeltaTable(answer.url, storage_options=store)
    assert sorted(delta.to_pyarrow_table().to_pylist(), key=lambda row: row["id"]) == [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]
    deltalake.write_deltalake(answer.url, pa.table({"id": [3], "name": ["three"]}), mode="append", storage_options=store)
    assert sql("SELECT id, name FROM main.default.t ORDER BY id") == [["1", "one"], ["2", "two"], ["3", "three"]]
    source = pa.table({"id": [3, 4], "name": ["III", "IV"]})
    delta = deltalake.DeltaTable(answer.url, storage_options=store)
    (delta.merge(source, "t.id = s.id", source_alias="s", target_alias="t")
        .when_matched_update_all().when_not_matched_insert_all().execute())
    assert sql("SELECT id, name FROM main.default.t WHERE id > 2 ORDER BY id") == [["3", "III"], ["4", "IV"]]
    sql("DELETE FROM main.default.t WHERE id = 1")
    delta.update_incremental()
    assert sorted(delta.to_pyarrow_table()["id"].to_pylist()) == [2, 3, 4]
    deltalake.write_deltalake(answer.url, pa.table({"id": [9], "name": ["nine"]}), mode="overwrite", storage_options=store)
    assert sql("SELECT * FROM main.default.t") == [["9", "nine"]]
    operations = [row[4] for row in sql("DESCRIBE HISTORY main.default.t")]
    assert operations == ["WRITE", "DELETE", "MERGE", "WRITE", "WRITE", "CREATE TABLE"]


# They end by os._exit: threads of delta-rs and of pyarrow that still run while the interpreter ends can abort the process after its work.
READ_BY_UC = """
import json, os, sys
import deltalake
table = deltalake.DeltaTable("uc://main.default.t", storage_options=json.loads(sys.argv[1]))
print(sorted(table.to_pyarrow_table()["id"].to_pylist()), flush=True)
os._exit(0)
"""

APPEND_BY_UC = """
import json, os, sys
import deltalake, pyarrow as pa
rows = pa.table({"id": [5], "name": ["five"]})
deltalake.write_deltalake("uc://main.default.t", rows, mode="append", storage_options=json.loads(sys.argv[1]))
os._exit(0)
"""


def by_uc(server, script):
    """Runs a script of delta-rs. It can stand still for ever between the catalog's answer and its first request to the store, a deadlock of
    its own (delta-io/delta-rs pull request 3113) that two cores meet every other time: then it is begun anew, and given longer, since on a
    busy machine it may only have been slow."""
    store = {
        "databricks_host": server.host, "databricks_token": TOKEN, "unity_allow_http_url": "true", "AWS_ENDPOINT_URL": server.host,
        "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-west-2"}
    attempts = 24
    for attempt in range(attempts):
        try:
            done = subprocess.run(
                [sys.executable, "-c", script, json.dumps(store)], env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
                capture_output=True, text=True, timeout=3 + attempt // 3)
        except subprocess.TimeoutExpired:
            continue
        # A signal is the same trouble in another form.
        if done.returncode >= 0:
            return done
    pytest.fail(f"delta-rs stood still {attempts} times")


def test_deltalake_by_uc(server, sql, table):
    read = by_uc(server, READ_BY_UC)
    assert (read.returncode, read.stdout) == (0, "[1, 2]\n"), read.stderr
    append = by_uc(server, APPEND_BY_UC)
    assert append.returncode == 0, append.stderr
    assert sql("SELECT count(*), max(id) FROM main.default.t") == [["3", "5"]]


def test_concurrent_writers_meet(server, sql, table):
    """A writer with an old view of the log must not overwrite a version."""
    info, vend = table
    store = options(server, vend())
    old = deltalake.DeltaTable(info.storage_location, storage_options=store)
    sql("INSERT INTO main.default.t VALUES (7, 'seven')")
    deltalake.write_deltalake(old, pa.table({"id": [8], "name": ["eight"]}), mode="append")
    assert sql("SELECT id FROM main.default.t ORDER BY id") == [["1"], ["2"], ["7"], ["8"]]


def test_reading_grants_do_not_write(server, table):
    info, vend = table
    answer = vend(TableOperation.READ)
    s3 = filesystem(server, answer)
    path = info.storage_location.removeprefix("s3://")
    files = [f.path for f in s3.get_file_info(pyarrow.fs.FileSelector(path, recursive=True)) if f.path.endswith(".parquet")]
    assert pyarrow.parquet.read_table(files[0], filesystem=s3).num_rows == 2
    for action in (lambda: s3.open_output_stream(path + "/x").close(), lambda: s3.delete_file(files[0])):
        with pytest.raises(OSError, match="ACCESS_DENIED|Access Denied"):
            action()
    with pytest.raises(OSError, match="ACCESS_DENIED|Access Denied"):
        s3.open_input_file(path.rsplit("/", 1)[0] + "/other").read()


def test_volumes_and_paths(server, client):
    volume = client.volumes.create("main", "default", "v", VolumeType.MANAGED)
    answer = client.temporary_volume_credentials.generate_temporary_volume_credentials(
        volume_id=volume.volume_id, operation=VolumeOperation.WRITE_VOLUME)
    s3 = filesystem(server, answer)
    root = volume.storage_location.removeprefix("s3://")
    data = bytes(range(256)) * (12 << 12)  # more than one part
    with s3.open_output_stream(root + "/deep/er/big.bin") as file:
        file.write(data)
    assert client.files.download("/Volumes/main/default/v/deep/er/big.bin").contents.read() == data, "differs"
    s3.create_dir(root + "/empty", recursive=False)
    assert client.files.get_directory_metadata("/Volumes/main/default/v/empty") is None
    s3.copy_file(root + "/deep/er/big.bin", root + "/copy.bin")
    assert client.files.get_metadata("/Volumes/main/default/v/copy.bin").content_length == len(data)
    with s3.open_input_file(root + "/copy.bin") as file:
        file.seek(1_000_000)
        assert file.read(10) == data[1_000_000:1_000_010]
    s3.delete_dir(root + "/deep")
    assert [e.name for e in client.files.list_directory_contents("/Volumes/main/default/v")] == ["copy.bin", "empty"]

    answer = client.temporary_path_credentials.generate_temporary_path_credentials("s3://lake/raw", PathOperation.PATH_READ_WRITE)
    deltalake.write_deltalake("s3://lake/raw/events", pa.table({"x": [1, 2]}), storage_options=options(server, answer))
    assert deltalake.DeltaTable("s3://lake/raw/events", storage_options=options(server, answer)).version() == 0
    with pytest.raises(Exception, match="managed storage"):
        client.temporary_path_credentials.generate_temporary_path_credentials(volume.storage_location, PathOperation.PATH_READ)


class Signer:
    """Signs requests as AWS documents it, apart from every implementation that is tested here."""

    def __init__(self, host, aws):
        self.host, self.aws = host, aws

    def _hmac(self, key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    def request(self, method, path, query=None, body=b"", payload=None, headers=None, tamper=None, date=None):
        now = date or datetime.datetime.now(datetime.timezone.utc)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        payload = payload or hashlib.sha256(body if isinstance(body, bytes) else b"").hexdigest()
        signed = {
            "host": self.host.removeprefix("http://"), "x-amz-date": stamp, "x-amz-content-sha256": payload,
            "x-amz-security-token": self.aws.session_token, **(headers or {})}
        names = ";".join(sorted(signed))
        text = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote, safe="-_.~")
        canonical = "\n".join([
            method, urllib.parse.quote(path, safe="/-_.~"), text, "".join(f"{n}:{signed[n]}\n" for n in sorted(signed)), names, payload])
        scope = f"{day}/us-west-2/s3/aws4_request"
        self.key = self._hmac(self._hmac(self._hmac(self._hmac(
            ("AWS4" + self.aws.secret_access_key).encode(), day), "us-west-2"), "s3"), "aws4_request")
        self.stamp, self.scope = stamp, scope
        to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        self.signature = self._hmac(self.key, to_sign).hex()
        signed["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.aws.access_key_id}/{scope}, SignedHeaders={names}, Signature={self.signature}")
        if callable(body):
            body = body(self)
        if tamper:
            tamper(signed)
        url = self.host + urllib.parse.quote(path, safe="/-_.~") + ("?" + text if text else "")
        return requests.request(method, url, data=body, headers=signed)

    def chunks(self, parts, spoil=False):
        """The parts as `aws-chunked` with a signature each."""
        empty, previous, result = hashlib.sha256(b"").hexdigest(), self.signature, b""
        for part in [*parts, b""]:
            text = "\n".join(
                ["AWS4-HMAC-SHA256-PAYLOAD", self.stamp, self.scope, previous, empty, hashlib.sha256(part).hexdigest()])
            previous = self._hmac(self.key, text).hex()
            sent = part.replace(b"a", b"b") if spoil else part
            result += f"{len(part):x};chunk-signature={previous}\r\n".encode() + sent + b"\r\n"
        return result


@pytest.fixture
def signer(server, client):
    answer = client.temporary_path_credentials.generate_temporary_path_credentials("s3://lake/raw", PathOperation.PATH_READ_WRITE)
    return Signer(server.host, answer.aws_temp_credentials)


def code(answer):
    return answer.status_code, answer.text.split("<Code>")[-1].split("</Code>")[0]


def test_signatures_are_checked(server, signer):
    assert signer.request("PUT", "/lake/raw/k y+z", body=b"abc").status_code == 200
    assert signer.request("GET", "/lake/raw/k y+z").content == b"abc"

    def change(name, value):
        return lambda headers: headers.__setitem__(name, value)

    spoiled = {
        "x-amz-security-token": "00.00", "x-amz-date": "20200101T000000Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request, SignedHeaders=host, Signature=00"}
    for name, value in spoiled.items():
        assert signer.request("GET", "/lake/raw/k y+z", tamper=change(name, value)).status_code in (400, 403)
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=20)
    assert code(signer.request("GET", "/lake/raw/k y+z", date=old)) == (403, "RequestTimeTooSkewed")
    assert code(signer.request("PUT", "/lake/raw/p", body=b"abc", payload="0" * 64)) == (400, "XAmzContentSHA256Mismatch")
    assert code(signer.request("GET", "/lake/raw/p")) == (404, "NoSuchKey")
    assert code(requests.get(server.host + "/lake/raw/k", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})) == (403, "AccessDenied")
    for path in ("/lake/rawx/k", "/lake/other", "/lake/raw/../other"):
        assert signer.request("PUT", path, body=b"x").status_code in (400, 403)
    assert code(signer.request("GET", "/lake", {"list-type": "2", "prefix": ""})) == (403, "AccessDenied")


def test_chunked_bodies_are_checked(signer):
    parts = [b"a" * 70_000, b"b" * 10]
    headers = {"x-amz-decoded-content-length": "70010", "content-encoding": "aws-chunked"}
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    answer = signer.request("PUT", "/lake/raw/c", body=lambda s: s.chunks(parts), payload=kind, headers=headers)
    assert answer.status_code == 200
    assert signer.request("GET", "/lake/raw/c").content == b"".join(parts)
    answer = signer.request("PUT", "/lake/raw/d", body=lambda s: s.chunks(parts, spoil=True), payload=kind, headers=headers)
    assert code(answer) == (403, "SignatureDoesNotMatch")
    answer = signer.request("PUT", "/lake/raw/d", body=lambda s: s.chunks(parts)[:-20], payload=kind, headers=headers)
    assert code(answer) == (400, "IncompleteBody")
    trailer = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    answer = signer.request("PUT", "/lake/raw/e", body=trailer, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    assert answer.status_code == 200
    assert signer.request("GET", "/lake/raw/e").content == b"hello"
    assert signer.request("GET", "/lake/raw/d").status_code == 404


def test_conditions_lists_and_bulk_deletes(signer):
    absent = {"if-none-match": "*"}
    assert signer.request("PUT", "/lake/raw/log/0.json", body=b"1", headers=absent).status_code == 200
    assert code(signer.request("PUT", "/lake/raw/log/0.json", body=b"2", headers=absent)) == (412, "PreconditionFailed")
    assert signer.request("GET", "/lake/raw/log/0.json").content == b"1"
    for number in range(1, 7):
        signer.request("PUT", f"/lake/raw/log/{number}.json", body=b"x" * number)
    signer.request("PUT", "/lake/raw/log/<odd> & name", body=b"")
    keys, token = [], {}
    while True:
        answer = signer.request("GET", "/lake", {"list-type": "2", "prefix": "raw/log/", "max-keys": "3", **token}).text
        keys += [part.split("</Key>")[0] for part in answer.split("<Key>")[1:]]
        if "<IsTruncated>true" not in answer:
            break
        token = {"continuation-token": answer.split("<NextContinuationToken>")[1].split("<")[0]}
    assert keys == [f"raw/log/{n}.json" for n in range(7)] + ["raw/log/&lt;odd&gt; &amp; name"]
    answer = signer.request("GET", "/lake", {"list-type": "2", "prefix": "raw/log/", "start-after": "raw/log/4.json"}).text
    assert answer.count("<Key>") == 3
    answer = signer.request("GET", "/lake", {"list-type": "2", "prefix": "raw/", "delimiter": "/"}).text
    assert "<CommonPrefixes><Prefix>raw/log/</Prefix></CommonPrefixes>" in answer and "<Key>" not in answer
    head = signer.request("HEAD", "/lake/raw/log/6.json")
    assert (head.headers["content-length"], head.headers["etag"][0]) == ("6", '"')
    assert signer.request("GET", "/lake/raw/log/6.json", headers={"range": "bytes=4-"}).status_code == 206
    assert code(signer.request("GET", "/lake/raw/log/6.json", headers={"range": "bytes=6-"})) == (416, "InvalidRange")
    body = b"<Delete><Object><Key>raw/log/1.json</Key></Object><Object><Key>raw/log/&lt;odd&gt; &amp; name</Key></Object>"
    body += b"<Object><Key>other/x</Key></Object></Delete>"
    answer = signer.request("POST", "/lake", {"delete": ""}, body=body)
    assert answer.text.count("<Deleted>") == 2 and "<Code>AccessDenied</Code>" in answer.text
    assert signer.request("GET", "/lake/raw/log/1.json").status_code == 404
    for body in (b"", b"<Delete>", b"<Delete></Delete>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><Delete/>", b"<a>" * 100):
        assert code(signer.request("POST", "/lake", {"delete": ""}, body=body)) == (400, "MalformedXML")


def test_credentials_end(start):
    from conftest import run_sql, workspace_client

    server = start("serve", "--port", 0, "--clock", "virtual")
    client = workspace_client(server)
    answer = client.temporary_path_credentials.generate_temporary_path_credentials("s3://lake/raw", PathOperation.PATH_READ_WRITE)
    signer = Signer(server.host, answer.aws_temp_credentials)
    assert signer.request("PUT", "/lake/raw/x", body=b"1").status_code == 200
    assert server.control("POST", "clock", {"advance": "61m"}).status == 200
    assert code(signer.request("GET", "/lake/raw/x")) == (400, "ExpiredToken")


def test_duckdb_reads(server, sql, table):
    info, vend = table
    aws = vend(TableOperation.READ).aws_temp_credentials
    connection = duckdb.connect()
    for extension in ("httpfs", "delta"):
        package = importlib.resources.files(f"duckdb_extension_{extension}")
        connection.execute(f"LOAD '{package}/extensions/v{duckdb.__version__}/{extension}.duckdb_extension'")
    connection.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID '{aws.access_key_id}', SECRET '{aws.secret_access_key}', SESSION_TOKEN '{aws.session_token}', "
        f"ENDPOINT '{server.host.removeprefix('http://')}', URL_STYLE 'path', USE_SSL false, REGION 'us-west-2')")
    rows = connection.execute(f"SELECT * FROM delta_scan('{info.storage_location}') ORDER BY id").fetchall()
    assert rows == [(1, "one"), (2, "two")]
