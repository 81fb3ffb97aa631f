import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax
import Synchronization

/// The blocks of a script that are being run, innermost last. Only the worker that runs the script changes them.
final class ScriptFrames: Sendable {
    /// A block or a FOR loop's round.
    final class Frame: Sendable {
        private struct Content {
            var variables: [String: SQLVariable] = [:]
            var conditions: [String: String] = [:]
            var handlers: [Handler] = []
            var cursors: [String: Cursor] = [:]
        }

        /// Lower-case; blocks without a label have none.
        let label: String?
        let isForLoop: Bool
        private let content = Mutex(Content())

        init(label: String?, isForLoop: Bool = false) {
            self.label = label?.lowercased()
            self.isForLoop = isForLoop
        }

        var variables: [String: SQLVariable] {
            get { content.withLock { $0.variables } }
            set { content.withLock { $0.variables = newValue } }
        }

        /// Declared conditions and their SQLSTATEs, by lower-case name.
        var conditions: [String: String] {
            get { content.withLock { $0.conditions } }
            set { content.withLock { $0.conditions = newValue } }
        }

        /// By lower-case name.
        var cursors: [String: Cursor] {
            get { content.withLock { $0.cursors } }
            set { content.withLock { $0.cursors = newValue } }
        }

        var handlers: [Handler] {
            get { content.withLock { $0.handlers } }
            set { content.withLock { $0.handlers = newValue } }
        }
    }

    /// A declared cursor; open while it has rows.
    struct Cursor: Sendable {
        let name: String
        let query: Query
        var rows: ResultSet?
        /// The next row's batch, and its place there.
        var batch = 0
        var row = 0
    }

    struct Handler: Sendable {
        let isExit: Bool
        let conditions: [ScriptStatement.HandlerCondition]
        let body: [ScriptStatement]
    }

    private struct State {
        var frames: [Frame] = []
        var handled: SQLError?
        var steps: UInt64 = 0
    }

    private let state = Mutex(State())

    var frames: [Frame] { state.withLock { $0.frames } }

    /// How many statements have been begun.
    var steps: UInt64 { state.withLock { $0.steps } }

    func step() { state.withLock { $0.steps &+= 1 } }

    /// The error that a handler is dealing with.
    var handled: SQLError? {
        get { state.withLock { $0.handled } }
        set { state.withLock { $0.handled = newValue } }
    }

    /// Runs `body` with no blocks but the outer ones up to `frame`.
    func within<R>(_ frame: Frame, _ body: () throws(SQLError) -> R) throws(SQLError) -> R {
        let all = frames
        guard let index = all.lastIndex(where: { $0 === frame }) else { return try body() }
        state.withLock { $0.frames = Array(all[...index]) }
        defer { state.withLock { $0.frames = all } }
        return try body()
    }

    /// The cursor `c` or `label.c`, the nearest first.
    func cursor(_ name: [String]) -> (frame: Frame, cursor: Cursor)? {
        guard let key = name.last?.lowercased(), name.count < 3 else { return nil }
        for frame in frames.reversed() where name.count == 1 || frame.label == name[0].lowercased() {
            if let cursor = frame.cursors[key] { return (frame, cursor) }
        }
        return nil
    }

    func push(_ frame: Frame) { state.withLock { $0.frames.append(frame) } }
    func pop() { state.withLock { if !$0.frames.isEmpty { $0.frames.removeLast() } } }

    /// The variable `v` or `label.v`, the nearest first.
    func find(_ name: [String]) throws(SQLError) -> (frame: Frame, variable: SQLVariable)? {
        for frame in frames.reversed() {
            if name.count == 1, let variable = frame.variables[name[0].lowercased()] { return (frame, variable) }
            if name.count == 2, frame.label == name[0].lowercased(), let variable = frame.variables[name[1].lowercased()] {
                return (frame, variable)
            }
        }
        return nil
    }

    func condition(_ name: String) -> String? {
        for frame in frames.reversed() { if let state = frame.conditions[name.lowercased()] { return state } }
        return nil
    }

    /// The variables as they are now.
    var scope: ScriptScope { ScriptScope(levels: frames.map { .init(label: $0.label, variables: $0.variables) }) }
}

/// The local variables that a statement of a script sees.
struct ScriptScope: Sendable {
    struct Level: Sendable {
        let label: String?
        let variables: [String: SQLVariable]
    }

    let levels: [Level]

    func variable(_ name: [String]) -> CatalogVariable? {
        guard name.count < 3, let last = name.last else { return nil }
        for level in levels.reversed() where name.count == 1 || level.label == name[0].lowercased() {
            if let variable = level.variables[last.lowercased()] {
                return CatalogVariable(path: ["local"] + (level.label.map { [$0] } ?? []) + [variable.name], value: variable.value)
            }
        }
        return nil
    }
}
