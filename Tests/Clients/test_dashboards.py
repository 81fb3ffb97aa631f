"""Dashboards, their published versions, schedules and subscriptions; external metadata: documents that the service keeps."""

import json

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceAlreadyExists, ResourceConflict
from databricks.sdk.service import catalog as uc
from databricks.sdk.service import dashboards as d

from conftest import workspace_client

PAGES = json.dumps({"pages": [{"name": "a"}]})
CRON = d.CronSchedule(quartz_cron_expression="0 0 8 * * ?", timezone_id="UTC")


@pytest.fixture
def made(client, warehouse_id):
    return client.lakeview.create(d.Dashboard(display_name="Sales", parent_path="/Shared", serialized_dashboard=PAGES, warehouse_id=warehouse_id))


def test_life_of_a_dashboard(client, made):
    assert (made.path, made.lifecycle_state.value) == ("/Shared/Sales.lvdash.json", "ACTIVE")
    assert client.lakeview.get(made.dashboard_id) == made
    with pytest.raises(ResourceAlreadyExists):
        client.lakeview.create(d.Dashboard(display_name="Sales", parent_path="/Shared/"))
    for bad in [d.Dashboard(), d.Dashboard(display_name="a/b"), d.Dashboard(display_name="x", serialized_dashboard="[1]"),
                d.Dashboard(display_name="x", parent_path="/Shared/../x")]:
        with pytest.raises(BadRequest):
            client.lakeview.create(bad)
    own = client.lakeview.create(d.Dashboard(display_name="Mine"))
    assert own.path == "/Users/admin@example.com/Mine.lvdash.json"
    changed = client.lakeview.update(made.dashboard_id, d.Dashboard(display_name="Sold", etag=made.etag))
    assert (changed.path, changed.serialized_dashboard) == ("/Shared/Sold.lvdash.json", PAGES)
    # The second of two who have read the same version does not write over the first.
    with pytest.raises(ResourceConflict):
        client.lakeview.update(made.dashboard_id, d.Dashboard(display_name="Other", etag=made.etag))
    assert [x.display_name for x in client.lakeview.list(page_size=1)] == ["Sold", "Mine"]
    client.lakeview.trash(made.dashboard_id)
    assert client.lakeview.get(made.dashboard_id).lifecycle_state.value == "TRASHED"
    assert [x.display_name for x in client.lakeview.list()] == ["Mine"]
    assert [x.display_name for x in client.lakeview.list(show_trashed=True)] == ["Sold", "Mine"]
    client.lakeview.create(d.Dashboard(display_name="Sold", parent_path="/Shared"))
    with pytest.raises(NotFound):
        client.lakeview.get("0" * 16)


def test_published_versions(client, made, warehouse_id):
    with pytest.raises(NotFound):
        client.lakeview.get_published(made.dashboard_id)
    shown = client.lakeview.publish(made.dashboard_id, embed_credentials=False)
    assert (shown.display_name, shown.embed_credentials, shown.warehouse_id) == ("Sales", False, warehouse_id)
    client.lakeview.update(made.dashboard_id, d.Dashboard(display_name="Draft", serialized_dashboard='{"pages":[]}'))
    assert client.lakeview.get_published(made.dashboard_id).display_name == "Sales"
    back = client.lakeview.revert(made.dashboard_id).dashboard
    assert (back.display_name, back.serialized_dashboard) == ("Sales", PAGES)
    client.lakeview.unpublish(made.dashboard_id)
    with pytest.raises(NotFound):
        client.lakeview.unpublish(made.dashboard_id)


def test_schedules_and_subscriptions(client, made):
    other = client.lakeview.create(d.Dashboard(display_name="Other"))
    schedule = client.lakeview.create_schedule(made.dashboard_id, d.Schedule(cron_schedule=CRON, display_name="daily"))
    assert (schedule.pause_status.value, schedule.dashboard_id) == ("UNPAUSED", made.dashboard_id)
    with pytest.raises(BadRequest):
        client.lakeview.create_schedule(made.dashboard_id, d.Schedule(cron_schedule=d.CronSchedule("", "UTC")))
    with pytest.raises(NotFound):
        client.lakeview.get_schedule(other.dashboard_id, schedule.schedule_id)
    assert list(client.lakeview.list_schedules(other.dashboard_id)) == []
    paused = client.lakeview.update_schedule(
        made.dashboard_id, schedule.schedule_id, d.Schedule(cron_schedule=CRON, pause_status=d.SchedulePauseStatus.PAUSED, etag=schedule.etag))
    assert (paused.pause_status.value, paused.display_name, paused.create_time) == ("PAUSED", None, schedule.create_time)
    me = client.current_user.me()
    subscriber = d.Subscriber(user_subscriber=d.SubscriptionSubscriberUser(user_id=int(me.id)))
    subscription = client.lakeview.create_subscription(made.dashboard_id, schedule.schedule_id, d.Subscription(subscriber=subscriber))
    assert (subscription.created_by_user_id, subscription.schedule_id, subscription.dashboard_id) == (
        int(me.id), schedule.schedule_id, made.dashboard_id)
    assert client.lakeview.get_subscription(made.dashboard_id, schedule.schedule_id, subscription.subscription_id) == subscription
    with pytest.raises(ResourceConflict):
        client.lakeview.delete_schedule(made.dashboard_id, schedule.schedule_id, etag=schedule.etag)
    client.lakeview.delete_schedule(made.dashboard_id, schedule.schedule_id, etag=paused.etag)
    with pytest.raises(NotFound):
        list(client.lakeview.list_subscriptions(made.dashboard_id, schedule.schedule_id))


def test_dashboards_have_permissions(server, client, made):
    robot = client.service_principals.create(display_name="robot")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=robot.id)
    who = workspace_client(server, client_id=robot.application_id, client_secret=secret.secret)
    for call in [lambda: who.lakeview.get(made.dashboard_id), lambda: who.lakeview.trash(made.dashboard_id),
                 lambda: who.lakeview.publish(made.dashboard_id)]:
        with pytest.raises(PermissionDenied):
            call()
    assert list(who.lakeview.list()) == []
    own = who.lakeview.create(d.Dashboard(display_name="mine"))
    assert who.lakeview.get(own.dashboard_id).display_name == "mine"


def test_external_metadata(client):
    made = client.external_metadata.create_external_metadata(
        uc.ExternalMetadata(name="orders", system_type=uc.SystemType.TABLEAU, entity_type="dashboard", columns=["a"], properties={"k": "v"}))
    assert (made.owner, made.metastore_id, made.properties) == ("admin@example.com", client.metastores.summary().metastore_id, {"k": "v"})
    with pytest.raises(ResourceAlreadyExists):
        client.external_metadata.create_external_metadata(
            uc.ExternalMetadata(name="orders", system_type=uc.SystemType.TABLEAU, entity_type="x"))
    changed = client.external_metadata.update_external_metadata(
        "orders", uc.ExternalMetadata(name="orders", system_type=uc.SystemType.POWER_BI, entity_type="report", description="new"), "description")
    assert (changed.description, changed.entity_type, changed.id) == ("new", "dashboard", made.id)
    assert [m.name for m in client.external_metadata.list_external_metadata()] == ["orders"]
    client.external_metadata.delete_external_metadata("orders")
    with pytest.raises(NotFound):
        client.external_metadata.get_external_metadata("orders")
