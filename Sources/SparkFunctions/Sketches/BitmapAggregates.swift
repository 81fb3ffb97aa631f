import Columnar
import SparkErrors

/// Bitmaps of 32768 bits, made and combined.
private enum Bitmaps {
    static let byteCount = 4096

    static func accumulator(_ start: UInt8, _ combine: @escaping @Sendable (UInt8, UInt8) -> UInt8) -> any GroupedAccumulator {
        StateAccumulator<[UInt8], [UInt8]>(
            [UInt8](repeating: start, count: byteCount), type: .binary,
            steps: { (arguments, _) throws(SQLError) in
                let (column, source) = (arguments[0], ByteSlice.source(arguments[0]))
                return { (state, row) throws(SQLError) in
                    guard let source, !column.isNull(row) else { return }
                    let bytes = ByteSlice.read(source, row)
                    for index in 0..<byteCount {
                        state[index] = combine(state[index], index < bytes.count ? bytes[bytes.startIndex + index] : 0)
                    }
                }
            },
            join: { (state, other) throws(SQLError) in for index in 0..<byteCount { state[index] = combine(state[index], other[index]) } },
            result: { (state, _) throws(SQLError) in state })
    }
}

extension AggregateFunction {
    static let bitmapConstruct = AggregateFunction(
        "bitmap_construct_agg", Signature([.exact(.long)], returns: .binary), since: "3.5.0",
        usage: "bitmap_construct_agg(position) - The bitmap of 32768 bits in which the given positions are ones.",
        examples: [Example("substring(hex(bitmap_construct_agg(bitmap_bit_position(x))), 1, 6) FROM VALUES (1), (2), (3) AS t(x)", "070000")],
        nullable: false
    ) { _, _ in
        StateAccumulator<[UInt8], [UInt8]>(
            [UInt8](repeating: 0, count: Bitmaps.byteCount), type: .binary,
            steps: { (arguments, _) throws(SQLError) in
                let (column, source) = (arguments[0], Int64.source(arguments[0]))
                return { (state, row) throws(SQLError) in
                    guard let source, !column.isNull(row) else { return }
                    let position = source[row]
                    guard position >= 0, position < Int64(Bitmaps.byteCount * 8) else {
                        throw SQLError(
                            .invalidBitmapPosition,
                            [
                                "bitPosition": "\(position)", "bitmapNumBits": "\(Bitmaps.byteCount * 8)",
                                "bitmapNumBytes": "\(Bitmaps.byteCount)",
                            ])
                    }
                    state[Int(position) / 8] |= 1 << UInt8(position % 8)
                }
            },
            join: { (state, other) throws(SQLError) in for index in state.indices { state[index] |= other[index] } },
            result: { (state, _) throws(SQLError) in state })
    }

    static let bitmapOr = AggregateFunction(
        "bitmap_or_agg", Signature([.exact(.binary)], returns: .binary), since: "3.5.0",
        usage: "bitmap_or_agg(bitmap) - The bits that a bitmap has.",
        examples: [Example("substring(hex(bitmap_or_agg(x)), 1, 6) FROM VALUES (X'10'), (X'20'), (X'40') AS t(x)", "700000")], nullable: false
    ) { _, _ in Bitmaps.accumulator(0, |) }

    static let bitmapAnd = AggregateFunction(
        "bitmap_and_agg", Signature([.exact(.binary)], returns: .binary), since: "4.1.0",
        usage: "bitmap_and_agg(bitmap) - The bits that all bitmaps have.",
        examples: [Example("substring(hex(bitmap_and_agg(x)), 1, 6) FROM VALUES (X'F0'), (X'70'), (X'30') AS t(x)", "300000")], nullable: false
    ) { _, _ in Bitmaps.accumulator(255, &) }
}
