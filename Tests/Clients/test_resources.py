"""Objects that are described and not programmed, clusters, notebooks, access lists: by the SDK."""

import base64
import io
import json

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import compute, iam, settings, sql as dbsql, workspace as ws

from conftest import Server, TOKEN, workspace_client


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


def someone(server, client, name="eve@example.com"):
    """A user without rights, and a client with a token of his."""
    made = client.users.create(user_name=name)
    principal = client.service_principals.create(display_name=name)
    token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value
    return made, principal, workspace_client(server, token=token)


def test_cluster_policies(client):
    definition = json.dumps({"num_workers": {"type": "range", "maxValue": 4}, "spark_conf.a.b": {"type": "fixed", "value": "x"}})
    made = client.cluster_policies.create(name="small", definition=definition)
    with pytest.raises(InvalidParameterValue):
        client.cluster_policies.create(name="small")
    with pytest.raises(InvalidParameterValue):
        client.cluster_policies.create(name="bad", definition="not json")
    got = client.cluster_policies.get(made.policy_id)
    assert (got.name, got.definition, got.creator_user_name, got.is_default) == ("small", definition, "admin@example.com", False)
    assert got.created_at_timestamp == 1767225600000
    client.cluster_policies.edit(made.policy_id, name="smaller", definition="{}", description="d")
    assert [(p.name, p.description) for p in client.cluster_policies.list()] == [("smaller", "d")]
    client.cluster_policies.edit(made.policy_id, name="smaller", definition=definition)
    assert client.cluster_policies.get(made.policy_id).description is None
    with pytest.raises(InvalidParameterValue) as error:
        client.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=5, policy_id=made.policy_id)
    assert "num_workers" in str(error.value)
    cluster = client.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=4, policy_id=made.policy_id).result()
    assert cluster.spark_conf == {"a.b": "x"}
    assert client.policy_compliance_for_clusters.get_compliance(cluster.cluster_id).is_compliant is True
    client.cluster_policies.delete(made.policy_id)
    with pytest.raises(InvalidParameterValue):
        client.cluster_policies.get(made.policy_id)


def test_instance_pools_and_profiles(client):
    made = client.instance_pools.create(instance_pool_name="pool", node_type_id="i3.xlarge", max_capacity=3, custom_tags={"a": "b"})
    got = client.instance_pools.get(made.instance_pool_id)
    assert (got.state.value, got.custom_tags, got.stats.idle_count, got.min_idle_instances) == ("ACTIVE", {"a": "b"}, 0, 0)
    client.instance_pools.edit(made.instance_pool_id, "pool 2", "i3.xlarge", min_idle_instances=1)
    assert [(p.instance_pool_name, p.min_idle_instances) for p in client.instance_pools.list()] == [("pool 2", 1)]
    for change in ({"node_type_id": "m5.large"}, {"node_type_id": "i3.xlarge", "min_idle_instances": 4}):
        with pytest.raises(InvalidParameterValue):
            client.instance_pools.edit(made.instance_pool_id, "pool 2", **change)
    client.instance_pools.delete(made.instance_pool_id)
    assert list(client.instance_pools.list()) == []
    arn = "arn:aws:iam::123456789012:instance-profile/reader"
    client.instance_profiles.add(arn, skip_validation=True)
    assert [(p.instance_profile_arn, p.is_meta_instance_profile) for p in client.instance_profiles.list()] == [(arn, False)]
    with pytest.raises(DatabricksError) as error:
        client.instance_profiles.add(arn)
    assert error.value.error_code == "RESOURCE_ALREADY_EXISTS"
    with pytest.raises(InvalidParameterValue):
        client.instance_profiles.add("nonsense")
    client.instance_profiles.edit(arn, iam_role_arn="arn:aws:iam::123456789012:role/r")
    client.warehouses.set_workspace_warehouse_config(
        instance_profile_arn=arn, security_policy=dbsql.SetWorkspaceWarehouseConfigRequestSecurityPolicy.DATA_ACCESS_CONTROL,
        enable_serverless_compute=False)
    config = client.warehouses.get_workspace_warehouse_config()
    assert (config.instance_profile_arn, config.enable_serverless_compute) == (arn, False)
    with pytest.raises(InvalidParameterValue):
        client.warehouses.create(name="w", cluster_size="Small", enable_serverless_compute=True)
    client.instance_profiles.remove(arn)
    with pytest.raises(DatabricksError):
        client.instance_profiles.remove(arn)
    with pytest.raises(InvalidParameterValue):
        client.warehouses.set_workspace_warehouse_config(instance_profile_arn=arn)


