"""`serve --tls`: real clients over https, by HTTP/1.1 and HTTP/2, with the authority that is made on first use."""

import decimal
import json
import os
import shutil
import socket
import ssl
import stat
import subprocess

import pytest
import requests

from conftest import BINARY, TOKEN, Server, workspace_client
from upstreams import certificate

sql = pytest.importorskip("databricks.sql")
CURL = shutil.which("curl")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return tmp_path_factory.mktemp("settings")


def serve(settings, *arguments):
    server = Server("serve", "--port", 0, "--seed", 7, "--tls", *arguments, env={"XDG_CONFIG_HOME": str(settings)})
    server.ca = settings / "dbxsim" / "ca.pem"
    server.port = int(server.host.rsplit(":", 1)[1])
    server.tls = ssl.create_default_context(cafile=server.ca)
    return server


@pytest.fixture(scope="module")
def shared_server(settings):
    server = serve(settings)
    yield server
    assert server.stop() == 0


def connect(server, warehouse_id, **options):
    return sql.connect(
        server_hostname="localhost", http_path=f"/sql/1.0/warehouses/{warehouse_id}", access_token=TOKEN, _port=server.port,
        _tls_trusted_ca_file=str(server.ca), enable_telemetry=False, _retry_stop_after_attempts_count=1, **options)


