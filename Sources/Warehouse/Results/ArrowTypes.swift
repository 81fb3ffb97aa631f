import Columnar

/// Which of Arrow's own types a caller reads; what it does not is given to it as text.
package struct ArrowTypes: Sendable, Hashable {
    package var timestamps = true
    package var decimals = true
    package var nested = true
    package var intervals = true
    package var nulls = true

    package init() {}

    /// Whether a column goes as text although Arrow has a type for it.
    func isText(_ type: DataType) -> Bool {
        switch type {
        case .timestamp, .timestampNTZ: !timestamps
        case .decimal: !decimals
        case .array, .map, .structure: !nested
        case .yearMonthInterval, .dayTimeInterval: !intervals
        case .void: !nulls
        default: false
        }
    }
}