def test_clusters_live_by_the_clock(server, client):
    wait = client.clusters.create(
        cluster_name="c", spark_version=client.clusters.select_spark_version(long_term_support=True),
        node_type_id=client.clusters.select_node_type(local_disk=True), autoscale=compute.AutoScale(min_workers=1, max_workers=3), autotermination_minutes=20)
    cluster = wait.result()
    assert (cluster.state, cluster.cluster_name, cluster.autoscale.max_workers) == (compute.State.RUNNING, "c", 3)
    assert cluster.default_tags["ClusterId"] == cluster.cluster_id
    cluster = client.clusters.resize_and_wait(cluster.cluster_id, num_workers=2)
    assert cluster.num_workers == 2 and cluster.autoscale is None
    server.control("POST", "clock", {"advance": "21m"})
    cluster = client.clusters.get(cluster.cluster_id)
    assert cluster.state == compute.State.TERMINATED and cluster.termination_reason.code.value == "INACTIVITY"
    with pytest.raises(DatabricksError) as error:
        client.clusters.restart(cluster.cluster_id)
    assert error.value.error_code == "INVALID_STATE"
    assert client.clusters.start_and_wait(cluster.cluster_id).state == compute.State.RUNNING
    client.clusters.edit_and_wait(cluster.cluster_id, "15.4.x-scala2.12", node_type_id="m5.large", num_workers=1)
    cluster = client.clusters.get(cluster.cluster_id)
    assert (cluster.spark_version, cluster.cluster_name, cluster.num_workers) == ("15.4.x-scala2.12", "c", 1)
    client.clusters.pin(cluster.cluster_id)
    assert [c.cluster_id for c in client.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))] == [cluster.cluster_id]
    assert list(client.clusters.list(filter_by=compute.ListClustersFilterBy(cluster_states=[compute.State.PENDING]))) == []
    client.clusters.delete_and_wait(cluster.cluster_id)
    types = [e.type.value for e in client.clusters.events(cluster.cluster_id, limit=2)]
    assert types == ["TERMINATING", "PINNED", "EDITED", "STARTING", "RESIZING", "CREATING"]
    client.clusters.permanent_delete(cluster.cluster_id)
    # The service says INVALID_PARAMETER_VALUE; the SDK reads the message.
    with pytest.raises(ResourceDoesNotExist):
        client.clusters.get(cluster.cluster_id)
    gone = server.request("GET", f"/api/2.1/clusters/get?cluster_id={cluster.cluster_id}")
    assert (gone.status, gone.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    old = server.request("GET", "/api/2.0/clusters/list")
    assert old.json == {}


def test_clusters_refuse(client):
    good = {"spark_version": "16.4.x-scala2.12", "node_type_id": "m5.large", "num_workers": 1}
    for change in ({"num_workers": -1}, {"spark_version": "x"}, {"autotermination_minutes": 5}, {"autoscale": compute.AutoScale(min_workers=2, max_workers=2), "num_workers": None},
                   {"instance_pool_id": "nosuch"}, {"policy_id": "nosuch"}, {"num_workers": None}):
        with pytest.raises(InvalidParameterValue):
            client.clusters.create(**{**good, **change})
    assert list(client.clusters.list()) == []


def test_libraries(client):
    cluster = client.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=0).result()
    library = compute.Library(pypi=compute.PythonPyPiLibrary("numpy"))
    client.libraries.install(cluster.cluster_id, [library, library])
    statuses = list(client.libraries.cluster_status(cluster.cluster_id))
    assert [(s.library, s.status.value) for s in statuses] == [(library, "INSTALLED")]
    client.libraries.uninstall(cluster.cluster_id, [library])
    assert list(client.libraries.cluster_status(cluster.cluster_id)) == []


