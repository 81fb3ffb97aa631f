import Columnar
import SparkErrors
import SparkFunctions

final class ProjectOperator: Operator {
    private let child: any Operator
    private let evaluators: [any Evaluator]
    private let types: [DataType]
    private let state: ExecutionState

    init(_ child: any Operator, _ evaluators: [any Evaluator], types: [DataType], _ state: ExecutionState) {
        self.child = child
        self.evaluators = evaluators
        self.types = types
        self.state = state
    }

    /// Input that is still to be computed, last first: a batch whose values would take too much memory is cut.
    private var pending: [Rows] = []

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if pending.isEmpty {
            guard let rows = try child.next() else { return nil }
            pending.append(rows)
        }
        while let rows = pending.popLast() {
            do throws(SQLError) {
                return try project(rows)
            } catch {
                guard error.isOfMemory, rows.count > 1 else { throw error }
                let middle = rows.count / 2
                pending.append(rows.slice(middle..<rows.count))
                pending.append(rows.slice(0..<middle))
            }
        }
        return nil
    }

    private func project(_ rows: Rows) throws(SQLError) -> Rows {
        var columns: [Column] = []
        columns.reserveCapacity(evaluators.count)
        for (evaluator, type) in zip(evaluators, types) {
            let column = try evaluator.column(rows, state.context)
            columns.append(column.type == type ? column : column.isVoid ? .nulls(type, count: rows.count) : column.with(type: type))
        }
        return Rows(columns, count: rows.count)
    }
}

/// Keeps the rows for which every condition is true. A condition is evaluated for rows only that passed those before it, unless it cannot do harm.
final class FilterOperator: Operator {
    private let child: any Operator
    private let conditions: [any Evaluator]
    /// For each condition the columns that it, those behind it, or whoever reads the result needs, and at last those of the result alone; nil: all.
    private let needed: [[Int]?]
    private let state: ExecutionState

    /// Columns that `needed` does not name come out as nulls.
    init(_ child: any Operator, _ conditions: [any Evaluator], needed: [Int]? = nil, _ state: ExecutionState) {
        self.child = child
        self.conditions = conditions
        self.needed = (0...conditions.count).map { index in
            needed.map { needed in Set(needed + conditions[index...].flatMap(\.inputs)).sorted() }
        }
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        while let rows = try child.next() {
            try state.check()
            let kept = try filterInParts(rows)
            if kept.count > 0 { return kept }
        }
        return nil
    }

    /// As `filter`; in smaller parts if what the conditions compute would take too much memory.
    private func filterInParts(_ rows: Rows) throws(SQLError) -> Rows {
        do throws(SQLError) {
            return try filter(rows)
        } catch {
            guard error.isOfMemory, rows.count > 1 else { throw error }
            try state.check()
            let middle = rows.count / 2
            let parts = [try filterInParts(rows.slice(0..<middle)), try filterInParts(rows.slice(middle..<rows.count))]
            return try Rows.concat(parts, types: rows.columns.map(\.type))
        }
    }

    private func filter(_ rows: Rows) throws(SQLError) -> Rows {
        var rows = rows
        var mask: Bitmap?
        for (index, condition) in conditions.enumerated() {
            if rows.count == 0 { return rows }
            if let pending = mask, !condition.isSafe || pending.onesCount < rows.count / 4 {
                rows = rows.filter(pending, needed: needed[index])
                mask = nil
                if rows.count == 0 { return rows }
            }
            let passed = try condition.booleans(rows, state.context).trueBits
            mask = mask.map { $0 & passed } ?? passed
        }
        return mask.map { rows.filter($0, needed: needed[conditions.count]) } ?? rows
    }
}

final class LimitOperator: Operator {
    private let child: any Operator
    private var toSkip: Int
    private var remaining: Int?

    init(_ child: any Operator, count: Int?, offset: Int) {
        self.child = child
        toSkip = offset
        remaining = count
    }

    func next() throws(SQLError) -> Rows? {
        while remaining != 0, var rows = try child.next() {
            if toSkip > 0 {
                let skipped = min(toSkip, rows.count)
                toSkip -= skipped
                rows = rows.slice(skipped..<rows.count)
            }
            if let left = remaining {
                if rows.count > left { rows = rows.slice(0..<left) }
                remaining = left - rows.count
            }
            if rows.count > 0 { return rows }
        }
        return nil
    }
}

final class UnionOperator: Operator {
    private var children: [any Operator]
    private let types: [DataType]
    private var position = 0

    init(_ children: [any Operator], types: [DataType]) {
        self.children = children
        self.types = types
    }

    func next() throws(SQLError) -> Rows? {
        while children.indices.contains(position) {
            if let rows = try children[position].next() {
                return Rows(zip(rows.columns, types).map { $0.type == $1 ? $0 : $0.with(type: $1) }, count: rows.count)
            }
            position += 1
        }
        return nil
    }
}

/// Each row once for each list of expressions.
final class ExpandOperator: Operator {
    private let child: any Operator
    private let projections: [[any Evaluator]]
    private let types: [DataType]
    private let state: ExecutionState
    private var current: Rows?
    private var position = 0

    init(_ child: any Operator, _ projections: [[any Evaluator]], types: [DataType], _ state: ExecutionState) {
        self.child = child
        self.projections = projections
        self.types = types
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if position >= projections.count { current = nil }
        if current == nil {
            current = try child.next()
            position = 0
        }
        guard let rows = current, projections.indices.contains(position) else { return nil }
        var columns = rows.columns
        for (evaluator, type) in zip(projections[position], types) {
            columns.append(try evaluator.column(rows, state.context).with(type: type))
        }
        position += 1
        return Rows(columns, count: rows.count)
    }
}
