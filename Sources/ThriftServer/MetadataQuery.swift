/// A metadata call as a query over `information_schema`, so that names, order and privileges are those of SQL.
///
/// Columns: HiveServer2's `GetCatalogsOperation` and its kin, as Spark's `SparkGetColumnsOperation` fills them; patterns are those of JDBC
/// (`%`, `_`, backslash).
struct MetadataQuery {
    let type: TCLI.OperationType
    let text: String
    var parameters: [(name: String, value: String)] = []

    init?(call: String, _ arguments: ThriftStructure) {
        switch call {
        case "GetCatalogs": self.init(.getCatalogs, "SELECT catalog_name AS TABLE_CAT FROM system.information_schema.catalogs ORDER BY 1")
        case "GetSchemas": self.init(schemas: arguments)
        case "GetTables": self.init(tables: arguments)
        case "GetColumns": self.init(columns: arguments)
        case "GetFunctions": self.init(functions: arguments)
        case "GetPrimaryKeys": self.init(primaryKeys: arguments)
        case "GetCrossReference": self.init(crossReference: arguments)
        case "GetTableTypes":
            self.init(.getTableTypes, "SELECT * FROM VALUES ('TABLE'), ('VIEW') AS types(TABLE_TYPE)")
        case "GetTypeInfo": self.init(.getTypeInfo, Self.typeInfo)
        default: return nil
        }
    }

    private init(_ type: TCLI.OperationType, _ text: String) {
        self.type = type
        self.text = text
    }

    /// One condition for each pattern that is given.
    private init(
        _ type: TCLI.OperationType, _ text: String, _ patterns: [(column: String, pattern: String?)], also extra: [String] = [],
        order: String
    ) {
        var conditions = extra
        var parameters: [(name: String, value: String)] = []
        for (column, pattern) in patterns {
            guard let pattern, !pattern.isEmpty, pattern != "%", pattern != "*" else { continue }
            let name = "p\(parameters.count)"
            conditions.append("lower(\(column)) LIKE :\(name) ESCAPE '\\\\'")
            parameters.append((name, Self.likePattern(pattern)))
        }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        self.init(type, text + filter + " ORDER BY " + order)
        self.parameters = parameters
    }

    /// A backslash before anything but a wildcard stands for itself: LIKE would refuse it.
    static func likePattern(_ pattern: String) -> String {
        var escaped = ""
        var rest = Substring(pattern.lowercased())
        while let character = rest.popFirst() {
            guard character == "\\" else {
                escaped.append(character)
                continue
            }
            escaped.append("\\")
            if let next = rest.first, next == "%" || next == "_" || next == "\\" {
                escaped.append(next)
                rest.removeFirst()
            } else {
                escaped.append("\\")
            }
        }
        return escaped
    }

    /// Drivers that have none say `SPARK`.
    private static func catalog(_ arguments: ThriftStructure, _ id: Int16 = 2) -> String? {
        arguments.string(id).flatMap { $0.lowercased() == "spark" ? nil : $0 }
    }

    private init(schemas arguments: ThriftStructure) {
        self.init(
            .getSchemas, "SELECT schema_name AS TABLE_SCHEM, catalog_name AS TABLE_CATALOG FROM system.information_schema.schemata",
            [("catalog_name", Self.catalog(arguments)), ("schema_name", arguments.string(3))], order: "TABLE_CATALOG, TABLE_SCHEM")
    }

    private static let tableType = """
        CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'METRIC_VIEW' THEN 'VIEW' WHEN 'MATERIALIZED_VIEW' THEN 'MATERIALIZED_VIEW' \
        WHEN 'STREAMING_TABLE' THEN 'STREAMING_TABLE' ELSE 'TABLE' END
        """

    private init(tables arguments: ThriftStructure) {
        let types = arguments.strings(5) ?? []
        let isIn = types.isEmpty ? [] : ["\(Self.tableType) IN (\(types.indices.map { ":t\($0)" }.joined(separator: ", ")))"]
        self.init(
            .getTables,
            """
            SELECT table_catalog AS TABLE_CAT, table_schema AS TABLE_SCHEM, table_name AS TABLE_NAME, \(Self.tableType) AS TABLE_TYPE, \
            coalesce(comment, '') AS REMARKS, CAST(NULL AS STRING) AS TYPE_CAT, CAST(NULL AS STRING) AS TYPE_SCHEM, \
            CAST(NULL AS STRING) AS TYPE_NAME, CAST(NULL AS STRING) AS SELF_REFERENCING_COL_NAME, CAST(NULL AS STRING) AS REF_GENERATION \
            FROM system.information_schema.tables
            """,
            [("table_catalog", Self.catalog(arguments)), ("table_schema", arguments.string(3)), ("table_name", arguments.string(4))], also: isIn,
            order: "TABLE_TYPE, TABLE_CAT, TABLE_SCHEM, TABLE_NAME")
        parameters += types.enumerated().map { ("t\($0.offset)", $0.element) }
    }

