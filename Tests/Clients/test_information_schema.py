"""information_schema: the catalog's objects as relations, in the columns that clients ask for."""

import pytest

TABLES = ["table_catalog", "table_schema", "table_name", "table_type", "is_insertable_into", "commit_action", "table_owner", "comment", "created",
          "created_by", "last_altered", "last_altered_by", "data_source_format", "storage_sub_directory", "storage_path"]
COLUMNS = ["table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "full_data_type",
           "data_type", "character_maximum_length", "character_octet_length", "numeric_precision", "numeric_precision_radix", "numeric_scale",
           "datetime_precision", "interval_type", "interval_precision", "maximum_cardinality", "is_identity", "identity_generation",
           "identity_start", "identity_increment", "identity_maximum", "identity_minimum", "identity_cycle", "is_generated",
           "generation_expression", "is_system_time_period_start", "is_system_time_period_end", "system_time_period_timestamp_generation",
           "is_updatable", "partition_index", "comment"]


@pytest.fixture
def filled(sql):
    for statement in [
        "CREATE CATALOG shop", "CREATE SCHEMA shop.sales COMMENT 'what was sold'",
        """CREATE TABLE shop.sales.orders (id BIGINT NOT NULL COMMENT 'the key', price DECIMAL(10, 2), tags ARRAY<STRING>, day DATE)
           PARTITIONED BY (day) COMMENT 'all orders'""",
        "CREATE VIEW shop.sales.cheap AS SELECT id, price FROM shop.sales.orders WHERE price < 10",
        "CREATE VOLUME shop.sales.files COMMENT 'raw'",
        "CREATE FUNCTION shop.sales.gross(net DECIMAL(10, 2) COMMENT 'without tax', rate DOUBLE DEFAULT 0.2) RETURNS DOUBLE RETURN net * (1 + rate)",
    ]:
        sql(statement)
    return sql


def header(client, warehouse_id, statement):
    answer = client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
    assert answer.status.state.value == "SUCCEEDED", answer.status
    return [column.name for column in answer.manifest.schema.columns]


def test_columns_of_the_relations(client, warehouse_id):
    assert header(client, warehouse_id, "SELECT * FROM main.information_schema.tables") == TABLES
    assert header(client, warehouse_id, "SELECT * FROM main.information_schema.columns") == COLUMNS
    assert header(client, warehouse_id, "SELECT * FROM system.information_schema.views") == [
        "table_catalog", "table_schema", "table_name", "view_definition", "check_option", "is_updatable", "is_insertable_into", "sql_path",
        "is_materialized"]


def test_tables_and_views(filled):
    assert filled("""SELECT table_name, table_type, is_insertable_into, data_source_format, comment FROM shop.information_schema.tables
                     WHERE table_schema = 'sales' ORDER BY table_name""") == [
        ["cheap", "VIEW", "NO", "UNKNOWN_DATA_SOURCE_FORMAT", None], ["orders", "MANAGED", "YES", "DELTA", "all orders"]]
    assert filled("SELECT table_schema, view_definition, is_materialized FROM shop.information_schema.views") == [
        ["sales", "SELECT id, price FROM shop.sales.orders WHERE price < 10", "NO"]]
    [[created, altered]] = filled("SELECT created <= last_altered, last_altered IS NOT NULL FROM shop.information_schema.tables LIMIT 1")
    assert (created, altered) == ("true", "true")


def test_columns(filled):
    assert filled("""SELECT column_name, ordinal_position, is_nullable, full_data_type, data_type, numeric_precision, numeric_scale, partition_index,
                     comment FROM shop.information_schema.columns WHERE table_name = 'orders' ORDER BY ordinal_position""") == [
        ["id", "0", "NO", "bigint", "LONG", "64", "0", None, "the key"],
        ["price", "1", "YES", "decimal(10,2)", "DECIMAL", "10", "2", None, None],
        ["tags", "2", "YES", "array<string>", "ARRAY", None, None, None, None],
        ["day", "3", "YES", "date", "DATE", None, None, "0", None]]


def test_catalogs_schemas_volumes_and_routines(filled):
    assert filled("SELECT schema_name FROM shop.information_schema.schemata ORDER BY 1") == [["default"], ["information_schema"], ["sales"]]
    assert filled("SELECT comment FROM shop.information_schema.schemata WHERE schema_name = 'sales'") == [["what was sold"]]
    assert filled("SELECT catalog_name FROM shop.information_schema.catalogs") == [["shop"]]
    assert ["shop"] in filled("SELECT catalog_name FROM system.information_schema.catalogs")
    assert filled("SELECT volume_name, volume_type, comment FROM shop.information_schema.volumes") == [["files", "MANAGED", "raw"]]
    assert filled("SELECT routine_name, data_type, routine_body, routine_definition FROM shop.information_schema.routines") == [
        ["gross", "DOUBLE", "SQL", "net * (1 + rate)"]]
    assert filled("""SELECT parameter_name, ordinal_position, full_data_type, parameter_default, comment FROM shop.information_schema.parameters
                     ORDER BY ordinal_position""") == [
        ["net", "0", "DECIMAL(10,2)", None, "without tax"], ["rate", "1", "DOUBLE", "0.2", None]]


def test_all_catalogs_at_once(filled):
    assert filled("""SELECT table_catalog, count(*) FROM system.information_schema.tables WHERE table_schema = 'sales' GROUP BY ALL""") == [
        ["shop", "2"]]
    assert filled("""SELECT t.table_name, count(*) FROM system.information_schema.tables t JOIN system.information_schema.columns c
                     USING (table_catalog, table_schema, table_name) WHERE t.table_catalog = 'shop' GROUP BY 1 ORDER BY 1""") == [
        ["cheap", "2"], ["orders", "4"]]
    filled("DROP TABLE shop.sales.orders")
    assert filled("SELECT table_name FROM shop.information_schema.tables") == [["cheap"]]


def test_what_is_not_there(client, warehouse_id):
    def failure(statement):
        answer = client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
        return answer.status.error.message

    assert "information_schema.routine_columns" in failure("SELECT * FROM main.information_schema.routine_columns")
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in failure("SELECT * FROM main.information_schema.nosuch")
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in failure("SELECT * FROM nosuch.information_schema.tables")
