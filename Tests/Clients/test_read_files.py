"""Files on volumes as tables: read_files, paths in the place of names, COPY INTO."""

import gzip
import io
import json

import pytest
from databricks.sdk.service.catalog import AwsIamRoleRequest, PermissionsChange, Privilege, VolumeType
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

ROOT = "/Volumes/main/default/v"


@pytest.fixture
def put(client):
    client.volumes.create("main", "default", "v", VolumeType.MANAGED)

    def put(path, content):
        client.files.upload(f"{ROOT}/{path}", io.BytesIO(content.encode() if isinstance(content, str) else content), overwrite=True)

    return put


def columns(sql, query):
    return [tuple(row[:2]) for row in sql(f"DESCRIBE QUERY {query}")]


CSV = "id,name,amount,day\n1,ann,1.5,2026-01-01\n2,\"b, c\",,2026-01-02\n3,,2.25,2026-01-03\n"


def test_csv_with_a_header(put, sql):
    put("in/a.csv", CSV)
    put("in/b.csv.gz", gzip.compress(b"id,name,amount,day\n4,dan,7,2026-02-01\n"))
    put("in/_hidden.csv", "x")
    query = f"SELECT * FROM read_files('{ROOT}/in', format => 'csv', header => true)"
    assert columns(sql, query) == [
        ("id", "int"), ("name", "string"), ("amount", "double"), ("day", "date"), ("_rescued_data", "string")]
    assert sql(f"{query} ORDER BY id") == [
        ["1", "ann", "1.5", "2026-01-01", None], ["2", "b, c", None, "2026-01-02", None],
        ["3", None, "2.25", "2026-01-03", None], ["4", "dan", "7.0", "2026-02-01", None]]
    assert sql(f"SELECT sum(amount) FROM read_files('{ROOT}/in/*.csv', header => 'true')") == [["3.75"]]


def test_csv_by_path_is_text(put, sql):
    put("plain.csv", "1,x\n2,y\n")
    query = f"SELECT * FROM csv.`{ROOT}/plain.csv`"
    assert columns(sql, query) == [("_c0", "string"), ("_c1", "string")]
    assert sql(query) == [["1", "x"], ["2", "y"]]


def test_modes_and_rescued_data(put, sql, fails):
    put("bad.csv", "a,b\n1,2\nx,3\n4,5,6\n")
    table = f"read_files('{ROOT}/bad.csv', format => 'csv', header => true, schema => 'a INT, b INT'"
    assert sql(f"SELECT * FROM {table})") == [["1", "2"], [None, "3"], ["4", "5"]]
    assert sql(f"SELECT * FROM {table}, mode => 'DROPMALFORMED')") == [["1", "2"]]
    assert "MALFORMED_RECORD_IN_PARSING" in fails(f"SELECT * FROM {table}, mode => 'FAILFAST')")
    rows = sql(f"SELECT * FROM {table}, rescuedDataColumn => '_rescued_data')")
    assert [row[:2] for row in rows] == [["1", "2"], [None, "3"], ["4", "5"]]
    assert rows[0][2] is None
    assert json.loads(rows[1][2]) == {"a": "x", "_file_path": f"dbfs:{ROOT}/bad.csv"}
    assert json.loads(rows[2][2]) == {"_c2": "6", "_file_path": f"dbfs:{ROOT}/bad.csv"}
    corrupt = f"read_files('{ROOT}/bad.csv', format => 'csv', header => true, schema => 'a INT, b INT, _corrupt_record STRING')"
    assert sql(f"SELECT _corrupt_record FROM {corrupt}") == [[None], ["x,3"], ["4,5,6"]]


