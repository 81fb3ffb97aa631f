"""Lakebase's projects, branches, endpoints, roles and databases: by the SDK."""

import datetime

import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, DatabricksError, InvalidParameterValue, NotFound, NotImplemented, PermissionDenied
from databricks.sdk.service import iam
from databricks.sdk.service import postgres as pg
from google.protobuf.duration_pb2 import Duration

from conftest import Server, workspace_client

API = "/api/2.0/postgres/"
PRODUCTION = "projects/shop/branches/production"


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


@pytest.fixture
def postgres(client):
    return client.postgres


def mask(*paths):
    return FieldMask(list(paths))


def make(client, name="shop", **spec):
    return client.postgres.create_project(pg.Project(spec=pg.ProjectSpec(**spec)), name).wait()


def branch(client, name, parent="projects/shop", **spec):
    spec = spec or {"no_expiry": True}
    return client.postgres.create_branch(parent, pg.Branch(spec=pg.BranchSpec(**spec)), name).wait()


def seconds(count):
    return Duration(seconds=count)


def day(number):
    """Midnight of so many days after the clock's start."""
    return (datetime.datetime(2026, 1, 1) + datetime.timedelta(days=number)).strftime("%Y-%m-%dT00:00:00Z")


def test_a_new_project(server, client):
    operation = client.postgres.create_project(pg.Project(spec=pg.ProjectSpec(display_name="Shop")), "shop")
    assert operation.done() and operation.name().startswith("projects/shop/operations/")
    project = operation.wait()
    assert (project.name, project.project_id, project.spec) == ("projects/shop", "shop", None)
    status = project.status
    assert (status.display_name, status.pg_version, status.owner, status.default_branch) == ("Shop", 17, "admin@example.com", PRODUCTION)
    assert (status.history_retention_duration.seconds, status.enable_pg_native_login) == (604800, False)
    compute = status.default_endpoint_settings
    assert (compute.autoscaling_limit_min_cu, compute.autoscaling_limit_max_cu, compute.suspend_timeout_duration.seconds) == (1, 1, 86400)
    told = server.request("GET", API + operation.name()).json
    assert told["metadata"] == {"@type": "type.googleapis.com/databricks.postgres.v1.ProjectOperationMetadata"}
    assert told["response"]["@type"] == "type.googleapis.com/databricks.postgres.v1.Project"
    assert client.postgres.get_project("projects/shop") == project

    first = client.postgres.get_branch(PRODUCTION)
    assert [b.name for b in client.postgres.list_branches("projects/shop")] == [PRODUCTION]
    assert (first.status.default, first.status.is_protected, first.status.current_state.value, first.parent) == (True, False, "READY", "projects/shop")
    endpoint, = client.postgres.list_endpoints(PRODUCTION)
    assert (endpoint.endpoint_id, endpoint.status.endpoint_type.value, endpoint.status.current_state.value) == (
        "primary", "ENDPOINT_TYPE_READ_WRITE", "ACTIVE")
    assert endpoint.status.hosts.host == f"{endpoint.uid}.database.cloud.databricks.com" and endpoint.status.hosts.read_only_host is None
    role, = client.postgres.list_roles(PRODUCTION)
    assert (role.status.postgres_role, role.status.auth_method.value, role.status.membership_roles) == (
        "admin@example.com", "LAKEBASE_OAUTH_V1", [pg.RoleMembershipRole.DATABRICKS_SUPERUSER])
    database, = client.postgres.list_databases(PRODUCTION)
    assert (database.database_id, database.status.postgres_database, database.status.role) == (
        "databricks-postgres", "databricks_postgres", role.name)

    with pytest.raises(AlreadyExists):
        make(client)
    for name in ("Shop", "1shop", "shop-", "s" * 64, "a_b"):
        with pytest.raises(InvalidParameterValue):
            make(client, name)
    with pytest.raises(InvalidParameterValue, match="project_id"):
        make(client, "")
    for spec in (
            {"pg_version": 12}, {"history_retention_duration": seconds(60)}, {"display_name": "x" * 257},
            {"default_endpoint_settings": pg.ProjectDefaultEndpointSettings(autoscaling_limit_min_cu=0.25)},
            {"default_endpoint_settings": pg.ProjectDefaultEndpointSettings(no_suspension=False)},
            {"default_branch": "projects/shop/branches/production"}):
        with pytest.raises(DatabricksError):
            make(client, "other", **spec)
    assert [p.name for p in client.postgres.list_projects()] == ["projects/shop"]
    for name in ("a", "b"):
        make(client, name)
    assert [p.project_id for p in client.postgres.list_projects(page_size=1)] == ["shop", "a", "b"]
    with pytest.raises(InvalidParameterValue):
        list(client.postgres.list_projects(page_size=-1))


