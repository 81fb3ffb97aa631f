"""Attribute-based policies: made by SQL and by the SDK, inherited downwards, and enforced for whom they name where governed tags say so."""

import pytest
from databricks.sdk.errors import DatabricksError, NotFound, PermissionDenied
from databricks.sdk.service import catalog as uc, tags
from databricks.sdk.service.iam import ComplexValue, Patch, PatchOp, PatchSchema

from conftest import run_sql, workspace_client


@pytest.fixture
def world(server, client, sql):
    """Governed tags, functions, two tables with tagged columns; `analyst`, who may read all, with `ask` and `error`."""
    for key, values in (("pii", ["ssn", "mail"]), ("region", []), ("secret", [])):
        client.tag_policies.create_tag_policy(tags.TagPolicy(key, values=[tags.Value(v) for v in values] or None))
    sql("CREATE CATALOG shop")
    sql("CREATE SCHEMA shop.s")
    sql("CREATE SCHEMA shop.f")
    sql("CREATE FUNCTION shop.f.stars(v STRING) RETURNS STRING RETURN '***'")
    sql("CREATE FUNCTION shop.f.keep(v STRING, n INT, with STRING) RETURNS STRING RETURN rpad(left(v, n), length(v), with)")
    sql("CREATE FUNCTION shop.f.home(r STRING) RETURNS BOOLEAN RETURN r = 'DE'")
    sql("CREATE FUNCTION shop.f.not_us(r STRING) RETURNS BOOLEAN RETURN r <> 'US'")
    sql("CREATE FUNCTION shop.f.one(v INT) RETURNS STRING RETURN '1'")
    for name in ("t", "u"):
        sql(f"CREATE TABLE shop.s.{name} (id INT, ssn STRING, mail STRING, r STRING)")
        sql(f"INSERT INTO shop.s.{name} VALUES (10, '123', 'a@b', 'DE'), (20, '456', 'c@d', 'US')")
    sql("ALTER TABLE shop.s.t ALTER COLUMN ssn SET TAGS ('pii' = 'ssn')")
    sql("ALTER TABLE shop.s.t ALTER COLUMN mail SET TAGS ('pii' = 'mail')")
    sql("ALTER TABLE shop.s.t ALTER COLUMN r SET TAGS ('region')")
    robot = client.service_principals.create(display_name="analyst")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=robot.id)
    client.groups.create(display_name="analysts", members=[ComplexValue(value=robot.id)])
    client.groups.create(display_name="trusted")
    for grant in ("USE CATALOG, USE SCHEMA, SELECT, MODIFY, EXECUTE ON CATALOG shop",):
        sql(f"GRANT {grant} TO analysts")
    client.robot = robot
    who = workspace_client(server, client_id=robot.application_id, client_secret=secret.secret)
    warehouse = server.exports["DATABRICKS_WAREHOUSE_ID"]

    class World:
        analyst = who

        @staticmethod
        def ask(text):
            return run_sql(who, text, warehouse)

        @staticmethod
        def error(text, by=who):
            answer = by.statement_execution.execute_statement(statement=text, warehouse_id=warehouse)
            assert answer.status.state.value == "FAILED", text
            return answer.status.error.message

    return World


T = "SELECT * FROM shop.s.t ORDER BY id"
PLAIN = [["10", "123", "a@b", "DE"], ["20", "456", "c@d", "US"]]


def test_a_mask_for_those_it_names(client, sql, world):
    sql("""CREATE POLICY hide ON CATALOG shop COMMENT 'of numbers' COLUMN MASK shop.f.stars TO analysts EXCEPT trusted
           FOR TABLES MATCH COLUMNS has_tag_value('pii', 'ssn') AS n ON COLUMN n""")
    masked = [["10", "***", "a@b", "DE"], ["20", "***", "c@d", "US"]]
    assert world.ask(T) == masked and sql(T) == PLAIN
    assert world.ask("SELECT * FROM shop.s.u ORDER BY id") == PLAIN
    # Conditions see what the mask leaves.
    assert world.ask("SELECT count(*) FROM shop.s.t WHERE ssn = '123'") == [["0"]]
    trusted = next(g for g in client.groups.list() if g.display_name == "trusted")
    client.groups.patch(trusted.id, operations=[Patch(PatchOp.ADD, "members", [{"value": client.robot.id}])],
                        schemas=[PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP])
    assert world.ask(T) == PLAIN
    client.groups.delete(trusted.id)
    assert world.ask(T) == masked
    # The tag decides.
    sql("ALTER TABLE shop.s.t ALTER COLUMN ssn UNSET TAGS ('pii')")
    assert world.ask(T) == PLAIN
    sql("ALTER TABLE shop.s.u ALTER COLUMN mail SET TAGS ('pii' = 'ssn')")
    assert world.ask("SELECT mail FROM shop.s.u") == [["***"], ["***"]]
    sql("DROP POLICY hide ON CATALOG shop")
    assert world.ask("SELECT mail FROM shop.s.u ORDER BY id") == [["a@b"], ["c@d"]]


