"""Shares, recipients and their grants by SQL, over the same objects as the API's."""

import json

import pytest

from conftest import workspace_client
from sharing_support import activate, enable, raw, shop  # noqa: F401


@pytest.fixture
def ask(client, warehouse_id):
    """Column names and rows of a statement, or the text of its error."""
    def ask(statement, **options):
        answer = client.statement_execution.execute_statement(statement, warehouse_id, **options)
        if answer.status.error:
            return answer.status.error.message
        names = [column.name for column in answer.manifest.schema.columns or []]
        return names, (answer.result.data_array or []) if answer.result else []
    return ask


def column(answer, name):
    names, rows = answer
    return [row[names.index(name)] for row in rows]


def test_a_share_from_making_to_reading(server, shop, ask, tmp_path):
    ask("CREATE SHARE vaccine COMMENT 'to publish'")
    ask("CREATE SHARE IF NOT EXISTS vaccine")
    assert "SHARE_ALREADY_EXISTS" in ask("CREATE SHARE vaccine")
    names, rows = ask("DESCRIBE SHARE vaccine")
    assert names == ["name", "created_at", "created_by", "comment"]
    assert [rows[0][0], *rows[0][2:]] == ["vaccine", "admin@example.com", "to publish"]
    ask("ALTER SHARE vaccine ADD TABLE main.shop.orders COMMENT 'two days' PARTITION (day = DATE'2026-01-02'), (day LIKE '2025-%') AS pub.part")
    ask("CREATE VIEW main.shop.v AS SELECT 1 AS one")
    ask("CREATE VOLUME main.shop.files")
    ask("ALTER SHARE vaccine ADD VIEW main.shop.v")
    ask("ALTER SHARE vaccine ADD VOLUME main.shop.files AS shop.papers")
    names, rows = ask("SHOW ALL IN SHARE vaccine")
    assert names == ["name", "type", "shared_object", "added_at", "added_by", "comment", "partitions"]
    assert [[row[0], row[1], row[2], row[5], row[6]] for row in rows] == [
        ["pub.part", "TABLE", "main.shop.orders", "two days", "(day = 2026-01-02), (day LIKE 2025-%)"],
        ["shop.papers", "VOLUME", "main.shop.files", None, None],
        ["shop.v", "VIEW", "main.shop.v", None, None]]
    ask("CREATE RECIPIENT acme COMMENT 'open' PROPERTIES ('country' = 'de')")
    ask("GRANT SELECT ON SHARE vaccine TO RECIPIENT acme")
    assert ask("SHOW GRANTS ON SHARE vaccine") == (
        ["recipient", "actionType", "objectType", "objectKey"], [["acme", "SELECT", "SHARE", "vaccine"]])
    assert ask("SHOW GRANTS TO RECIPIENT acme") == (["share", "privilege"], [["vaccine", "SELECT"]])
    told = dict(ask("DESCRIBE RECIPIENT acme")[1])
    assert [told[name] for name in ("recipient_name", "authentication_type", "owner", "comment", "properties")] == [
        "acme", "TOKEN", "admin@example.com", "open", "country=de"]
    made = shop.recipients.get("acme")
    assert told["activation_link"] == made.activation_url
    journal = server.request("GET", "/_dbxsim/journal").body
    assert made.activation_url.split("?")[1].encode() not in journal
    profile = tmp_path / "p.share"
    profile.write_bytes(activate(server, made).body)
    assert "activation_link" not in dict(ask("DESCRIBE RECIPIENT acme")[1])
    lines = raw(server, profile, "/shares/vaccine/schemas/pub/tables/part/query", {}).body.splitlines()[2:]
    assert [json.loads(line)["file"]["partitionValues"]["day"] for line in lines] == ["2026-01-02", "2026-01-02"]
    ask("REVOKE SELECT ON SHARE vaccine FROM RECIPIENT acme")
    assert raw(server, profile, "/shares").json == {"items": []}
    ask("ALTER SHARE vaccine REMOVE TABLE main.shop.orders")
    ask("ALTER SHARE vaccine REMOVE VIEW main.shop.v")
    assert column(ask("SHOW ALL IN SHARE vaccine"), "name") == ["shop.papers"]
    ask("DROP SHARE vaccine")
    ask("DROP SHARE IF EXISTS vaccine")
    assert "SHARE_DOES_NOT_EXIST" in ask("DROP SHARE vaccine")