def test_updates_by_mask(server, client, postgres):
    make(client, display_name="orig", pg_version=16)
    update = lambda project, *paths: postgres.update_project("projects/shop", project, mask(*paths)).wait().status
    status = update(pg.Project(spec=pg.ProjectSpec(display_name="changed", history_retention_duration=seconds(172800))), "spec.display_name")
    assert (status.display_name, status.history_retention_duration.seconds) == ("changed", 604800)
    settings = pg.ProjectDefaultEndpointSettings(
        autoscaling_limit_min_cu=0.5, autoscaling_limit_max_cu=4, suspend_timeout_duration=seconds(300))
    status = update(
        pg.Project(spec=pg.ProjectSpec(default_endpoint_settings=settings)), "spec.default_endpoint_settings.autoscaling_limit_min_cu",
        "spec.default_endpoint_settings.autoscaling_limit_max_cu", "spec.default_endpoint_settings.suspension")
    compute = status.default_endpoint_settings
    assert (compute.autoscaling_limit_min_cu, compute.autoscaling_limit_max_cu, compute.suspend_timeout_duration.seconds) == (0.5, 4, 300)
    # The whole specification: what is left out stays.
    status = update(pg.Project(spec=pg.ProjectSpec(display_name="again", pg_version=16)), "spec")
    assert (status.display_name, status.default_endpoint_settings) == ("again", compute)
    tags = [pg.ProjectCustomTag(key="team", value="shop")]
    assert update(pg.Project(spec=pg.ProjectSpec(custom_tags=tags)), "spec.custom_tags").custom_tags == tags

    def refusal(body, paths):
        answer = server.request("PATCH", f"{API}projects/shop?update_mask={paths}", body)
        return answer.status, answer.json["error_code"], answer.json["message"]

    assert refusal({"spec": {}}, "spec.nope") == (400, "INVALID_PARAMETER_VALUE", "Unknown field path in update_mask: 'spec.nope'")
    assert refusal({"spec": {"display_name": "x"}}, "spec.history_retention_duration") == (
        400, "INVALID_PARAMETER_VALUE", "Field 'spec.history_retention_duration' is in update_mask but not provided in request")
    assert refusal({"spec": {"display_name": "x", "pg_version": 16}}, "*")[2].endswith("is in update_mask but not provided in request")
    assert refusal({"spec": {"default_endpoint_settings": {"no_suspension": True}}}, "spec.default_endpoint_settings.no_suspension")[0] == 400
    assert refusal({"spec": {"pg_version": 17}}, "spec")[2] == "spec.pg_version of a project cannot be changed."
    assert postgres.get_project("projects/shop").status.display_name == "again"


