"""The older SQL APIs (`/api/2.0/preview/sql`): other views of the queries, alerts, visualizations and access lists of the newer ones."""

import json

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, NotFound, PermissionDenied
from databricks.sdk.service import iam, jobs, sql as q

from conftest import workspace_client

ROOT = "/api/2.0/preview/sql/"


def someone(server, client):
    robot = client.service_principals.create(display_name="robot")
    token = client.token_management.create_obo_token(robot.application_id, lifetime_seconds=3600).token_value
    return robot, workspace_client(server, token=token)


@pytest.fixture
def source(client, warehouse_id):
    found, = [s for s in client.data_sources.list() if s.warehouse_id == warehouse_id]
    return found.id


def test_one_query_in_both_apis(client, warehouse_id, source):
    folder = client.workspace.get_status("/Shared").object_id
    made = client.queries_legacy.create(
        name="old", query="SELECT {{ n }}", data_source_id=source, description="d", tags=["a", "b"], parent=f"folders/{folder}",
        run_as_role=q.RunAsRole.VIEWER, options={"catalog": "main", "schema": "default", "parameters": [
            {"name": "n", "type": "number", "value": 7, "title": "N"}, {"name": "t", "type": "text", "value": "x"},
            {"name": "e", "type": "enum", "value": "u", "enumOptions": "u\nv"},
            {"name": "m", "type": "query", "queryId": "1", "value": ["u", "v"], "multiValuesOptions": {"separator": ",", "prefix": "'", "suffix": "'"}},
            {"name": "w", "type": "date", "value": "2026-01-02"}, {"name": "y", "type": "date", "value": "d_yesterday"},
            {"name": "r", "type": "date-range", "value": {"start": "2026-01-01", "end": "2026-02-01"}},
            {"name": "l", "type": "datetime-range", "value": "d_last_7_days"}]})
    assert (made.name, made.query, made.data_source_id, made.tags, made.description) == ("old", "SELECT {{ n }}", source, ["a", "b"], "d")
    assert (made.parent, made.run_as_role.value, made.is_archived, made.can_edit, made.is_safe) == (f"folders/{folder}", "viewer", False, True, False)
    assert (made.user.email, made.permission_tier.value, made.last_modified_by.email) == ("admin@example.com", "CAN_MANAGE", "admin@example.com")
    assert made.user_id == made.user.id == made.last_modified_by_id and made.visualizations == []
    newer = client.queries.get(made.id)
    assert (newer.display_name, newer.query_text, newer.warehouse_id, newer.parent_path) == ("old", "SELECT {{ n }}", warehouse_id, "/Shared")
    assert (newer.catalog, newer.schema, newer.run_as_mode.value, newer.tags) == ("main", "default", "VIEWER", ["a", "b"])
    given = {p.name: p for p in newer.parameters}
    assert (given["n"].numeric_value.value, given["n"].title, given["t"].text_value.value) == (7, "N", "x")
    assert (given["e"].enum_value.enum_options, given["e"].enum_value.values) == ("u\nv", ["u"])
    assert (given["m"].query_backed_value.query_id, given["m"].query_backed_value.values) == ("1", ["u", "v"])
    assert given["m"].query_backed_value.multi_values_options.separator == ","
    assert (given["w"].date_value.date_value, given["w"].date_value.precision) == ("2026-01-02", q.DatePrecision.DAY_PRECISION)
    assert given["y"].date_value.dynamic_date_value == q.DateValueDynamicDate.YESTERDAY
    assert given["r"].date_range_value.date_range_value == q.DateRange("2026-01-01", "2026-02-01")
    assert given["l"].date_range_value.dynamic_date_range_value == q.DateRangeValueDynamicDateRange.LAST_7_DAYS
    back = {p.name: (p.type.value, p.value) for p in client.queries_legacy.get(made.id).options.parameters}
    assert back == {
        "n": ("number", 7), "t": ("text", "x"), "e": ("enum", "u"), "m": ("query", ["u", "v"]), "w": ("datetime", "2026-01-02"),
        "y": ("datetime", "d_yesterday"), "r": ("datetime", {"start": "2026-01-01", "end": "2026-02-01"}), "l": ("datetime", "d_last_7_days")}
    # Changes go both ways, and leave alone what they do not name.
    client.queries.update(made.id, "display_name,query_text", query=q.UpdateQueryRequestQuery(display_name="new", query_text="SELECT 2"))
    seen = client.queries_legacy.update(made.id, description="changed")
    assert (seen.name, seen.query, seen.description, seen.tags, seen.options.catalog) == ("new", "SELECT 2", "changed", ["a", "b"], "main")
    assert client.queries.get(made.id).description == "changed"
    # What the newer API made.
    other = client.queries.create(query=q.CreateQueryRequestQuery(display_name="other", query_text="SELECT 1", warehouse_id=warehouse_id))
    seen = client.queries_legacy.get(other.id)
    assert (seen.name, seen.query, seen.data_source_id, seen.run_as_role.value, seen.is_safe) == ("other", "SELECT 1", source, "owner", True)
    assert seen.parent == f"folders/{client.workspace.get_status('/Users/admin@example.com').object_id}"


