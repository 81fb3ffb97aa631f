import Columnar
import Testing

@Suite struct ArithmeticTests {
    private enum Outcome: Equatable { case value(Int64), overflow, divideByZero }

    /// One row, in 128 bits.
    private func plain(_ op: ArithmeticOp, _ a: Int64, _ b: Int64, _ bits: Int) -> Outcome {
        let (x, y) = (Int128(a), Int128(b))
        let result: Int128
        switch op {
        case .add: result = x + y
        case .subtract: result = x - y
        case .multiply: result = x * y
        case .divide:
            if y == 0 { return .divideByZero }
            result = x / y
        case .remainder:
            if y == 0 { return .divideByZero }
            result = x % y
        case .positiveModulus:
            if y == 0 { return .divideByZero }
            let rest = x % y
            guard rest < 0 else { return .value(Int64(rest)) }
            let sum = bits == 64 ? Int128(Int64(truncatingIfNeeded: rest + y)) : Int128(Int32(truncatingIfNeeded: rest + y))
            result = sum % y
        case .bitAnd: result = x & y
        case .bitOr: result = x | y
        case .bitXor: result = x ^ y
        }
        let limit = Int128(1) << Int128(bits - 1)
        return result >= -limit && result < limit ? .value(Int64(result)) : .overflow
    }

    private func whole(_ value: Value) -> Int64? { if case .integer(let number) = value { number } else { nil } }

    @Test(arguments: ArithmeticOp.allCases) func integersAreChecked(op: ArithmeticOp) throws {
        var source = RandomColumns(21)
        for (type, bits) in [(DataType.byte, 8), (.short, 16), (.int, 32), (.long, 64)] {
            for round in 0..<12 {
                let count = round == 0 ? 0 : 100
                let (a, left) = source.column(type, count: count)
                var (b, right) = source.column(type, count: count)
                // A side of one value stands for all rows, unless there is but one row.
                if round % 3 == 2 { (b, right) = source.column(type, count: 1) }
                let flips = round % 2 == 1
                let rows: [Outcome?] = left.indices.map { row in
                    let other = right[right.count == 1 ? 0 : row]
                    guard let x = whole(left[row]), let y = whole(other) else { return nil }
                    return flips ? plain(op, y, x, bits) : plain(op, x, y, bits)
                }
                let firstFault = rows.firstIndex { $0 == .overflow || $0 == .divideByZero }
                func run(_ onFault: FaultHandling) throws(KernelError) -> Column {
                    try Kernel.arithmetic(op, flips ? b : a, flips ? a : b, onFault: onFault)
                }
                if let firstFault {
                    let error: KernelError = rows[firstFault] == .overflow ? .overflow(row: firstFault) : .divideByZero(row: firstFault)
                    #expect(throws: error) { _ = try run(.raise) }
                } else {
                    _ = try run(.raise)
                }
                let nulled = rows.map { if case .value(let number) = $0 { Value.integer(number) } else { Value.null } }
                #expect(try run(.null).allValues == nulled, "\(op) \(type)")
                let wrapped = try run(.wrap)
                for (row, outcome) in rows.enumerated() {
                    switch outcome {
                    case .value(let number): #expect(wrapped.value(at: row) == .integer(number))
                    case .overflow: #expect(!wrapped.isNull(row))
                    default: #expect(wrapped.isNull(row))
                    }
                }
            }
        }
    }

    @Test func nullRowsNeverRaise() throws {
        let valid = Bitmap([true, false, false])
        let a = Column(.long, .int64(PrimitiveArray([6, .max, .min], validity: nil)))
        let b = Column(.long, .int64(PrimitiveArray([3, 0, -1], validity: valid)))
        #expect(try Kernel.arithmetic(.divide, a, b).allValues == [.integer(2), .null, .null])
        #expect(try Kernel.arithmetic(.multiply, a, b).allValues == [.integer(18), .null, .null])
        let x = Column(.double, .double(PrimitiveArray([1, 1, 1], validity: nil)))
        let y = Column(.double, .double(PrimitiveArray([4, 0, 0], validity: valid)))
        #expect(try Kernel.arithmetic(.divide, x, y).allValues == [.double(0.25), .null, .null])
    }

    @Test func wrappingKeepsTheLowBits() throws {
        let a = Column(.int, of: [.integer(Int64(Int32.max)), .integer(Int64(Int32.min))])
        let b = Column(.int, of: [.integer(1), .integer(-1)])
        #expect(try Kernel.arithmetic(.add, a, b, onFault: .wrap).allValues == [.integer(Int64(Int32.min)), .integer(Int64(Int32.max))])
        #expect(try Kernel.arithmetic(.divide, a, b, onFault: .wrap).allValues == [.integer(Int64(Int32.max)), .integer(Int64(Int32.min))])
    }

    @Test func floatingNumbers() throws {
        let a = Column(.double, of: [.double(7.5), .double(-7.5), .double(1e308), .null])
        let b = Column(.double, of: [.double(2), .double(2), .double(10), .double(0)])
        #expect(try Kernel.arithmetic(.divide, a, b).allValues == [.double(3.75), .double(-3.75), .double(1e307), .null])
        #expect(try Kernel.arithmetic(.multiply, a, b).allValues == [.double(15), .double(-15), .double(.infinity), .null])
        #expect(try Kernel.arithmetic(.remainder, a, b).allValues.prefix(2) == [.double(1.5), .double(-1.5)])
        #expect(try Kernel.arithmetic(.positiveModulus, a, b).allValues.prefix(2) == [.double(1.5), .double(0.5)])
        let zeros = Column(.double, of: [.double(1), .double(-0.0), .double(0), .double(0)])
        #expect(throws: KernelError.divideByZero(row: 1)) { try Kernel.arithmetic(.divide, a, zeros) }
        #expect(try Kernel.arithmetic(.divide, a, zeros, onFault: .null).allValues == [.double(7.5), .null, .null, .null])
        let floats = Column(.float, of: [.float(1), .float(2)])
        #expect(try Kernel.arithmetic(.subtract, floats, floats).allValues == [.float(0), .float(0)])
    }

    @Test func signs() throws {
        for type in [DataType.byte, .short, .int, .long] {
            let least: Int64 = type == .byte ? -128 : type == .short ? -32768 : type == .int ? Int64(Int32.min) : .min
            let column = Column(type, of: [.integer(5), .null, .integer(-5), .integer(least)])
            #expect(throws: KernelError.overflow(row: 3)) { try Kernel.negate(column) }
            #expect(throws: KernelError.overflow(row: 3)) { try Kernel.absolute(column) }
            #expect(try Kernel.negate(column, onFault: .null).allValues == [.integer(-5), .null, .integer(5), .null])
            #expect(try Kernel.absolute(column, onFault: .wrap).allValues == [.integer(5), .null, .integer(5), .integer(least)])
            #expect(try Kernel.negate(column.nullWhereNot(Bitmap([true, true, true, false]))).nullCount == 2)
        }
        let doubles = Column(.double, of: [.double(0), .double(-1.5)])
        #expect(identical(try Kernel.negate(doubles).allValues, [.double(-0.0), .double(1.5)]))
        #expect(identical(try Kernel.absolute(doubles).allValues, [.double(0), .double(1.5)]))
    }

    @Test func layoutsThatDoNotFitAreRefused() {
        let a = Column(.int, of: [.integer(1)])
        #expect(throws: KernelError.unsupportedLayout) { try Kernel.arithmetic(.add, a, Column(.long, of: [.integer(1)])) }
        #expect(throws: KernelError.unsupportedLayout) { try Kernel.negate(Column(.text, of: [.string("")])) }
    }
}
