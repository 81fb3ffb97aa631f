"""Grants, owners and inheritance: by the API and by SQL, checked by both."""

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service import catalog as uc
from databricks.sdk.service.iam import ComplexValue

from conftest import run_sql, workspace_client

P = uc.Privilege


@pytest.fixture
def people(server, client):
    """Somebody without any grant, as a service principal with a secret."""
    made = []

    def make(name, groups=()):
        principal = client.service_principals.create(display_name=name)
        for group in groups:
            client.groups.create(display_name=group, members=[ComplexValue(value=principal.id)])
        secret = client.service_principal_secrets_proxy.create(service_principal_id=principal.id)
        own = workspace_client(server, client_id=principal.application_id, client_secret=secret.secret)
        own.name = principal.application_id
        made.append(own)
        return own

    return make


def fails(client, statement, warehouse_id):
    answer = client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
    assert answer.status.state.value == "FAILED", statement
    return answer.status.error.message


def grant(client, kind, name, principal, *add, remove=()):
    return client.grants.update(kind, name, changes=[uc.PermissionsChange(principal=principal, add=list(add), remove=list(remove))])


def message(error):
    return str(error.value).split(" Config:")[0]


def test_grants_by_the_api(client, people):
    who = people("reader")
    answer = grant(client, "catalog", "main", who.name, P.USE_SCHEMA, P.SELECT)
    assert {a.principal: [p.value for p in a.privileges] for a in answer.privilege_assignments} == {
        "account users": ["USE_CATALOG"], who.name: ["SELECT", "USE_SCHEMA"]}
    effective = client.grants.get_effective("schema", "main.default", principal=who.name)
    assert [(p.privilege.value, p.inherited_from_type and p.inherited_from_type.value, p.inherited_from_name)
            for a in effective.privilege_assignments for p in a.privileges if p.privilege in (P.SELECT, P.CREATE_TABLE)] == [
        ("CREATE_TABLE", None, None), ("SELECT", "CATALOG", "main")]
    grant(client, "catalog", "main", who.name, remove=[P.USE_SCHEMA, P.SELECT])
    assert [a.principal for a in client.grants.get("catalog", "main").privilege_assignments] == ["account users"]

    for principal in ["nobody@example.com", "admins", "users", "reader"]:
        with pytest.raises(NotFound) as unknown:
            grant(client, "catalog", "main", principal, P.SELECT)
        assert message(unknown).startswith(f"Could not find principal with name {principal}")
    with pytest.raises(BadRequest) as misplaced:
        grant(client, "catalog", "main", "account users", P.CREATE_CATALOG)
    assert "Privilege CREATE CATALOG is not applicable to this entity [main:CATALOG]" in str(misplaced.value)
    with pytest.raises(BadRequest) as both:
        grant(client, "catalog", "main", "account users", P.SELECT, remove=[P.SELECT])
    assert "Duplicate privileges to add and delete for principal account users." in str(both.value)
    assert [a.principal for a in client.grants.get("catalog", "main").privilege_assignments] == ["account users"]


def test_objects_are_hidden_and_refused_by_rest(client, people):
    client.catalogs.create("sales")
    client.schemas.create("raw", "sales")
    client.volumes.create("sales", "raw", "files", uc.VolumeType.MANAGED)
    who = people("stranger")
    assert "sales" not in [c.name for c in who.catalogs.list()]
    for call, expected in [
        (lambda: who.catalogs.get("sales"), "User does not have USE CATALOG on Catalog 'sales'."),
        (lambda: who.schemas.get("sales.raw"), "User does not have USE CATALOG on Catalog 'sales'."),
        (lambda: who.schemas.create("x", "sales"), "User does not have USE CATALOG on Catalog 'sales'."),
        (lambda: who.catalogs.create("mine"), "User does not have CREATE CATALOG on Metastore"),
        (lambda: who.catalogs.update("sales", comment="x"), "User does not have MANAGE on Catalog 'sales'."),
        (lambda: who.catalogs.delete("sales", force=True), "User does not have MANAGE on Catalog 'sales'."),
        (lambda: grant(who, "catalog", "sales", who.name, P.USE_CATALOG), "User does not have MANAGE on Catalog 'sales'."),
        (lambda: who.storage_credentials.create("c", aws_iam_role=uc.AwsIamRoleRequest("arn:aws:iam::1:role/r")),
         "User does not have CREATE STORAGE CREDENTIAL on Metastore"),
    ]:
        with pytest.raises(PermissionDenied) as refused:
            call()
        assert message(refused).startswith(expected)
    grant(client, "catalog", "sales", who.name, P.BROWSE)
    assert who.catalogs.get("sales", include_browse=True).browse_only is True
    assert [s.name for s in who.schemas.list("sales", include_browse=True)] == ["default", "information_schema", "raw"]

    grant(client, "catalog", "sales", who.name, P.USE_CATALOG)
    assert who.catalogs.get("sales").browse_only is False
    with pytest.raises(PermissionDenied) as schema:
        who.volumes.read("sales.raw.files")
    assert message(schema).startswith("User does not have USE SCHEMA on Schema 'sales.raw'.")
    grant(client, "schema", "sales.raw", who.name, P.USE_SCHEMA)
    assert list(who.volumes.list("sales", "raw")) == []
    with pytest.raises(PermissionDenied) as volume:
        who.volumes.read("sales.raw.files")
    assert message(volume).startswith("User does not have READ VOLUME on Volume 'sales.raw.files'.")
    grant(client, "volume", "sales.raw.files", who.name, P.READ_VOLUME)
    assert who.volumes.read("sales.raw.files").name == "files"
    with pytest.raises(PermissionDenied):
        who.volumes.update("sales.raw.files", comment="x")


