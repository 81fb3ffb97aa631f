import SparkErrors

/// A physical operator: gives its rows in chunks, always in the same order; nil is the end.
protocol Operator: AnyObject {
    func next() throws(SQLError) -> Chunk?
}
