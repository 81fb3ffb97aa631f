/// Reads bits, lowest first, and the blocks made of them.
struct InflateReader {
    private let bytes: [UInt8]
    private var position = 0
    private var bits: UInt32 = 0
    private var bitCount = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count && bitCount < 8 }

    // MARK: Bits and bytes

    private mutating func take(_ count: Int) throws(Inflate.Failure) -> Int {
        while bitCount < count {
            guard position < bytes.count else { throw .init(message: "the compressed body is cut off") }
            bits |= UInt32(bytes[position]) << UInt32(bitCount)
            position += 1
            bitCount += 8
        }
        let value = Int(bits & ((1 << UInt32(count)) - 1))
        bits >>= UInt32(count)
        bitCount -= count
        return value
    }

    mutating func alignToByte() {
        bits >>= UInt32(bitCount % 8)
        bitCount -= bitCount % 8
    }

    mutating func byte() throws(Inflate.Failure) -> UInt8 { UInt8(try take(8)) }

    mutating func skip(_ count: Int) throws(Inflate.Failure) {
        for _ in 0..<count { _ = try take(8) }
    }

    mutating func littleEndian(_ count: Int) throws(Inflate.Failure) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<count { value |= UInt32(try byte()) << UInt32(8 * index) }
        return value
    }

    // MARK: Blocks

    mutating func inflate(into output: inout [UInt8]) throws(Inflate.Failure) {
        let start = output.count
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try stored(&output)
            case 1: try block(&output, start, Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let (literals, distances) = try dynamicCodes()
                try block(&output, start, literals, distances)
            default: throw .init(message: "an unknown kind of compressed block")
            }
        }
    }

    private func checkSize(_ count: Int) throws(Inflate.Failure) {
        if count > Inflate.maxBytes { throw .init(message: "the body grows beyond \(Inflate.maxBytes >> 20) MiB") }
    }

    private mutating func stored(_ output: inout [UInt8]) throws(Inflate.Failure) {
        alignToByte()
        let length = try take(16)
        guard try take(16) == length ^ 0xFFFF else { throw .init(message: "a stored block's length does not fit") }
        try checkSize(output.count + length)
        for _ in 0..<length { output.append(try byte()) }
    }

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
    ]
    private static let lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ]

    private mutating func block(
        _ output: inout [UInt8], _ start: Int, _ literals: HuffmanCode, _ distances: HuffmanCode
    ) throws(Inflate.Failure) {
        while true {
            let symbol = try self.symbol(literals)
            if symbol < 256 {
                try checkSize(output.count + 1)
                output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            let index = symbol - 257
            guard Self.lengthBases.indices.contains(index) else { throw .init(message: "an unknown length in a compressed block") }
            let length = Self.lengthBases[index] + (try take(Self.lengthBits[index]))
            let code = try self.symbol(distances)
            guard Self.distanceBases.indices.contains(code) else { throw .init(message: "an unknown distance in a compressed block") }
            let distance = Self.distanceBases[code] + (try take(max(0, code / 2 - 1)))
            guard distance <= output.count - start else { throw .init(message: "a compressed block points before its beginning") }
            try checkSize(output.count + length)
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }

    private mutating func symbol(_ code: HuffmanCode) throws(Inflate.Failure) -> Int {
        // Canonical codes of one length are consecutive numbers.
        var value = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            value |= try take(1)
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .init(message: "an unknown code in a compressed block")
    }

    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private mutating func dynamicCodes() throws(Inflate.Failure) -> (HuffmanCode, HuffmanCode) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let orderCount = try take(4) + 4
        var orderLengths = [Int](repeating: 0, count: 19)
        for index in 0..<orderCount { orderLengths[Self.order[index]] = try take(3) }
        let lengthCode = try HuffmanCode(orderLengths)
        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try self.symbol(lengthCode)
            switch symbol {
            case 0...15: lengths.append(symbol)
            case 16:
                guard let last = lengths.last else { throw .init(message: "a compressed block repeats nothing") }
                lengths += repeatElement(last, count: try take(2) + 3)
            case 17: lengths += repeatElement(0, count: try take(3) + 3)
            default: lengths += repeatElement(0, count: try take(7) + 11)
            }
        }
        guard lengths.count == literalCount + distanceCount else { throw .init(message: "too many codes in a compressed block") }
        return (try HuffmanCode(Array(lengths[..<literalCount])), try HuffmanCode(Array(lengths[literalCount...])))
    }

    private static let fixedLiterals = HuffmanCode(
        valid: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    private static let fixedDistances = HuffmanCode(valid: [Int](repeating: 5, count: 30))
}

/// How many codes there are of each length, and their symbols in order.
struct HuffmanCode {
    let counts: [Int]
    let symbols: [Int]

    /// Lengths of 0 to 15 that leave room for all codes; incomplete sets are allowed, as one distance alone makes one.
    init(_ lengths: [Int]) throws(Inflate.Failure) {
        self.init(valid: lengths)
        var left = 1
        for length in 1...15 {
            left = left << 1 - counts[length]
            if left < 0 { throw .init(message: "too many codes of one length in a compressed block") }
        }
    }

    init(valid lengths: [Int]) {
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths where length > 0 { counts[length] += 1 }
        var offsets = [Int](repeating: 0, count: 17)
        for length in 1...15 { offsets[length + 1] = offsets[length] + counts[length] }
        var symbols = [Int](repeating: 0, count: offsets[16])
        for (symbol, length) in lengths.enumerated() where length > 0 {
            symbols[offsets[length]] = symbol
            offsets[length] += 1
        }
        self.counts = counts
        self.symbols = symbols
    }
}