def test_sql_checks_the_same(client, sql, people, warehouse_id):
    sql("CREATE CATALOG shop")
    sql("CREATE SCHEMA shop.s")
    sql("CREATE TABLE shop.s.t AS SELECT 1 AS id")
    who = people("analyst", groups=["analysts"])

    def refused(statement):
        return fails(who, statement, warehouse_id)

    def does_not_have(what):
        return f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have {what}"

    assert refused("SELECT * FROM shop.s.t").startswith(does_not_have("USE CATALOG on Catalog 'shop'."))
    assert refused("USE CATALOG shop").startswith(does_not_have("USE CATALOG on Catalog 'shop'."))
    sql("GRANT USE CATALOG ON CATALOG shop TO analysts")
    assert refused("SELECT * FROM shop.s.t").startswith(does_not_have("USE SCHEMA on Schema 'shop.s'."))
    sql("GRANT USE SCHEMA ON SCHEMA shop.s TO analysts")
    assert refused("SELECT * FROM shop.s.t").startswith(does_not_have("SELECT on Table 'shop.s.t'."))
    assert refused("DESCRIBE TABLE shop.s.t").startswith(does_not_have("SELECT on Table 'shop.s.t'."))
    assert run_sql(who, "SHOW TABLES IN shop.s", warehouse_id) == []
    assert refused("CREATE TABLE shop.s.u (a INT)").startswith(does_not_have("CREATE TABLE on Schema 'shop.s'."))
    sql("GRANT SELECT ON TABLE shop.s.t TO analysts")
    assert run_sql(who, "SELECT * FROM shop.s.t", warehouse_id) == [["1"]]
    for statement in ["INSERT INTO shop.s.t VALUES (2)", "DELETE FROM shop.s.t", "UPDATE shop.s.t SET id = 3", "TRUNCATE TABLE shop.s.t"]:
        assert refused(statement).startswith(does_not_have("MODIFY on Table 'shop.s.t'.")), statement
    assert refused("ALTER TABLE shop.s.t ADD COLUMN b INT").startswith(does_not_have("MANAGE on Table 'shop.s.t'."))
    assert refused("DROP TABLE shop.s.t").startswith(does_not_have("MANAGE on Table 'shop.s.t'."))
    assert refused("GRANT SELECT ON TABLE shop.s.t TO `account users`").startswith(does_not_have("MANAGE on Table 'shop.s.t'."))
    assert sql("SELECT * FROM shop.s.t") == [["1"]]
    sql("GRANT MODIFY ON SCHEMA shop.s TO analysts")
    run_sql(who, "INSERT INTO shop.s.t VALUES (2)", warehouse_id)
    assert sql("SELECT count(*) FROM shop.s.t") == [["2"]]
    sql("GRANT MANAGE ON TABLE shop.s.t TO analysts")
    run_sql(who, "COMMENT ON TABLE shop.s.t IS 'managed'", warehouse_id)
    run_sql(who, "DROP TABLE shop.s.t", warehouse_id)
    sql("REVOKE USE CATALOG ON CATALOG shop FROM analysts")
    assert refused("USE CATALOG shop").startswith(does_not_have("USE CATALOG on Catalog 'shop'."))


