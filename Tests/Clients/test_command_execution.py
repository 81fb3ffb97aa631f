"""Commands on running clusters, by databricks-sdk: SQL on the engine, Python in an interpreter of this machine."""

import sys

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, OperationFailed, PermissionDenied
from databricks.sdk.service import compute, iam

from conftest import Server, workspace_client

SQL, PYTHON = compute.Language.SQL, compute.Language.PYTHON


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--python", sys.executable)
    yield server
    assert server.stop() == 0


@pytest.fixture
def cluster(client):
    made = client.clusters.create_and_wait(spark_version="16.4.x-scala2.12", node_type_id="i3.xlarge", num_workers=1, cluster_name="c")
    return made.cluster_id


@pytest.fixture
def run(client, cluster):
    """Runs commands in one context for each language."""
    contexts = {}

    def run(command, language=SQL):
        if language not in contexts:
            contexts[language] = client.command_execution.create_and_wait(cluster_id=cluster, language=language).id
        return client.command_execution.execute_and_wait(
            cluster_id=cluster, context_id=contexts[language], language=language, command=command)

    run.contexts = contexts
    return run


def refused(kind, text, call, *arguments, **options):
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    assert text in str(caught.value)


def test_sql_gives_tables(run):
    answer = run("SELECT 1 AS a, 'x' AS b, 2.5D AS c, 1.50 AS d, true AS e, CAST(NULL AS STRING) AS f, DATE '2026-01-02' AS g, double('NaN') AS h")
    assert (answer.status, answer.results.result_type) == (compute.CommandStatus.FINISHED, compute.ResultType.TABLE)
    assert answer.results.data == [[1, "x", 2.5, "1.50", True, None, "2026-01-02", "NaN"]]
    assert [(c["name"], c["type"]) for c in answer.results.schema] == [
        ("a", '"integer"'), ("b", '"string"'), ("c", '"double"'), ("d", '"decimal(3,2)"'), ("e", '"boolean"'), ("f", '"string"'), ("g", '"date"'),
        ("h", '"double"')]
    assert (answer.results.truncated, answer.results.is_json_schema) == (False, True)
    # One session a context: what a command sets, the next one has.
    assert run("CREATE TABLE main.default.t (id INT); USE CATALOG main; USE SCHEMA default").results.data == []
    assert run("INSERT INTO t VALUES (1), (2); SELECT sum(id) FROM t").results.data == [[3]]
    assert run("DECLARE VARIABLE v INT DEFAULT 5").status == compute.CommandStatus.FINISHED
    assert run("SELECT v").results.data == [[5]]
    many = run("SELECT id FROM range(10001)").results
    assert (len(many.data), many.truncated, many.data[-1]) == (10_000, True, [9999])


def test_errors_of_sql(run):
    answer = run("SELECT 1; SELECT * FROM nosuch; SELECT 2")
    assert (answer.status, answer.results.result_type) == (compute.CommandStatus.FINISHED, compute.ResultType.ERROR)
    assert "TABLE_OR_VIEW_NOT_FOUND" in answer.results.cause and "nosuch" in answer.results.summary
    assert "PARSE" in run("SELEC 1").results.cause
    assert run("SELECT 7").results.data == [[7]]
    hidden = run("CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', password = = 'planted-7Qz')").results
    assert hidden.result_type == compute.ResultType.ERROR and "planted" not in hidden.cause + hidden.summary


def test_contexts_and_their_limits(server, client, cluster, run):
    api = client.command_execution
    one = api.create_and_wait(cluster_id=cluster, language=SQL)
    assert api.context_status(cluster, one.id).status == compute.ContextStatus.RUNNING
    for language in (compute.Language.SCALA, compute.Language.R):
        refused(DatabricksError, f"{language.value} are not simulated", api.create, cluster_id=cluster, language=language)
        refused(DatabricksError, "not simulated", api.execute, cluster_id=cluster, context_id=one.id, language=language, command="1")
    refused(DatabricksError, "not simulated", api.execute, cluster_id=cluster, context_id=one.id, language=PYTHON, command="1")
    refused(NotFound, "ContextNotFound", api.context_status, cluster, "12")
    refused(NotFound, "CommandNotFound", api.command_status, cluster, one.id, "no")
    refused(NotFound, "nosuch", api.create, cluster_id="nosuch", language=SQL)
    refused(BadRequest, "language", api.create, cluster_id=cluster)
    refused(InvalidParameterValue, "cobol", client.api_client.do, "POST", "/api/1.2/contexts/create", body={"clusterId": cluster, "language": "cobol"})
    api.destroy(cluster, one.id)
    refused(NotFound, "ContextNotFound", api.context_status, cluster, one.id)

    principal = client.service_principals.create(display_name="stranger")
    stranger = workspace_client(server, token=client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value)
    refused(PermissionDenied, "CAN_ATTACH_TO", stranger.command_execution.create, cluster_id=cluster, language=SQL)
    client.permissions.update("clusters", cluster, access_control_list=[iam.AccessControlRequest(
        service_principal_name=principal.application_id, permission_level=iam.PermissionLevel.CAN_ATTACH_TO)])
    mine = stranger.command_execution.create_and_wait(cluster_id=cluster, language=SQL)
    who = stranger.command_execution.execute_and_wait(cluster_id=cluster, context_id=mine.id, language=SQL, command="SELECT current_user()")
    assert who.results.data == [[principal.application_id]]
    run("SELECT 1")
    # Another user's context is not his, and a cluster that stops ends them all.
    refused(NotFound, "ContextNotFound", stranger.command_execution.context_status, cluster, run.contexts[SQL])
    client.clusters.delete_and_wait(cluster)
    refused(DatabricksError, "Terminated", api.context_status, cluster, run.contexts[SQL])
    client.clusters.start_and_wait(cluster)
    refused(NotFound, "ContextNotFound", api.context_status, cluster, run.contexts[SQL])


