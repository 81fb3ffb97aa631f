"""Objects of the metastore beside catalogs, schemas, tables and volumes, by databricks-sdk."""

import io

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service import catalog as uc

from conftest import workspace_client

ROLE = uc.AwsIamRoleRequest(role_arn="arn:aws:iam::123456789012:role/data")


def code(error):
    return error.value.error_code


def test_storage_credentials(client):
    made = client.storage_credentials.create("Main_Role", aws_iam_role=ROLE, comment="c")
    assert (made.name, made.full_name, made.comment) == ("main_role", "main_role", "c")
    assert made.aws_iam_role.role_arn == ROLE.role_arn
    assert made.aws_iam_role.external_id == made.id
    assert made.isolation_mode.value == "ISOLATION_MODE_OPEN"
    with pytest.raises(BadRequest) as taken:
        client.storage_credentials.create("main_role", aws_iam_role=ROLE)
    assert code(taken) == "STORAGE_CREDENTIAL_ALREADY_EXISTS"
    with pytest.raises(BadRequest) as none:
        client.storage_credentials.create("empty")
    assert code(none) == "INVALID_PARAMETER_VALUE"

    # A secret is taken and never given back.
    azure = client.storage_credentials.create(
        "azure", azure_service_principal=uc.AzureServicePrincipal(directory_id="d", application_id="a", client_secret="hush"))
    assert azure.azure_service_principal.as_dict() == {"directory_id": "d", "application_id": "a"}
    assert [c.name for c in client.storage_credentials.list()] == ["azure", "main_role"]

    changed = client.storage_credentials.update("main_role", new_name="role", comment="d", owner="account users")
    assert (changed.name, changed.comment, changed.owner, changed.id) == ("role", "d", "account users", made.id)
    result = client.storage_credentials.validate(storage_credential_name="role", url="s3://b/x")
    assert {r.operation.value: r.result.value for r in result.results} == dict.fromkeys(["READ", "LIST", "WRITE", "DELETE"], "PASS")
    client.storage_credentials.delete("azure")
    with pytest.raises(NotFound) as missing:
        client.storage_credentials.get("azure")
    assert (code(missing), str(missing.value)) == ("STORAGE_CREDENTIAL_DOES_NOT_EXIST", "Storage Credential 'azure' does not exist.")


def test_service_credentials_share_the_names(client):
    made = client.credentials.create_credential(
        "svc", purpose=uc.CredentialPurpose.SERVICE, aws_iam_role=uc.AwsIamRole(role_arn=ROLE.role_arn))
    assert made.purpose.value == "SERVICE"
    client.storage_credentials.create("store", aws_iam_role=ROLE)
    names = {c.name: c.purpose.value for c in client.credentials.list_credentials()}
    assert names == {"store": "STORAGE", "svc": "SERVICE"}
    assert [c.name for c in client.credentials.list_credentials(purpose=uc.CredentialPurpose.SERVICE)] == ["svc"]
    with pytest.raises(BadRequest) as taken:
        client.storage_credentials.create("svc", aws_iam_role=ROLE)
    assert code(taken) == "STORAGE_CREDENTIAL_ALREADY_EXISTS"
    assert client.credentials.get_credential("store").purpose.value == "STORAGE"
    client.credentials.delete_credential("store")
    with pytest.raises(NotFound):
        client.storage_credentials.get("store")


def test_external_locations_do_not_overlap(client):
    client.storage_credentials.create("role", aws_iam_role=ROLE)
    made = client.external_locations.create("landing", "s3://bucket/landing/", "role", comment="raw")
    assert (made.name, made.url, made.credential_name, made.read_only) == ("landing", "s3://bucket/landing", "role", False)
    assert made.credential_id == client.storage_credentials.get("role").id
    for url in ["s3://bucket/landing", "s3://bucket/landing/a/b", "s3://bucket", "s3a://bucket/landing/"]:
        with pytest.raises(BadRequest) as overlap:
            client.external_locations.create("second", url, "role")
        assert code(overlap) == "INVALID_PARAMETER_VALUE", url
        assert str(overlap.value).endswith("Conflicting location: landing."), url
    client.external_locations.create("beside", "s3://bucket/landing2", "role")
    with pytest.raises(NotFound) as missing:
        client.external_locations.create("third", "s3://other", "nobody")
    assert code(missing) == "STORAGE_CREDENTIAL_DOES_NOT_EXIST"
    with pytest.raises(BadRequest):
        client.external_locations.create("plain", "/tmp/x", "role")
    with pytest.raises(BadRequest) as used:
        client.storage_credentials.delete("role")
    assert code(used) == "INVALID_STATE"
    client.storage_credentials.delete("role", force=True)


