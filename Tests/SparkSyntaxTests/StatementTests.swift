import SparkErrors
import SparkSyntax
import Testing

@Suite struct StatementTests {
    private func insert(_ sql: String) throws -> Insert {
        guard case .insert(let insert) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        return insert
    }

    private func show(_ sql: String) throws -> Show {
        guard case .show(let show) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        return show
    }

    private func setting(_ sql: String) throws -> SetStatement {
        guard case .set(let setting) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        return setting
    }

    @Test func inserts() throws {
        let named = try insert("INSERT INTO TABLE a.b PARTITION (p = 1, q) (x, y) VALUES (1, DEFAULT)")
        #expect(named.table.shown == "a.b")
        #expect(named.partition?.values.map(\.column.text) == ["p", "q"])
        guard case .named(let columns) = named.columns, case .into = named.mode else { throw Unexpected("columns") }
        #expect(columns.map(\.text) == ["x", "y"])
        guard case .positional = try insert("INSERT INTO t (SELECT 1)").columns else { throw Unexpected("query in parentheses") }
        guard case .byName = try insert("INSERT OVERWRITE t BY NAME SELECT 1 AS a").columns else { throw Unexpected("by name") }
        guard case .replaceWhere(let condition) = try insert("INSERT INTO t REPLACE WHERE a > 1 SELECT 2").mode else {
            throw Unexpected("replace")
        }
        #expect(Printer.sql(condition) == "(a > 1)")
        guard case .replaceUsing(let keys) = try insert("INSERT INTO t REPLACE USING (a, b) TABLE s").mode else {
            throw Unexpected("using")
        }
        #expect(keys.count == 2)
        #expect(try insert("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x").with?.queries.count == 1)
        #expect(try insert("INSERT WITH SCHEMA EVOLUTION INTO t SELECT 1").schemaEvolution)
        #expect(failureName("INSERT OVERWRITE DIRECTORY '/x' USING csv SELECT 1") == "INVALID_STATEMENT_OR_CLAUSE")
        #expect(failureName("INSERT INTO t") == "PARSE_SYNTAX_ERROR")
    }

    @Test func changes() throws {
        guard case .update(let update) = try Parser.parse("UPDATE t AS x SET a = 1, x.b.c = DEFAULT WHERE d").kind else {
            throw Unexpected("update")
        }
        #expect(update.alias?.name.text == "x" && update.assignments.map { $0.target.names } == [["a"], ["x", "b", "c"]])
        guard case .delete(let delete) = try Parser.parse("DELETE FROM t x WHERE a IN (SELECT 1)").kind else { throw Unexpected("delete") }
        #expect(delete.alias?.name.text == "x" && delete.filter != nil)
        guard case .truncate(let name, nil) = try Parser.parse("TRUNCATE TABLE a.b").kind else { throw Unexpected("truncate") }
        #expect(name.shown == "a.b")
    }