def test_a_row_filter_and_the_tags_of_tables(sql, world):
    sql("""CREATE POLICY at_home ON SCHEMA shop.s ROW FILTER shop.f.home TO `account users` FOR TABLES
           WHEN has_tag('secret') AND NOT has_tag_value('pii', 'mail') MATCH COLUMNS has_tag('region') r USING COLUMNS (r)""")
    assert world.ask(T) == PLAIN == sql(T)
    # Tables inherit the tags of what is around them.
    sql("ALTER CATALOG shop SET TAGS ('secret')")
    assert world.ask(T) == PLAIN[:1] == sql(T)
    assert sql("SELECT * FROM shop.s.u ORDER BY id") == PLAIN
    sql("ALTER TABLE shop.s.t SET TAGS ('pii' = 'mail')")
    assert sql(T) == PLAIN
    sql("ALTER TABLE shop.s.t UNSET TAGS ('pii')")
    # Rows that are hidden are not changed either.
    sql("UPDATE shop.s.t SET mail = 'x'")
    sql("DROP POLICY at_home ON SCHEMA shop.s")
    assert sql(T) == [["10", "123", "x", "DE"], ["20", "456", "c@d", "US"]]


def test_arguments_casts_and_several_columns(sql, world):
    sql("""CREATE POLICY keep ON TABLE shop.s.t COLUMN MASK shop.f.keep TO analysts FOR TABLES
           MATCH COLUMNS has_tag('pii') AS p ON COLUMN p USING COLUMNS (1, '#')""")
    assert world.ask(T) == [["10", "1##", "a##", "DE"], ["20", "4##", "c##", "US"]]
    sql("ALTER TABLE shop.s.t ALTER COLUMN id SET TAGS ('secret')")
    sql("CREATE POLICY ids ON CATALOG shop COLUMN MASK shop.f.one TO analysts FOR TABLES MATCH COLUMNS has_tag('secret') AS s ON COLUMN s")
    assert world.ask("SELECT id, typeof(id) FROM shop.s.t") == [["1", "int"]] * 2


def test_views_and_functions_see_as_their_caller(sql, world):
    sql("CREATE VIEW shop.s.v AS SELECT ssn FROM shop.s.t")
    sql("CREATE FUNCTION shop.f.first() RETURNS STRING RETURN SELECT max(ssn) FROM shop.s.t")
    sql("CREATE POLICY hide ON SCHEMA shop.s COLUMN MASK shop.f.stars TO analysts FOR TABLES MATCH COLUMNS has_tag_value('pii', 'ssn') n ON COLUMN n")
    assert world.ask("SELECT * FROM shop.s.v") == [["***"]] * 2 and sql("SELECT * FROM shop.s.v ORDER BY 1") == [["123"], ["456"]]
    assert world.ask("SELECT shop.f.first()") == [["***"]] and sql("SELECT shop.f.first()") == [["456"]]
    assert "NOT_SIMULATED" in world.error("CREATE TABLE shop.s.c SHALLOW CLONE shop.s.t")


