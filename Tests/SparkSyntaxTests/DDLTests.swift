import SparkErrors
import SparkSyntax
import Testing

@Suite struct DDLTests {
    private func table(_ sql: String) throws -> CreateTable {
        guard case .createTable(let table) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        return table
    }

    private func action(_ sql: String) throws -> Alter.Action {
        guard case .alter(let alter) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        return alter.action
    }

    @Test func columns() throws {
        let sql = """
            CREATE OR REPLACE TABLE c.s.t (
              id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY -1) COMMENT 'key',
              a STRING DEFAULT concat('x', 'y') MASK m USING COLUMNS (b), b DATE GENERATED ALWAYS AS (CAST(ts AS DATE)),
              ts TIMESTAMP PRIMARY KEY, CONSTRAINT pk PRIMARY KEY (id TIMESERIES, a) RELY,
              FOREIGN KEY (a) REFERENCES other (x) NOT ENFORCED, CHECK (id > 0)
            ) USING delta PARTITIONED BY (b, years(ts)) LOCATION '/x' COMMENT 'c' TBLPROPERTIES ('k.l' = 'v', m = 1, n.o = true) CLUSTER BY AUTO
            """.replacing("ts TIMESTAMP PRIMARY KEY,", with: "ts TIMESTAMP,")
        let table = try table(sql)
        #expect(table.mode == .createOrReplace)
        #expect(table.name.shown == "c.s.t")
        let columns = try #require(table.columns)
        #expect(columns.map { $0.name.last } == ["id", "a", "b", "ts"])
        #expect(columns.map(\.isNullable) == [false, true, true, true])
        #expect(columns[0].comment == "key")
        guard case .identity(true, 5, -1)? = columns[0].generation else { throw Unexpected("identity") }
        #expect(columns[1].defaultValue?.span.text(in: sql) == "concat('x', 'y')")
        #expect(columns[1].mask?.arguments.count == 1)
        guard case .expression(let generated)? = columns[2].generation else { throw Unexpected("generated") }
        #expect(Printer.sql(generated) == "CAST(ts AS DATE)")
        #expect(table.constraints.map(\.name?.text) == ["pk", nil, nil])
        guard case .primaryKey(let key, let flags) = table.constraints[0].kind else { throw Unexpected("key") }
        #expect(key.map(\.text) == ["id", "a"] && flags == [true, false])
        #expect(table.constraints.map(\.characteristics) == [["RELY"], ["NOT ENFORCED"], []])
        guard case .check(let check) = table.constraints[2].kind else { throw Unexpected("check") }
        #expect(check.span.text(in: sql) == "id > 0")
        #expect(table.provider?.last == "delta")
        #expect(table.partitionedBy.count == 2)
        #expect(table.location == "/x" && table.comment == "c")
        #expect(table.properties.map(\.key) == ["k.l", "m", "n.o"])
        #expect(table.properties.map(\.value) == ["v", "1", "true"])
        guard case .auto? = table.clusterBy else { throw Unexpected("cluster") }
        #expect(table.query == nil)
    }

    @Test func asSelect() throws {
        let sql = "CREATE TABLE IF NOT EXISTS t USING parquet AS SELECT 1 AS a"
        let created = try table(sql)
        #expect(created.ifNotExists)
        #expect(created.query?.span.text(in: sql) == "SELECT 1 AS a")
        #expect(try table("CREATE TABLE t (SELECT 1)").query != nil)
        #expect(try table("CREATE TABLE t AS (SELECT 1) UNION (SELECT 2)").query != nil)
        #expect(try table("REPLACE TABLE t (a INT)").mode == .replace)
        #expect(try table("CREATE EXTERNAL TABLE t (a INT) LOCATION 'x'").isExternal)
        #expect(try table("CREATE TEMPORARY TABLE t (a INT)").isTemporary)
        let clone = try table("CREATE TABLE a SHALLOW CLONE b VERSION AS OF 2 LOCATION 'x'")
        #expect(clone.clone?.isShallow == true && clone.clone?.source.shown == "b" && clone.location == "x")
        guard case .createTableLike(let like) = try Parser.parse("CREATE TABLE a LIKE b USING delta").kind else { throw Unexpected("like") }
        #expect(like.source.shown == "b" && like.provider?.last == "delta")
    }