    @Test func merges() throws {
        let sql = """
            MERGE WITH SCHEMA EVOLUTION INTO t AS x USING (SELECT 1 AS a) s ON x.a = s.a
            WHEN MATCHED AND s.b THEN DELETE WHEN MATCHED THEN UPDATE SET *
            WHEN NOT MATCHED BY TARGET THEN INSERT (a, b.c) VALUES (1, DEFAULT) WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = 1
            """
        guard case .merge(let merge) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        #expect(merge.schemaEvolution && merge.targetAlias?.name.text == "x" && shape(merge.source) == "(query) s")
        #expect(merge.clauses.map(\.kind) == [.matched, .matched, .notMatched, .notMatchedBySource])
        guard case .delete = merge.clauses[0].action, case .updateAll = merge.clauses[1].action,
            case .insert(let columns, let values) = merge.clauses[2].action, case .update(let assignments) = merge.clauses[3].action
        else { throw Unexpected("actions") }
        #expect(columns.count == 2 && values.count == 2 && assignments.count == 1)
        #expect(failureName("MERGE INTO t USING s ON a") == "MERGE_WITHOUT_WHEN")
        #expect(
            failureName("MERGE INTO t USING s ON a WHEN MATCHED THEN DELETE WHEN MATCHED THEN UPDATE SET *")
                == "NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION")
    }

    @Test func settings() throws {
        guard case .configuration("spark.sql.a", "b c = 'd'") = try setting("SET spark.sql.a = b c = 'd';") else {
            throw Unexpected("text")
        }
        guard case .configuration("ansi_mode", "x;y") = try setting("SET ansi_mode = 'x;y'") else { throw Unexpected("quoted") }
        guard case .configuration("a b", "c d") = try setting("SET `a b` = `c d`") else { throw Unexpected("backquoted") }
        guard case .configuration("x", "") = try setting("SET x =") else { throw Unexpected("empty") }
        guard case .showConfiguration("hivevar:x") = try setting("SET hivevar:x") else { throw Unexpected("key") }
        guard case .showAll(false) = try setting("SET"), case .showAll(true) = try setting("set -v") else { throw Unexpected("all") }
        guard case .reset(nil) = try setting("RESET"), case .reset("a.b") = try setting("RESET a.b;") else { throw Unexpected("reset") }
        guard case .timeZone(.name("Europe/Rome")) = try setting("SET TIME ZONE 'Europe/Rome'") else { throw Unexpected("zone") }
        guard case .timeZone(.local) = try setting("SET TIME ZONE LOCAL") else { throw Unexpected("zone") }
        guard case .timeZone(.interval(-5_400_000_000)) = try setting("SET TIME ZONE INTERVAL '-1:30' HOUR TO MINUTE") else {
            throw Unexpected("zone")
        }
        guard case .variables(let assignments) = try setting("SET VAR a = 1, b.c = (SELECT 2)") else { throw Unexpected("variables") }
        #expect(assignments.count == 2)
        guard case .variablesFromQuery(let targets, _) = try setting("SET VARIABLE (a, b) = (SELECT 1, 2)") else {
            throw Unexpected("variables")
        }
        #expect(targets.count == 2)
        guard case .configuration("var", "1") = try setting("SET var = 1") else { throw Unexpected("a key named var") }
        #expect(failureName("SET x y") == "INVALID_SET_SYNTAX")
        #expect(failureName("SET TIME ZONE foo") == "_LEGACY_ERROR_TEMP_0045")
        #expect(failureName("SET TIME ZONE INTERVAL 20 HOURS") == "INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE")
    }

    @Test func sessions() throws {
        guard case .use(.catalog(let catalog)) = try Parser.parse("USE CATALOG c").kind else { throw Unexpected("catalog") }
        #expect(catalog.shown == "c")
        guard case .use(.schema(let schema)) = try Parser.parse("USE DATABASE a.b").kind else { throw Unexpected("schema") }
        #expect(schema.shown == "a.b")
        guard case .use(.schema(let plain)) = try Parser.parse("USE schema").kind else { throw Unexpected("schema") }
        #expect(plain.shown == "schema")
        guard case .declareVariable(let variable) = try Parser.parse("DECLARE OR REPLACE VARIABLE a, b INT DEFAULT 1").kind else {
            throw Unexpected("declare")
        }
        #expect(variable.orReplace && variable.names.count == 2 && variable.type != nil)
        guard case .executeImmediate(let immediate) = try Parser.parse("EXECUTE IMMEDIATE 'SELECT ?' INTO x USING (1 AS a, 2)").kind else {
            throw Unexpected("immediate")
        }
        #expect(immediate.into.count == 1 && immediate.using.map(\.alias?.text) == ["a", nil])
        #expect(failureName("DECLARE x") == "INVALID_SQL_SYNTAX.VARIABLE_TYPE_OR_DEFAULT_REQUIRED")
    }

    @Test func shows() throws {
        guard case .tables(let place) = try show("SHOW TABLES FROM a.b LIKE 'x*'").subject else { throw Unexpected("tables") }
        #expect(place?.shown == "a.b")
        #expect(try show("SHOW TABLES IN a 'x'").pattern == "x")
        guard case .tablesAcross(let catalog, "p") = try show("SHOW TABLES IN CATALOG c SCHEMA LIKE 'p' LIKE 'q'").subject else {
            throw Unexpected("across")
        }
        #expect(catalog?.shown == "c")
        #expect(try show("SHOW TABLES IN CATALOG c SCHEMA LIKE 'p' LIKE 'q'").pattern == "q")
        guard case .tablesAcross(nil, nil) = try show("SHOW TABLES IN ALL CATALOGS LIKE 'q'").subject else { throw Unexpected("all") }
        guard case .tables(let named) = try show("SHOW TABLES IN catalog").subject else { throw Unexpected("a schema named catalog") }
        #expect(named?.shown == "catalog")
        guard
            case .columnsAcross(let place, "p", "q") = try show("SHOW COLUMNS IN CATALOG c SCHEMA LIKE 'p' TABLE LIKE 'q' LIKE 'r'").subject
        else {
            throw Unexpected("columns")
        }
        #expect(place?.shown == "c")
        guard case .columns(let table, let schema) = try show("SHOW COLUMNS IN t FROM s").subject else { throw Unexpected("columns") }
        #expect(table.shown == "t" && schema?.shown == "s")
        guard case .functions("USER", nil, let name) = try show("SHOW USER FUNCTIONS LIKE a.b").subject else {
            throw Unexpected("functions")
        }
        #expect(name?.names == ["a", "b"])
        guard case .routinesAcross(.function, _, "p") = try show("SHOW FUNCTIONS IN CATALOG c SCHEMA LIKE 'p' LIKE 'q'").subject else {
            throw Unexpected("functions")
        }
        guard case .grants(let principal, .schema, let object) = try show("SHOW GRANTS `u` ON SCHEMA a.b").subject else {
            throw Unexpected("grants")
        }
        #expect(principal?.text == "u" && object?.shown == "a.b")
        guard case .keys(true, let keys) = try show("SHOW FOREIGN KEYS IN CATALOG c IN SCHEMA s IN TABLE t").subject else {
            throw Unexpected("keys")
        }
        #expect(keys.shown == "c.s.t")
        guard case .tableProperties(_, "a.b") = try show("SHOW TBLPROPERTIES t (a.b)").subject else { throw Unexpected("properties") }
        guard case .createTable(_, true) = try show("SHOW CREATE TABLE t AS SERDE").subject else { throw Unexpected("create") }
        guard case .other("EXTERNAL LOCATIONS") = try show("SHOW EXTERNAL LOCATIONS").subject else { throw Unexpected("other") }
        for sql in [
            "SHOW CATALOGS", "SHOW SCHEMAS IN c LIKE 'x'", "SHOW VIEWS", "SHOW VOLUMES IN a.b", "SHOW PARTITIONS t PARTITION (a = 1)",
            "SHOW CURRENT SCHEMA",
        ] {
            _ = try show(sql)
        }
        #expect(failureName("SHOW FOO") == "PARSE_SYNTAX_ERROR")
    }

    @Test func describes() throws {
        func describe(_ sql: String) throws -> Describe {
            guard case .describe(let describe) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
            return describe
        }
        guard case .relation(let name, true, let partition, nil, false) = try describe("DESC FORMATTED a.b PARTITION (c = 1)") else {
            throw Unexpected("table")
        }
        #expect(name.shown == "a.b" && partition != nil)
        guard case .relation(_, false, nil, let column, false) = try describe("DESCRIBE TABLE t a.b") else { throw Unexpected("column") }
        #expect(column?.names == ["a", "b"])
        guard case .relation(_, true, nil, nil, true) = try describe("DESCRIBE EXTENDED t AS JSON") else { throw Unexpected("json") }
        guard case .relation(let extended, false, nil, nil, false) = try describe("DESCRIBE extended") else {
            throw Unexpected("a table named extended")
        }
        #expect(extended.shown == "extended")
        guard case .query = try describe("DESCRIBE QUERY SELECT 1"), case .query = try describe("DESC SELECT 1") else {
            throw Unexpected("query")
        }
        guard case .history(let table, let limit) = try describe("DESCRIBE HISTORY a.b LIMIT 3") else { throw Unexpected("history") }
        #expect(table.shown == "a.b" && limit != nil)
        guard case .detail = try describe("DESCRIBE DETAIL t"), case .schema(_, true) = try describe("DESC SCHEMA EXTENDED s") else {
            throw Unexpected("schema")
        }
        guard case .function(let function, true) = try describe("DESCRIBE FUNCTION EXTENDED ||") else { throw Unexpected("function") }
        #expect(function.shown == "||")
        #expect(failureName("DESC t AS JSON") == "DESCRIBE_JSON_NOT_EXTENDED")
    }

    @Test func grants() throws {
        guard case .grant(let grant) = try Parser.parse("GRANT USE CATALOG, ALL PRIVILEGES ON CATALOG c TO `a b`").kind else {
            throw Unexpected("grant")
        }
        #expect(grant.privileges == ["USE CATALOG", "ALL PRIVILEGES"] && grant.objectKind == .catalog && grant.principal.text == "a b")
        guard case .revoke(let revoke) = try Parser.parse("REVOKE SELECT ON t FROM u").kind else { throw Unexpected("revoke") }
        #expect(revoke.objectKind == .table && revoke.object?.shown == "t")
    }

    @Test func upkeep() throws {
        guard case .optimize(let optimize) = try Parser.parse("OPTIMIZE t WHERE a = 1 ZORDER BY (b, c.d)").kind else {
            throw Unexpected("optimize")
        }
        #expect(optimize.zOrderBy.count == 2 && optimize.filter != nil)
        guard case .vacuum(let vacuum) = try Parser.parse("VACUUM t LITE RETAIN 24 HOURS DRY RUN").kind else { throw Unexpected("vacuum") }
        #expect(vacuum.mode == "LITE" && vacuum.retainHours != nil && vacuum.dryRun)
        guard case .restore(_, .version("3")) = try Parser.parse("RESTORE TABLE t TO VERSION AS OF 3").kind else {
            throw Unexpected("restore")
        }
        guard
            case .copyInto(let copy) = try Parser.parse(
                "COPY INTO t FROM (SELECT _c0 FROM '/x') FILEFORMAT = CSV PATTERN = '*.csv' FORMAT_OPTIONS ('header' = 'true') COPY_OPTIONS ('force' = 'true')"
            ).kind
        else { throw Unexpected("copy") }
        #expect(copy.fileFormat == "CSV" && copy.pattern == "*.csv" && copy.formatOptions.count == 1)
        guard case .query(let source) = copy.source else { throw Unexpected("source") }
        #expect(try select(source.body).from.map(shape) == "/x")
        guard case .list("/Volumes/a", nil) = try Parser.parse("LIST '/Volumes/a'").kind else { throw Unexpected("list") }
        guard case .put("a", "/Volumes/b", true) = try Parser.parse("PUT 'a' INTO '/Volumes/b' OVERWRITE").kind else {
            throw Unexpected("put")
        }
        guard case .get("/Volumes/b", "a") = try Parser.parse("GET '/Volumes/b' TO 'a'").kind else { throw Unexpected("get") }
        guard case .remove("/Volumes/b") = try Parser.parse("REMOVE '/Volumes/b'").kind else { throw Unexpected("remove") }
        for sql in [
            "ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS", "CACHE LAZY TABLE t OPTIONS ('a' = 'b') AS SELECT 1",
            "UNCACHE TABLE IF EXISTS t", "CLEAR CACHE",
            "REFRESH TABLE t", "REFRESH MATERIALIZED VIEW v", "MSCK REPAIR TABLE t SYNC PARTITIONS", "EXPLAIN FORMATTED SELECT 1",
            "CALL a.p(1, x => 2)",
            "REORG TABLE t APPLY (PURGE)",
        ] {
            #expect(failure(sql) == nil, "\(sql)")
        }
        #expect(failureName("COMMIT") == "INVALID_STATEMENT_OR_CLAUSE")
    }

    @Test func scripts() throws {
        let sql = """
            BEGIN
              DECLARE x INT DEFAULT 0;
              DECLARE c CONDITION FOR SQLSTATE '45000';
              DECLARE EXIT HANDLER FOR SQLEXCEPTION, NOT FOUND BEGIN SELECT 1; END;
              SET x = x + 1;
              IF x > 1 THEN SELECT 1; ELSEIF x > 0 THEN SELECT 2; ELSE SELECT 3; END IF;
              CASE x WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE;
              a: WHILE x < 5 DO SET x = x + 1; ITERATE a; END WHILE a;
              REPEAT SET x = x - 1; UNTIL x = 0 END REPEAT;
              b: LOOP LEAVE b; END LOOP b;
              FOR r AS SELECT * FROM t DO INSERT INTO u VALUES (r.a); END FOR;
              SIGNAL c SET MESSAGE_TEXT = 'oops';
              l: BEGIN SELECT 1; END l;
            END
            """
        guard case .script(let block) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
        #expect(
            block.statements.map { String("\($0)".prefix { $0 != "(" }) } == [
                "statement", "declareCondition", "declareHandler", "statement", "ifElse", "caseWhen", "whileLoop", "repeatLoop", "loop",
                "forLoop", "signal", "block",
            ])
        guard case .statement(let set) = block.statements[3], case .set(.variables) = set.kind else { throw Unexpected("SET in a script") }
        #expect(failureName("a: BEGIN SELECT 1; END b") == "LABELS_MISMATCH")
        #expect(failureName("BEGIN SELECT 1; END b") == "END_LABEL_WITHOUT_BEGIN_LABEL")
        #expect(failureName("BEGIN SELECT 1 END") == "PARSE_SYNTAX_ERROR")
    }
}