def test_what_queries_refuse(server, client, source):
    def status(body, path="queries"):
        return server.request("POST", ROOT + path, body).status

    assert status({"data_source_id": "nosuch"}) == 400
    assert status({"parent": "folders/1"}) == 404 and status({"parent": "x"}) == 404
    assert status({"options": 7}) == 400 and status({"options": {"nosuch": 1}}) == 501
    for bad in [7, [7], [{"type": "text"}], [{"name": "n", "type": "nosuch"}], [{"name": "n", "type": "number", "value": "x"}],
                [{"name": "n", "type": "date-range", "value": {"start": "2026-01-01"}}], [{"name": "n", "type": "enum", "value": {}}]]:
        assert status({"options": {"parameters": bad}}) == 400, bad
    assert status({"run_as_role": "nobody"}) == 400
    assert list(client.queries_legacy.list()) == []
    for call in [client.queries_legacy.get, client.queries_legacy.delete, client.queries_legacy.restore, client.queries_legacy.update]:
        with pytest.raises(NotFound):
            call("nosuch")


def test_lists_of_queries(server, client, source):
    names = ["b", "A", "c", "daily Sales", "e"]
    ids = {n: client.queries_legacy.create(name=n, query=f"SELECT '{n}'", data_source_id=source, tags=[f"tag{n}"]).id for n in names}

    def found(**options):
        return [x.name for x in client.queries_legacy.list(**options)]

    assert found() == names and found(page_size=2) == names
    assert found(order="name") == ["A", "b", "c", "daily Sales", "e"] and found(order="-name") == found(order="name-") == found(order="name")[::-1]
    assert found(order="-created_at") == names[::-1] and found(order="created_by") == names
    assert found(q="sales DAILY") == ["daily Sales"] and found(q="tage") == ["e"] and found(q="nosuch") == []
    page = server.request("GET", ROOT + "queries?page=2&page_size=2").json
    assert (page["count"], page["page"], page["page_size"], [x["name"] for x in page["results"]]) == (5, 2, 2, ["c", "daily Sales"])
    assert server.request("GET", ROOT + f"queries?page={2 ** 62}&page_size=250").json["results"] == []
    for bad, status in [("page=0", 400), ("page_size=0", 400), ("page_size=251", 400), ("page=x", 400), ("order=nosuch", 400), ("order=runtime", 501)]:
        assert server.request("GET", ROOT + "queries?" + bad).status == status, bad
    client.queries_legacy.delete(ids["c"])
    assert found() == ["b", "A", "daily Sales", "e"]