def test_external_tables_and_volumes_keep_apart(client):
    client.storage_credentials.create("role", aws_iam_role=ROLE)
    client.external_locations.create("lake", "s3://lake", "role")
    columns = [uc.ColumnInfo(name="id", type_text="bigint", type_name=uc.ColumnTypeName.LONG, position=0, nullable=False)]
    table = client.tables.create(
        "t", "main", "default", uc.TableType.EXTERNAL, uc.DataSourceFormat.DELTA, "s3://lake/t", columns=columns, properties={"a": "b"})
    assert (table.full_name, table.table_type.value, table.storage_location) == ("main.default.t", "EXTERNAL", "s3://lake/t")
    assert [(c.name, c.type_name.value, c.nullable) for c in table.columns] == [("id", "LONG", False)]
    with pytest.raises(BadRequest) as overlap:
        client.volumes.create("main", "default", "v", uc.VolumeType.EXTERNAL, storage_location="s3://lake/t/files")
    assert "Conflicting tables/volumes: main.default.t." in str(overlap.value)
    client.volumes.create("main", "default", "v", uc.VolumeType.EXTERNAL, storage_location="s3://lake/files")
    with pytest.raises(BadRequest) as used:
        client.external_locations.delete("lake")
    assert "1 dependent external table(s) and 1 dependent external volume(s)" in str(used.value)
    with pytest.raises(BadRequest) as managed:
        client.tables.create("m", "main", "default", uc.TableType.MANAGED, uc.DataSourceFormat.DELTA, "s3://lake/m")
    assert code(managed) == "INVALID_PARAMETER_VALUE"
    client.tables.delete("main.default.t")
    client.volumes.delete("main.default.v")
    client.external_locations.delete("lake")


def test_connections_and_foreign_catalogs(client):
    made = client.connections.create(
        "pg", uc.ConnectionType.POSTGRESQL, {"host": "db.example.com", "port": "5432", "user": "u", "password": "hush"}, comment="c")
    assert made.options == {"host": "db.example.com", "port": "5432", "user": "u"}
    assert (made.connection_type.value, made.credential_type.value, made.full_name) == ("POSTGRESQL", "USERNAME_PASSWORD", "pg")
    foreign = client.catalogs.create("ext", connection_name="pg", options={"database": "d"})
    assert (foreign.catalog_type.value, foreign.connection_name) == ("FOREIGN_CATALOG", "pg")
    with pytest.raises(BadRequest) as used:
        client.connections.delete("pg")
    assert code(used) == "INVALID_STATE"
    client.catalogs.delete("ext", force=True)
    client.connections.delete("pg")
    assert list(client.connections.list()) == []


def test_functions_by_sql_and_by_the_api(client, sql):
    sql("CREATE FUNCTION main.default.twice(x INT COMMENT 'n') RETURNS BIGINT COMMENT 'two times' RETURN x * 2")
    seen = client.functions.get("main.default.twice")
    assert (seen.full_name, seen.data_type.value, seen.full_data_type, seen.routine_definition) == (
        "main.default.twice", "LONG", "BIGINT", "x * 2")
    assert [(p.name, p.type_text, p.type_name.value, p.position, p.comment) for p in seen.input_params.parameters] == [
        ("x", "int", "INT", 0, "n")]
    parameter = uc.FunctionParameterInfo(name="a", type_text="double", type_name=uc.ColumnTypeName.DOUBLE, position=0)
    client.functions.create(uc.CreateFunction(
        name="Half", catalog_name="main", schema_name="default", input_params=uc.FunctionParameterInfos([parameter]),
        data_type=uc.ColumnTypeName.DOUBLE, full_data_type="DOUBLE", routine_body=uc.CreateFunctionRoutineBody.SQL, routine_definition="a / 2",
        parameter_style=uc.CreateFunctionParameterStyle.S, is_deterministic=True, sql_data_access=uc.CreateFunctionSqlDataAccess.CONTAINS_SQL,
        is_null_call=True, security_type=uc.CreateFunctionSecurityType.DEFINER, specific_name="half"))
    assert sql("SELECT main.default.half(5)") == [["2.5"]]
    assert [f.name for f in client.functions.list("main", "default")] == ["half", "twice"]
    assert client.functions.update("main.default.half", owner="account users").owner == "account users"
    client.functions.delete("main.default.half")
    with pytest.raises(NotFound) as missing:
        client.functions.get("main.default.half")
    assert str(missing.value) == "Function 'main.default.half' does not exist."