def test_branches(server, client, postgres):
    make(client)
    made = branch(client, "dev", ttl=seconds(7 * 86400))
    assert (made.status.source_branch, made.status.expire_time.ToJsonString()) == (PRODUCTION, day(7))
    assert [e.endpoint_id for e in postgres.list_endpoints(made.name)] == ["primary"]
    assert [d.status.postgres_database for d in postgres.list_databases(made.name)] == ["databricks_postgres"]
    assert postgres.list_roles(made.name).__next__().status.postgres_role == "admin@example.com"
    answer = server.request("POST", API + "projects/shop/branches?branch_id=x", {"spec": {}})
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    for spec in (
            {"ttl": seconds(31 * 86400)}, {"ttl": seconds(60), "no_expiry": True}, {"no_expiry": False},
            {"no_expiry": True, "source_branch": "projects/shop/branches/nobody"}, {"no_expiry": True, "source_branch": made.name},
            {"ttl": seconds(60), "is_protected": True}):
        with pytest.raises((BadRequest, NotFound)):
            branch(client, "x", **spec)
    with pytest.raises(NotImplemented):
        branch(client, "x", no_expiry=True, source_branch_lsn="0/1")
    with pytest.raises(AlreadyExists):
        branch(client, "dev")
    replaced = postgres.create_branch(
        "projects/shop", pg.Branch(spec=pg.BranchSpec(no_expiry=True)), "dev", replace_existing=True).wait()
    assert (replaced.uid, replaced.status.expire_time) == (made.uid, None)

    # The root branch goes with its project alone, as declarative clients are told.
    answer = server.request("DELETE", API + PRODUCTION)
    assert (answer.status, answer.json["error_code"]) == (400, "BAD_REQUEST")
    assert answer.json["details"][0]["metadata"] == {"declarative_context": "MANAGED_BY_PARENT"}
    child = branch(client, "child", source_branch=made.name, no_expiry=True)
    with pytest.raises(BadRequest, match="children"):
        postgres.delete_branch(made.name)
    status = postgres.update_branch(child.name, pg.Branch(spec=pg.BranchSpec(is_protected=True)), mask("spec.is_protected")).wait().status
    assert status.is_protected
    with pytest.raises(BadRequest, match="protected"):
        postgres.delete_branch(child.name)
    with pytest.raises(BadRequest, match="protected"):
        postgres.delete_project("projects/shop")
    with pytest.raises(InvalidParameterValue):
        postgres.update_branch(child.name, pg.Branch(spec=pg.BranchSpec(ttl=seconds(60))), mask("spec.expiration"))
    with pytest.raises(InvalidParameterValue, match="Unknown field path"):
        postgres.update_branch(child.name, pg.Branch(spec=pg.BranchSpec(ttl=seconds(60))), mask("spec.ttl"))
    # Another branch becomes the default one.
    postgres.update_project("projects/shop", pg.Project(spec=pg.ProjectSpec(default_branch=child.name)), mask("spec.default_branch")).wait()
    assert postgres.get_branch(child.name).status.default and not postgres.get_branch(PRODUCTION).status.default
    postgres.update_branch(child.name, pg.Branch(spec=pg.BranchSpec(is_protected=False)), mask("spec.is_protected")).wait()
    with pytest.raises(BadRequest, match="default"):
        postgres.delete_branch(child.name)


def test_what_is_deleted_can_be_had_back(server, client, postgres):
    make(client)
    dev = branch(client, "dev").name
    postgres.delete_branch(dev).wait()
    gone = postgres.get_branch(dev)
    assert (gone.status.current_state.value, gone.status.purge_time.ToJsonString()) == ("DELETED", day(7))
    assert [b.branch_id for b in postgres.list_branches("projects/shop")] == ["production"]
    assert [b.branch_id for b in postgres.list_branches("projects/shop", show_deleted=True)] == ["production", "dev"]
    with pytest.raises(NotFound, match="branch id not found"):
        list(postgres.list_endpoints(dev))
    with pytest.raises(AlreadyExists):
        branch(client, "dev")
    postgres.undelete_branch(dev).wait()
    assert postgres.get_branch(dev).status.current_state.value == "READY"
    with pytest.raises(BadRequest):
        postgres.undelete_branch(dev)
    postgres.delete_branch(dev, purge=True).wait()
    with pytest.raises(NotFound):
        postgres.get_branch(dev)

    dev = branch(client, "dev").name
    branch(client, "short", ttl=seconds(3600))
    postgres.delete_branch(dev).wait()
    assert server.control("POST", "clock", {"advance": "2h"}).status == 200
    assert [b.branch_id for b in postgres.list_branches("projects/shop", show_deleted=True)] == ["production", "dev"]
    server.control("POST", "clock", {"advance": "168h"})
    assert [b.branch_id for b in postgres.list_branches("projects/shop", show_deleted=True)] == ["production"]

    postgres.delete_project("projects/shop").wait()
    assert postgres.get_project("projects/shop").delete_time is not None
    assert list(postgres.list_projects()) == [] and len(list(postgres.list_projects(show_deleted=True))) == 1
    with pytest.raises(NotFound, match="project id not found"):
        list(postgres.list_branches("projects/shop"))
    with pytest.raises(AlreadyExists):
        make(client)
    postgres.undelete_project("projects/shop").wait()
    assert postgres.get_branch(PRODUCTION).status.current_state.value == "READY"
    postgres.delete_project("projects/shop").wait()
    server.control("POST", "clock", {"advance": "168h"})
    with pytest.raises(NotFound):
        postgres.undelete_project("projects/shop")
    assert make(client).name == "projects/shop"
    postgres.delete_project("projects/shop", purge=True).wait()
    assert list(postgres.list_projects(show_deleted=True)) == []