def test_queries_alerts_and_visualizations(client, warehouse_id):
    made = client.queries.create(query=dbsql.CreateQueryRequestQuery(display_name="q", query_text="SELECT 1", warehouse_id=warehouse_id, tags=["a"]))
    assert (made.display_name, made.owner_user_name, made.lifecycle_state.value, made.parent_path) == (
        "q", "admin@example.com", "ACTIVE", "/Users/admin@example.com")
    new = client.queries.update(made.id, "display_name,tags", query=dbsql.UpdateQueryRequestQuery(display_name="q2", query_text="ignored"))
    assert (new.display_name, new.tags, new.query_text) == ("q2", None, "SELECT 1")
    with pytest.raises(InvalidParameterValue):
        client.queries.update(made.id, "nosuch", query=dbsql.UpdateQueryRequestQuery())
    for number in range(4):
        client.queries.create(query=dbsql.CreateQueryRequestQuery(display_name=str(number)))
    assert [q.display_name for q in client.queries.list(page_size=2)] == ["q2", "0", "1", "2", "3"]
    picture = client.query_visualizations.create(
        visualization=dbsql.CreateVisualizationRequestVisualization(query_id=made.id, type="table", display_name="v"))
    assert [v.id for v in client.queries.list_visualizations(made.id)] == [picture.id]
    with pytest.raises(ResourceDoesNotExist):
        client.query_visualizations.create(visualization=dbsql.CreateVisualizationRequestVisualization(query_id="nosuch", type="table"))
    alert = client.alerts.create(
        alert=dbsql.CreateAlertRequestAlert(
            query_id=made.id, display_name="a", condition=dbsql.AlertCondition(op=dbsql.AlertOperator.EQUAL)))
    assert client.alerts.get(alert.id).condition.op == dbsql.AlertOperator.EQUAL
    assert [a.id for a in client.alerts.list()] == [alert.id]
    client.alerts.delete(alert.id)
    assert client.alerts.get(alert.id).lifecycle_state == dbsql.LifecycleState.TRASHED and not list(client.alerts.list())
    client.queries.delete(made.id)
    assert client.queries.get(made.id).lifecycle_state == dbsql.LifecycleState.TRASHED
    assert [q.display_name for q in client.queries.list()] == ["0", "1", "2", "3"]
    with pytest.raises(BadRequest):
        client.queries.update(made.id, "display_name", query=dbsql.UpdateQueryRequestQuery(display_name="late"))