def test_conflicts(client, sql, world):
    match = "MATCH COLUMNS has_tag_value('pii', 'ssn') n"
    sql(f"CREATE POLICY a ON CATALOG shop COLUMN MASK shop.f.stars TO analysts FOR TABLES {match} ON COLUMN n")
    sql(f"CREATE POLICY b ON SCHEMA shop.s COLUMN MASK shop.f.stars TO analysts FOR TABLES {match} ON COLUMN n")
    assert world.ask("SELECT ssn FROM shop.s.t") == [["***"]] * 2  # The same mask twice is one.
    sql(f"CREATE OR REPLACE POLICY b ON SCHEMA shop.s COLUMN MASK shop.f.keep TO analysts FOR TABLES {match} ON COLUMN n USING COLUMNS (1, 'x')")
    assert "[COLUMN_MASKS_FEATURE_NOT_SUPPORTED.MULTIPLE_MASKS]" in world.error("SELECT id FROM shop.s.t")
    assert sql(T) == PLAIN
    sql("DROP POLICY b ON SCHEMA shop.s")
    sql("ALTER TABLE shop.s.t ALTER COLUMN ssn SET MASK shop.f.stars")
    assert "MULTIPLE_MASKS" in world.error(T)
    sql("ALTER TABLE shop.s.t ALTER COLUMN ssn DROP MASK")
    region = "MATCH COLUMNS has_tag('region') r USING COLUMNS (r)"
    sql(f"CREATE POLICY f ON CATALOG shop ROW FILTER shop.f.home TO analysts FOR TABLES {region}")
    sql(f"CREATE POLICY g ON TABLE shop.s.t ROW FILTER shop.f.not_us TO analysts FOR TABLES {region}")
    assert "[INVALID_PARAMETER_VALUE.UC_ABAC_MULTIPLE_ROW_FILTERS]" in world.error(T)
    sql("DROP POLICY g ON TABLE shop.s.t")
    sql("ALTER TABLE shop.s.t SET ROW FILTER shop.f.not_us ON (r)")
    assert "UC_ABAC_AND_NATIVE_ROW_FILTERS" in world.error(T)
    sql("ALTER TABLE shop.s.t DROP ROW FILTER")
    assert world.ask("SELECT id FROM shop.s.t") == [["10"]]
    sql("ALTER TABLE shop.s.t ALTER COLUMN mail SET TAGS ('region')")
    assert "UC_ABAC_AMBIGUOUS_COLUMN_MATCH" in world.error(T) and "2 matches" in world.error(T)
    sql("ALTER TABLE shop.s.t ALTER COLUMN mail UNSET TAGS ('region')")
    # A function that is gone closes the table instead of opening it.
    sql("DROP FUNCTION shop.f.stars")
    assert "shop" in world.error(T) and sql(T) == PLAIN


def test_by_the_sdk(client, sql, world):
    api = client.policies
    made = api.create_policy(uc.PolicyInfo(
        name="hide", on_securable_type=uc.SecurableType.SCHEMA, on_securable_fullname="shop.s", policy_type=uc.PolicyType.POLICY_TYPE_COLUMN_MASK,
        for_securable_type=uc.SecurableType.TABLE, to_principals=["analysts"], except_principals=["trusted"], comment="c",
        match_columns=[uc.MatchColumn("p", "has_tag_value('pii', 'mail')")],
        column_mask=uc.ColumnMaskOptions("shop.f.keep", "p", [uc.FunctionArgument(constant="2"), uc.FunctionArgument(constant="-")])))
    assert (made.on_securable_fullname, made.created_by, made.updated_by) == ("shop.s", "admin@example.com", "admin@example.com")
    assert [t.as_dict() for t in made.governed_tags] == [{"tag_key": "pii", "tag_value": "mail"}]
    assert api.get_policy("schema", "shop.s", "hide") == made
    assert world.ask("SELECT mail FROM shop.s.t ORDER BY id") == [["a@-"], ["c@-"]]
    changed = api.update_policy("SCHEMA", "shop.s", "hide", uc.PolicyInfo(
        name="other", comment="d", to_principals=["account users"], for_securable_type=None, policy_type=None), update_mask="name,comment,to_principals")
    assert (changed.name, changed.comment, changed.id, changed.created_at) == ("other", "d", made.id, made.created_at)
    assert sql("SELECT mail FROM shop.s.t ORDER BY id") == [["a@-"], ["c@-"]]
    with pytest.raises(NotFound):
        api.get_policy("SCHEMA", "shop.s", "hide")
    for n in range(4):
        sql(f"CREATE POLICY p{n} ON TABLE shop.s.t ROW FILTER shop.f.home TO trusted FOR TABLES MATCH COLUMNS has_tag('region') r USING COLUMNS (r)")
    assert [p.name for p in api.list_policies("TABLE", "shop.s.t", max_results=2)] == ["p0", "p1", "p2", "p3"]
    assert [p.name for p in api.list_policies("TABLE", "shop.s.t", include_inherited=True, max_results=2)] == ["other", "p0", "p1", "p2", "p3"]
    assert [p.name for p in api.list_policies("SCHEMA", "shop.s")] == ["other"] and list(api.list_policies("CATALOG", "shop")) == []
    api.delete_policy("SCHEMA", "shop.s", "other")
    with pytest.raises(NotFound):
        api.delete_policy("SCHEMA", "shop.s", "other")
    # A renamed object keeps its policies.
    sql("ALTER TABLE shop.s.t RENAME TO shop.s.w")
    assert api.get_policy("TABLE", "shop.s.w", "p0").on_securable_fullname == "shop.s.w"