def test_endpoints(server, client, postgres):
    make(client)
    create = lambda name, replace=None, **spec: postgres.create_endpoint(
        PRODUCTION, pg.Endpoint(spec=pg.EndpointSpec(**spec)), name, replace_existing=replace).wait()
    reader = pg.EndpointType.ENDPOINT_TYPE_READ_ONLY
    made = create("reader", endpoint_type=reader, autoscaling_limit_min_cu=0.5, autoscaling_limit_max_cu=2, suspend_timeout_duration=seconds(300))
    assert (made.status.autoscaling_limit_min_cu, made.status.autoscaling_limit_max_cu) == (0.5, 2)
    assert made.status.hosts.read_only_host == made.status.hosts.host and made.status.hosts.read_write_pooled_host is None
    with pytest.raises(AlreadyExists):
        create("reader", endpoint_type=reader)
    with pytest.raises(BadRequest, match="read-write"):
        create("second", endpoint_type=pg.EndpointType.ENDPOINT_TYPE_READ_WRITE)
    with pytest.raises(InvalidParameterValue):
        create("primary", replace=True, endpoint_type=reader)
    for spec in (
            {"autoscaling_limit_min_cu": 4, "autoscaling_limit_max_cu": 2}, {"autoscaling_limit_max_cu": 65}, {"autoscaling_limit_max_cu": 32},
            {"suspend_timeout_duration": seconds(59)}, {"no_suspension": True, "suspend_timeout_duration": seconds(300)},
            {"group": pg.EndpointGroupSpec(min=1, max=2)}):
        with pytest.raises(InvalidParameterValue):
            create("other", endpoint_type=reader, **spec)
    # Nobody connects: the endpoint is suspended after its time.
    server.control("POST", "clock", {"advance": "299s"})
    assert postgres.get_endpoint(made.name).status.current_state.value == "ACTIVE"
    server.control("POST", "clock", {"advance": "1s"})
    idle = postgres.get_endpoint(made.name).status
    assert (idle.current_state.value, idle.last_active_time.ToJsonString()) == ("IDLE", "2026-01-01T00:05:00Z")
    primary = PRODUCTION + "/endpoints/primary"
    change = lambda *paths, **spec: postgres.update_endpoint(
        primary, pg.Endpoint(spec=pg.EndpointSpec(endpoint_type=pg.EndpointType.ENDPOINT_TYPE_READ_WRITE, **spec)), mask(*paths)).wait().status
    status = change("spec.suspension", no_suspension=True)
    assert status.suspend_timeout_duration is None and status.current_state.value == "ACTIVE"
    status = change("spec.group.min", "spec.group.max", "spec.group.enable_readable_secondaries", group=pg.EndpointGroupSpec(
        min=2, max=2, enable_readable_secondaries=True))
    assert (status.group.max, status.hosts.read_only_host.split(".")[0]) == (2, status.hosts.host.split(".")[0] + "-ro")
    assert change("spec.settings.pg_settings", settings=pg.EndpointSettings(pg_settings={"work_mem": "8MB"})).settings.pg_settings == {"work_mem": "8MB"}
    assert change("spec.disabled", disabled=True).current_state.value == "IDLE"
    answer = server.request("DELETE", API + primary)
    assert answer.json["details"][0]["metadata"] == {"declarative_context": "MANAGED_BY_PARENT"}
    postgres.delete_endpoint(made.name).wait()
    with pytest.raises(NotFound, match="endpoint id not found"):
        postgres.get_endpoint(made.name)