def test_python_keeps_what_commands_define(run):
    answer = run("import sys\nx = 40\nprint('hello')\nprint('there', file=sys.stderr)", PYTHON)
    assert (answer.status, answer.results.result_type) == (compute.CommandStatus.FINISHED, compute.ResultType.TEXT)
    assert sorted(answer.results.data.split("\n")) == ["hello", "there"]
    assert run("def f(y):\n    return x + y\nf(2)", PYTHON).results.data == "42"
    assert run("x = 1", PYTHON).results.data == ""
    failed = run("def g():\n    return 1 / 0\n\ng()", PYTHON)
    assert (failed.status, failed.results.result_type) == (compute.CommandStatus.FINISHED, compute.ResultType.ERROR)
    assert failed.results.summary == '<span class="ansi-red-fg">ZeroDivisionError</span>: division by zero'
    assert "return 1 / 0" in failed.results.cause and "bootstrap" not in failed.results.cause
    assert "SyntaxError" in run("1 +", PYTHON).results.summary
    assert "SystemExit" in run("raise SystemExit(3)", PYTHON).results.summary
    assert "&lt;b&gt;" in run("raise ValueError('<b>')", PYTHON).results.summary
    # What has been defined is there after errors, too.
    assert run("f(x)", PYTHON).results.data == "2"
    assert run("import os\n_ = os.system('echo outside')", PYTHON).results.data == "outside"
    assert run("print(input())", PYTHON).results.result_type == compute.ResultType.ERROR
    assert "not simulated" in run("spark.sql('SELECT 1')", PYTHON).results.summary
    large = run("print('y' * (6 << 20))", PYTHON).results
    assert (len(large.data), large.truncated) == (5 << 20, True)
    assert run("'é'", PYTHON).results.data == "'é'"


def test_python_hides_secrets(server, client, run):
    client.secrets.create_scope("s")
    client.secrets.put_secret("s", "k", string_value="planted-7Qz")
    assert run("v = dbutils.secrets.get('s', 'k')\nprint(len(v), v)", PYTHON).results.data == "11 [REDACTED]"
    assert "planted" not in run("raise ValueError(v)", PYTHON).results.as_dict().__str__()
    assert b"planted" not in server.control("GET", "journal").body


def test_commands_are_cancelled(server, client, cluster):
    api = client.command_execution
    context = api.create_and_wait(cluster_id=cluster, language=PYTHON)
    def execute(command):
        return api.execute(cluster_id=cluster, context_id=context.id, language=PYTHON, command=command).response.id

    # It tells by a file that it runs.
    endless = execute("n = 1\ndbutils.fs.put('/marks/begun', 'yes')\nimport threading\nthreading.Event().wait()")
    waiting = execute("n = 2")
    while not any(f.path == "/marks/begun" for f in (client.dbfs.list("/marks") if client.dbfs.exists("/marks") else ())):
        assert api.command_status(cluster, context.id, endless).status == compute.CommandStatus.RUNNING
    assert api.command_status(cluster, context.id, waiting).status == compute.CommandStatus.QUEUED
    api.cancel_and_wait(cluster_id=cluster, context_id=context.id, command_id=waiting)
    api.cancel_and_wait(cluster_id=cluster, context_id=context.id, command_id=endless)
    # The interpreter goes on with what it had.
    assert api.execute_and_wait(cluster_id=cluster, context_id=context.id, language=PYTHON, command="n").results.data == "1"
    # One that ends takes its context with it.
    gone = api.execute_and_wait(cluster_id=cluster, context_id=context.id, language=PYTHON, command="import os\nos._exit(3)")
    assert (gone.status, gone.results.result_type) == (compute.CommandStatus.ERROR, compute.ResultType.ERROR)
    refused(OperationFailed, "ERROR", api.wait_context_status_command_execution_running, cluster, context.id)

    sql = api.create_and_wait(cluster_id=cluster, language=SQL)
    slow = api.execute(cluster_id=cluster, context_id=sql.id, language=SQL, command="SELECT count(*) FROM range(1000000000000) WHERE hash(id) = 7")
    api.cancel_and_wait(cluster_id=cluster, context_id=sql.id, command_id=slow.response.id)
    assert api.execute_and_wait(cluster_id=cluster, context_id=sql.id, language=SQL, command="SELECT 1").results.data == [[1]]
    # What runs in a workspace that is reset ends.
    context = api.create_and_wait(cluster_id=cluster, language=PYTHON)
    api.execute(cluster_id=cluster, context_id=context.id, language=PYTHON, command="import threading\nthreading.Event().wait()")
    assert server.control("POST", "reset").status == 200


def test_dbutils_by_a_cluster(server, client, cluster):
    """databricks-sdk's own dbutils run through a cluster's interpreter."""
    from databricks.sdk import WorkspaceClient

    remote = WorkspaceClient(host=server.host, token="dapi-dbxsim", cluster_id=cluster)
    assert remote.dbutils.notebook.exit("12") == 12
    refused(DatabricksError, "dbutils.library is not simulated", remote.dbutils.library.restartPython)


def test_python_is_off_by_default():
    server = Server("serve", "--port", 0, "--seed", 7)
    client = workspace_client(server)
    cluster = client.clusters.create_and_wait(spark_version="16.4.x-scala2.12", node_type_id="i3.xlarge", num_workers=1).cluster_id
    refused(DatabricksError, "--python", client.command_execution.create, cluster_id=cluster, language=PYTHON)
    assert server.stop() == 0