def test_trash(virtual):
    client = workspace_client(virtual)
    made = client.queries_legacy.create(name="q", query="SELECT 1")
    picture = client.query_visualizations_legacy.create(options={}, query_id=made.id, type="table")
    client.queries_legacy.delete(made.id)
    seen = client.queries_legacy.get(made.id)
    assert seen.is_archived and seen.options.moved_to_trash_at == virtual.control("GET", "clock").json["now"][:19] + "Z"
    assert client.queries.get(made.id).lifecycle_state == q.LifecycleState.TRASHED
    assert list(client.queries.list()) == [] == list(client.queries_legacy.list())
    with pytest.raises(BadRequest):
        client.queries_legacy.update(made.id, name="late")
    with pytest.raises(BadRequest):  # No alert on what is in the trash.
        client.alerts_legacy.create("a", q.AlertOptions(column="1", op=">", value=1), made.id)
    client.queries_legacy.restore(made.id)
    seen = client.queries_legacy.get(made.id)
    assert (seen.is_archived, seen.options.moved_to_trash_at, [v.id for v in seen.visualizations]) == (False, None, [picture.id])
    # Thirty days later it is gone, whichever API deleted it.
    client.queries.delete(made.id)
    virtual.control("POST", "clock", {"advance": "29d"})
    assert client.queries_legacy.get(made.id).is_archived
    virtual.control("POST", "clock", {"advance": "1d"})
    for get in [client.queries_legacy.get, client.queries.get, client.queries_legacy.restore]:
        with pytest.raises(NotFound):
            get(made.id)
    # Alerts of the newest kind can be purged.
    new = client.alerts_v2.create_alert(q.AlertV2(
        display_name="n", query_text="SELECT 1", warehouse_id="w", schedule=q.CronSchedule("0 0 8 * * ?", "UTC"), evaluation=q.AlertV2Evaluation(
            comparison_operator=q.ComparisonOperator.EQUAL, source=q.AlertV2OperandColumn("1"), threshold=q.AlertV2Operand(
                value=q.AlertV2OperandValue(double_value=1)))))
    client.alerts_v2.trash_alert(new.id)
    assert client.alerts_v2.get_alert(new.id).lifecycle_state == q.AlertLifecycleState.DELETED and not list(client.alerts_v2.list_alerts())
    client.alerts_v2.trash_alert(new.id, purge=True)
    with pytest.raises(NotFound):
        client.alerts_v2.get_alert(new.id)


def test_visualizations(client, warehouse_id):
    query = client.queries_legacy.create(name="q", query="SELECT 1")
    options = {"columns": [{"name": "1", "visible": True}], "itemsPerPage": 25}
    made = client.query_visualizations_legacy.create(options=options, query_id=query.id, type="table", name="T", description="text")
    assert (made.name, made.type, made.description, made.options) == ("T", "table", "text", options)
    newer, = client.queries.list_visualizations(query.id)
    assert (newer.id, newer.display_name, newer.type, newer.query_id) == (made.id, "T", "table", query.id)
    client.query_visualizations.update(made.id, "serialized_options", visualization=q.UpdateVisualizationRequestVisualization(serialized_options='{"a":1}'))
    seen, = client.queries_legacy.get(query.id).visualizations
    assert (seen.options, seen.description) == ({"a": 1}, "text")
    assert client.query_visualizations_legacy.update(id=made.id, name="U").name == "U"
    assert next(client.queries.list_visualizations(query.id)).display_name == "U"
    with pytest.raises(BadRequest):
        client.query_visualizations_legacy.update(id=made.id, query=q.LegacyQuery(id="other"))
    with pytest.raises(BadRequest):
        client.query_visualizations_legacy.create(options=7, query_id=query.id, type="table")
    with pytest.raises(NotFound):
        client.query_visualizations_legacy.create(options={}, query_id="nosuch", type="table")
    client.query_visualizations_legacy.delete(made.id)
    assert list(client.queries.list_visualizations(query.id)) == []
    with pytest.raises(NotFound):
        client.query_visualizations_legacy.delete(made.id)