def test_constraints(client, sql):
    sql("CREATE TABLE main.default.p (id BIGINT NOT NULL, n STRING)")
    sql("CREATE TABLE main.default.f (pid BIGINT)")
    key = uc.TableConstraint(primary_key_constraint=uc.PrimaryKeyConstraint(name="pk", child_columns=["ID"]))
    assert client.table_constraints.create("main.default.p", key).primary_key_constraint.child_columns == ["id"]
    with pytest.raises(BadRequest) as nullable:
        client.table_constraints.create(
            "main.default.f", uc.TableConstraint(primary_key_constraint=uc.PrimaryKeyConstraint(name="k", child_columns=["pid"])))
    assert "is nullable" in str(nullable.value)
    client.table_constraints.create("main.default.f", uc.TableConstraint(foreign_key_constraint=uc.ForeignKeyConstraint(
        name="fk", child_columns=["pid"], parent_table="main.default.p", parent_columns=["id"])))
    assert client.tables.get("main.default.f").table_constraints[0].foreign_key_constraint.parent_table == "main.default.p"
    assert sql("SELECT constraint_name, constraint_type FROM main.information_schema.table_constraints ORDER BY 1") == [
        ["fk", "FOREIGN KEY"], ["pk", "PRIMARY KEY"]]
    with pytest.raises(BadRequest):
        client.table_constraints.delete("main.default.p", "pk", cascade=False)
    client.table_constraints.delete("main.default.p", "pk", cascade=True)
    assert not client.tables.get("main.default.f").table_constraints


def test_tags(client, sql):
    sql("CREATE TABLE main.default.t (a INT, b INT)")
    tags = client.entity_tag_assignments
    made = tags.create(uc.EntityTagAssignment(entity_type="tables", entity_name="main.default.t", tag_key="pii", tag_value="no"))
    assert (made.tag_key, made.tag_value, made.entity_name) == ("pii", "no", "main.default.t")
    tags.create(uc.EntityTagAssignment(entity_type="columns", entity_name="main.default.t.a", tag_key="pii"))
    changed = tags.update("tables", "main.default.t", "pii", uc.EntityTagAssignment(
        entity_type="tables", entity_name="main.default.t", tag_key="pii", tag_value="yes"), "tag_value")
    assert changed.tag_value == "yes"
    assert [(t.tag_key, t.tag_value) for t in tags.list("tables", "main.default.t")] == [("pii", "yes")]
    assert [(t.tag_key, t.tag_value) for t in tags.list("columns", "main.default.t.a")] == [("pii", None)]
    with pytest.raises(NotFound):
        tags.list("columns", "main.default.t.none").__next__()
    tags.delete("tables", "main.default.t", "pii")
    with pytest.raises(NotFound):
        tags.get("tables", "main.default.t", "pii")


def test_isolated_catalogs_and_bindings(client, server):
    client.catalogs.create("island")
    own = client.get_workspace_id()
    client.catalogs.update("island", isolation_mode=uc.CatalogIsolationMode.ISOLATED)
    assert [(b.workspace_id, b.binding_type.value) for b in client.workspace_bindings.get_bindings("catalog", "island")] == [
        (own, "BINDING_TYPE_READ_WRITE")]
    assert client.workspace_bindings.update("island", assign_workspaces=[99], unassign_workspaces=[own]).workspaces == [99]
    with pytest.raises(PermissionDenied) as away:
        client.catalogs.get("island")
    assert str(away.value).startswith("Catalog 'island' is not accessible in current workspace")
    assert "island" not in [c.name for c in client.catalogs.list()]
    assert "island" in [c.name for c in client.catalogs.list(include_unbound=True)]
    client.workspace_bindings.update("island", assign_workspaces=[own])
    assert client.catalogs.get("island").isolation_mode.value == "ISOLATED"