def test_history_and_changes_of_objects(shop, ask):
    def known():
        one = shop.shares.get("sales", include_shared_data=True).objects[0]
        return one.shared_as, one.history_data_sharing_status.value, one.comment
    ask("ALTER SHARE sales ADD orders", catalog="main", schema="shop")
    assert known() == ("shop.orders", "ENABLED", None)
    ask("ALTER SHARE sales ALTER TABLE main.shop.orders COMMENT 'c' WITHOUT HISTORY")
    assert known() == ("shop.orders", "DISABLED", "c")
    assert "already exists in the share" in ask("ALTER SHARE sales ADD TABLE main.shop.orders")
    assert "TABLE_OR_VIEW_NOT_FOUND" in ask("ALTER SHARE sales ADD TABLE main.shop.nothing")
    assert "does not exist in the share" in ask("ALTER SHARE sales REMOVE TABLE main.shop.secret")
    ask("ALTER SHARE sales REMOVE TABLE main.shop.orders")
    ask("ALTER SHARE sales ADD SCHEMA main.shop COMMENT 'all'")
    ask("ALTER SHARE sales RENAME TO sold")
    ask("COMMENT ON SHARE sold IS 'x'")
    ask("ALTER SHARE sold OWNER TO `account users`")
    share = shop.shares.get("sold", include_shared_data=True)
    assert (share.owner, share.comment, share.objects[0].name, share.objects[0].data_object_type.value) == (
        "account users", "x", "main.shop", "SCHEMA")


def test_recipients(shop, ask):
    ask("CREATE RECIPIENT near USING ID 'aws:us-east-1:19a84bee-54bc-43a2-87de-023d0ec16016' COMMENT 'c'")
    ask("CREATE RECIPIENT far")
    assert "same sharing identifier" in ask("CREATE RECIPIENT IF NOT EXISTS other USING ID 'aws:us-east-1:19a84bee-54bc-43a2-87de-023d0ec16016'")
    ask("CREATE RECIPIENT IF NOT EXISTS near USING ID 'aws:us-east-1:19a84bee-54bc-43a2-87de-023d0ec16016'")
    names, rows = ask("SHOW RECIPIENTS")
    assert names == ["name", "created_at", "created_by", "authentication_type", "comment"]
    assert [(row[0], row[3], row[4]) for row in rows] == [("far", "TOKEN", None), ("near", "DATABRICKS", "c")]
    assert column(ask("SHOW RECIPIENTS LIKE 'n*'"), "name") == ["near"]
    told = ask("DESCRIBE RECIPIENT near")[1]
    assert [row for row in told if row[0] in ("cloud", "region", "metastore_id")] == [
        ["cloud", "aws"], ["region", "us-east-1"], ["metastore_id", "19a84bee-54bc-43a2-87de-023d0ec16016"]]
    ask("ALTER RECIPIENT far SET PROPERTIES ('a' = '1', 'b' = '2')")
    ask("ALTER RECIPIENT far UNSET PROPERTIES ('a')")
    assert shop.recipients.get("far").properties_kvpairs.properties == {"b": "2", "databricks.name": "far"}
    ask("ALTER RECIPIENT far RENAME TO away")
    ask("DROP RECIPIENT away")
    assert column(ask("SHOW RECIPIENTS"), "name") == ["near"]
    assert "RECIPIENT_DOES_NOT_EXIST" in ask("DESCRIBE RECIPIENT away")
    assert "does not exist" in ask("GRANT SELECT ON SHARE sales TO RECIPIENT away")


def test_providers_and_lists(server, shop, ask):
    profile = json.dumps({"shareCredentialsVersion": 1, "bearerToken": "t", "endpoint": "https://x/delta-sharing"})
    from databricks.sdk.service.sharing import AuthenticationType
    shop.providers.create("corp", AuthenticationType.TOKEN, recipient_profile_str=profile)
    names, rows = ask("SHOW PROVIDERS")
    assert names == ["name", "created_at", "created_by", "authentication_type", "comment"] and [row[0] for row in rows] == ["corp"]
    told = dict(ask("DESCRIBE PROVIDER corp")[1])
    assert (told["provider_name"], told["authentication_type"], told["created_by"]) == ("corp", "TOKEN", "admin@example.com")
    ask("ALTER PROVIDER corp RENAME TO org")
    ask("DROP PROVIDER org")
    assert column(ask("SHOW PROVIDERS"), "name") == []
    ask("CREATE SHARE a")
    assert column(ask("SHOW SHARES"), "name") == ["a", "sales"]
    assert column(ask("SHOW SHARES LIKE 's*'"), "name") == ["sales"]