def test_json_lines_and_arrays(put, sql):
    put("j/one.json", '{"id":1,"tags":["a"],"at":{"x":1.5}}\n{"id":2,"extra":true}\n')
    put("j/two.json", '{"id":3000000000}\n\n')
    query = f"SELECT * FROM read_files('{ROOT}/j')"
    assert columns(sql, query) == [
        ("at", "struct<x:double>"), ("extra", "boolean"), ("id", "bigint"), ("tags", "array<string>"), ("_rescued_data", "string")]
    assert sql(f"SELECT id, at.x, tags[0], extra FROM read_files('{ROOT}/j') ORDER BY id") == [
        ["1", "1.5", "a", None], ["2", None, None, "true"], ["3000000000", None, None, None]]
    put("many.json", '[\n {"k": 1},\n {"k": 2}\n]')
    assert sql(f"SELECT sum(k) FROM read_files('{ROOT}/many.json', multiLine => true)") == [["3"]]
    rows = sql(f"SELECT * FROM read_files('{ROOT}/j/one.json', schema => 'id INT, extra STRING', rescuedDataColumn => 'r') ORDER BY id")
    assert rows[0][:2] == ["1", None] and json.loads(rows[0][2])["tags"] == ["a"]
    assert rows[1] == ["2", "true", None]


def test_partitions_text_and_binary(put, sql):
    put("p/year=2025/city=K%C3%B6ln/a.txt", "one\ntwo\n")
    put("p/year=2026/city=__HIVE_DEFAULT_PARTITION__/b.txt", "three")
    query = f"SELECT * FROM read_files('{ROOT}/p', format => 'text')"
    assert columns(sql, query) == [("value", "string"), ("year", "int"), ("city", "string")]
    assert sql(f"{query} ORDER BY year, value") == [["one", "2025", "Köln"], ["two", "2025", "Köln"], ["three", "2026", None]]
    assert sql(f"SELECT value FROM text.`{ROOT}/p/year=2026`") == [["three"]]
    rows = sql(f"SELECT path, length, content FROM read_files('{ROOT}/p/year=2026', format => 'binaryFile')")
    assert rows[0][0].startswith(f"dbfs:{ROOT}/p/year=2026/") and rows[0][1] == "5"


def test_parquet_of_arrow(put, sql):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    def file(table, **options):
        sink = io.BytesIO()
        pq.write_table(table, sink, **options)
        return sink.getvalue()

    put("q/1.parquet", file(pa.table({"id": pa.array([1, 2], pa.int64()), "s": ["a", None]}), compression="zstd"))
    put("q/2.parquet", file(pa.table({"id": pa.array([3], pa.int64()), "t": [[1.5]]}), compression="gzip"))
    assert sql(f"SELECT id, s, t[0] FROM read_files('{ROOT}/q', format => 'parquet') ORDER BY id") == [
        ["1", "a", None], ["2", None, None], ["3", None, "1.5"]]
    assert sql(f"SELECT * FROM parquet.`{ROOT}/q/1.parquet`") == [["1", "a"], ["2", None]]


def test_a_delta_table_by_its_path(client, sql):
    sql("CREATE TABLE main.default.d (id INT)")
    sql("INSERT INTO main.default.d VALUES (1)")
    sql("INSERT INTO main.default.d VALUES (2)")
    place = client.tables.get("main.default.d").storage_location
    assert sql(f"SELECT id FROM delta.`{place}` ORDER BY id") == [["1"], ["2"]]
    assert sql(f"SELECT id FROM delta.`{place}` VERSION AS OF 1") == [["1"]]


def test_refusals(put, fails):
    put("a.csv", "1\n")
    assert "PATH_NOT_FOUND" in fails(f"SELECT * FROM read_files('{ROOT}/none', format => 'csv')")
    assert "colour" in fails(f"SELECT * FROM read_files('{ROOT}/a.csv', colour => 'red')")
    assert "'main.default.w' does not exist" in fails("SELECT * FROM read_files('/Volumes/main/default/w', format => 'csv')")
    assert "PATH_NOT_FOUND" in fails(f"SELECT * FROM json.`{ROOT}/zz`")
    put("empty.csv", "")
    assert "UNABLE_TO_INFER_SCHEMA" in fails(f"SELECT * FROM csv.`{ROOT}/empty.csv`")
    put("torn.csv.gz", b"\x1f\x8b\x08nonsense")
    assert "FAILED_READ_FILE" in fails(f"SELECT * FROM csv.`{ROOT}/torn.csv.gz`")
    put("torn.parquet", b"PAR1nonsensePAR1")
    assert "FAILED_READ_FILE" in fails(f"SELECT * FROM parquet.`{ROOT}/torn.parquet`")