def test_roles_and_databases(server, client, postgres):
    make(client)
    create = lambda name=None, replace=None, **spec: postgres.create_role(
        PRODUCTION, pg.Role(spec=pg.RoleRoleSpec(**spec)), role_id=name, replace_existing=replace).wait()
    owner = create("app-owner", postgres_role="app_owner", attributes=pg.RoleAttributes(createdb=True))
    assert (owner.status.auth_method.value, owner.status.attributes.createdb, owner.status.attributes.createrole) == (
        "PG_PASSWORD_SCRAM_SHA_256", True, False)
    assert server.request("GET", API + owner.name).json["status"]["identity_type"] == "IDENTITY_TYPE_UNSPECIFIED"
    password = postgres.reveal_role_password(owner.name).password
    assert len(password) > 20 and password == postgres.reveal_role_password(owner.name).password
    assert password.encode() not in server.request("GET", "/_dbxsim/journal").body
    with pytest.raises(BadRequest, match="role with that name already exists"):
        create("app-owner", postgres_role="other")
    with pytest.raises(BadRequest, match="role with that name already exists"):
        create("third", postgres_role="app_owner")
    replaced = create("app-owner", True, postgres_role="app_owner", auth_method=pg.RoleAuthMethod.NO_LOGIN)
    assert (replaced.status.auth_method.value, replaced.status.attributes.createdb) == ("NO_LOGIN", False)
    with pytest.raises(BadRequest):
        postgres.reveal_role_password(owner.name)
    client.groups.create(display_name="data-team")
    group = create(postgres_role="data-team", identity_type=pg.RoleIdentityType.GROUP)
    assert group.status.auth_method.value == "LAKEBASE_OAUTH_V1" and group.role_id.startswith("role-")
    for spec in (
            {"postgres_role": "nobody@example.com", "identity_type": pg.RoleIdentityType.USER}, {"postgres_role": "pg_x"}, {},
            {"postgres_role": "x", "auth_method": pg.RoleAuthMethod.LAKEBASE_OAUTH_V1}):
        with pytest.raises(DatabricksError):
            create("bad", **spec)
    status = postgres.update_role(
        owner.name, pg.Role(spec=pg.RoleRoleSpec(attributes=pg.RoleAttributes(createrole=True))), mask("spec.attributes.createrole")).wait().status
    assert (status.attributes.createrole, status.auth_method.value, status.postgres_role) == (True, "NO_LOGIN", "app_owner")

    database = lambda name=None, role=owner.name, **spec: postgres.create_database(
        PRODUCTION, pg.Database(spec=pg.DatabaseDatabaseSpec(role=role, **spec)), database_id=name).wait()
    made = database("my-database", postgres_database="app_db")
    assert (made.name, made.status.postgres_database, made.status.role) == (PRODUCTION + "/databases/my-database", "app_db", owner.name)
    assert database(postgres_database="Some_DB").database_id.startswith("db-")
    answer = server.request("POST", f"{API}{PRODUCTION}/databases?database_id=Invalid_DB_ID", {"spec": {"role": owner.name}})
    assert answer.json["message"] == "Field database_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got 'Invalid_DB_ID'."
    answer = server.request("POST", f"{API}{PRODUCTION}/databases?database_id=d", {"spec": {"role": PRODUCTION + "/roles/does-not-exist"}})
    assert (answer.status, answer.json["error_code"]) == (404, "NOT_FOUND") and 'role_id:"does-not-exist"' in answer.json["message"]
    answer = server.request("POST", f"{API}{PRODUCTION}/databases?database_id=d", {"spec": {"postgres_database": "d"}})
    assert "Field 'database.spec.role' is required" in answer.json["message"]
    with pytest.raises(BadRequest, match="database with that name already exists"):
        database("other", postgres_database="app_db")
    renamed = postgres.update_database(
        made.name, pg.Database(spec=pg.DatabaseDatabaseSpec(role="ignored", postgres_database="app2")), mask("spec.postgres_database")).wait()
    assert (renamed.status.postgres_database, renamed.status.role) == ("app2", owner.name)
    with pytest.raises(BadRequest, match="owns"):
        postgres.delete_role(owner.name)
    postgres.delete_role(owner.name, reassign_owned_to=group.name).wait()
    assert postgres.get_database(made.name).status.role == group.name
    assert [d.database_id for d in postgres.list_databases(PRODUCTION, page_size=1)][:2] == ["databricks-postgres", "my-database"]
    postgres.delete_database(made.name).wait()
    with pytest.raises(NotFound, match="database id not found"):
        postgres.get_database(made.name)