def test_read_only_bindings(client, server, sql, warehouse_id):
    client.catalogs.create("shelf")
    sql("CREATE SCHEMA shelf.s")
    sql("CREATE TABLE shelf.s.t AS SELECT 1 AS a")
    sql("CREATE VOLUME shelf.s.v")
    client.files.upload("/Volumes/shelf/s/v/f", io.BytesIO(b"kept"))
    client.catalogs.update("shelf", isolation_mode=uc.CatalogIsolationMode.ISOLATED)
    own = client.get_workspace_id()

    def bind(kind):
        return client.workspace_bindings.update_bindings("catalog", "shelf", add=[uc.WorkspaceBinding(workspace_id=own, binding_type=kind)])

    bind(uc.WorkspaceBindingBindingType.BINDING_TYPE_READ_ONLY)
    for statement in ["INSERT INTO shelf.s.t VALUES (2)", "DELETE FROM shelf.s.t", "DROP TABLE shelf.s.t", "CREATE TABLE shelf.s.u (a INT)",
                      "CREATE SCHEMA shelf.x", "ALTER TABLE shelf.s.t ADD COLUMN b INT", "CREATE OR REPLACE TABLE shelf.s.t (b INT)",
                      "CREATE VIEW shelf.s.w AS SELECT 1", "CREATE FUNCTION shelf.s.f() RETURNS INT RETURN 1", "DROP SCHEMA shelf.s CASCADE",
                      "COMMENT ON TABLE shelf.s.t IS 'x'", "OPTIMIZE shelf.s.t", "DROP VOLUME shelf.s.v"]:
        answer = client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
        assert answer.status.state.value == "FAILED", statement
        assert "'shelf' is read-only in current workspace" in answer.status.error.message, statement
    for call in [lambda: client.files.upload("/Volumes/shelf/s/v/g", io.BytesIO(b"")), lambda: client.files.delete("/Volumes/shelf/s/v/f"),
                 lambda: client.schemas.create("y", "shelf"), lambda: client.schemas.delete("shelf.s", force=True),
                 lambda: client.tables.delete("shelf.s.t")]:
        with pytest.raises(PermissionDenied, match="read-only"):
            call()
    assert sql("SELECT a FROM shelf.s.t") == [["1"]]
    assert client.files.download("/Volumes/shelf/s/v/f").contents.read() == b"kept"
    assert [t.name for t in client.tables.list("shelf", "s")] == ["t"]
    bind(uc.WorkspaceBindingBindingType.BINDING_TYPE_READ_WRITE)
    sql("INSERT INTO shelf.s.t VALUES (2)")
    assert sql("SELECT count(*) FROM shelf.s.t") == [["2"]]


def test_governed_tags(client, sql, warehouse_id, server):
    from databricks.sdk.service.tags import TagPolicy, Value

    sql("CREATE TABLE main.default.t (a INT)")
    tags = client.entity_tag_assignments
    client.tag_policies.create_tag_policy(TagPolicy(tag_key="level", values=[Value(name="low"), Value(name="High")]))
    client.tag_policies.create_tag_policy(TagPolicy(tag_key="pii"))

    def assign(key, value=None):
        return tags.create(uc.EntityTagAssignment(entity_type="tables", entity_name="main.default.t", tag_key=key, tag_value=value))

    for key, value in [("level", "high"), ("level", "x"), ("level", None), ("pii", "yes")]:
        with pytest.raises(BadRequest, match="tag policy"):
            assign(key, value)
    assert list(tags.list("tables", "main.default.t")) == []
    assert assign("level", "High").tag_value == "High"
    assert assign("pii").tag_key == "pii"
    # Keys are told apart by case, and others are free.
    assert assign("Level", "any").tag_value == "any"
    answer = client.statement_execution.execute_statement(
        statement="ALTER TABLE main.default.t ALTER COLUMN a SET TAGS ('level' = 'none')", warehouse_id=warehouse_id)
    assert "not an allowed value for tag policy key 'level'" in answer.status.error.message
    sql("ALTER TABLE main.default.t ALTER COLUMN a SET TAGS ('level' = 'low')")

    robot = client.service_principals.create(display_name="robot")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=robot.id)
    sql(f"GRANT APPLY TAG ON TABLE main.default.t TO `{robot.application_id}`")
    who = workspace_client(server, client_id=robot.application_id, client_secret=secret.secret)
    sql(f"GRANT USE SCHEMA, SELECT ON SCHEMA main.default TO `{robot.application_id}`")
    with pytest.raises(PermissionDenied, match="ASSIGN on Tag Policy 'level'"):
        who.entity_tag_assignments.update("tables", "main.default.t", "level", uc.EntityTagAssignment(
            entity_type="tables", entity_name="main.default.t", tag_key="level", tag_value="low"), "tag_value")
    assert who.entity_tag_assignments.create(uc.EntityTagAssignment(
        entity_type="tables", entity_name="main.default.t", tag_key="free", tag_value="x")).tag_value == "x"


