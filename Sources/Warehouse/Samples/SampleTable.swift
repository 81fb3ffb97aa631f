import Columnar
import Workspace

/// A table of the catalog `samples`: small, and made by rule, so that it is the same in every workspace and costs nothing until it is read.
struct SampleTable: Sendable {
    let schema: String
    let name: String
    let comment: String
    let fields: [Field]
    let make: @Sendable () -> [[Value]]

    static let catalog = "samples"

    static let all: [SampleTable] = [
        .trips, .region, .nation, .supplier, .customer, .part, .partsupp, .orders, .lineitem,
    ]

    /// The location of its files; no other table has one like it.
    var location: String { "s3://dbxsim-samples/\(schema)/\(name)" }

    /// The whole content as one batch.
    func batch() -> RecordBatch {
        let rows = make()
        let columns = fields.indices.map { index in Column(fields[index].type, of: rows.map { $0[index] }) }
        return RecordBatch(schema: Schema(fields), columns: columns, rowCount: rows.count)
    }
}

/// Draws for made-up rows.
struct SampleDraw {
    private var generator: SeededGenerator

    init(_ table: String) { generator = SeededGenerator(seed: 0, stream: "samples." + table) }

    mutating func int(_ range: ClosedRange<Int64>) -> Int64 {
        let span = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int64(generator.next() % span)
    }

    mutating func pick<T>(_ items: [T]) -> T { items[Int(int(0...Int64(items.count - 1)))] }

    /// A few words of text.
    mutating func words(_ count: ClosedRange<Int64>) -> String {
        (0..<int(count)).map { _ in pick(Self.vocabulary) }.joined(separator: " ")
    }

    private static let vocabulary = [
        "quick", "regular", "final", "special", "pending", "bold", "even", "silent", "careful", "deposits", "requests", "accounts", "packages",
        "ideas", "theories", "platelets", "foxes", "instructions", "sleep", "haggle", "nag", "wake", "boost", "cajole", "among", "above", "along",
        "blithely", "furiously", "slyly",
    ]
}

extension Value {
    static func int(_ number: Int64) -> Value { .integer(number) }
    /// Cents as DECIMAL(p, 2) or by the column's scale.
    static func cents(_ number: Int64) -> Value { .decimal(Int128(number)) }
}