    /// The word a type begins with, its code in `java.sql.Types`, its size, its digits after the point.
    private static let types: [(name: String, code: Int, size: Int?, digits: Int?, isNumber: Bool)] = [
        ("BOOLEAN", 16, 1, 0, false), ("BYTE", -6, 1, 0, true), ("SHORT", 5, 2, 0, true), ("INT", 4, 4, 0, true), ("LONG", -5, 8, 0, true),
        ("FLOAT", 6, 4, 7, true), ("DOUBLE", 8, 8, 15, true), ("STRING", 12, nil, nil, false), ("CHAR", 1, nil, nil, false),
        ("BINARY", -2, nil, nil, false), ("DATE", 91, 4, nil, false), ("TIMESTAMP", 93, 8, 6, false), ("TIMESTAMP_NTZ", 93, 8, 6, false),
        ("ARRAY", 2003, nil, nil, false), ("MAP", 2000, nil, nil, false), ("STRUCT", 2002, nil, nil, false), ("NULL", 0, nil, nil, false),
    ]

    private static func cases(_ otherwise: String, _ value: (Int) -> String?) -> String {
        let branches = types.indices.compactMap { index in value(index).map { "WHEN '\(types[index].name)' THEN \($0)" } }
        return "CASE data_type \(branches.joined(separator: " ")) ELSE \(otherwise) END"
    }

    private init(columns arguments: ThriftStructure) {
        let digits =
            "CASE WHEN data_type = 'DECIMAL' THEN numeric_scale ELSE \(Self.cases("CAST(NULL AS INT)") { Self.types[$0].digits.map(String.init) }) END"
        let size =
            "CASE WHEN data_type = 'DECIMAL' THEN if(numeric_precision <= 18, 8, 16) ELSE \(Self.cases("CAST(NULL AS INT)") { Self.types[$0].size.map(String.init) }) END"
        let isNumber = Self.types.filter(\.isNumber).map { "'\($0.name)'" }.joined(separator: ", ")
        self.init(
            .getColumns,
            """
            SELECT table_catalog AS TABLE_CAT, table_schema AS TABLE_SCHEM, table_name AS TABLE_NAME, column_name AS COLUMN_NAME, \
            \(Self.cases("if(data_type = 'DECIMAL', 3, 1111)") { String(Self.types[$0].code) }) AS DATA_TYPE, \
            if(data_type IN ('ARRAY', 'MAP', 'STRUCT'), full_data_type, upper(full_data_type)) AS TYPE_NAME, \
            \(size) AS COLUMN_SIZE, CAST(NULL AS TINYINT) AS BUFFER_LENGTH, \(digits) AS DECIMAL_DIGITS, \
            if(data_type IN (\(isNumber), 'DECIMAL'), 10, CAST(NULL AS INT)) AS NUM_PREC_RADIX, if(is_nullable = 'YES', 1, 0) AS NULLABLE, \
            coalesce(comment, '') AS REMARKS, column_default AS COLUMN_DEF, CAST(NULL AS INT) AS SQL_DATA_TYPE, \
            CAST(NULL AS INT) AS SQL_DATETIME_SUB, CAST(NULL AS INT) AS CHAR_OCTET_LENGTH, ordinal_position AS ORDINAL_POSITION, \
            is_nullable AS IS_NULLABLE, CAST(NULL AS STRING) AS SCOPE_CATALOG, CAST(NULL AS STRING) AS SCOPE_SCHEMA, \
            CAST(NULL AS STRING) AS SCOPE_TABLE, CAST(NULL AS SMALLINT) AS SOURCE_DATA_TYPE, 'NO' AS IS_AUTO_INCREMENT \
            FROM system.information_schema.columns
            """,
            [
                ("table_catalog", Self.catalog(arguments)), ("table_schema", arguments.string(3)), ("table_name", arguments.string(4)),
                ("column_name", arguments.string(5)),
            ], order: "TABLE_CAT, TABLE_SCHEM, TABLE_NAME, ORDINAL_POSITION")
    }

    private init(functions arguments: ThriftStructure) {
        self.init(
            .getFunctions,
            """
            SELECT routine_catalog AS FUNCTION_CAT, routine_schema AS FUNCTION_SCHEM, routine_name AS FUNCTION_NAME, \
            coalesce(comment, '') AS REMARKS, if(data_type = 'TABLE', 2, 1) AS FUNCTION_TYPE, specific_name AS SPECIFIC_NAME \
            FROM system.information_schema.routines
            """,
            [("routine_catalog", Self.catalog(arguments)), ("routine_schema", arguments.string(3)), ("routine_name", arguments.string(4))],
            order: "FUNCTION_CAT, FUNCTION_SCHEM, FUNCTION_NAME")
    }