def rows(connection, text, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return [tuple(row) for row in cursor.fetchall()]


def curl(server, *arguments):
    answer = subprocess.run(
        [CURL, "--silent", "--show-error", "--cacert", server.ca, "--header", f"Authorization: Bearer {TOKEN}", "--write-out",
         "\n%{http_version} %{http_code}", *arguments], capture_output=True, text=True)
    body, _, last = answer.stdout.rpartition("\n")
    return answer.returncode, body, last.split(" ")


def test_the_ready_lines_name_the_authority(server):
    assert server.host.startswith("https://127.0.0.1:")
    assert server.exports["DATABRICKS_HOST"] == server.host
    advice = server.process.stdout.readline()
    assert advice == f"# Clients must trust the authority {server.ca}, each in its way:\n"


def test_databricks_sql_connector_over_https(server, warehouse_id, tmp_path):
    with connect(server, warehouse_id, staging_allowed_local_path=str(tmp_path)) as connection:
        assert rows(connection, "SELECT 1, :a", {"a": decimal.Decimal("1.5")}) == [(1, decimal.Decimal("1.5"))]
        # Large results come by links, which are https, too.
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, repeat('x', 60) AS x FROM range(200000)")
            assert cursor.fetchall_arrow().column("id").to_pylist() == list(range(200_000))
        (tmp_path / "a").write_bytes(b"abc")
        rows(connection, "CREATE VOLUME main.default.tls")
        with connection.cursor() as cursor:
            cursor.execute(f"PUT '{tmp_path}/a' INTO '/Volumes/main/default/tls/a'")
        assert server.request("GET", "/api/2.0/fs/files/Volumes/main/default/tls/a").body == b"abc"
    fetched = [e for e in server.control("GET", "journal").json["exchanges"] if e["path"].startswith("/_storage/results/")]
    assert fetched


def test_the_connectors_rest_backend(server, warehouse_id):
    with connect(server, warehouse_id, use_sea=True, catalog="samples", schema="tpch") as connection:
        assert rows(connection, "SELECT count(*), current_schema(), :n FROM region", {"n": 5}) == [(5, "tpch", 5)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, repeat('x', 60) AS x FROM range(200000)")
            assert cursor.fetchall_arrow().column("id").to_pylist() == list(range(200_000))
            cursor.tables("samples", "tpch", "region")
            assert [row.tableName for row in cursor.fetchall()] == ["region"]
        with connection.cursor() as cursor, pytest.raises(sql.exc.Error, match="TABLE_OR_VIEW_NOT_FOUND"):
            cursor.execute("SELECT * FROM nowhere")
    operations = {e["operation"] for e in server.control("GET", "journal").json["exchanges"]}
    assert "sql.statements.execute" in operations and not [name for name in operations if name.startswith("thrift.")]


def use_kernel(connection):
    """What a user of the Rust backend does; it speaks to the REST API."""
    assert rows(connection, "SELECT 1, 'x', CAST(:d AS DECIMAL(4,2))", {"d": "1.5"}) == [(1, "x", decimal.Decimal("1.50"))]
    with connection.cursor() as cursor:
        # Two chunks: of three, kernel 1.3 drops the last in one run of fifteen, when links come within a millisecond. It reads ahead for links in
        # one thread and for the next one in another, and takes what the first finds at the end for the end of what the second has queued.
        cursor.execute("SELECT id, repeat('x', 60) AS x FROM range(200000)")
        assert cursor.fetchall_arrow().column("id").to_pylist() == list(range(200_000))
        cursor.catalogs()
        assert {"main", "samples"} <= {row.TABLE_CAT for row in cursor.fetchall()}
        cursor.schemas()
        assert ("tpch", "samples") in [tuple(row) for row in cursor.fetchall()]
        cursor.tables("samples", "tpch", "reg%")
        assert [row.TABLE_NAME for row in cursor.fetchall()] == ["region"]
        cursor.columns("samples", "tpch", "region")
        assert [(c.COLUMN_NAME, c.TYPE_NAME, c.IS_NULLABLE, c.ORDINAL_POSITION) for c in cursor.fetchall()] == [
            ("r_regionkey", "BIGINT", "YES", 1), ("r_name", "STRING", "YES", 2), ("r_comment", "STRING", "YES", 3)]
        with pytest.raises(sql.exc.Error, match="TABLE_OR_VIEW_NOT_FOUND"):
            cursor.execute("SELECT * FROM nowhere")


def test_the_rust_kernel_by_http(start):
    pytest.importorskip("databricks_sql_kernel")
    server = start("serve", "--port", 0, "--seed", 7)
    path = f"/sql/1.0/warehouses/{server.exports['DATABRICKS_WAREHOUSE_ID']}"
    with sql.connect(server_hostname=server.host, http_path=path, access_token=TOKEN, use_kernel=True, enable_telemetry=False) as connection:
        use_kernel(connection)


def test_the_rust_kernel_by_https(server, warehouse_id):
    pytest.importorskip("databricks_sql_kernel")
    path = f"/sql/1.0/warehouses/{warehouse_id}"
    host = f"https://localhost:{server.port}"
    with sql.connect(
            server_hostname=host, http_path=path, access_token=TOKEN, use_kernel=True, enable_telemetry=False,
            _tls_trusted_ca_file=str(server.ca)) as connection:
        use_kernel(connection)


def test_the_sdk_over_https(server, warehouse_id, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca))
    client = workspace_client(server)
    assert client.current_user.me().user_name == "admin@example.com"
    answer = client.statement_execution.execute_statement("SELECT 41 + 1", warehouse_id)
    assert answer.result.data_array == [["42"]]


@pytest.mark.skipif(not CURL, reason="no curl")
def test_clients_choose_http2(server, warehouse_id, tmp_path):
    user = "/api/2.0/preview/scim/v2/Me"
    code, body, (version, status) = curl(server, "--http2", server.host + user)
    assert (code, version, status) == (0, "2", "200") and json.loads(body)["userName"] == "admin@example.com"
    assert curl(server, "--http1.1", server.host + user)[2] == ["1.1", "200"]
    assert curl(server, "--http2", "--head", server.host + user)[2] == ["2", "200"]
    assert curl(server, "--http2", server.host + "/api/2.0/clusters/none")[2][1] == "404"
    # Bodies of some megabytes both ways, one of which streams.
    server.request("POST", "/api/2.0/sql/statements", {"statement": "CREATE VOLUME main.default.big", "warehouse_id": warehouse_id})
    big = tmp_path / "big"
    big.write_bytes(os.urandom(5 << 20))
    path = server.host + "/api/2.0/fs/files/Volumes/main/default/big/f"
    code, _, (version, status) = curl(server, "--http2", "--request", "PUT", "--upload-file", big, path)
    assert (code, version, status) == (0, "2", "204")
    fetched = tmp_path / "fetched"
    assert curl(server, "--http2", "--output", fetched, path)[2] == ["2", "200"]
    assert fetched.read_bytes() == big.read_bytes()
    # Several requests on one connection.
    code, _, _ = curl(server, "--http2", "--parallel", *[server.host + user for _ in range(20)])
    assert code == 0


@pytest.mark.skipif(not CURL, reason="no curl")
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_faults_break_the_connection(server, version):
    user = server.host + "/api/2.0/preview/scim/v2/Me"
    for connection in ["reset", "close", "close_mid_body", "malformed_chunk"]:
        rule = {"name": connection, "match": {"path": "/api/2.0/preview/scim/v2/Me"}, "when": {"times": 1}, "inject": {"connection": connection}}
        assert server.control("POST", "faults", rule).status == 200
        assert curl(server, version, user)[0] != 0, connection
        assert curl(server, version, user)[0] == 0
        server.control("DELETE", "faults")


def test_the_authority_stays_and_servers_certificates_do_not(server, settings):
    first = server.ca.read_bytes()
    key = settings / "dbxsim" / "ca-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and b"PRIVATE" not in first
    other = serve(settings)
    try:
        assert server.ca.read_bytes() == first
        certificates = set()
        for each in [server, other]:
            for name in ["localhost", "127.0.0.1"]:
                with socket.create_connection(("127.0.0.1", each.port)) as raw, server.tls.wrap_socket(raw, server_hostname=name) as wrapped:
                    certificates.add(wrapped.getpeercert(binary_form=True))
        assert len(certificates) == 2
        with socket.create_connection(("127.0.0.1", server.port)) as raw, pytest.raises(ssl.SSLCertVerificationError):
            server.tls.wrap_socket(raw, server_hostname="example.com")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(server.host + "/_dbxsim/health")
        assert server.request("GET", "/_dbxsim/health").status == 200
    finally:
        assert other.stop() == 0


def test_what_is_no_tls_is_dropped(server):
    for nonsense in [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(200), b"\x16\x03\x01\xff\xff" + bytes(range(256))]:
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(nonsense)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(4096):
                pass
    assert server.request("GET", "/_dbxsim/health").status == 200


def test_a_certificate_of_ones_own(server, settings, tmp_path):
    def run(*arguments):
        return subprocess.run(
            [BINARY, "serve", "--port", "0", *arguments], capture_output=True, text=True, env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)})

    assert run("--tls-cert", "a.pem", "--tls-key", "b.pem").returncode == 64
    assert run("--tls", "--tls-cert", "a.pem").returncode == 64
    missing = run("--tls", "--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem")
    assert missing.returncode == 1 and "nowhere.pem" in missing.stderr and missing.stderr.count("\n") == 1
    (tmp_path / "dbxsim").mkdir()
    (tmp_path / "dbxsim" / "ca-key.pem").write_text("no key")
    broken = run("--tls")
    assert broken.returncode == 1 and "ca-key.pem" in broken.stderr and broken.stderr.count("\n") == 1
    certificate(tmp_path, "localhost")
    own, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    started = serve(settings, "--tls-cert", own, "--tls-key", key)
    # Its journal is not read: nobody here trusts that certificate.
    started.judged = False
    try:
        with socket.create_connection(("127.0.0.1", started.port)) as raw:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(raw) as wrapped:
                assert wrapped.getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(own.read_text())
    finally:
        assert started.stop() == 0