def test_metastores(client):
    own = client.metastores.summary()
    assert own.owner == "admins"
    other = client.metastores.create("second", region="eu-west-1", storage_root="s3://meta")
    assert {m.name for m in client.metastores.list()} == {own.name, "second"}
    assert client.metastores.update(other.metastore_id, new_name="third").name == "third"
    with pytest.raises(BadRequest) as refused:
        client.metastores.delete(own.metastore_id, force=True)
    assert code(refused) == "METASTORE_NOT_EMPTY"
    client.metastores.delete(other.metastore_id)
    with pytest.raises(NotFound):
        client.metastores.get(other.metastore_id)
    client.metastores.update_assignment(client.get_workspace_id(), default_catalog_name="samples")
    assert client.metastores.current().default_catalog_name == "samples"

    schemas = {s.schema: s.state for s in client.system_schemas.list(own.metastore_id)}
    assert (schemas["billing"], schemas["information_schema"]) == ("AVAILABLE", "MANAGED")
    client.system_schemas.enable(own.metastore_id, "billing")
    assert {s.schema: s.state for s in client.system_schemas.list(own.metastore_id)}["billing"] == "ENABLE_COMPLETED"
    client.system_schemas.disable(own.metastore_id, "billing")


def test_registered_models(client):
    made = client.registered_models.create(catalog_name="main", schema_name="default", name="M", comment="c")
    assert (made.full_name, made.owner) == ("main.default.m", client.current_user.me().user_name)
    assert [m.full_name for m in client.registered_models.list()] == ["main.default.m"]
    assert [m.name for m in client.registered_models.list(catalog_name="main", schema_name="default")] == ["m"]
    assert list(client.model_versions.list("main.default.m")) == []
    with pytest.raises(NotFound) as missing:
        client.registered_models.set_alias("main.default.m", "champion", 1)
    assert code(missing) == "RESOURCE_DOES_NOT_EXIST"
    client.registered_models.update("main.default.m", new_name="n")
    client.registered_models.delete("main.default.n")
    with pytest.raises(NotFound):
        client.registered_models.get("main.default.n")


def test_online_tables(client, sql):
    sql("CREATE TABLE main.default.features (id BIGINT NOT NULL, ts TIMESTAMP, v DOUBLE)")
    spec = uc.OnlineTableSpec(
        source_table_full_name="main.default.features", primary_key_columns=["id"], timeseries_key="ts",
        run_triggered=uc.OnlineTableSpecTriggeredSchedulingPolicy())
    made = client.online_tables.create(uc.OnlineTable(name="main.default.served", spec=spec)).result()
    assert (made.name, made.status.detailed_state.value) == ("main.default.served", "ONLINE_NO_PENDING_UPDATE")
    assert client.online_tables.get("main.default.served").spec.timeseries_key == "ts"
    assert client.tables.get("main.default.served").table_type.value == "FOREIGN"
    with pytest.raises(BadRequest):
        client.online_tables.create(uc.OnlineTable(name="main.default.x", spec=uc.OnlineTableSpec(
            source_table_full_name="main.default.features", primary_key_columns=["none"])))
    with pytest.raises(NotFound):
        client.online_tables.get("main.default.features")
    client.online_tables.delete("main.default.served")
    with pytest.raises(NotFound):
        client.tables.get("main.default.served")


def test_allowlists_quotas_and_service_credentials(client, sql):
    kind = uc.ArtifactType.LIBRARY_MAVEN
    assert not client.artifact_allowlists.get(kind).artifact_matchers
    client.artifact_allowlists.update(kind, [uc.ArtifactMatcher(artifact="org.example:", match_type=uc.MatchType.PREFIX_MATCH)])
    assert [m.artifact for m in client.artifact_allowlists.get(kind).artifact_matchers] == ["org.example:"]

    sql("CREATE TABLE main.default.one (a INT)")
    quota = client.resource_quotas.get_quota("schema", "main.default", "table-quota").quota_info
    assert (quota.quota_count, quota.quota_limit, quota.parent_securable_type.value) == (1, 10_000, "SCHEMA")
    counts = {(q.parent_full_name, q.quota_name): q.quota_count for q in client.resource_quotas.list_quotas()}
    assert counts["main.default", "table-quota"] == 1
    assert counts["main", "schema-quota"] == 2

    client.credentials.create_credential(
        "svc", purpose=uc.CredentialPurpose.SERVICE, aws_iam_role=uc.AwsIamRole(role_arn=ROLE.role_arn))
    first = client.credentials.generate_temporary_service_credential("svc")
    assert first.aws_temp_credentials.access_key_id.startswith("ASIA")
    assert first.aws_temp_credentials.session_token != client.credentials.generate_temporary_service_credential(
        "svc").aws_temp_credentials.session_token