def test_show_grants_and_all_privileges(sql, client, people, warehouse_id):
    who = people("owner")
    sql("CREATE SCHEMA main.g")
    sql("CREATE TABLE main.g.t (a INT)")
    sql(f"GRANT ALL PRIVILEGES ON SCHEMA main.g TO `{who.name}`")
    sql(f"GRANT SELECT, MODIFY ON main.g.t TO `{who.name}`")
    assert sql(f"SHOW GRANTS `{who.name}` ON TABLE main.g.t") == [
        [who.name, "ALL PRIVILEGES", "SCHEMA", "main.g"], [who.name, "MODIFY", "TABLE", "main.g.t"],
        [who.name, "SELECT", "TABLE", "main.g.t"]]
    assert sql("SHOW GRANTS ON CATALOG main") == [["account users", "USE CATALOG", "CATALOG", "main"]]
    run_sql(who, "CREATE TABLE main.g.own (a INT)", warehouse_id)
    assert client.tables.get("main.g.own").owner == who.name
    run_sql(who, "INSERT INTO main.g.t VALUES (1)", warehouse_id)
    # What ALL PRIVILEGES does not hold.
    assert "MANAGE on Table 'main.g.t'" in fails(who, "DROP TABLE main.g.t", warehouse_id)
    assert sql("SELECT grantee, privilege_type, inherited_from FROM main.information_schema.table_privileges "
               "WHERE table_name = 't' ORDER BY ALL") == [
        [who.name, "ALL_PRIVILEGES", "SCHEMA"], [who.name, "MODIFY", "NONE"], [who.name, "SELECT", "NONE"]]
    sql(f"REVOKE ALL PRIVILEGES ON SCHEMA main.g FROM `{who.name}`")
    assert "USE SCHEMA on Schema 'main.g'" in fails(who, "SELECT * FROM main.g.own", warehouse_id)


def test_owners(client, sql, people, warehouse_id):
    who = people("heir", groups=["heirs"])
    sql("CREATE SCHEMA main.o")
    sql("CREATE TABLE main.o.t AS SELECT 7 AS a")
    sql("ALTER TABLE main.o.t OWNER TO heirs")
    sql("ALTER SCHEMA main.o OWNER TO heirs")
    assert client.tables.get("main.o.t").owner == "heirs"
    assert run_sql(who, "SELECT a FROM main.o.t", warehouse_id) == [["7"]]
    run_sql(who, "ALTER TABLE main.o.t RENAME TO u", warehouse_id)
    # The catalog's owner manages what is in it, but reads it only by a grant.
    me = client.current_user.me().user_name
    assert "SELECT on Table 'main.o.u'" in fails(client, "SELECT a FROM main.o.u", warehouse_id)
    sql(f"GRANT SELECT ON TABLE main.o.u TO `{me}`")
    assert sql("SELECT a FROM main.o.u") == [["7"]]
    with pytest.raises(NotFound):
        client.tables.update("main.o.u", owner="ghost")
    sql("DROP TABLE main.o.u")


def test_views_run_with_their_owners_rights(client, sql, people, warehouse_id):
    who = people("viewer", groups=["emea"])
    sql("CREATE SCHEMA main.v")
    sql("CREATE TABLE main.v.base AS SELECT * FROM VALUES (1, 'emea'), (2, 'amer') AS t(id, region)")
    sql("CREATE VIEW main.v.shown AS SELECT id FROM main.v.base WHERE is_account_group_member(region)")
    sql("CREATE FUNCTION main.v.total() RETURNS BIGINT RETURN (SELECT count(*) FROM main.v.base)")
    sql("CREATE VIEW main.v.me AS SELECT current_user() AS who")
    sql("GRANT USE SCHEMA ON SCHEMA main.v TO emea")
    assert "SELECT on Table 'main.v.shown'" in fails(who, "SELECT * FROM main.v.shown", warehouse_id)
    sql("GRANT SELECT ON VIEW main.v.shown TO emea")
    sql("GRANT SELECT ON VIEW main.v.me TO emea")
    assert run_sql(who, "SELECT * FROM main.v.shown", warehouse_id) == [["1"]]
    assert sql("SELECT * FROM main.v.shown") == []
    assert run_sql(who, "SELECT who FROM main.v.me", warehouse_id) == [[who.name]]
    assert "SELECT on Table 'main.v.base'" in fails(who, "SELECT * FROM main.v.base", warehouse_id)
    assert "EXECUTE on Function 'main.v.total'" in fails(who, "SELECT main.v.total()", warehouse_id)
    sql("GRANT EXECUTE ON FUNCTION main.v.total TO emea")
    assert run_sql(who, "SELECT main.v.total()", warehouse_id) == [["2"]]
    # A view whose owner may no longer read gives nobody anything.
    sql("ALTER VIEW main.v.shown OWNER TO emea")
    assert "SELECT on Table 'main.v.base'" in fails(who, "SELECT * FROM main.v.shown", warehouse_id)