def test_one_alert_in_both_apis(client, warehouse_id, source):
    query = client.queries_legacy.create(name="q", query="SELECT 5 AS n", data_source_id=source)
    options = q.AlertOptions(column="n", op=">=", value=5, custom_subject="s", empty_result_state=q.AlertOptionsEmptyResultState.OK, muted=True)
    made = client.alerts_legacy.create("a", options, query.id, rearm=60)
    assert (made.name, made.options, made.rearm, made.state.value, made.query.id) == ("a", options, 60, "unknown", query.id)
    assert (made.user.email, made.query.query, made.query.data_source_id) == ("admin@example.com", "SELECT 5 AS n", source)
    newer = client.alerts.get(made.id)
    assert (newer.display_name, newer.query_id, newer.seconds_to_retrigger, newer.custom_subject) == ("a", query.id, 60, "s")
    assert (newer.condition.op.value, newer.condition.operand.column.name) == ("GREATER_THAN_OR_EQUAL", "n")
    assert (newer.condition.threshold.value.double_value, newer.condition.empty_result_state.value) == (5, "OK")
    # A job's task evaluates it, and its state is seen here.
    client.jobs.submit(tasks=[jobs.SubmitTask("t", sql_task=jobs.SqlTask(warehouse_id, alert=jobs.SqlTaskAlert(made.id)))]).result()
    seen = client.alerts_legacy.get(made.id)
    assert seen.state.value == "triggered" and seen.last_triggered_at
    client.alerts_legacy.update(made.id, "b", q.AlertOptions(column="n", op="!=", value="x"), query.id)
    seen, = client.alerts_legacy.list()
    assert (seen.name, seen.options.op, seen.options.value, seen.options.muted, seen.rearm) == ("b", "!=", "x", False, None)
    newer = client.alerts.get(made.id)
    assert (newer.condition.op.value, newer.condition.threshold.value.string_value, newer.seconds_to_retrigger) == ("NOT_EQUAL", "x", 0)
    for bad in [q.AlertOptions(column="n", op="~", value=1), q.AlertOptions(column="", op=">", value=1), q.AlertOptions(column="n", op=">", value=[1])]:
        with pytest.raises(BadRequest):
            client.alerts_legacy.create("a", bad, query.id)
    with pytest.raises(NotFound):
        client.alerts_legacy.create("a", options, "nosuch")
    # The older API deletes for good; what the newer one put into the trash it does not know.
    other = client.alerts_legacy.create("c", options, query.id)
    client.alerts_legacy.delete(made.id)
    client.alerts.delete(other.id)
    with pytest.raises(NotFound):
        client.alerts.get(made.id)
    assert client.alerts.get(other.id).lifecycle_state == q.LifecycleState.TRASHED
    with pytest.raises(NotFound):
        client.alerts_legacy.get(other.id)
    assert list(client.alerts_legacy.list()) == []


def test_dashboards_and_widgets(virtual):
    client = workspace_client(virtual)

    def make(**body):
        answer = virtual.request("POST", ROOT + "dashboards", body)
        assert answer.status == 200, answer.body
        return answer.json["id"]

    query = client.queries_legacy.create(name="q", query="SELECT 1")
    picture = client.query_visualizations_legacy.create(options={"a": 1}, query_id=query.id, type="table", name="T")
    board = make(name="Weekly Sales!", tags=["x"], is_favorite=True)
    assert virtual.request("POST", ROOT + "dashboards", {}).status == 400
    seen = client.dashboards.get(board)
    assert (seen.name, seen.slug, seen.tags, seen.is_favorite, seen.is_archived) == ("Weekly Sales!", "weekly-sales", ["x"], True, False)
    assert (seen.user.email, seen.permission_tier.value, seen.widgets) == ("admin@example.com", "CAN_MANAGE", [])
    place = q.WidgetOptions(title="W", position=q.WidgetPosition(col=0, row=1, size_x=3, size_y=4, auto_height=False))
    one = client.dashboard_widgets.create(board, place, 1, visualization_id=picture.id)
    assert (one.visualization.id, one.visualization.query.id, one.options.position, one.options.title) == (picture.id, query.id, place.position, "W")
    two = client.dashboard_widgets.create(board, q.WidgetOptions(), 2, text="hello")
    assert (two.visualization, two.width) == (None, 2)
    assert [w.id for w in client.dashboards.get(board).widgets] == [one.id, two.id]
    assert client.dashboard_widgets.update(two.id, board, q.WidgetOptions(is_hidden=True), 3).options.is_hidden
    other = make(name="Another")
    with pytest.raises(BadRequest):
        client.dashboard_widgets.update(two.id, other, q.WidgetOptions(), 3)
    for bad, visualization in [("nosuch", None), (board, "nosuch")]:
        with pytest.raises(NotFound):
            client.dashboard_widgets.create(bad, place, 1, visualization_id=visualization)
    client.dashboard_widgets.delete(two.id)
    assert [w.id for w in client.dashboards.get(board).widgets] == [one.id]
    assert client.dashboards.update(board, name="Renamed", tags=[]).name == "Renamed" and client.dashboards.get(board).tags == []
    assert [d.name for d in client.dashboards.list(page_size=1)] == ["Renamed", "Another"]
    assert [d.name for d in client.dashboards.list(order=q.ListOrder.NAME)] == ["Another", "Renamed"]
    assert [d.name for d in client.dashboards.list(q="other")] == ["Another"]
    client.dashboards.delete(board)
    assert client.dashboards.get(board).is_archived and client.dashboards.get(board).options.moved_to_trash_at
    assert [d.name for d in client.dashboards.list()] == ["Another"]
    with pytest.raises(BadRequest):
        client.dashboard_widgets.create(board, place, 1, text="late")
    client.dashboards.restore(board)
    assert [w.id for w in client.dashboards.get(board).widgets] == [one.id] and not client.dashboards.get(board).is_archived
    client.dashboards.delete(board)
    virtual.control("POST", "clock", {"advance": "30d"})
    with pytest.raises(NotFound):
        client.dashboards.restore(board)


