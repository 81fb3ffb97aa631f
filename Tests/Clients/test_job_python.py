"""`serve --python`: Python files and notebooks of jobs run as processes of this machine."""

import base64
import datetime
import io
import sys

import pytest
from databricks.sdk.errors import OperationFailed
from databricks.sdk.service import jobs
from databricks.sdk.service.catalog import VolumeType
from databricks.sdk.service.workspace import ImportFormat, Language

from conftest import Server, workspace_client

WAIT = datetime.timedelta(seconds=60)


@pytest.fixture(scope="module")
def server():
    server = Server("serve", "--port", 0, "--seed", 7, "--python", sys.executable)
    yield server
    assert server.stop() == 0


@pytest.fixture
def client(server):
    assert server.control("POST", "reset").status == 200
    return workspace_client(server)


def put(client, path, text, language=Language.PYTHON):
    form = dict(format=ImportFormat.SOURCE, language=language) if language else dict(format=ImportFormat.AUTO)
    client.workspace.mkdirs(path.rsplit("/", 1)[0])
    client.workspace.import_(path, content=base64.b64encode(text.encode()).decode(), overwrite=True, **form)


def submit(client, *tasks):
    return client.jobs.submit(run_name="r", tasks=list(tasks))


def outputs(client, run):
    return {task.task_key: client.jobs.get_run_output(task.run_id) for task in client.jobs.get_run(run.run_id).tasks}


NOTEBOOK = """# Databricks notebook source
# MAGIC %md A title
# COMMAND ----------
dbutils.widgets.text("day", "monday")
dbutils.widgets.text("other", "default")
print(dbutils.widgets.get("day"), dbutils.widgets.get("other"), dbutils.widgets.getArgument("none", "x"))
# COMMAND ----------
dbutils.jobs.taskValues.set("rows", [1, 2, {"a": "b"}])
dbutils.jobs.taskValues.set("name", "n")
# COMMAND ----------
dbutils.notebook.exit("done " + dbutils.widgets.get("day"))
"""

SECOND = """
import sys
from databricks.sdk import WorkspaceClient
print(sys.argv[1:], dbutils.jobs.taskValues.get("first", "rows")[2]["a"], dbutils.jobs.taskValues.get("first", "none", default=5))
print(WorkspaceClient().current_user.me().user_name)
"""


def test_notebooks_and_files_run(client):
    put(client, "/Shared/first", NOTEBOOK)
    put(client, "/Shared/second.py", SECOND, None)
    run = submit(
        client, jobs.SubmitTask("first", notebook_task=jobs.NotebookTask("/Shared/first", base_parameters={"day": "friday"})),
        jobs.SubmitTask(
            "second", depends_on=[jobs.TaskDependency("first")],
            spark_python_task=jobs.SparkPythonTask("/Workspace/Shared/second.py", parameters=["--name", "{{tasks.first.values.name}}"])))
    assert run.result(timeout=WAIT).state.result_state == jobs.RunResultState.SUCCESS
    found = outputs(client, run)
    assert found["first"].notebook_output.result == "done friday"
    assert found["first"].logs == "friday default x\n"
    assert found["second"].logs == "['--name', 'n'] b 5\nadmin@example.com\n"
    assert list(client.tokens.list()) == [], "the process's token ends with it"