def test_git_and_scripts_and_destinations(server, client):
    made = client.git_credentials.create("gitHub", git_username="u", personal_access_token="ghp_secret")
    assert "ghp_secret" not in server.request("GET", "/api/2.0/git-credentials").body.decode()
    assert [(c.credential_id, c.git_username) for c in client.git_credentials.list()] == [(made.credential_id, "u")]
    client.git_credentials.update(made.credential_id, "gitHub", git_username="v")
    assert client.git_credentials.get(made.credential_id).git_username == "v"
    repo = client.repos.create("https://github.com/a/thing.git", "gitHub", path="/Repos/admin@example.com/thing")
    assert (repo.branch, repo.path, len(repo.head_commit_id)) == ("main", "/Repos/admin@example.com/thing", 40)
    client.repos.update(repo.id, branch="dev")
    assert client.repos.get(repo.id).branch == "dev" and client.repos.get(repo.id).head_commit_id != repo.head_commit_id
    assert list(client.repos.list(path_prefix="/Repos/other")) == [] and len(list(client.repos.list(path_prefix="/Repos"))) == 1
    with pytest.raises(DatabricksError):
        client.repos.create("https://github.com/a/thing.git", "gitHub", path="/Repos/admin@example.com/thing")
    client.repos.delete(repo.id)
    text = base64.b64encode(b"echo hi").decode()
    script = client.global_init_scripts.create("s", text, enabled=True)
    got = client.global_init_scripts.get(script.script_id)
    assert (got.script, got.enabled, got.created_by) == (text, True, "admin@example.com")
    assert [(s.name, hasattr(s, "script")) for s in client.global_init_scripts.list()] == [("s", False)]
    hook = client.notification_destinations.create(
        display_name="slack", config=settings.Config(slack=settings.SlackConfig(url="https://hooks.example.com/secret")))
    assert hook.destination_type.value == "SLACK" and hook.config.slack.url is None and hook.config.slack.url_set is True
    assert "hooks.example.com" not in server.request("GET", f"/api/2.0/notification-destinations/{hook.id}").body.decode()


def test_notebooks(client):
    client.workspace.mkdirs("/Shared/etl/deep")
    source = "# Databricks notebook source\nx = 1\n\n# COMMAND ----------\n\n# MAGIC %md\n# MAGIC # Title\n"
    client.workspace.import_(
        "/Shared/etl/n", content=base64.b64encode(source.encode()).decode(), format=ws.ImportFormat.SOURCE, language=ws.Language.PYTHON)
    info = client.workspace.get_status("/Workspace/Shared/etl/n")
    assert (info.object_type, info.language, info.path) == (ws.ObjectType.NOTEBOOK, ws.Language.PYTHON, "/Shared/etl/n")
    exported = client.workspace.export("/Shared/etl/n", format=ws.ExportFormat.SOURCE)
    assert base64.b64decode(exported.content).decode() == source
    jupyter = json.loads(base64.b64decode(client.workspace.export("/Shared/etl/n", format=ws.ExportFormat.JUPYTER).content))
    assert [(c["cell_type"], "".join(c["source"])) for c in jupyter["cells"]] == [("code", "x = 1"), ("markdown", "# Title")]
    page = base64.b64decode(client.workspace.export("/Shared/etl/n", format=ws.ExportFormat.HTML).content)
    assert b"<html" in page and b"x = 1" in page
    for format, content in ((ws.ImportFormat.JUPYTER, json.dumps(jupyter).encode()), (ws.ImportFormat.HTML, page)):
        client.workspace.import_("/Shared/etl/copy", content=base64.b64encode(content).decode(), format=format, overwrite=True)
        assert base64.b64decode(client.workspace.export("/Shared/etl/copy").content).decode() == source
    client.workspace.upload("/Shared/etl/data.bin", io.BytesIO(b"\x00\r\n--x\r\n"), format=ws.ImportFormat.AUTO)
    assert client.workspace.download("/Shared/etl/data.bin").read() == b"\x00\r\n--x\r\n"
    assert client.workspace.get_status("/Shared/etl/data.bin").size == 8
    client.workspace.upload("/Shared/etl/q.sql", io.BytesIO(b"-- Databricks notebook source\nSELECT 1"), format=ws.ImportFormat.AUTO)
    found = {o.path: o.object_type.value for o in client.workspace.list("/Shared", recursive=True)}
    assert found == {"/Shared/etl/copy": "NOTEBOOK", "/Shared/etl/data.bin": "FILE", "/Shared/etl/n": "NOTEBOOK", "/Shared/etl/q.sql": "NOTEBOOK"}
    with pytest.raises(DatabricksError) as error:
        client.workspace.delete("/Shared/etl")
    assert error.value.error_code == "DIRECTORY_NOT_EMPTY"
    client.workspace.delete("/Shared/etl", recursive=True)
    with pytest.raises(ResourceDoesNotExist):
        client.workspace.get_status("/Shared/etl/n")
    assert [o.path for o in client.workspace.list("/")] == ["/Repos", "/Shared", "/Users"]


