import Columnar
import JSON
import SparkErrors
import SparkFunctions

/// A table's or view's DEFAULT COLLATION, kept in the catalog row's details.
struct DefaultCollation: Sendable {
    /// nil: none was written.
    let collation: Collation?

    static let none = DefaultCollation(collation: nil)
    private static let key = "default_collation"

    init(collation: Collation?) { self.collation = collation }

    /// Of the name that a statement writes.
    /// - Throws: COLLATION_INVALID_NAME, or a refusal of one that is not simulated.
    init(named name: String?) throws(SQLError) {
        guard let name else { self = .none; return }
        collation = try Collation.named(name)
    }

    /// Of a catalog row's details.
    init(_ details: String?) {
        let name = details.flatMap { try? JSONValue(parsing: Array($0.utf8)) }?[Self.key]?.stringValue
        collation = name.flatMap(Collation.init(rawValue:))
    }

    var applied: Collation { collation ?? .utf8Binary }

    var members: [(String, JSONValue)] { collation.map { [(Self.key, .string($0.rawValue))] } ?? [] }

    /// The same for what is put in the place of an object that has this one, unless that says another.
    func replaced(by other: DefaultCollation) -> DefaultCollation { other.collation == nil ? self : other }
}
