import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// The table functions without arguments whose rows never change: `sql_keywords()`, `collations()`; nil for other names.
    func fixedTable(_ name: String) -> AnalyzedRelation? {
        switch name {
        case "sql_keywords":
            let words = Keyword.allCases.map(\.rawValue).sorted()
            return table([
                (Field("keyword", .text, nullable: false), words.map { .string($0) }),
                (Field("reserved", .boolean, nullable: false), words.map { _ in .boolean(false) }),
            ])
        case "collations":
            let all = Collation.named
            func repeated(_ text: String) -> [Value] { all.map { _ in .string(text) } }
            let none: [Value] = all.map { _ in .null }
            return table([
                (Field("CATALOG", .text, nullable: false), repeated("SYSTEM")), (Field("SCHEMA", .text, nullable: false), repeated("BUILTIN")),
                (Field("NAME", .text, nullable: false), all.map { .string($0.rawValue) }), (Field("LANGUAGE", .text), none),
                (Field("COUNTRY", .text), none), (Field("ACCENT_SENSITIVITY", .text, nullable: false), repeated("ACCENT_SENSITIVE")),
                (
                    Field("CASE_SENSITIVITY", .text, nullable: false),
                    all.map { .string($0 == .utf8LCase ? "CASE_INSENSITIVE" : "CASE_SENSITIVE") }
                ),
                (Field("PAD_ATTRIBUTE", .text, nullable: false), repeated("NO_PAD")), (Field("ICU_VERSION", .text), none),
            ])
        default: return nil
        }
    }

    private func table(_ columns: [(field: Field, values: [Value])]) -> AnalyzedRelation {
        let output = columns.map { attribute($0.field.name, $0.field.type, nullable: $0.field.nullable) }
        let values = LogicalPlan.Values(
            output: output, columns: columns.map { Column($0.field.type, of: $0.values) }, rowCount: columns.first?.values.count ?? 0)
        return AnalyzedRelation(plan: .values(values), scope: Scope(output, qualifier: []))
    }
}