def test_notebooks_refuse(client, server):
    def refused(code, path="/Shared/x", **body):
        answer = server.request("POST", "/api/2.0/workspace/import", {"path": path, "content": "eA==", "format": "SOURCE", "language": "SQL", **body})
        assert (answer.status < 500 or answer.status == 501) and answer.json["error_code"] == code, answer.body

    refused("INVALID_PARAMETER_VALUE", path="x")
    refused("INVALID_PARAMETER_VALUE", path="/Shared/../x")
    refused("INVALID_PARAMETER_VALUE", content="***")
    refused("INVALID_PARAMETER_VALUE", language=None)
    refused("INVALID_PARAMETER_VALUE", language="COBOL")
    refused("INVALID_PARAMETER_VALUE", format="JUPYTER")
    refused("RESOURCE_DOES_NOT_EXIST", path="/nosuch/x")
    refused("NOT_IMPLEMENTED", format="DBC")
    assert server.request("POST", "/api/2.0/workspace/import", {"path": "/Shared/x", "content": "eA==", "language": "SQL"}).status == 200
    refused("RESOURCE_ALREADY_EXISTS")
    assert server.request("POST", "/api/2.0/workspace/delete", {"path": "/Users"}).json["error_code"] == "DIRECTORY_PROTECTED"


def test_access_lists_are_enforced(server, client, warehouse_id):
    _, principal, other = someone(server, client)
    run = lambda wh: other.statement_execution.execute_statement(statement="SELECT 1", warehouse_id=wh)
    assert run(warehouse_id).result.data_array == [["1"]]  # The group users may use the first warehouse.
    mine = client.warehouses.create(name="mine", cluster_size="Small", auto_stop_mins=10).result().id
    with pytest.raises(PermissionDenied):
        run(mine)
    with pytest.raises(PermissionDenied):
        other.warehouses.get(mine)
    assert mine not in {w.id for w in other.warehouses.list()}
    entry = lambda level: dbsql.WarehouseAccessControlRequest(
        service_principal_name=principal.application_id, permission_level=dbsql.WarehousePermissionLevel(level))
    got = client.warehouses.update_permissions(mine, access_control_list=[entry("CAN_USE")])
    assert got.object_id == f"/sql/warehouses/{mine}"
    mine_levels = {a.service_principal_name or a.user_name or a.group_name: a.all_permissions[0].permission_level.value for a in got.access_control_list}
    assert mine_levels == {principal.application_id: "CAN_USE", "admin@example.com": "IS_OWNER", "admins": "CAN_MANAGE"}
    assert run(mine).result.data_array == [["1"]]
    with pytest.raises(PermissionDenied):
        other.warehouses.delete(mine)
    with pytest.raises(PermissionDenied):
        other.warehouses.update_permissions(mine, access_control_list=[entry("CAN_MANAGE")])
    # By a group inside a group.
    inner = client.groups.create(display_name="inner", members=[iam.ComplexValue(value=principal.id)])
    client.groups.create(display_name="outer", members=[iam.ComplexValue(value=inner.id)])
    client.warehouses.set_permissions(
        mine, access_control_list=[dbsql.WarehouseAccessControlRequest(group_name="outer", permission_level=dbsql.WarehousePermissionLevel.CAN_MANAGE)])
    other.warehouses.edit(mine, name="renamed", cluster_size="Small", auto_stop_mins=10)
    client.warehouses.set_permissions(mine, access_control_list=[])
    with pytest.raises(PermissionDenied):
        run(mine)
    assert client.warehouses.get_permissions(mine).access_control_list[0].user_name == "admin@example.com"
    levels = client.warehouses.get_permission_levels(mine).permission_levels
    assert {l.permission_level.value for l in levels} == {"CAN_VIEW", "CAN_USE", "CAN_MONITOR", "IS_OWNER", "CAN_MANAGE"}