    @Test(arguments: [
        ("CREATE TABLE t (a INT) COMMENT 'a' COMMENT 'b'", "DUPLICATE_CLAUSES"), ("CREATE TABLE t (a INT NOT)", "PARSE_SYNTAX_ERROR"),
        ("CREATE TABLE t (a INT PRIMARY KEY, b INT PRIMARY KEY)", "MULTIPLE_PRIMARY_KEYS"),
        ("CREATE TABLE t (a INT COMMENT 'x' COMMENT 'y')", "CREATE_TABLE_COLUMN_DESCRIPTOR_DUPLICATE"),
        ("CREATE TABLE t ()", "PARSE_SYNTAX_ERROR"),
        ("CREATE OR REPLACE VIEW IF NOT EXISTS v AS SELECT 1", "_LEGACY_ERROR_TEMP_0052"), ("CREATE VIEW v", "PARSE_SYNTAX_ERROR"),
        ("CREATE TEMP VIEW a.b AS SELECT 1", "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS"), ("CREATE FOO x", "PARSE_SYNTAX_ERROR"),
        ("CREATE ROLE r", "INVALID_STATEMENT_OR_CLAUSE"), ("CREATE TABLE t (a FOO)", "UNSUPPORTED_DATATYPE"),
        ("CREATE TABLE t (a INT, CHECK (a > 1) RELY NORELY)", "INVALID_CONSTRAINT_CHARACTERISTICS"),
        ("CREATE TABLE a-b (c INT)", "INVALID_IDENTIFIER"),
        ("DROP CONNECTION s", "INVALID_STATEMENT_OR_CLAUSE"), ("CREATE TABLE IF ! EXISTS t (a INT)", "SYNTAX_DISCONTINUED.BANG_EQUALS_NOT"),
    ])
    func refused(_ sql: String, _ condition: String) {
        #expect(failureName(sql) == condition)
    }

    @Test func views() throws {
        let sql =
            "CREATE OR REPLACE VIEW v (a COMMENT 'x', b) COMMENT 'c' TBLPROPERTIES (p = 'q') WITH SCHEMA TYPE EVOLUTION AS SELECT 1, 2 -- end"
        guard case .createView(let view) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        #expect(view.orReplace && view.form == .persisted)
        #expect(view.columns.map(\.name.text) == ["a", "b"] && view.columns[0].comment == "x")
        #expect(view.comment == "c" && view.schemaBinding == "TYPE EVOLUTION")
        #expect(view.query?.span.text(in: sql) == "SELECT 1, 2")
        guard case .createView(let temporary) = try Parser.parse("CREATE GLOBAL TEMPORARY VIEW v AS VALUES 1").kind else {
            throw Unexpected("temp")
        }
        #expect(temporary.form == .globalTemporary)
        guard case .createView(let materialized) = try Parser.parse("CREATE MATERIALIZED VIEW v SCHEDULE EVERY 1 HOUR AS SELECT 1").kind
        else {
            throw Unexpected("materialized")
        }
        #expect(materialized.form == .materialized && materialized.otherClauses == ["SCHEDULE EVERY HOUR"])
    }

    @Test func containers() throws {
        guard
            case .createSchema(let schema) = try Parser.parse(
                "CREATE DATABASE IF NOT EXISTS c.s COMMENT 'x' MANAGED LOCATION 'y' WITH DBPROPERTIES (a = 'b')"
            ).kind
        else { throw Unexpected("schema") }
        #expect(schema.ifNotExists && schema.comment == "x" && schema.managedLocation == "y" && schema.properties.count == 1)
        guard case .createCatalog(let catalog) = try Parser.parse("CREATE CATALOG c USING SHARE p.s COMMENT 'x'").kind,
            case .share(let share) = catalog.source
        else { throw Unexpected("catalog") }
        #expect(share.names == ["p", "s"])
        guard case .createVolume(let volume) = try Parser.parse("CREATE EXTERNAL VOLUME a.b.c LOCATION 'l' COMMENT 'm'").kind else {
            throw Unexpected("volume")
        }
        #expect(volume.isExternal && volume.location == "l" && volume.comment == "m")
    }