def test_row_filters_and_column_masks(client, sql, people, warehouse_id):
    who = people("clerk", groups=["clerks"])
    sql("CREATE SCHEMA main.f")
    sql("CREATE TABLE main.f.pay AS SELECT * FROM VALUES (1, 'Ann', 100, 'DE'), (2, 'Bob', 200, 'US') AS t(id, name, salary, country)")
    sql("CREATE FUNCTION main.f.mine(c STRING) RETURNS BOOLEAN RETURN is_account_group_member('hr') OR c = 'DE'")
    sql("CREATE FUNCTION main.f.hide(s INT, n STRING) RETURNS INT RETURN CASE WHEN is_account_group_member('hr') THEN s ELSE -1 END")
    sql("GRANT USE SCHEMA, SELECT ON SCHEMA main.f TO clerks")
    sql("ALTER TABLE main.f.pay SET ROW FILTER main.f.mine ON (country)")
    sql("ALTER TABLE main.f.pay ALTER COLUMN salary SET MASK main.f.hide USING COLUMNS (name)")
    rows = [["1", "Ann", "-1", "DE"]]
    assert run_sql(who, "SELECT * FROM main.f.pay", warehouse_id) == rows
    assert sql("SELECT * FROM main.f.pay") == rows
    assert sql("SELECT max(p.salary), count(*) FROM main.f.pay p WHERE p.salary < 150") == [["-1", "1"]]
    assert sql("SELECT count(*) FROM main.f.pay VERSION AS OF 0") == [["1"]]

    table = client.tables.get("main.f.pay")
    assert table.row_filter.as_dict() == {"function_name": "main.f.mine", "input_column_names": ["country"]}
    assert [c.mask.as_dict() for c in table.columns if c.mask] == [{"function_name": "main.f.hide", "using_column_names": ["name"]}]
    assert sql("SELECT table_name, filter_name, target_columns FROM main.information_schema.row_filters") == [["pay", "mine", "country"]]
    assert sql("SELECT column_name, mask_name, using_columns FROM main.information_schema.column_masks") == [["salary", "hide", "name"]]

    group = client.groups.create(display_name="hr")
    me = client.current_user.me()
    client.groups.update(group.id, display_name="hr", members=[ComplexValue(value=me.id)])
    assert sql("SELECT sum(salary) FROM main.f.pay") == [["300"]]
    assert run_sql(who, "SELECT sum(salary) FROM main.f.pay", warehouse_id) == [["-1"]]

    # A filter that does not fit is refused, and what a policy uses stays.
    answer = client.statement_execution.execute_statement(
        statement="ALTER TABLE main.f.pay SET ROW FILTER main.f.mine ON (id, name)", warehouse_id=warehouse_id)
    assert answer.status.state.value == "FAILED"
    assert "used by a row filter" in fails(client, "ALTER TABLE main.f.pay DROP COLUMN country", warehouse_id)
    sql("ALTER TABLE main.f.pay DROP ROW FILTER")
    sql("ALTER TABLE main.f.pay ALTER COLUMN salary DROP MASK")
    assert run_sql(who, "SELECT sum(salary) FROM main.f.pay", warehouse_id) == [["300"]]


def test_tags_by_sql(client, sql):
    sql("CREATE TABLE main.default.t (a INT)")
    sql("ALTER TABLE main.default.t SET TAGS ('pii' = 'yes', 'team' = 'x')")
    sql("ALTER TABLE main.default.t ALTER COLUMN a SET TAGS ('key')")
    sql("ALTER SCHEMA main.default SET TAGS ('layer' = 'raw')")
    sql("ALTER CATALOG main SET TAGS ('env' = 'dev')")
    sql("ALTER TABLE main.default.t UNSET TAGS ('team')")
    assert sql("SELECT * FROM main.information_schema.table_tags") == [["main", "default", "t", "pii", "yes"]]
    assert sql("SELECT * FROM main.information_schema.column_tags") == [["main", "default", "t", "a", "key", ""]]
    assert sql("SELECT schema_name, tag_name, tag_value FROM main.information_schema.schema_tags") == [["default", "layer", "raw"]]
    assert sql("SELECT tag_value FROM main.information_schema.catalog_tags") == [["dev"]]
    assert [t.tag_key for t in client.entity_tag_assignments.list("tables", "main.default.t")] == ["pii"]


def test_a_new_workspace(client, people, warehouse_id):
    who = people("newcomer")
    assert [c.name for c in who.catalogs.list()] == ["hive_metastore", "main", "samples", "system"]
    assert run_sql(who, "SELECT count(*) > 0 FROM samples.nyctaxi.trips", warehouse_id) == [["true"]]
    run_sql(who, "CREATE TABLE main.default.mine AS SELECT 1 AS a", warehouse_id)
    assert run_sql(who, "SELECT a FROM main.default.mine", warehouse_id) == [["1"]]
    assert "CREATE SCHEMA on Catalog 'main'" in fails(who, "CREATE SCHEMA main.mine", warehouse_id)
    assert run_sql(who, "SELECT table_name FROM main.information_schema.tables WHERE table_schema = 'default'", warehouse_id) == [["mine"]]