def test_privileges_and_external_locations(server, client, put, sql, fails, warehouse_id):
    from conftest import workspace_client

    put("a.csv", "1\n")
    principal = client.service_principals.create(display_name="eve")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=principal.id)
    eve = workspace_client(server, client_id=principal.application_id, client_secret=secret.secret)
    client.grants.update("catalog", "main", changes=[PermissionsChange(principal=principal.application_id, add=[Privilege.USE_SCHEMA])])
    client.permissions.update("warehouses", warehouse_id, access_control_list=[
        AccessControlRequest(service_principal_name=principal.application_id, permission_level=PermissionLevel.CAN_USE)])

    def ask(statement):
        answer = eve.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
        return answer.status.error.message if answer.status.error else answer.result.data_array

    assert "READ VOLUME" in ask(f"SELECT * FROM csv.`{ROOT}/a.csv`")
    client.grants.update(
        "volume", "main.default.v", changes=[PermissionsChange(principal=principal.application_id, add=[Privilege.READ_VOLUME])])
    assert ask(f"SELECT * FROM csv.`{ROOT}/a.csv`") == [["1"]]
    assert "External Location" in ask("SELECT * FROM read_files('s3://landing/in', format => 'csv')")

    client.storage_credentials.create("lake", aws_iam_role=AwsIamRoleRequest(role_arn="arn:aws:iam::123456789012:role/lake"))
    client.external_locations.create("landing", "s3://landing/", "lake")
    client.volumes.create("main", "default", "outside", VolumeType.EXTERNAL, storage_location="s3://landing/in")
    client.files.upload("/Volumes/main/default/outside/b.csv", io.BytesIO(b"7,8\n"))
    assert sql("SELECT * FROM read_files('s3://landing/in', format => 'csv')") == [["7", "8", None]]
    assert "READ FILES" in ask("SELECT * FROM read_files('s3://landing/in', format => 'csv')")
    assert "PATH_NOT_FOUND" in fails("SELECT * FROM csv.`s3://landing/none`")


def test_copy_into(put, sql, fails):
    put("load/1.csv", "id,name\n1,ann\n2,bob\n")
    sql("CREATE TABLE main.default.t (id INT, name STRING)")
    copy = f"COPY INTO main.default.t FROM '{ROOT}/load' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true', 'inferSchema' = 'true')"
    assert sql(copy) == [["2", "2", "0"]]
    assert sql(copy) == [["0", "0", "0"]]
    put("load/2.csv", "name,id\ncid,3\n")
    assert sql(copy) == [["1", "1", "0"]]
    assert sql("SELECT * FROM main.default.t ORDER BY id") == [["1", "ann"], ["2", "bob"], ["3", "cid"]]
    assert sql(copy + " COPY_OPTIONS ('force' = 'true')") == [["3", "3", "0"]]
    history = sql("DESCRIBE HISTORY main.default.t LIMIT 1")[0]
    assert history[4] == "COPY INTO"
    put("load/3.csv", "id,name,more\n4,d,x\n")
    assert "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE" in fails(copy)
    assert sql(copy + " COPY_OPTIONS ('mergeSchema' = 'true')") == [["1", "1", "0"]]
    assert sql("SELECT more FROM main.default.t WHERE id = 4") == [["x"]]
    assert "speed" in fails(copy + " COPY_OPTIONS ('speed' = 'true')")


def test_copy_into_a_table_without_columns(put, sql):
    put("x/a.json", '{"id":1,"v":"a"}\n')
    sql("CREATE TABLE main.default.e")
    copy = f"COPY INTO main.default.e FROM '{ROOT}/x' FILEFORMAT = JSON COPY_OPTIONS ('mergeSchema' = 'true')"
    assert sql(copy) == [["1", "1", "0"]]
    assert sql("SELECT * FROM main.default.e") == [["1", "a"]]


