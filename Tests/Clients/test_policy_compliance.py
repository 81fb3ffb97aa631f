"""Clusters, and the clusters that jobs make, held against policies that changed since: compliance, enforcement at once and at a cluster's end."""

import json

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, NotFound, PermissionDenied
from databricks.sdk.service import compute as c, jobs

from conftest import workspace_client

SPARK = {"spark_version": "16.4.x-scala2.12", "node_type_id": "m5.large"}
TASK = {"notebook_task": jobs.NotebookTask("/Shared/n")}


@pytest.fixture(scope="module")
def shared_server(virtual_server):
    return virtual_server


@pytest.fixture
def policy(client):
    return client.cluster_policies.create(name="p", definition="{}").policy_id


def define(client, policy, **rules):
    client.cluster_policies.edit(policy, name="p", definition=json.dumps(rules))


def someone(server, client):
    robot = client.service_principals.create(display_name="robot")
    return workspace_client(server, token=client.token_management.create_obo_token(robot.application_id, lifetime_seconds=3600).token_value)


def test_clusters(server, client, policy):
    made = client.clusters.create(**SPARK, num_workers=9, policy_id=policy, spark_conf={"a.b": "old", "c": "d"}, autotermination_minutes=60).cluster_id
    api = client.policy_compliance_for_clusters
    assert api.get_compliance(made).is_compliant
    assert not api.enforce_compliance(made).has_changes
    define(client, policy, num_workers={"type": "range", "maxValue": 4, "defaultValue": 2}, **{
        "spark_conf.a.b": {"type": "fixed", "value": "new"}, "spark_conf.c": {"type": "forbidden"}})
    found = api.get_compliance(made)
    assert found.is_compliant is False and found.violations.keys() == {"num_workers", "spark_conf.a.b", "spark_conf.c"}
    row, = api.list_compliance(policy)
    assert (row.cluster_id, row.violations) == (made, found.violations) and list(api.list_compliance("nosuch")) == []
    preview = api.enforce_compliance(made, validate_only=True)
    assert [(x.field, x.previous_value, x.new_value) for x in preview.changes] == [
        ("num_workers", "9", "2"), ("spark_conf", '{"a.b":"old","c":"d"}', '{"a.b":"new"}')]
    assert client.clusters.get(made).num_workers == 9
    answer = server.request("POST", "/api/2.0/policies/clusters/enforce-compliance", {"cluster_id": made}).json
    assert (answer["has_changes"], answer["enforce_result"], len(answer["changes"])) == (True, "APPLIED", 2)
    after = client.clusters.get(made)
    assert (after.num_workers, after.spark_conf, after.state.value, api.get_compliance(made).is_compliant) == (2, {"a.b": "new"}, "RUNNING", True)
    # Where the policy has no value of its own it cannot be enforced, and nothing is changed.
    define(client, policy, num_workers={"type": "range", "maxValue": 1})
    with pytest.raises(BadRequest) as error:
        api.enforce_compliance(made)
    assert "num_workers" in str(error.value) and client.clusters.get(made).num_workers == 2
    # A policy for jobs alone.
    define(client, policy, cluster_type={"type": "fixed", "value": "job"})
    assert api.get_compliance(made).violations.keys() == {"cluster_type"}
    with pytest.raises(DatabricksError):
        client.clusters.create(**SPARK, num_workers=1, policy_id=policy)