def test_information_schema(shop, ask):
    ask("ALTER SHARE sales ADD TABLE main.shop.orders PARTITION (day = CURRENT_RECIPIENT().day) AS pub.part WITHOUT HISTORY")
    ask("CREATE SHARE all_of_it")
    ask("ALTER SHARE all_of_it ADD SCHEMA main.shop")
    ask("CREATE RECIPIENT acme")
    ask("GRANT SELECT ON SHARE sales TO RECIPIENT acme")
    names, rows = ask("SELECT * FROM system.information_schema.table_share_usage")
    assert names == ["catalog_name", "schema_name", "table_name", "share_name", "partition_spec", "cdf_enabled", "start_version",
                     "shared_as_schema", "shared_as_table", "comment"]
    assert rows == [["main", "shop", "orders", "sales", "(day = CURRENT_RECIPIENT().day)", "NO", "0", "pub", "part", None]]
    assert ask("SELECT * FROM main.information_schema.schema_share_usage")[1] == [["main", "shop", "all_of_it", "shop", None]]
    assert ask("SELECT share_name, share_owner FROM system.information_schema.shares ORDER BY 1")[1] == [
        ["all_of_it", "admin@example.com"], ["sales", "admin@example.com"]]
    assert ask("SELECT recipient_name, authentication_type, cloud FROM system.information_schema.recipients")[1] == [["acme", "TOKEN", None]]
    assert ask("SELECT recipient_name, share_name, privilege_type FROM system.information_schema.share_recipient_privileges")[1] == [
        ["acme", "sales", "SELECT"]]
    assert ask("SELECT count(*), count(activation_url) FROM system.information_schema.recipient_tokens")[1] == [["1", "1"]]


@pytest.mark.parametrize("text", [
    "CREATE SHARE", "CREATE SHARE a b", "CREATE SHARE a COMMENT", "ALTER SHARE s ADD", "ALTER SHARE s ADD TABLE t PARTITION", "SHOW ALL IN SHARE",
    "ALTER SHARE s ADD TABLE t PARTITION (a)", "ALTER SHARE s ADD CATALOG c", "ALTER SHARE s REMOVE TABLE t AS u", "SHOW GRANTS TO RECIPIENT",
    "ALTER SHARE s ADD TABLE t WITH", "ALTER SHARE s", "CREATE RECIPIENT r USING 'x'", "CREATE RECIPIENT r COMMENT 'a' COMMENT 'b'",
    "ALTER RECIPIENT r ADD TABLE t", "SHOW SHARES IN", "ALTER SHARE s ADD TABLE t PARTITION (a = CURRENT_RECIPIENT())"])
def test_what_is_not_sql_is_refused(ask, text):
    assert any(word in ask(text) for word in ("PARSE_SYNTAX_ERROR", "DUPLICATE_CLAUSES")), text


def test_who_has_no_rights_on_a_share(server, shop, ask, warehouse_id):
    principal = shop.service_principals.create(display_name="robot")
    secret = shop.token_management.create_obo_token(principal.application_id, lifetime_seconds=600).token_value
    robot = workspace_client(server, token=secret)

    def tell(text):
        return robot.statement_execution.execute_statement(text, warehouse_id).status.error.message

    for text in ["CREATE SHARE mine", "ALTER SHARE sales ADD TABLE main.shop.orders", "DROP SHARE sales", "DESCRIBE SHARE sales",
                 "SHOW ALL IN SHARE sales", "CREATE RECIPIENT r", "SHOW GRANTS ON SHARE sales"]:
        assert "INSUFFICIENT_PERMISSIONS" in tell(text), text
    answer = robot.statement_execution.execute_statement("SHOW SHARES", warehouse_id)
    assert not answer.result.data_array
