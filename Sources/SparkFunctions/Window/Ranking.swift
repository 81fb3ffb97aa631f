import Columnar
import SparkErrors

extension WindowFunction {
    /// A function of a row's place alone.
    private static func ranking(
        _ name: String, returns type: DataType, takesArguments: Bool = false, usage: String, examples: [Example] = [],
        _ kernel: @escaping @Sendable (WindowInput) throws(SQLError) -> Column
    ) -> WindowFunction {
        WindowFunction(name, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            // Spark lets `rank(x)` pass, and looks at the window's order alone.
            if !takesArguments { try call.call.checkCount(0...0) }
            return BoundWindow(argumentTypes: call.arguments.map(\.type), returnType: type, nullable: false, frame: .fixed) {
                (input, _) throws(SQLError) in try kernel(input)
            }
        }
    }

    /// Calls `body` with the number of each row's partition and peer group, and the rows of both.
    private static func eachRow(_ input: WindowInput, _ body: (_ row: Int, _ partition: Range<Int>, _ peers: Range<Int>, _ peerNumber: Int) -> Void) {
        var partition = 0
        var peer = 0
        var peerNumber = 0
        for row in 0..<input.rowCount {
            while partition + 2 < input.partitions.count, row >= Int(input.partitions[partition + 1]) { partition += 1 }
            let start = Int(input.partitions[partition])
            if row == start { peerNumber = 0 }
            while peer + 2 < input.peers.count, row >= Int(input.peers[peer + 1]) {
                peer += 1
            }
            if row == Int(input.peers[peer]) { peerNumber += 1 }
            body(row, start..<Int(input.partitions[partition + 1]), Int(input.peers[peer])..<Int(input.peers[peer + 1]), peerNumber)
        }
    }

    private static func integers(_ input: WindowInput, _ value: (Int, Range<Int>, Range<Int>, Int) -> Int) -> Column {
        var values: [Int32] = []
        values.reserveCapacity(input.rowCount)
        eachRow(input) { row, partition, peers, number in values.append(Int32(truncatingIfNeeded: value(row, partition, peers, number))) }
        return Column(.int, .int32(PrimitiveArray(values)))
    }

    private static func fractions(_ input: WindowInput, _ value: (Range<Int>, Range<Int>) -> Double) -> Column {
        var values: [Double] = []
        values.reserveCapacity(input.rowCount)
        eachRow(input) { _, partition, peers, _ in values.append(value(partition, peers)) }
        return Column(.double, .double(PrimitiveArray(values)))
    }

    static let rowNumber = ranking("row_number", returns: .int, usage: "row_number() - The row's number within its partition, from 1.") { input in
        integers(input) { row, partition, _, _ in row - partition.lowerBound + 1 }
    }
    static let rank = ranking("rank", returns: .int, takesArguments: true, usage: "rank() - One more than the rows that come before all peers.") {
        input in
        integers(input) { _, partition, peers, _ in peers.lowerBound - partition.lowerBound + 1 }
    }
    static let denseRank = ranking(
        "dense_rank", returns: .int, takesArguments: true, usage: "dense_rank() - The number of the row's group of peers, from 1."
    ) { input in
        integers(input) { _, _, _, number in number }
    }
    static let percentRank = ranking(
        "percent_rank", returns: .double, takesArguments: true, usage: "percent_rank() - (rank - 1) / (rows - 1), or 0 for a lone row."
    ) { input in
        fractions(input) { partition, peers in
            partition.count > 1 ? Double(peers.lowerBound - partition.lowerBound) / Double(partition.count - 1) : 0
        }
    }
    static let cumeDist = ranking("cume_dist", returns: .double, usage: "cume_dist() - The part of the rows up to the row's last peer.") { input in
        fractions(input) { partition, peers in Double(peers.upperBound - partition.lowerBound) / Double(partition.count) }
    }

    static let ntile = WindowFunction("ntile", usage: "ntile(n) - The number of the row's bucket, of n whose sizes differ by one at most.") {
        (call, context) throws(SQLError) in
        try call.call.checkCount(0...1)
        var buckets = 1
        if call.arguments.count == 1 {
            guard call.arguments[0].type == .int else {
                throw call.call.unexpectedType(0, "\"INT\"")
            }
            guard case .integer(let given) = try call.call.constant(0, "buckets", .int, context) else {
                throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "buckets"])
            }
            guard given > 0 else {
                throw call.call.mismatch(
                    .datatypeMismatchValueOutOfRange, ["exprName": "buckets", "valueRange": "(0, 2147483647]", "currentValue": "\(given)"])
            }
            buckets = Int(given)
        }
        let count = buckets
        return BoundWindow(argumentTypes: call.arguments.map { _ in .int }, returnType: .int, nullable: false, frame: .fixed) {
            (input, _) throws(SQLError) in
            integers(input) { row, partition, _, _ in
                // The first `rest` buckets have a row more.
                let (size, rest) = partition.count.quotientAndRemainder(dividingBy: count)
                let offset = row - partition.lowerBound
                let longRows = rest * (size + 1)
                return offset < longRows ? offset / (size + 1) + 1 : rest + (offset - longRows) / Swift.max(size, 1) + 1
            }
        }
    }
}