def test_enforcement_that_waits(server, client, policy):
    api = client.policy_compliance_for_clusters
    enforce = lambda cluster: server.request(
        "POST", "/api/2.0/policies/clusters/enforce-compliance", {"cluster_id": cluster, "enforce_mode": "WAIT_FOR_TERMINATION"})
    cancel = lambda **body: server.request("POST", "/api/2.0/policies/clusters:cancelPendingClusterEnforcement", body).status
    compliance = lambda cluster: server.request("GET", f"/api/2.0/policies/clusters/get-compliance?cluster_id={cluster}").json
    ids = [client.clusters.create(**SPARK, num_workers=9, policy_id=policy, autotermination_minutes=60).cluster_id for _ in range(4)]
    define(client, policy, num_workers={"type": "fixed", "value": 3})
    stopped, restarted, idle, kept = ids
    for one in ids:
        answer = enforce(one).json
        assert (answer["enforce_result"], client.clusters.get(one).num_workers) == ("DEFERRED", 9)
    waiting = compliance(stopped)["pending_enforcement"]
    assert (waiting["initiator_user"], waiting["enforcement_status"], waiting["target_spec"]["num_workers"]) == ("admin@example.com", "ACTIVE", 3)
    assert waiting["target_changes"] == [{"field": "num_workers", "previous_value": "9", "new_value": "3"}]
    assert cancel(cluster_id=kept) == 200 and "pending_enforcement" not in compliance(kept)
    assert cancel(cluster_id=kept) == 404 and cancel(cluster_id=kept, allow_missing=True) == 200 and cancel() == 400
    client.clusters.delete(stopped)
    client.clusters.restart(restarted)
    assert (client.clusters.get(stopped).num_workers, client.clusters.get(restarted).num_workers) == (3, 3)
    assert "pending_enforcement" not in compliance(stopped) and compliance(stopped)["is_compliant"] is True
    server.control("POST", "clock", {"advance": "61m"})
    assert client.clusters.get(idle).num_workers == 3 and client.clusters.get(kept).num_workers == 9
    client.clusters.start(idle)
    assert client.clusters.get(idle).num_workers == 3 and api.get_compliance(idle).is_compliant
    # What has ended is changed at once.
    assert enforce(kept).json["enforce_result"] == "APPLIED" and client.clusters.get(kept).state.value == "TERMINATED"
    other = someone(server, client)
    with pytest.raises(PermissionDenied):
        other.policy_compliance_for_clusters.enforce_compliance(kept)
    assert list(other.policy_compliance_for_clusters.list_compliance(policy)) == []


def test_jobs(server, client, policy):
    big = c.ClusterSpec(**SPARK, num_workers=9, policy_id=policy)
    free = c.ClusterSpec(**SPARK, num_workers=9)
    made = client.jobs.create(
        name="j", job_clusters=[jobs.JobCluster("main", big), jobs.JobCluster("free", free)], max_concurrent_runs=3, tasks=[
            jobs.Task("a", job_cluster_key="main", **TASK), jobs.Task("b", new_cluster=big, **TASK),
            jobs.Task("c", job_cluster_key="free", **TASK)]).job_id
    other = client.jobs.create(name="other", tasks=[jobs.Task("x", new_cluster=free, **TASK)]).job_id
    more = client.jobs.create(name="more", tasks=[jobs.Task("l", for_each_task=jobs.ForEachTask("[1]", jobs.Task("inner", new_cluster=big, **TASK)))]).job_id
    api = client.policy_compliance_for_jobs
    assert api.get_compliance(made).is_compliant and api.get_compliance(other).is_compliant
    define(client, policy, num_workers={"type": "range", "maxValue": 4, "defaultValue": 2}, cluster_type={"type": "fixed", "value": "job"})
    found = api.get_compliance(made)
    assert found.is_compliant is False and found.violations.keys() == {"main.num_workers", "b.num_workers"}
    assert api.get_compliance(more).violations.keys() == {"inner.num_workers"}
    rows = {r.job_id: r for r in api.list_compliance(policy, page_size=1)}
    assert rows.keys() == {made, more} and rows[made].violations == found.violations
    before = client.jobs.get(made).settings
    preview = api.enforce_compliance(made, validate_only=True)
    assert [(x.field, x.previous_value, x.new_value) for x in preview.job_cluster_changes] == [("main.num_workers", "9", "2"), ("b.num_workers", "9", "2")]
    assert preview.settings.job_clusters[0].new_cluster.num_workers == 2 and client.jobs.get(made).settings == before
    fixed = api.enforce_compliance(made)
    after = client.jobs.get(made).settings
    assert fixed.has_changes and fixed.settings == after and after.max_concurrent_runs == 3
    assert [x.new_cluster.num_workers for x in after.job_clusters] == [2, 9] and after.tasks[1].new_cluster.num_workers == 2
    assert api.get_compliance(made).is_compliant and not api.enforce_compliance(made).has_changes
    assert api.enforce_compliance(more).settings.tasks[0].for_each_task.task.new_cluster.num_workers == 2
    stranger = someone(server, client).policy_compliance_for_jobs
    for call in [stranger.get_compliance, stranger.enforce_compliance]:
        with pytest.raises(PermissionDenied):
            call(made)
    assert list(stranger.list_compliance(policy)) == []
    for call in [api.get_compliance, api.enforce_compliance]:
        with pytest.raises((BadRequest, NotFound)):
            call(7)
    assert server.request("GET", "/api/2.0/policies/jobs/get-compliance").status == 400
    define(client, policy, num_workers={"type": "fixed", "value": 1}, cluster_type={"type": "fixed", "value": "all-purpose"})
    with pytest.raises(BadRequest):
        api.enforce_compliance(made)
    assert client.jobs.get(made).settings == after
