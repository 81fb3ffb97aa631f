"""databricks-sql-connector where something is over: sessions, tokens, warehouses and clusters; and its files in volumes."""

import io

import pytest

sql = pytest.importorskip("databricks.sql")
from databricks.sql.exc import Error, OperationalError, RequestError, ServerOperationError  # noqa: E402

from conftest import TOKEN, Server  # noqa: E402


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


def connect(server, path, token=TOKEN, attempts=1, **options):
    return sql.connect(
        server_hostname="localhost", http_path=path, access_token=token, _connection_uri=server.host + path, enable_telemetry=False,
        _retry_stop_after_attempts_count=attempts, **options)


@pytest.fixture
def path(warehouse_id):
    return f"/sql/1.0/warehouses/{warehouse_id}"


def rows(connection, text, parameters=None, **options):
    with connection.cursor() as cursor:
        cursor.execute(text, parameters, **options)
        return [tuple(row) for row in cursor.fetchall()]


def advance(server, duration):
    assert server.control("POST", "clock", {"advance": duration}).status == 200


def test_an_idle_session_is_closed(server, path):
    connection = connect(server, path)
    advance(server, "7h")
    assert rows(connection, "SELECT 1") == [(1,)]
    advance(server, "9h")
    with pytest.raises(RequestError) as failed:
        rows(connection, "SELECT 1")
    assert f"BAD_REQUEST: Invalid SessionHandle: Session [{connection.get_session_id_hex()}] is closed." in str(failed.value)
    connection.close()  # the connector takes 404 for done


def test_an_expired_token_is_refused(server, path):
    made = server.request("POST", "/api/2.0/token/create", {"lifetime_seconds": 600, "comment": "short"}).json
    connection = connect(server, path, made["token_value"])
    assert rows(connection, "SELECT 1") == [(1,)]
    advance(server, "11m")
    with pytest.raises(RequestError) as failed:
        rows(connection, "SELECT 1")
    assert "Invalid access token" in str(failed.value)
    answer = server.request("POST", path, b"", token=made["token_value"])
    assert (answer.status, answer.json) == (403, {"error_code": 403, "message": "Invalid access token."})
    # Who has not got the session's token has not got the session: the administrator's own token does not open it either.
    assert rows(connect(server, path), "SELECT 2") == [(2,)]


def test_a_stopped_warehouse_ends_sessions_and_starts_again(server, warehouse_id, path):
    connection = connect(server, path)
    assert server.request("POST", f"/api/2.0/sql/warehouses/{warehouse_id}/stop").status == 200
    with pytest.raises(RequestError) as failed:
        rows(connection, "SELECT 1")
    assert "is closed" in str(failed.value)
    with connect(server, path) as again:
        assert rows(again, "SELECT 1") == [(1,)]
    assert server.request("GET", f"/api/2.0/sql/warehouses/{warehouse_id}").json["state"] == "RUNNING"


def test_closed_operations_are_unknown(server, path):
    with connect(server, path) as connection, connection.cursor() as cursor:
        cursor.execute_async("SELECT 1")
        query = cursor.active_command_id
        operation = cursor.query_id
        connection.session.backend.close_command(query)
        with pytest.raises(RequestError) as failed:
            connection.session.backend.get_query_state(query)
        assert f"RESOURCE_DOES_NOT_EXIST: Command {operation} does not exist." in str(failed.value)