def test_access_lists(server, client, warehouse_id, source):
    robot, other = someone(server, client)
    name = robot.application_id
    query = client.queries_legacy.create(name="q", query="SELECT 1", data_source_id=source)
    kind = q.ObjectTypePlural.QUERIES

    def levels(found):
        return {(a.user_name or a.group_name): a.permission_level.value for a in found.access_control_list}

    found = client.dbsql_permissions.get(kind, query.id)
    assert (found.object_id, found.object_type.value) == (f"queries/{query.id}", "query")
    assert levels(found) == {"admin@example.com": "CAN_MANAGE", "admins": "CAN_MANAGE"}
    for call in [other.queries_legacy.get, other.queries.get, lambda i: other.dbsql_permissions.get(kind, i)]:
        with pytest.raises(PermissionDenied):
            call(query.id)
    assert list(other.queries_legacy.list()) == []
    give = lambda level: client.dbsql_permissions.set(kind, query.id, access_control_list=[
        q.AccessControl(user_name=name, permission_level=q.PermissionLevel(level)),
        q.AccessControl(user_name="admin@example.com", permission_level=q.PermissionLevel.CAN_MANAGE)])
    assert levels(give("CAN_RUN")) == {"admin@example.com": "CAN_MANAGE", "admins": "CAN_MANAGE", name: "CAN_RUN"}
    seen = other.queries_legacy.get(query.id)
    assert (seen.permission_tier.value, seen.can_edit) == ("CAN_RUN", False)
    for call in [lambda: other.queries_legacy.update(query.id, name="x"), lambda: other.queries_legacy.delete(query.id), lambda: give_as(other),
                 lambda: other.query_visualizations_legacy.create(options={}, query_id=query.id, type="table")]:
        with pytest.raises(PermissionDenied):
            call()
    newer = client.permissions.get("queries", query.id)
    assert {a.service_principal_name or a.user_name or a.group_name: a.all_permissions[0].permission_level.value
            for a in newer.access_control_list} == {"admin@example.com": "IS_OWNER", "admins": "CAN_MANAGE", name: "CAN_RUN"}
    # Who may edit may change what it says and its visualizations, and no more.
    client.permissions.update("queries", query.id, access_control_list=[
        iam.AccessControlRequest(service_principal_name=name, permission_level=iam.PermissionLevel.CAN_EDIT)])
    assert other.queries_legacy.update(query.id, name="edited").last_modified_by.email == name
    picture = other.query_visualizations_legacy.create(options={}, query_id=query.id, type="table")
    other.query_visualizations.delete(picture.id)
    for call in [lambda: other.queries.delete(query.id), lambda: other.queries.update(
            query.id, "owner_user_name", query=q.UpdateQueryRequestQuery(owner_user_name=name))]:
        with pytest.raises(PermissionDenied):
            call()
    # The owner.
    assert client.dbsql_permissions.transfer_ownership(q.OwnableObjectType.QUERY, query.id, new_owner=name).message.value == "Success"
    assert client.queries.get(query.id).owner_user_name == name and other.queries_legacy.get(query.id).user.email == name
    with pytest.raises(PermissionDenied):
        other.dbsql_permissions.transfer_ownership(q.OwnableObjectType.QUERY, query.id, new_owner="admin@example.com")
    with pytest.raises(NotFound):
        client.dbsql_permissions.transfer_ownership(q.OwnableObjectType.QUERY, query.id, new_owner="nobody@example.com")
    back = other.queries.update(query.id, "owner_user_name", query=q.UpdateQueryRequestQuery(owner_user_name="admin@example.com"))
    assert back.owner_user_name == "admin@example.com"
    assert levels(client.dbsql_permissions.get(kind, query.id)) == {"admin@example.com": "CAN_MANAGE", "admins": "CAN_MANAGE"}
    # A list that is set is the whole list, and refusals change nothing.
    give("CAN_VIEW")
    for entry in [q.AccessControl(user_name="nobody@example.com", permission_level=q.PermissionLevel.CAN_RUN),
                  q.AccessControl(permission_level=q.PermissionLevel.CAN_RUN), q.AccessControl(group_name="users"),
                  q.AccessControl(user_name="admin@example.com", permission_level=q.PermissionLevel.CAN_VIEW)]:
        with pytest.raises((BadRequest, NotFound)):
            client.dbsql_permissions.set(kind, query.id, access_control_list=[entry])
    assert name in levels(client.dbsql_permissions.get(kind, query.id))
    assert name not in levels(client.dbsql_permissions.set(kind, query.id, access_control_list=[]))
    for path, status in [("queries/nosuch", 404), ("data_sources/" + source, 501), ("nosuch/1", 400)]:
        assert server.request("GET", ROOT + "permissions/" + path).status == status
    # The other kinds.
    board = server.request("POST", ROOT + "dashboards", {"name": "d"}).json["id"]
    alert = client.alerts_legacy.create("a", q.AlertOptions(column="1", op=">", value=1), query.id)
    for plural, object_id, get in [(q.ObjectTypePlural.DASHBOARDS, board, other.dashboards.get),
                                   (q.ObjectTypePlural.ALERTS, alert.id, other.alerts_legacy.get)]:
        with pytest.raises(PermissionDenied):
            get(object_id)
        client.dbsql_permissions.set(plural, object_id, access_control_list=[
            q.AccessControl(group_name="users", permission_level=q.PermissionLevel.CAN_VIEW)])
        assert get(object_id).id == object_id
    with pytest.raises(PermissionDenied):
        other.dashboards.update(board, name="x")