def test_show_and_describe(sql, world):
    sql("""CREATE POLICY hide ON CATALOG shop COMMENT 'of numbers' COLUMN MASK shop.f.keep TO analysts, `account users` EXCEPT trusted
           FOR TABLES WHEN has_tag('secret') MATCH COLUMNS has_tag_value('pii', 'ssn') AS n, has_tag('region') r ON COLUMN n USING COLUMNS (3, r)""")
    sql("CREATE POLICY f ON SCHEMA shop.s ROW FILTER shop.f.home TO analysts FOR TABLES MATCH COLUMNS has_tag('region') r USING COLUMNS (r)")
    assert sql("SHOW POLICIES ON CATALOG shop") == [["hide", "COLUMN_MASK", "shop", None, None, "of numbers"]]
    assert sql("SHOW POLICIES ON TABLE shop.s.t") == []
    assert sql("SHOW EFFECTIVE POLICIES ON TABLE shop.s.t") == [
        ["hide", "COLUMN_MASK", "shop", None, None, "of numbers"], ["f", "ROW_FILTER", "shop", "s", None, None]]
    told = dict(sql("DESCRIBE POLICY HIDE ON CATALOG shop"))
    assert told.pop("Created At") == told.pop("Updated At") and told == {
        "Name": "hide", "On Securable Type": "CATALOG", "On Securable": "shop", "Comment": "of numbers", "To Principals": "analysts, account users",
        "Except Principals": "trusted", "For Securable Type": "TABLE", "When Condition": "has_tag('secret')",
        "Match Columns": "has_tag_value('pii', 'ssn') AS n, has_tag('region') AS r", "Policy Type": "COLUMN_MASK",
        "  Function Name": "shop.f.keep", "  On Column": "n", "  Using Columns": "3, r", "Governed Tags": "secret, pii:ssn, region",
        "Created By": "admin@example.com", "Updated By": "admin@example.com"}


def test_refusals(client, sql, world, fails):
    good = "CREATE POLICY p ON SCHEMA shop.s ROW FILTER shop.f.home TO analysts FOR TABLES MATCH COLUMNS has_tag('region') r USING COLUMNS (r)"
    sql(good)
    assert "[POLICY_ALREADY_EXISTS]" in fails(good)
    assert "[POLICY_NOT_FOUND]" in fails("DROP POLICY q ON SCHEMA shop.s") and "[POLICY_NOT_FOUND]" in fails("DESCRIBE POLICY p ON CATALOG shop")
    assert "[POLICY_ON_SECURABLE_TYPE_NOT_SUPPORTED]" in fails(good.replace("SCHEMA shop.s", "VOLUME shop.s.v"))
    for change, text in (
        (("has_tag('region')", "has_tag('ungoverned')"), "Unknown tag policy key"), (("has_tag('region')", "upper('region')"), "has_tag"),
        (("(r)", "(r, 1)"), "requires 2 argument(s), but the referred function shop.f.home takes 1"), (("(r)", "(x)"), "alias 'x'"),
        (("TO analysts", "TO nobody"), "nobody"), (("shop.f.home", "shop.f.gone"), "gone"),
        (("has_tag('region') r", ", ".join(["has_tag('region')"] * 7)), "at most 6"),
    ):
        assert text in fails(good.replace("POLICY p", "POLICY q").replace(*change)), change
    with pytest.raises(DatabricksError) as caught:
        client.api_client.do("POST", "/api/2.1/unity-catalog/policies", body={
            "name": "g", "on_securable_type": "SCHEMA", "on_securable_fullname": "shop.s", "policy_type": "POLICY_TYPE_GRANT",
            "for_securable_type": "MODEL", "to_principals": ["analysts"], "grant": {"privileges": ["EXECUTE"]}})
    assert "POLICY_TYPE_GRANT" in str(caught.value) and caught.value.error_code == "NOT_IMPLEMENTED"
    # MANAGE is needed on what the policy stands on.
    assert "INSUFFICIENT_PERMISSIONS" in world.error(good.replace("POLICY p", "POLICY q"))
    assert "INSUFFICIENT_PERMISSIONS" in world.error("SHOW POLICIES ON SCHEMA shop.s")
    with pytest.raises(PermissionDenied):
        list(world.analyst.policies.list_policies("SCHEMA", "shop.s"))
    sql("GRANT MANAGE ON SCHEMA shop.s TO analysts")
    assert [row[0] for row in world.ask("SHOW POLICIES ON SCHEMA shop.s")] == ["p"]