    @Test func functions() throws {
        let sql =
            "CREATE OR REPLACE FUNCTION f(a INT DEFAULT 1 COMMENT 'x', b STRING) RETURNS TABLE (c INT) LANGUAGE SQL NOT DETERMINISTIC RETURN SELECT a"
        guard case .createFunction(let function) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        #expect(function.parameters.map(\.name.text) == ["a", "b"] && function.parameters[0].comment == "x")
        #expect(function.isDeterministic == false && function.language == "SQL")
        #expect(function.bodySpan.text(in: sql) == "SELECT a")
        guard case .table(let columns) = function.returns, case .query = function.body else { throw Unexpected("returns") }
        #expect(columns.count == 1)
        guard
            case .createFunction(let python) = try Parser.parse("CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON AS $$\nreturn 'x'\n$$")
                .kind,
            case .external(let body) = python.body
        else { throw Unexpected("python") }
        #expect(body == "\nreturn 'x'\n")
        #expect(
            failureName("CREATE FUNCTION f(a INT NOT NULL) RETURNS INT RETURN 1")
                == "USER_DEFINED_FUNCTIONS.NOT_NULL_ON_FUNCTION_PARAMETERS")
    }

    @Test func alterTable() throws {
        guard case .addColumns(let added) = try action("ALTER TABLE t ADD COLUMNS (a.b INT AFTER c, d STRING COMMENT 'x' FIRST)") else {
            throw Unexpected("add")
        }
        #expect(added.map { $0.name.names } == [["a", "b"], ["d"]])
        guard case .after(let after)? = added[0].position, case .first? = added[1].position else { throw Unexpected("position") }
        #expect(after.text == "c")
        guard case .renameColumn(let from, let to) = try action("ALTER TABLE t RENAME COLUMN a.b TO c") else { throw Unexpected("rename") }
        #expect(from.names == ["a", "b"] && to.text == "c")
        guard case .alterColumn(_, .setDefault(let value)) = try action("ALTER TABLE t ALTER COLUMN a SET DEFAULT 1 + 1") else {
            throw Unexpected("default")
        }
        #expect(Printer.sql(value) == "(1 + 1)")
        guard case .alterColumn(_, .dropNotNull) = try action("ALTER TABLE t ALTER a DROP NOT NULL") else { throw Unexpected("null") }
        guard case .alterColumn(_, .setType) = try action("ALTER TABLE t CHANGE COLUMN a TYPE BIGINT") else { throw Unexpected("type") }
        guard case .changeColumn(_, let changed) = try action("ALTER TABLE t CHANGE a b INT COMMENT 'x'") else {
            throw Unexpected("change")
        }
        #expect(changed.name.last == "b" && changed.comment == "x")
        guard case .dropColumns(let dropped, true) = try action("ALTER TABLE t DROP COLUMNS IF EXISTS (a, b.c)") else {
            throw Unexpected("drop")
        }
        #expect(dropped.count == 2)
        guard case .addConstraint(let constraint) = try action("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)") else {
            throw Unexpected("constraint")
        }
        #expect(constraint.name?.text == "c")
        guard case .dropConstraint(let name, true, true?) = try action("ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE") else {
            throw Unexpected("constraint")
        }
        #expect(name.text == "c")
        guard case .setProperties(let properties) = try action("ALTER TABLE t SET TBLPROPERTIES ('a.b' = 'c')") else {
            throw Unexpected("properties")
        }
        #expect(properties.map(\.key) == ["a.b"])
        guard case .unsetProperties(["a"], true) = try action("ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('a')") else {
            throw Unexpected("unset")
        }
        guard case .clusterBy(.none) = try action("ALTER TABLE t CLUSTER BY NONE") else { throw Unexpected("cluster") }
        guard case .setTags(let tags) = try action("ALTER TABLE t SET TAGS ('a' = 'b', 'c')") else { throw Unexpected("tags") }
        #expect(tags.map(\.value) == ["b", nil])
        guard
            case .addPartitions(let partitions, true) = try action(
                "ALTER TABLE t ADD IF NOT EXISTS PARTITION (a = 1) LOCATION 'x' PARTITION (a = 2)")
        else {
            throw Unexpected("partitions")
        }
        #expect(partitions.map(\.location) == ["x", nil])
        guard case .dropFeature("deletionVectors", true) = try action("ALTER TABLE t DROP FEATURE deletionVectors TRUNCATE HISTORY") else {
            throw Unexpected("feature")
        }
        #expect(failureName("ALTER TABLE t FOO") == "PARSE_SYNTAX_ERROR")
    }

    @Test func alterOthers() throws {
        guard case .rename(let name) = try action("ALTER SCHEMA a RENAME TO b") else { throw Unexpected("rename") }
        #expect(name.shown == "b")
        guard case .setOwner(let owner) = try action("ALTER CATALOG a SET OWNER TO `x@y`") else { throw Unexpected("owner") }
        #expect(owner.text == "x@y")
        guard case .setQuery = try action("ALTER VIEW v AS SELECT 1") else { throw Unexpected("query") }
        guard case .predictiveOptimization("ENABLE") = try action("ALTER SCHEMA s ENABLE PREDICTIVE OPTIMIZATION") else {
            throw Unexpected("optimization")
        }
    }

    @Test func dropping() throws {
        func drop(_ sql: String) throws -> Drop {
            guard case .drop(let drop) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
            return drop
        }
        let schema = try drop("DROP DATABASE IF EXISTS a.b CASCADE")
        #expect(schema.kind == .schema && schema.ifExists && schema.cascade == true)
        #expect(try drop("DROP TABLE t PURGE").purge)
        #expect(try drop("DROP MATERIALIZED VIEW v").kind == .materializedView)
        #expect(try drop("DROP TEMPORARY FUNCTION f").kind == .temporaryFunction)
        #expect(try drop("DROP VOLUME a.b.c").cascade == nil)
        guard case .undrop(let undrop) = try Parser.parse("UNDROP TABLE WITH ID 'x'").kind, case .id("x") = undrop.target else {
            throw Unexpected("undrop")
        }
        guard case .comment(let comment) = try Parser.parse("COMMENT ON TABLE t IS NULL").kind else { throw Unexpected("comment") }
        #expect(comment.kind == .table && comment.text == nil)
    }
}