def test_failures_are_the_runs(client):
    put(client, "/Shared/bad", "# Databricks notebook source\nx = {}\nprint('before')\nx['gone']")
    put(client, "/Shared/ends.py", "import sys; sys.exit(3)", None)
    put(client, "/Shared/dies.py", "import os; print('here', flush=True); os._exit(7)", None)
    put(client, "/Shared/mixed", "# Databricks notebook source\nprint(1)\n# COMMAND ----------\n# MAGIC %sql SELECT 1")
    put(client, "/Shared/spark.py", "spark.sql('SELECT 1')", None)
    notebook = lambda key: jobs.SubmitTask(key, notebook_task=jobs.NotebookTask("/Shared/" + key))
    file = lambda key, name=None: jobs.SubmitTask(key, spark_python_task=jobs.SparkPythonTask(f"/Shared/{name or key}.py"))
    run = submit(client, notebook("bad"), notebook("mixed"), file("ends"), file("dies"), file("spark"), file("none", "none"))
    with pytest.raises(OperationFailed):
        run.result(timeout=WAIT)
    found = outputs(client, run)
    assert found["bad"].error == "KeyError: 'gone'" and found["bad"].logs == "before\n"
    assert 'File "/Shared/bad", line 4' in found["bad"].error_trace and "bootstrap" not in found["bad"].error_trace
    assert found["ends"].error == "SystemExit: 3"
    assert (found["dies"].error, found["dies"].logs) == ("The Python process ended with the status 7.", "here\n")
    assert found["mixed"].error == (
        "NotImplementedError: [UNSUPPORTED_FEATURE] a cell of %sql in a notebook in Python is not simulated")
    assert found["spark"].error == "NotImplementedError: [UNSUPPORTED_FEATURE] spark.sql is not simulated"
    assert found["none"].error == "The file /Shared/none.py does not exist"


FILES = """
volume, root = "/Volumes/main/default/v", "dbfs:/tmp/py"
for place in (volume, root):
    dbutils.fs.mkdirs(place + "/d")
    dbutils.fs.put(place + "/d/a.txt", "hello", True)
    dbutils.fs.cp(place + "/d", place + "/e", recurse=True)
    dbutils.fs.mv(place + "/e/a.txt", place + "/b.txt")
    dbutils.fs.rm(place + "/d", True)
    print([(f.name, f.size, f.isDir()) for f in dbutils.fs.ls(place)], dbutils.fs.head(place + "/b.txt", 4))
print(dbutils.secrets.listScopes()[0].name, [s.key for s in dbutils.secrets.list("s")], dbutils.secrets.get("s", "k"))
try:
    dbutils.secrets.get("s", "none")
except RuntimeError as error:
    print(str(error).split(":")[0])
dbutils.notebook.exit("the key is " + dbutils.secrets.get("s", "k"))
"""


def test_files_and_secrets(client):
    client.volumes.create("main", "default", "v", VolumeType.MANAGED)
    client.secrets.create_scope("s")
    client.secrets.put_secret("s", "k", string_value="hunter-2-hunter")
    client.files.upload("/Volumes/main/default/v/job.py", io.BytesIO(FILES.encode()))
    run = submit(client, jobs.SubmitTask("a", spark_python_task=jobs.SparkPythonTask("/Volumes/main/default/v/job.py")))
    assert run.result(timeout=WAIT).state.result_state == jobs.RunResultState.SUCCESS
    output = outputs(client, run)["a"]
    lines = output.logs.splitlines()
    assert lines[0] == "[('b.txt', 5, False), ('e/', 0, True), ('job.py', %d, False)] hell" % len(FILES)
    assert lines[1] == "[('b.txt', 5, False), ('e/', 0, True)] hell"
    assert lines[2:] == ["s ['k'] [REDACTED]", "RESOURCE_DOES_NOT_EXIST"]
    assert output.notebook_output.result == "the key is [REDACTED]"


def test_cancelling_ends_the_process(client, server, tmp_path):
    put(client, "/Shared/waits.py", f"""
import os, time
with open({str(tmp_path / 'pid')!r} + "x", "w") as f: f.write(str(os.getpid()))
os.rename({str(tmp_path / 'pid')!r} + "x", {str(tmp_path / 'pid')!r})
while True: time.sleep(60)
""", None)
    run = submit(client, jobs.SubmitTask("a", spark_python_task=jobs.SparkPythonTask("/Shared/waits.py")))
    while not (tmp_path / "pid").exists():
        assert client.jobs.get_run(run.run_id).state.life_cycle_state == jobs.RunLifeCycleState.RUNNING
    process = f"/proc/{(tmp_path / 'pid').read_text()}"
    done = client.jobs.cancel_run(run.run_id).result(timeout=WAIT)
    assert done.state.result_state == jobs.RunResultState.CANCELED
    if sys.platform == "linux":
        # The kernel takes a moment.
        while True:
            try:
                with open(process + "/cmdline", "rb") as file:
                    if b"bootstrap.py" not in file.read():
                        break
            except OSError:
                break