def test_children_of_protected_branches_get_new_passwords(server, client, postgres):
    make(client)
    role = postgres.create_role(PRODUCTION, pg.Role(spec=pg.RoleRoleSpec(postgres_role="app")), role_id="app").wait()
    first = postgres.reveal_role_password(role.name).password
    branch(client, "same")
    assert postgres.reveal_role_password("projects/shop/branches/same/roles/app").password == first
    postgres.update_branch(PRODUCTION, pg.Branch(spec=pg.BranchSpec(is_protected=True)), mask("spec.is_protected")).wait()
    branch(client, "new")
    assert postgres.reveal_role_password("projects/shop/branches/new/roles/app").password != first
    # Point in time: a role that was not there yet; and none, once what was there has changed.
    server.control("POST", "clock", {"advance": "1h"})
    postgres.create_role(PRODUCTION, pg.Role(spec=pg.RoleRoleSpec(postgres_role="late")), role_id="late").wait()
    body = {"spec": {"no_expiry": True, "source_branch": PRODUCTION, "source_branch_time": "2026-01-01T00:30:00Z"}}
    assert server.request("POST", API + "projects/shop/branches?branch_id=past", body).status == 200
    assert [r.status.postgres_role for r in postgres.list_roles("projects/shop/branches/past")] == ["admin@example.com", "app"]
    postgres.delete_role(PRODUCTION + "/roles/late").wait()
    assert server.request("POST", API + "projects/shop/branches?branch_id=lost", body).status == 501
    body["spec"]["source_branch_time"] = "2025-12-31T00:00:00Z"
    assert server.request("POST", API + "projects/shop/branches?branch_id=lost", body).status == 400


def test_rights(server, client, postgres):
    project = make(client)
    principal = client.service_principals.create(display_name="stranger")
    token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value
    stranger = workspace_client(server, token=token)
    assert [p.name for p in stranger.postgres.list_projects()] == ["projects/shop"]
    with pytest.raises(PermissionDenied):
        list(stranger.postgres.list_branches("projects/shop"))
    endpoint = PRODUCTION + "/endpoints/primary"
    with pytest.raises(PermissionDenied):
        stranger.postgres.generate_database_credential(endpoint)
    own = make(stranger, "own")
    assert own.status.owner == principal.application_id
    assert [r.status.identity_type.value for r in stranger.postgres.list_roles("projects/own/branches/production")] == ["SERVICE_PRINCIPAL"]
    grant = lambda level, project_id="shop": client.permissions.update("database-projects", project_id, access_control_list=[
        iam.AccessControlRequest(service_principal_name=principal.application_id, permission_level=iam.PermissionLevel(level))])
    # By the id or by the unique id.
    shown = grant("CAN_USE", project.uid)
    assert shown.object_id == "/database-projects/shop"
    inherited = [a for a in shown.access_control_list if a.group_name == "users"][0].all_permissions[0]
    assert (inherited.permission_level.value, inherited.inherited) == ("CAN_CREATE", True)
    with pytest.raises(InvalidParameterValue):
        grant("CAN_CREATE")
    assert [b.branch_id for b in stranger.postgres.list_branches("projects/shop")] == ["production"]
    stranger.postgres.create_role(PRODUCTION, pg.Role(spec=pg.RoleRoleSpec(postgres_role="mine")), role_id="mine").wait()
    with pytest.raises(PermissionDenied):
        branch(stranger, "dev")
    with pytest.raises(PermissionDenied):
        stranger.postgres.delete_project("projects/shop")
    grant("CAN_MANAGE")
    branch(stranger, "dev")
    postgres.delete_project("projects/shop", purge=True).wait()
    make(client)
    with pytest.raises(PermissionDenied):
        list(stranger.postgres.list_branches("projects/shop"))

    given = postgres.generate_database_credential(endpoint)
    assert len(given.token) > 30 and given.expire_time.ToJsonString() == "2026-01-01T01:00:00Z"
    assert postgres.generate_database_credential(endpoint, ttl=seconds(300)).expire_time.ToJsonString() == "2026-01-01T00:05:00Z"
    assert given.token.encode() not in server.request("GET", "/_dbxsim/journal").body
    with pytest.raises(InvalidParameterValue):
        postgres.generate_database_credential(endpoint, ttl=seconds(299))
    with pytest.raises(NotFound):
        postgres.generate_database_credential(PRODUCTION + "/endpoints/nobody")
    with pytest.raises(NotFound):
        postgres.get_operation("projects/shop/operations/nobody")
