import SparkSyntax

extension SparkSyntax.Statement.Kind {
    /// What a statement that is not simulated is called in its refusal.
    var words: String {
        switch self {
        case .update: "UPDATE"
        case .delete: "DELETE"
        case .merge: "MERGE INTO"
        case .truncate: "TRUNCATE TABLE"
        case .copyInto: "COPY INTO"
        case .createTableLike: "CREATE TABLE LIKE"
        case .createFunction: "CREATE FUNCTION"
        case .undrop: "UNDROP"
        case .policy: "POLICY"
        case .declareVariable: "DECLARE VARIABLE"
        case .dropVariable: "DROP VARIABLE"
        case .executeImmediate: "EXECUTE IMMEDIATE"
        case .explain: "EXPLAIN"
        case .grant: "GRANT"
        case .revoke: "REVOKE"
        case .optimize: "OPTIMIZE"
        case .vacuum: "VACUUM"
        case .restore: "RESTORE"
        case .analyze: "ANALYZE TABLE"
        case .cache: "CACHE"
        case .refresh: "REFRESH"
        case .repair: "REPAIR TABLE"
        case .reorg: "REORG TABLE"
        case .list: "LIST"
        case .put: "PUT"
        case .get: "GET"
        case .remove: "REMOVE"
        case .call: "CALL"
        case .script: "SQL scripting"
        default: "this statement"
        }
    }
}
