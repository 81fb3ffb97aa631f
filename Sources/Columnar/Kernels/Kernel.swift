/// Loops over whole columns. All are total on columns that are well formed, and never look at what lies under a null.
package enum Kernel {}

/// Why a kernel that must not wrap gave up; `row` is the first row at fault.
package enum KernelError: Error, Equatable {
    case overflow(row: Int)
    case divideByZero(row: Int)
    /// The layouts given are not ones that the kernel is made for; a fault of the caller.
    case unsupportedLayout

    package var row: Int? {
        switch self {
        case .overflow(let row), .divideByZero(let row): row
        case .unsupportedLayout: nil
        }
    }
}

package enum Comparison: Sendable, Hashable, CaseIterable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    /// The comparison that holds for (b, a) when this one holds for (a, b).
    package var mirrored: Comparison {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }

    /// Whether it holds for two values of which `order` says how they lie: negative, zero or positive.
    func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }
}

extension Kernel {
    /// Valid where both are; nil stands for "no nulls".
    package static func combinedValidity(_ left: Bitmap?, _ right: Bitmap?) -> Bitmap? {
        guard let left else { return right }
        guard let right else { return left }
        return left & right
    }

    /// Valid where all columns are.
    package static func combinedValidity(_ columns: [Column]) -> Bitmap? {
        columns.reduce(nil) { combinedValidity($0, $1.validity) }
    }
}