def test_permissions_refuse(server, client, warehouse_id):
    def refused(status, entry, path=f"warehouses/{warehouse_id}"):
        answer = server.request("PATCH", "/api/2.0/permissions/" + path, {"access_control_list": [entry]})
        assert answer.status == status, answer.body

    refused(404, {"user_name": "nobody@example.com", "permission_level": "CAN_USE"})
    refused(400, {"user_name": "admin@example.com", "permission_level": "CAN_FLY"})
    refused(400, {"user_name": "admin@example.com", "group_name": "users", "permission_level": "CAN_USE"})
    refused(400, {"permission_level": "CAN_USE"})
    refused(404, {"group_name": "users", "permission_level": "CAN_USE"}, path="warehouses/0123456789abcdef")
    refused(400, {"group_name": "users", "permission_level": "CAN_USE"}, path="nosuch/1")
    refused(404, {"group_name": "users", "permission_level": "CAN_VIEW"}, path="jobs/1")
    refused(501, {"group_name": "users", "permission_level": "CAN_VIEW"}, path="apps/1")
    refused(404, {"group_name": "users", "permission_level": "CAN_VIEW"}, path="pipelines/1")


def test_other_objects_have_lists(server, client):
    _, principal, other = someone(server, client)
    cluster = client.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=0).result()
    with pytest.raises(PermissionDenied):
        other.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=0)
    with pytest.raises(PermissionDenied):
        other.clusters.get(cluster.cluster_id)
    client.clusters.update_permissions(cluster.cluster_id, access_control_list=[
        compute.ClusterAccessControlRequest(service_principal_name=principal.application_id, permission_level=compute.ClusterPermissionLevel.CAN_RESTART)])
    other.clusters.restart(cluster.cluster_id)
    with pytest.raises(PermissionDenied):
        other.clusters.permanent_delete(cluster.cluster_id)
    policy = client.cluster_policies.create(name="p", definition="{}")
    with pytest.raises(PermissionDenied):
        other.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=0, policy_id=policy.policy_id)
    client.permissions.update("cluster-policies", policy.policy_id, access_control_list=[
        iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_USE)])
    own = other.clusters.create(spark_version="16.4.x-scala2.12", node_type_id="m5.large", num_workers=0, policy_id=policy.policy_id).result()
    other.clusters.permanent_delete(own.cluster_id)
    # Notebooks: the lists of the folders above hold.
    client.workspace.mkdirs("/Users/admin@example.com/reports")
    client.workspace.import_("/Users/admin@example.com/reports/n", content="eA==", format=ws.ImportFormat.SOURCE, language=ws.Language.SQL)
    with pytest.raises(PermissionDenied):
        other.workspace.export("/Users/admin@example.com/reports/n")
    folder = client.workspace.get_status("/Users/admin@example.com/reports")
    client.workspace.update_permissions("directories", str(folder.object_id), access_control_list=[
        ws.WorkspaceObjectAccessControlRequest(
            service_principal_name=principal.application_id, permission_level=ws.WorkspaceObjectPermissionLevel.CAN_READ)])
    assert other.workspace.export("/Users/admin@example.com/reports/n").content
    with pytest.raises(PermissionDenied):
        other.workspace.delete("/Users/admin@example.com/reports/n")
    # Tokens: taken from the group users, nobody but administrators makes any.
    assert other.tokens.create(lifetime_seconds=60).token_value
    client.token_management.set_permissions(access_control_list=[])
    with pytest.raises(PermissionDenied):
        other.tokens.create(lifetime_seconds=60)


