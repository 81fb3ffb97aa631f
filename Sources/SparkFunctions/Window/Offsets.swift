import Columnar
import SparkErrors

extension WindowFunction {
    /// `lag` and `lead`: the value so many rows before or behind within the partition.
    private static func offset(_ name: String, sign: Int, usage: String) -> WindowFunction {
        WindowFunction(name, usage: usage) { (call, context) throws(SQLError) in
            try call.call.checkCount(1...3)
            let type = call.arguments[0].type
            var distance = 1
            if call.arguments.count > 1 {
                guard call.arguments[1].constant != nil else {
                    throw call.call.mismatch(
                        .datatypeMismatchNonFoldableInput,
                        ["inputName": SQLQuote.id("offset"), "inputType": "\"INT\"", "inputExpr": SQLQuote.expr(call.arguments[1].sql)])
                }
                guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.int)) != nil else { throw call.call.unexpectedType(1, "\"INT\"") }
                guard case .integer(let given) = try call.call.constant(1, "offset", .int, context) else {
                    throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "offset"])
                }
                distance = Int(given)
            }
            let shift = distance * sign
            let ignoreNulls = call.ignoreNulls
            var result = type
            if call.arguments.count > 2, let common = Coercion.leastCommonType(type, call.arguments[2].type) {
                result = type == .void ? common : type
            }
            let returned = result
            let types = [returned] + (call.arguments.count > 1 ? [.int] : []) + (call.arguments.count > 2 ? [returned] : [])
            return BoundWindow(argumentTypes: types, returnType: returned, nullable: true, frame: .fixed) { (input, _) throws(SQLError) in
                let values = try input.arguments[0].expanded(to: input.rowCount)
                let picks = ignoreNulls ? skipping(values, input, shift) : plain(input, shift)
                guard input.arguments.count > 2 else { return try values.gather(picks) }
                let fallback = try input.arguments[2].expanded(to: input.rowCount)
                let both = try Column.joined([values, fallback], type: returned)
                let base = Int32(truncatingIfNeeded: input.rowCount)
                return both.take(picks.enumerated().map { row, pick in pick < 0 ? base + Int32(truncatingIfNeeded: row) : pick })
            }
        }
    }

    private static func plain(_ input: WindowInput, _ shift: Int) -> [Int32] {
        var picks = [Int32](repeating: -1, count: input.rowCount)
        for index in 0..<Swift.max(0, input.partitions.count - 1) {
            let range = Int(input.partitions[index])..<Int(input.partitions[index + 1])
            for row in range where range.contains(row + shift) { picks[row] = Int32(truncatingIfNeeded: row + shift) }
        }
        return picks
    }

    /// Counting only rows whose value is not null.
    private static func skipping(_ values: Column, _ input: WindowInput, _ shift: Int) -> [Int32] {
        if shift == 0 { return plain(input, 0) }
        var picks = [Int32](repeating: -1, count: input.rowCount)
        for index in 0..<Swift.max(0, input.partitions.count - 1) {
            let range = Int(input.partitions[index])..<Int(input.partitions[index + 1])
            let present = range.filter { !values.isNull($0) }
            var behind = 0
            for row in range {
                while behind < present.count, present[behind] < row { behind += 1 }
                // `behind` is how many present rows lie before this one.
                let own = behind < present.count && present[behind] == row ? 1 : 0
                let wanted = shift < 0 ? behind + shift : behind + own + shift - 1
                if present.indices.contains(wanted) { picks[row] = Int32(truncatingIfNeeded: present[wanted]) }
            }
        }
        return picks
    }

    static let lag = offset("lag", sign: -1, usage: "lag(expr[, offset[, default]]) - The value of expr so many rows before, 1 if not said.")
    static let lead = offset("lead", sign: 1, usage: "lead(expr[, offset[, default]]) - The value of expr so many rows behind, 1 if not said.")

    static let nthValue = WindowFunction("nth_value", since: "3.1.0", usage: "nth_value(expr, n) - The value of expr in the n-th row of the frame.") {
        (call, context) throws(SQLError) in
        try call.call.checkCount(2...3)
        guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.long)) != nil else { throw call.call.unexpectedType(1, "\"BIGINT\"") }
        guard case .integer(let wanted) = try call.call.constant(1, "offset", .long, context) else {
            throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "offset"])
        }
        guard wanted > 0 else {
            throw call.call.mismatch(
                .datatypeMismatchValueOutOfRange,
                ["exprName": "offset", "valueRange": "(0, 9223372036854775807]", "currentValue": "\(wanted)L"])
        }
        var ignoreNulls = call.ignoreNulls
        if call.arguments.count == 3, case .boolean(true) = try call.call.constant(2, "ignoreNulls", .boolean, context) { ignoreNulls = true }
        return inFrame(call.arguments[0].type, call.arguments, ignoreNulls: ignoreNulls, .nth(wanted))
    }

    private enum Edge: Sendable { case first, last, nth(Int64) }

    private static func edge(_ name: String, aliases: [String], _ edge: Edge, usage: String) -> WindowFunction {
        WindowFunction(name, aliases: aliases, usage: usage) { (call, context) throws(SQLError) in
            try call.call.checkCount(1...2)
            var ignoreNulls = call.ignoreNulls
            if call.arguments.count == 2, case .boolean(true) = try call.call.constant(1, "ignoreNulls", .boolean, context) { ignoreNulls = true }
            return inFrame(call.arguments[0].type, call.arguments, ignoreNulls: ignoreNulls, edge)
        }
    }

    private static func inFrame(_ type: DataType, _ arguments: [ArgumentInfo], ignoreNulls: Bool, _ edge: Edge) -> BoundWindow {
        let types = [type] + arguments.dropFirst().map { $0.type == .boolean ? .boolean : .long }
        return BoundWindow(argumentTypes: types, returnType: type, nullable: true, frame: .given) { (input, _) throws(SQLError) in
            let values = try input.arguments[0].expanded(to: input.rowCount)
            // How many values that are not null lie before each row, so that a frame's n-th is found by search.
            var present: [Int32] = []
            var before: [Int32] = []
            if ignoreNulls {
                for row in 0..<input.rowCount {
                    before.append(Int32(truncatingIfNeeded: present.count))
                    if !values.isNull(row) { present.append(Int32(truncatingIfNeeded: row)) }
                }
                before.append(Int32(truncatingIfNeeded: present.count))
            }
            var picks = [Int32](repeating: -1, count: input.rowCount)
            for row in 0..<input.rowCount {
                let (start, end) = (input.frameStarts[row], input.frameEnds[row])
                if start >= end { continue }
                let (low, high) = ignoreNulls ? (Int64(before[Int(start)]), Int64(before[Int(end)])) : (Int64(start), Int64(end))
                let place: Int64
                switch edge {
                case .first: place = low
                case .last: place = high - 1
                case .nth(let wanted):
                    if wanted > high - low { continue }
                    place = low + wanted - 1
                }
                if place < low || place >= high { continue }
                picks[row] = ignoreNulls ? present[Int(place)] : Int32(truncatingIfNeeded: place)
            }
            return try values.gather(picks)
        }
    }

    static let firstValue = edge(
        "first_value", aliases: ["first", "any_value"], .first, usage: "first_value(expr[, ignoreNulls]) - The value in the first row of the frame.")
    static let lastValue = edge(
        "last_value", aliases: ["last"], .last, usage: "last_value(expr[, ignoreNulls]) - The value in the last row of the frame.")
}

let windowFunctions: [WindowFunction] = [
    .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile, .lag, .lead, .nthValue, .firstValue, .lastValue,
]
