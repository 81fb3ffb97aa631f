/// Other threads that may take part in a statement's work. Which rows come out, and in what order, does not depend on them.
package struct Parallelism: Sendable {
    /// How many threads besides the statement's own are of use.
    package let helpers: Int
    /// Has another thread do the work some time; whether and when it does changes nothing but how long the statement takes.
    package let start: @Sendable (@escaping @Sendable () -> Void) -> Void

    package static let none = Parallelism(helpers: 0) { _ in }

    package init(helpers: Int, start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.helpers = helpers
        self.start = start
    }
}