def test_no_other_way_to_the_data(client, sql, world):
    sql("CREATE POLICY hide ON SCHEMA shop.s COLUMN MASK shop.f.stars TO analysts FOR TABLES MATCH COLUMNS has_tag_value('pii', 'ssn') n ON COLUMN n")
    sql("GRANT EXTERNAL USE SCHEMA, CREATE TABLE ON SCHEMA shop.s TO analysts")
    table = client.tables.get("shop.s.t").table_id
    with pytest.raises(DatabricksError) as refused:
        world.analyst.temporary_table_credentials.generate_temporary_table_credentials(table_id=table, operation=uc.TableOperation.READ)
    assert "row filter or column masks" in str(refused.value)
    assert client.temporary_table_credentials.generate_temporary_table_credentials(table_id=table, operation=uc.TableOperation.READ).url
    assert "CLONE of a table with a row filter" in world.error("CREATE TABLE shop.s.c DEEP CLONE shop.s.t")
    world.ask("CREATE TABLE shop.s.copy AS SELECT * FROM shop.s.t")
    assert world.ask("SELECT DISTINCT ssn FROM shop.s.copy") == [["***"]]
    world.ask("UPDATE shop.s.t SET mail = ssn WHERE id = 10")
    assert sql("SELECT ssn, mail FROM shop.s.t WHERE id = 10") == [["123", "***"]]


def test_who_may_assign_governed_tags(client, sql, world):
    from databricks.sdk.service.iam import GrantRule, RuleSetUpdateRequest
    rules = client.account_access_control_proxy
    policy = client.tag_policies.get_tag_policy("secret")
    resource = f"accounts/0000/tagPolicies/{policy.id}"
    name = resource + "/ruleSets/default"
    sql("GRANT APPLY TAG ON CATALOG shop TO analysts")
    assign = "ALTER TABLE shop.s.u SET TAGS ('secret')"
    assert "ASSIGN on Tag Policy 'secret'" in world.error(assign)
    assert [r.name for r in rules.get_assignable_roles_for_resource(resource).roles] == ["roles/tagPolicy.assigner"]
    empty = rules.get_rule_set(name, "")
    assert not empty.grant_rules and empty.etag
    rule = GrantRule("roles/tagPolicy.assigner", ["groups/analysts"])
    given = rules.update_rule_set(name, RuleSetUpdateRequest(name=name, etag=empty.etag, grant_rules=[rule]))
    assert given.grant_rules == [rule] and given.etag != empty.etag and rules.get_rule_set(name, "") == given
    world.ask(assign)
    assert "ASSIGN on Tag Policy 'region'" in world.error(assign.replace("secret", "region"))
    for etag, principal, role, text in (
        (empty.etag, "groups/analysts", "assigner", "etag"), (given.etag, "groups/nobody", "assigner", "nobody"),
        (given.etag, "analysts", "assigner", "principal"), (given.etag, "groups/analysts", "manager", "roles/tagPolicy.manager"),
    ):
        with pytest.raises(DatabricksError) as refused:
            rules.update_rule_set(name, RuleSetUpdateRequest(name=name, etag=etag, grant_rules=[GrantRule("roles/tagPolicy." + role, [principal])]))
        assert text in str(refused.value)
    with pytest.raises(PermissionDenied):
        world.analyst.account_access_control_proxy.get_rule_set(name, "")
    with pytest.raises(DatabricksError) as other:
        rules.get_rule_set("accounts/0000/ruleSets/default", "")
    assert other.value.error_code == "NOT_IMPLEMENTED"
    rules.update_rule_set(name, RuleSetUpdateRequest(name=name, etag=given.etag, grant_rules=[]))
    assert "ASSIGN" in world.error(assign)