def test_scenarios_come_first_and_without_the_option_nothing_runs(client, server, start):
    put(client, "/Shared/first", NOTEBOOK)
    rule = {"match": {"notebook_path": "/Shared/first"}, "outcome": "FAILED", "error": "as told"}
    assert server.control("POST", "scenarios", {"scenario": "told", "runs": [rule]}).status == 200
    task = jobs.SubmitTask("first", notebook_task=jobs.NotebookTask("/Shared/first"))
    run = submit(client, task)
    with pytest.raises(OperationFailed):
        run.result(timeout=WAIT)
    assert outputs(client, run)["first"].error == "as told"
    plain = workspace_client(start("serve", "--port", 0, "--seed", 7))
    put(plain, "/Shared/first", NOTEBOOK)
    run = submit(plain, task)
    assert run.result(timeout=WAIT).state.result_state == jobs.RunResultState.SUCCESS
    assert outputs(plain, run)["first"].notebook_output.result is None


CHILD = """# Databricks notebook source
dbutils.widgets.text("x", "0")
print("child", __name__)
dbutils.notebook.exit(str(int(dbutils.widgets.get("x")) * 2))
"""

PARENT = """# Databricks notebook source
first = dbutils.notebook.run("child", 60, {"x": 21})
second = dbutils.notebook.run("/Shared/flow/child", 0)
try:
    dbutils.notebook.run("./broken", 60)
    told = "nothing"
except Exception as error:
    told = str(error)
dbutils.notebook.exit(f"{first} {second} {told}")
"""


def test_notebooks_run_notebooks(client):
    put(client, "/Shared/flow/child", CHILD)
    put(client, "/Shared/flow/broken", "# Databricks notebook source\nraise ValueError('no luck')\n")
    put(client, "/Shared/flow/parent", PARENT)
    run = submit(client, jobs.SubmitTask("parent", notebook_task=jobs.NotebookTask("/Shared/flow/parent")))
    assert run.result(timeout=WAIT).state.result_state == jobs.RunResultState.SUCCESS
    result = outputs(client, run)["parent"].notebook_output.result
    assert result == "42 0 com.databricks.NotebookExecutionException: FAILED: ValueError: no luck"
    made = list(client.jobs.list_runs(run_type=jobs.RunType.WORKFLOW_RUN))
    assert sorted(r.run_name for r in made) == ["/Shared/flow/broken", "/Shared/flow/child", "/Shared/flow/child"]
    assert {r.run_type for r in made} == {jobs.RunType.WORKFLOW_RUN}
    assert [r.run_id for r in client.jobs.list_runs(run_type=jobs.RunType.SUBMIT_RUN)] == [run.run_id]


@pytest.mark.parametrize("of_task", [False, True])
def test_a_cancelled_notebook_ends_those_that_it_runs(client, of_task):
    put(client, "/Shared/flow/inner", "# Databricks notebook source\nimport threading\nthreading.Event().wait()\n")
    put(client, "/Shared/flow/middle", "# Databricks notebook source\ndbutils.notebook.run('inner', 0)\n")
    put(client, "/Shared/flow/outer", "# Databricks notebook source\ndbutils.notebook.run('middle', 0)\n")
    run = submit(client, jobs.SubmitTask("outer", notebook_task=jobs.NotebookTask("/Shared/flow/outer")))
    for _ in range(100_000):
        begun = list(client.jobs.list_runs(run_type=jobs.RunType.WORKFLOW_RUN))
        if len(begun) == 2:
            break
    client.jobs.cancel_run(client.jobs.get_run(run.run_id).tasks[0].run_id if of_task else run.run_id)
    ended = [client.jobs.get_run(r.run_id) for r in begun]
    assert [(r.run_name, r.state.result_state.value) for r in sorted(ended, key=lambda r: r.run_name)] == [
        ("/Shared/flow/inner", "CANCELED"), ("/Shared/flow/middle", "CANCELED")]
    assert client.jobs.get_run(run.run_id).state.result_state == jobs.RunResultState.CANCELED