    private init(primaryKeys arguments: ThriftStructure) {
        self.init(
            .unknown,
            """
            SELECT k.table_catalog AS TABLE_CAT, k.table_schema AS TABLE_SCHEM, k.table_name AS TABLE_NAME, k.column_name AS COLUMN_NAME, \
            k.ordinal_position AS KEQ_SEQ, k.constraint_name AS PK_NAME FROM system.information_schema.key_column_usage k \
            JOIN system.information_schema.table_constraints c USING (constraint_catalog, constraint_schema, constraint_name)
            """,
            [("k.table_catalog", Self.catalog(arguments)), ("k.table_schema", arguments.string(3)), ("k.table_name", arguments.string(4))],
            also: ["c.constraint_type = 'PRIMARY KEY'"], order: "COLUMN_NAME")
    }

    private init(crossReference arguments: ThriftStructure) {
        self.init(
            .unknown,
            """
            SELECT p.table_catalog AS PKTABLE_CAT, p.table_schema AS PKTABLE_SCHEM, p.table_name AS PKTABLE_NAME, p.column_name AS PKCOLUMN_NAME, \
            f.table_catalog AS FKTABLE_CAT, f.table_schema AS FKTABLE_SCHEM, f.table_name AS FKTABLE_NAME, f.column_name AS FKCOLUMN_NAME, \
            f.ordinal_position AS KEQ_SEQ, 3 AS UPDATE_RULE, 3 AS DELETE_RULE, f.constraint_name AS FK_NAME, p.constraint_name AS PK_NAME, \
            7 AS DEFERRABILITY FROM system.information_schema.referential_constraints r \
            JOIN system.information_schema.key_column_usage f ON f.constraint_catalog = r.constraint_catalog \
            AND f.constraint_schema = r.constraint_schema AND f.constraint_name = r.constraint_name \
            JOIN system.information_schema.key_column_usage p ON p.constraint_catalog = r.unique_constraint_catalog \
            AND p.constraint_schema = r.unique_constraint_schema AND p.constraint_name = r.unique_constraint_name \
            AND p.ordinal_position = f.position_in_unique_constraint
            """,
            [
                ("p.table_catalog", Self.catalog(arguments)), ("p.table_schema", arguments.string(3)), ("p.table_name", arguments.string(4)),
                ("f.table_catalog", Self.catalog(arguments, 5)), ("f.table_schema", arguments.string(6)), ("f.table_name", arguments.string(7)),
            ], order: "FKTABLE_CAT, FKTABLE_SCHEM, FKTABLE_NAME, KEQ_SEQ")
    }

    /// Spark's `SparkGetTypeInfoOperation`.
    private static let typeInfo: String = {
        let rows: [(name: String, code: Int, precision: Int?, radix: Int?, isCaseSensitive: Bool, isSearchable: Bool, isNumber: Bool)] = [
            ("VOID", 0, nil, nil, false, false, false), ("BOOLEAN", 16, nil, nil, false, true, false),
            ("TINYINT", -6, 3, 10, false, true, true), ("SMALLINT", 5, 5, 10, false, true, true), ("INT", 4, 10, 10, false, true, true),
            ("BIGINT", -5, 19, 10, false, true, true), ("FLOAT", 6, 7, 10, false, true, true), ("DOUBLE", 8, 15, 10, false, true, true),
            ("STRING", 12, nil, nil, true, true, false), ("BINARY", -2, nil, nil, false, true, false),
            ("DECIMAL", 3, 38, 10, false, true, true), ("DATE", 91, nil, nil, false, true, false),
            ("TIMESTAMP", 93, nil, nil, false, true, false), ("ARRAY", 2003, nil, nil, false, false, false),
            ("MAP", 2000, nil, nil, false, false, false), ("STRUCT", 2002, nil, nil, false, false, false),
        ]
        let values = rows.map { row in
            """
            ('\(row.name)', \(row.code), \(row.precision.map(String.init) ?? "CAST(NULL AS INT)"), CAST(NULL AS STRING), CAST(NULL AS STRING), \
            CAST(NULL AS STRING), 1S, \(row.isCaseSensitive), \(row.isSearchable ? 3 : 0)S, \(!row.isNumber), false, false, CAST(NULL AS STRING), \
            0S, 0S, CAST(NULL AS INT), CAST(NULL AS INT), \(row.radix.map(String.init) ?? "CAST(NULL AS INT)"))
            """
        }
        return """
            SELECT * FROM VALUES \(values.joined(separator: ", ")) AS types(TYPE_NAME, DATA_TYPE, PRECISION, LITERAL_PREFIX, LITERAL_SUFFIX, \
            CREATE_PARAMS, NULLABLE, CASE_SENSITIVE, SEARCHABLE, UNSIGNED_ATTRIBUTE, FIXED_PREC_SCALE, AUTO_INCREMENT, LOCAL_TYPE_NAME, \
            MINIMUM_SCALE, MAXIMUM_SCALE, SQL_DATA_TYPE, SQL_DATETIME_SUB, NUM_PREC_RADIX)
            """
    }()
}