def give_as(other):
    other.dbsql_permissions.set(q.ObjectTypePlural.QUERIES, other.queries_legacy.list().__next__().id, access_control_list=[])


def test_data_sources(server, client, warehouse_id, source):
    more = client.warehouses.create(name="more", cluster_size="Small", auto_stop_mins=10).result().id
    _, other = someone(server, client)
    rows = {s.warehouse_id: s for s in client.data_sources.list()}
    assert rows.keys() == {warehouse_id, more} and rows[warehouse_id].id == source and rows[more].name == "more"
    assert (rows[more].type, rows[more].syntax, rows[more].view_only) == ("databricks_internal", "sql", False)
    assert [s.warehouse_id for s in other.data_sources.list()] == [warehouse_id]


def test_state_is_kept_by_snapshots(server, client, source):
    query = client.queries_legacy.create(name="kept", query="SELECT 1", data_source_id=source)
    board = server.request("POST", ROOT + "dashboards", {"name": "kept"}).json["id"]
    snapshot = server.control("POST", "snapshots", {"name": "legacy"})
    assert snapshot.status == 200, snapshot.body
    client.queries_legacy.update(query.id, name="changed")
    client.dashboards.delete(board)
    assert server.control("POST", "snapshots/legacy/restore").status == 200
    seen = client.queries_legacy.get(query.id)
    assert (seen.name, seen.data_source_id, client.dashboards.get(board).is_archived) == ("kept", source, False)
    server.control("POST", "reset")
    with pytest.raises(DatabricksError):
        client.queries_legacy.get(query.id)


