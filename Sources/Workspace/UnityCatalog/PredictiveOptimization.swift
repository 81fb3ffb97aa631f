/// Whether an object is maintained by the service; an object without a wish of its own takes that of its parent.
package enum PredictiveOptimization: String, Sendable, Hashable, CaseIterable {
    case disable = "DISABLE"
    case enable = "ENABLE"
    case inherit = "INHERIT"

    /// What holds for an object.
    package struct Effective: Sendable, Hashable {
        package let value: PredictiveOptimization
        /// Where it comes from, if not from the object itself: the schema, or the catalog whose own value or default it is.
        package let inheritedFrom: (type: SecurableType, name: String)?

        package static func == (left: Effective, right: Effective) -> Bool {
            left.value == right.value && left.inheritedFrom?.name == right.inheritedFrom?.name
                && left.inheritedFrom?.type == right.inheritedFrom?.type
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(value) }
    }

    /// New metastores have it on.
    private static let platformDefault = PredictiveOptimization.enable

    static func effective(
        _ own: PredictiveOptimization, schema: (PredictiveOptimization, String)? = nil, catalog: (PredictiveOptimization, String)? = nil
    )
        -> Effective
    {
        if own != .inherit { return Effective(value: own, inheritedFrom: nil) }
        if let (value, name) = schema, value != .inherit { return Effective(value: value, inheritedFrom: (.schema, name)) }
        guard let (value, name) = catalog else { return Effective(value: platformDefault, inheritedFrom: nil) }
        return Effective(value: value == .inherit ? platformDefault : value, inheritedFrom: (.catalog, name))
    }
}