def test_ip_access_lists_are_enforced(server, client):
    ask = lambda address, token=TOKEN: server.request("GET", "/api/2.0/token/list", token=token, headers={"X-Forwarded-For": address})
    here = client.ip_access_lists.create("here", settings.ListType.ALLOW, ip_addresses=["127.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"])
    assert here.ip_access_list.address_count == 3 and here.ip_access_list.enabled is True
    assert ask("192.0.2.1").status == 200
    client.workspace_conf.set_status({"enableIpAccessLists": "true"})
    assert client.workspace_conf.get_status("enableIpAccessLists") == {"enableIpAccessLists": "true"}
    blocked = ask("192.0.2.1")
    assert blocked.status == 403 and "Source IP address: 192.0.2.1 is blocked by Databricks IP ACL" in blocked.json["message"]
    assert ask("10.1.2.3").status == 200 and ask("10.2.0.1").status == 403 and ask("2001:db8:1::1").status == 200
    client.ip_access_lists.create("bad", settings.ListType.BLOCK, ip_addresses=["10.1.2.3"])
    assert ask("10.1.2.3").status == 403 and ask("10.1.2.4").status == 200
    with pytest.raises(DatabricksError) as error:
        client.ip_access_lists.update(here.ip_access_list.list_id, enabled=True, ip_addresses=["10.1.0.0/16"])
    assert error.value.error_code == "INVALID_STATE"
    for wrong in (["300.1.1.1"], ["10.0.0.0/33"], ["x"], []):
        with pytest.raises(InvalidParameterValue):
            client.ip_access_lists.create("wrong", settings.ListType.ALLOW, ip_addresses=wrong)
    client.workspace_conf.set_status({"enableIpAccessLists": "false"})
    assert ask("192.0.2.1").status == 200
    assert [(l.label, l.list_type.value) for l in client.ip_access_lists.list()] == [("here", "ALLOW"), ("bad", "BLOCK")]


def test_tag_policies_and_overrides(client, warehouse_id):
    from databricks.sdk.service import tags

    made = client.tag_policies.create_tag_policy(tags.TagPolicy(tag_key="team", description="d", values=[tags.Value("a")]))
    assert (made.tag_key, made.values[0].name) == ("team", "a")
    with pytest.raises(DatabricksError) as error:
        client.tag_policies.create_tag_policy(tags.TagPolicy(tag_key="team"))
    assert error.value.error_code == "ALREADY_EXISTS"
    client.tag_policies.update_tag_policy("team", tags.TagPolicy(tag_key="team", description="e"), "description")
    assert [(p.tag_key, p.description) for p in client.tag_policies.list_tag_policies()] == [("team", "e")]
    client.workspace_entity_tag_assignments.create_tag_assignment(
        tags.TagAssignment(entity_type="dashboards", entity_id="1", tag_key="team", tag_value="a"))
    assert client.workspace_entity_tag_assignments.get_tag_assignment("dashboards", "1", "team").tag_value == "a"
    client.workspace_entity_tag_assignments.delete_tag_assignment("dashboards", "1", "team")
    with pytest.raises(NotFound):
        client.workspace_entity_tag_assignments.get_tag_assignment("dashboards", "1", "team")
    client.tag_policies.delete_tag_policy("team")
    assert list(client.tag_policies.list_tag_policies()) == []


def test_settings_of_tokens(client):
    client.workspace_conf.set_status({"maxTokenLifetimeDays": "2"})
    with pytest.raises(InvalidParameterValue):
        client.tokens.create(lifetime_seconds=200_000)
    assert client.tokens.create(lifetime_seconds=100_000).token_value
    client.workspace_conf.set_status({"maxTokenLifetimeDays": "", "enableTokensConfig": "false"})
    with pytest.raises(PermissionDenied):
        client.tokens.create(lifetime_seconds=60)
    client.workspace_conf.set_status({"enableTokensConfig": "true"})
    with pytest.raises(DatabricksError):
        client.workspace_conf.get_status("nosuch")