def test_migration(server, client, warehouse_id, source, sql):
    sql("CREATE TABLE main.default.sales (region STRING, amount DOUBLE)")
    sql("INSERT INTO main.default.sales VALUES ('north', 10), ('south', 20)")
    board = server.request("POST", ROOT + "dashboards", {"name": "Weekly"}).json["id"]
    text = "SELECT region, sum(amount) AS total\nFROM main.default.sales\nWHERE amount > {{ least }} AND region <> '{{ other }}' GROUP BY region -- '"
    query = client.queries_legacy.create(name="Totals", query=text, data_source_id=source, options={"parameters": [
        {"name": "least", "type": "number", "value": 5}, {"name": "other", "type": "text", "value": "west", "title": "Not this"}]})
    add = lambda kind, options, **widget: client.dashboard_widgets.create(
        board, q.WidgetOptions(**widget), 1, visualization_id=client.query_visualizations_legacy.create(
            options=options, query_id=query.id, type=kind, name=kind).id)
    place = q.WidgetPosition(col=3, row=2, size_x=3, size_y=8)
    add("table", {"columns": [{"name": "region", "title": "Where"}, {"name": "total", "visible": False}]}, title="T")
    add("chart", {"globalSeriesType": "column", "columnMapping": {"region": "x", "total": "y"}, "xAxis": {"type": "-"}}, position=place)
    add("counter", {"counterColName": "total"})
    add("nosuch", {}, is_hidden=True)
    client.dashboard_widgets.create(board, q.WidgetOptions(), 1, text="## Hello")
    made = client.lakeview.migrate(board, display_name="New", parent_path="/Shared", update_parameter_syntax=True)
    assert (made.path, made.warehouse_id, client.lakeview.get(made.dashboard_id).display_name) == ("/Shared/New.lvdash.json", warehouse_id, "New")
    shown = json.loads(made.serialized_dashboard)
    dataset, = shown["datasets"]
    assert dataset["displayName"] == "Totals" and "".join(dataset["queryLines"]) == text.replace("{{ least }}", ":least").replace("'{{ other }}'", ":other")
    assert [(p["keyword"], p["displayName"], p["dataType"], p["defaultSelection"]["values"]["values"]) for p in dataset["parameters"]] == [
        ("least", "least", "DECIMAL", [{"value": "5"}]), ("other", "Not this", "STRING", [{"value": "west"}])]
    page, = shown["pages"]
    table, chart, counter, words = page["layout"]
    assert page["displayName"] == "Weekly" and words["widget"]["multilineTextboxSpec"]["lines"] == ["## Hello"]
    assert table["widget"]["spec"]["encodings"]["columns"] == [{"fieldName": "region", "displayName": "Where"}]
    assert table["widget"]["spec"]["frame"]["title"] == "T" and table["widget"]["queries"][0]["query"]["datasetName"] == dataset["name"]
    assert (chart["widget"]["spec"]["widgetType"], chart["position"]) == ("bar", {"x": 3, "y": 2, "width": 3, "height": 8})
    assert {k: v["fieldName"] for k, v in chart["widget"]["spec"]["encodings"].items()} == {"x": "region", "y": "total"}
    assert counter["widget"]["spec"]["encodings"]["value"]["fieldName"] == "total" and counter["position"]["y"] == 10
    # Its query runs as a task of a job.
    run = client.jobs.submit(tasks=[jobs.SubmitTask("d", dashboard_task=jobs.DashboardTask(dashboard_id=made.dashboard_id, warehouse_id=warehouse_id))]).result()
    assert run.state.result_state.value == "SUCCESS"
    # The source stays as it is, and its folder and name are the standard.
    assert len(client.dashboards.get(board).widgets) == 5
    plain = client.lakeview.migrate(board)
    assert plain.path == "/Users/admin@example.com/Weekly.lvdash.json"
    dataset, = json.loads(plain.serialized_dashboard)["datasets"]
    assert "".join(dataset["queryLines"]) == text and "parameters" not in dataset
    with pytest.raises(DatabricksError):  # The name is taken.
        client.lakeview.migrate(board)
    # What has no like is refused by its name, and makes nothing.
    refused = lambda word, **body: word in server.request(
        "POST", "/api/2.0/lakeview/dashboards/migrate", {"source_dashboard_id": board, "display_name": "x", **body}).json["message"]
    client.queries_legacy.update(query.id, query="SELECT 'a {{ x }}'")
    assert refused("inside of texts", update_parameter_syntax=True)
    for kind, options, word in [("funnel", {}, "'funnel'"), ("chart", {"globalSeriesType": "heatmap"}, "'heatmap'"),
                                ("chart", {"globalSeriesType": "line", "columnMapping": {"a": "y"}}, "axis"), ("counter", {}, "counters")]:
        widget = add(kind, options)
        assert refused(word), kind
        client.dashboard_widgets.delete(widget.id)
    widget = client.dashboard_widgets.create(board, q.WidgetOptions(parameter_mappings={"p": {"type": "dashboard-level"}}), 1, text="")
    assert refused("'p'")
    client.dashboard_widgets.delete(widget.id)
    assert len(list(client.lakeview.list())) == 2
    _, other = someone(server, client)
    with pytest.raises(PermissionDenied):
        other.lakeview.migrate(board)
    client.dashboards.delete(board)
    with pytest.raises(BadRequest):
        client.lakeview.migrate(board)
    with pytest.raises(NotFound):
        client.lakeview.migrate("nosuch")