CLUSTER = {"cluster_name": "etl", "spark_version": "16.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1}


def test_a_cluster_is_used_like_a_warehouse(server):
    cluster = server.request("POST", "/api/2.1/clusters/create", {**CLUSTER, "autotermination_minutes": 30}).json["cluster_id"]
    path = f"/sql/protocolv1/o/0/{cluster}"

    def state():
        return server.request("GET", f"/api/2.1/clusters/get?cluster_id={cluster}").json["state"]

    connection = connect(server, path, catalog="samples", schema="tpch")
    assert rows(connection, "SELECT count(*), current_schema() FROM region") == [(5, "tpch")]
    advance(server, "29m")
    assert rows(connection, "SELECT 1") == [(1,)]
    advance(server, "29m")
    assert state() == "RUNNING"  # it was in use meanwhile
    assert server.request("POST", "/api/2.1/clusters/delete", {"cluster_id": cluster}).status == 200
    assert state() == "TERMINATED"
    with pytest.raises(Error, match="Invalid SessionHandle: SessionHandle"):
        rows(connection, "SELECT 1")
    assert state() == "RUNNING"  # the call has started it again
    with connect(server, path) as again:
        assert rows(again, "SELECT 2") == [(2,)]
    history = server.request("GET", "/api/2.0/sql/history/queries").json.get("res", [])
    assert [query["query_text"] for query in history] == []


def test_clusters_that_are_not_there_or_not_allowed(server):
    for path in ["/sql/protocolv1/o/0/1121-000000-nowhere1", "/sql/protocolv1/o/17/1121-000000-nowhere1"]:
        with pytest.raises(RequestError, match="RESOURCE_DOES_NOT_EXIST: No cluster found matching: 1121-000000-nowhere1"):
            connect(server, path)
    cluster = server.request("POST", "/api/2.1/clusters/create", CLUSTER).json["cluster_id"]
    user = server.request("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "robot"}).json["applicationId"]
    token = server.request("POST", "/api/2.0/token-management/on-behalf-of/tokens", {"application_id": user}).json["token_value"]
    path = f"/sql/protocolv1/o/0/{cluster}"
    with pytest.raises(RequestError, match="PERMISSION_DENIED: .* does not have CAN_ATTACH_TO permissions"):
        connect(server, path, token)

    def grant(level):
        change = {"access_control_list": [{"service_principal_name": user, "permission_level": level}]}
        assert server.request("PATCH", f"/api/2.0/permissions/clusters/{cluster}", change).status == 200

    grant("CAN_ATTACH_TO")
    assert rows(connect(server, path, token), "SELECT 1") == [(1,)]
    assert server.request("POST", "/api/2.1/clusters/delete", {"cluster_id": cluster}).status == 200
    with pytest.raises(RequestError, match="CAN_RESTART"):
        connect(server, path, token)
    grant("CAN_RESTART")
    assert rows(connect(server, path, token), "SELECT 1") == [(1,)]


def test_nested_parameters(server, path):
    with connect(server, path) as connection:
        given = {"a": [1, 2, None], "m": {"k": [1.5], "z": []}, "s": "x"}
        assert rows(connection, "SELECT to_json(:a), to_json(:m), :s, array_contains(:a, 2)", given) == [
            ("[1,2,null]", '{"k":[1.5],"z":[]}', "x", True)]
        assert rows(connection, "SELECT size(?), ?[1]", [["a", "b"], ["c", "d"]]) == [(2, "d")]


def test_files_in_volumes(server, path, tmp_path):
    local, fetched = tmp_path / "people.csv", tmp_path / "fetched.csv"
    local.write_bytes(b"id,name\n1,Ann\n")
    volume = "/Volumes/main/default/files"
    with connect(server, path, staging_allowed_local_path=str(tmp_path)) as connection:
        rows(connection, "CREATE VOLUME main.default.files")

        def run(text, **options):
            with connection.cursor() as cursor:
                cursor.execute(text, **options)

        run(f"PUT '{local}' INTO '{volume}/in/people.csv'")
        run(f"GET '{volume}/in/people.csv' TO '{fetched}'")
        assert fetched.read_bytes() == local.read_bytes()
        assert rows(connection, f"SELECT name FROM read_files('{volume}/in/people.csv', header => true)") == [("Ann",)]
        with pytest.raises(ServerOperationError, match="FILE_IN_STAGING_PATH_ALREADY_EXISTS"):
            run(f"PUT '{local}' INTO '{volume}/in/people.csv'")
        run(f"PUT '__input_stream__' INTO '{volume}/in/people.csv' OVERWRITE", input_stream=io.BytesIO(b"id,name\n2,Bo\n"))
        assert server.request("GET", f"/api/2.0/fs/files{volume}/in/people.csv").body == b"id,name\n2,Bo\n"
        run(f"REMOVE '{volume}/in/people.csv'")
        with pytest.raises(OperationalError, match="unsuccessful: 404"):
            run(f"GET '{volume}/in/people.csv' TO '{fetched}'")
        with pytest.raises(Error, match="restricted to paths within"):
            run(f"PUT '/etc/hostname' INTO '{volume}/x'")
    with connect(server, path) as connection, pytest.raises(Error, match="at least one staging_allowed_local_path"):
        rows(connection, f"PUT '{local}' INTO '{volume}/y'")


def test_the_statement_api_answers_with_the_link(server, warehouse_id):
    def execute(text):
        return server.request("POST", "/api/2.0/sql/statements", {"statement": text, "warehouse_id": warehouse_id}).json

    execute("CREATE VOLUME main.default.files")
    answer = execute("PUT 'a.txt' INTO '/Volumes/main/default/files/a.txt'")
    assert answer["manifest"]["is_volume_operation"] is True
    operation, link, headers, local = answer["result"]["data_array"][0]
    assert (operation, headers, local) == ("PUT", "{}", "a.txt")
    assert server.request("PUT", link.removeprefix(server.host), b"hello", token=None).status == 200
    assert server.request("GET", "/api/2.0/fs/files/Volumes/main/default/files/a.txt").body == b"hello"
    assert "is_volume_operation" not in execute("SELECT 1")["manifest"]