def test_copy_into_by_query_files_and_pattern(put, sql):
    for number in (1, 2, 3):
        put(f"n/{number}.csv", f"{number},{number * 10}\n")
    put("n/9.txt", "9,90\n")
    sql("CREATE TABLE main.default.n (a INT, b BIGINT)")
    form = "FILEFORMAT = CSV"
    query = f"(SELECT _c0::INT AS a, _c1::BIGINT + 1 AS b FROM '{ROOT}/n')"
    assert sql(f"COPY INTO main.default.n FROM {query} {form} FILES = ('1.csv')") == [["1", "1", "0"]]
    assert sql(f"COPY INTO main.default.n FROM {query} {form} PATTERN = '[12].csv'") == [["1", "1", "0"]]
    assert sql(f"COPY INTO main.default.n FROM {query} {form} VALIDATE 1 ROWS PATTERN = '*.csv'") == [["3", "31"]]
    assert sql("SELECT * FROM main.default.n ORDER BY a") == [["1", "11"], ["2", "21"]]


def test_large_files_come_in_parts(put, sql):
    lines = "".join(f"{n:06d}{'x' * 200}\n" for n in range(12_000))
    put("large.txt.gz", gzip.compress(lines.encode()))
    put("large.txt", lines)
    for name in ("large.txt", "large.txt.gz"):
        assert sql(f"SELECT count(*), sum(left(value, 6)::INT), min(length(value)) FROM text.`{ROOT}/{name}`") == [["12000", "71994000", "206"]]


def test_csv_as_spark_reads_it(put, sql):
    """What Spark 4.1 answered for the same files."""
    put("b.csv", '1, 2 ,"x ""y"" z","a\\"b"\n\n 3,4,,""\n')
    assert sql(f"SELECT * FROM csv.`{ROOT}/b.csv`") == [["1", " 2 ", '"x ""y"" z"', 'a"b'], [" 3", "4", None, None]]
    assert sql(f"SELECT _c2 FROM read_files('{ROOT}/b.csv', format => 'csv', escape => '\"')")[0] == ['x "y" z']
    put("d.csv", "1,99999999999999999999,1.5e3,NaN,2026-1-1,2026-01-01T00:00:00,TRUE\n")
    assert [c[1] for c in columns(sql, f"SELECT * FROM read_files('{ROOT}/d.csv', rescuedDataColumn => '')")] == [
        "int", "decimal(20,0)", "double", "double", "timestamp", "timestamp", "boolean"]
    put("h.csv", "a,b,a,\n1,2,3,4\n")
    assert [c[0] for c in columns(sql, f"SELECT * FROM read_files('{ROOT}/h.csv', header => true, rescuedDataColumn => '')")] == [
        "a0", "b", "a2", "_c3"]
    put("c.json", '{"a":1}\n{"a":"x","b":[1,2.5]}\nbad\n{"a":null,"c":{"d":12345678901234567890}}\n')
    query = f"SELECT * FROM json.`{ROOT}/c.json`"
    assert columns(sql, query) == [
        ("_corrupt_record", "string"), ("a", "string"), ("b", "array<double>"), ("c", "struct<d:decimal(20,0)>")]
    assert sql(query)[:3] == [[None, "1", None, None], [None, "x", '["1.0","2.5"]', None], ["bad", None, None, None]]


@pytest.fixture
def lake(client):
    client.storage_credentials.create("lake", aws_iam_role=AwsIamRoleRequest(role_arn="arn:aws:iam::123456789012:role/lake"))
    client.external_locations.create("landing", "s3://landing/", "lake")


def test_delta_tables_at_a_location(client, lake, sql, fails):
    sql("CREATE TABLE main.default.x (id INT, v STRING) USING DELTA LOCATION 's3://landing/x/'")
    sql("INSERT INTO main.default.x VALUES (1, 'a'), (2, 'b')")
    table = client.tables.get("main.default.x")
    assert (table.table_type.value, table.storage_location, table.data_source_format.value) == ("EXTERNAL", "s3://landing/x", "DELTA")
    assert "overlaps" in fails("CREATE TABLE main.default.y (id INT) LOCATION 's3://landing/x/deeper'")
    sql("DROP TABLE main.default.x")
    assert "DELTA_CREATE_TABLE_SCHEME_MISMATCH" in fails("CREATE TABLE main.default.z (id STRING) LOCATION 's3://landing/x'")
    sql("CREATE TABLE main.default.z LOCATION 's3://landing/x'")
    sql("DELETE FROM main.default.z WHERE id = 1")
    assert sql("SELECT * FROM main.default.z") == [["2", "b"]]
    assert sql("SELECT count(*) FROM main.default.z VERSION AS OF 1") == [["2"]]
    sql("CREATE TABLE main.default.w LOCATION 's3://landing/w' AS SELECT 7 AS n")
    assert sql("SELECT n FROM delta.`s3://landing/w`") == [["7"]]
    assert "DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_SCHEMA" in fails("CREATE TABLE main.default.u LOCATION 's3://landing/none'")
    assert "Missing cloud file system scheme" in fails("CREATE TABLE main.default.u (id INT) LOCATION '/tmp/u'")


def test_tables_over_files(client, lake, sql, fails):
    client.volumes.create("main", "default", "drop", VolumeType.EXTERNAL, storage_location="s3://landing/drop")
    client.files.upload("/Volumes/main/default/drop/day=2026-01-01/1.csv", io.BytesIO(b"id;v\n1;a\n2;b\n"))
    client.volumes.delete("main.default.drop")
    sql("CREATE TABLE main.default.c (id INT, v STRING) USING CSV OPTIONS (header 'true', sep ';') LOCATION 's3://landing/drop/day=2026-01-01'")
    assert sql("SELECT * FROM main.default.c ORDER BY id") == [["1", "a"], ["2", "b"]]
    assert "CSV" in fails("INSERT INTO main.default.c VALUES (3, 'c')")
    sql("DROP TABLE main.default.c")
    sql("CREATE TABLE main.default.p USING CSV OPTIONS (header 'true', sep ';', inferSchema 'true') LOCATION 's3://landing/drop'")
    assert sql("SELECT * FROM main.default.p WHERE id = 2") == [["2", "b", "2026-01-01"]]
    assert client.tables.get("main.default.p").data_source_format.value == "CSV"


def test_tables_by_path_ask_for_the_files_privileges(server, client, lake, sql, warehouse_id):
    from conftest import workspace_client

    sql("CREATE TABLE main.default.bypath (id INT) LOCATION 's3://landing/bypath'")
    sql("INSERT INTO main.default.bypath VALUES (1)")
    principal = client.service_principals.create(display_name="mallory")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=principal.id)
    other = workspace_client(server, client_id=principal.application_id, client_secret=secret.secret)
    client.permissions.update("warehouses", warehouse_id, access_control_list=[
        AccessControlRequest(service_principal_name=principal.application_id, permission_level=PermissionLevel.CAN_USE)])

    def ask(statement):
        answer = other.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
        return answer.status.error.message if answer.status.error else answer.result and answer.result.data_array

    def grant(privilege):
        client.grants.update("external_location", "landing", changes=[PermissionsChange(principal=principal.application_id, add=[privilege])])

    name = "delta.`s3://landing/bypath`"
    for statement in (f"INSERT INTO {name} VALUES (2)", f"DESCRIBE HISTORY {name}", f"VACUUM {name}", f"CREATE TABLE main.default.c SHALLOW CLONE {name}"):
        assert "READ FILES" in ask(statement), statement
    grant(Privilege.READ_FILES)
    assert len(ask(f"DESCRIBE HISTORY {name}")) == 2
    for statement in (f"INSERT INTO {name} VALUES (2)", f"UPDATE {name} SET id = 2", f"OPTIMIZE {name}", f"ALTER TABLE {name} ADD COLUMN x INT",
                      f"TRUNCATE TABLE {name}", f"RESTORE {name} TO VERSION AS OF 0", f"VACUUM {name}", f"DELETE FROM {name}"):
        assert "WRITE FILES" in ask(statement), statement
    assert sql("SELECT * FROM main.default.bypath") == [["1"]]
    grant(Privilege.WRITE_FILES)
    ask(f"INSERT INTO {name} VALUES (2)")
    assert sql("SELECT count(*) FROM main.default.bypath") == [["2"]]
