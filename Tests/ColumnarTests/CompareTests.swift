import Columnar
import Testing

@Suite struct CompareTests {
    private func check(_ op: Comparison, _ order: Int) -> Bool {
        switch op {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }

    private func results(_ array: BooleanArray) -> [Bool?] {
        (0..<array.count).map { array.validity?[$0] ?? true ? array.values[$0] : nil }
    }

    private let types = RandomColumns.types.filter { type in
        switch type {
        case .map, .variant, .void: false
        default: true
        }
    }

    @Test(arguments: Comparison.allCases) func columnsAndConstants(op: Comparison) {
        var source = RandomColumns(11)
        for type in types {
            for count in [0, 64, 150] {
                let (a, left) = source.column(type, count: count)
                let (b, right) = source.column(type, count: count)
                let expected = zip(left, right).map { plainOrder($0, $1, type).map { check(op, $0) } }
                #expect(results(Kernel.compare(op, a, b)) == expected, "\(type)")
                for constant in right.prefix(6) {
                    let expected = left.map { plainOrder($0, constant, type).map { check(op, $0) } }
                    #expect(results(Kernel.compare(op, a, constant)) == expected, "\(type) \(constant)")
                    let mirrored = Kernel.compare(op.mirrored, Column(repeating: constant, type: type, count: count), a)
                    #expect(results(mirrored) == expected, "\(type) \(constant)")
                }
            }
        }
    }

    @Test func nullSafeEqualityIsNeverNull() {
        var source = RandomColumns(12)
        for type in types {
            let (a, left) = source.column(type, count: 200)
            let (b, right) = source.column(type, count: 200)
            let expected = zip(left, right).map { $0.isNull || $1.isNull ? $0.isNull && $1.isNull : plainOrder($0, $1, type) == 0 }
            #expect(results(Kernel.compareNullSafe(a, b)) == expected, "\(type)")
        }
        let void = Column(.void, .void(2))
        #expect(results(Kernel.compareNullSafe(void, void)) == [true, true])
        #expect(results(Kernel.compare(.equal, void, void)) == [nil, nil])
        #expect(results(Kernel.compare(.equal, void, .integer(1))) == [nil, nil])
    }

    @Test func specialNumbers() {
        let left = Column(.double, of: [.double(.nan), .double(.nan), .double(-0.0), .double(.infinity)])
        let right = Column(.double, of: [.double(.nan), .double(.infinity), .double(0.0), .double(.nan)])
        #expect(results(Kernel.compare(.equal, left, right)) == [true, false, true, false])
        #expect(results(Kernel.compare(.greater, left, right)) == [false, true, false, false])
        #expect(results(Kernel.compare(.less, left, right)) == [false, false, false, true])
    }

    @Test func logicHasThreeValues() {
        let all: [Bool?] = [true, false, nil]
        let pairs = all.flatMap { a in all.map { (a, $0) } }
        func array(_ bits: [Bool?]) -> BooleanArray {
            // True under every null: the kernels must not look at it.
            BooleanArray(Bitmap(bits.map { $0 ?? true }), validity: bits.contains(nil) ? Bitmap(bits.map { $0 != nil }) : nil)
        }
        let (left, right) = (array(pairs.map { $0.0 }), array(pairs.map { $0.1 }))
        func and(_ a: Bool?, _ b: Bool?) -> Bool? { a == false || b == false ? false : a == nil || b == nil ? nil : true }
        func or(_ a: Bool?, _ b: Bool?) -> Bool? { a == true || b == true ? true : a == nil || b == nil ? nil : false }
        #expect(results(Kernel.and(left, right)) == pairs.map { and($0.0, $0.1) })
        #expect(results(Kernel.or(left, right)) == pairs.map { or($0.0, $0.1) })
        #expect(results(Kernel.not(left)) == pairs.map { $0.0.map { !$0 } })
        #expect(results(Kernel.and(array([true, false]), array([true, true]))) == [true, false])
        #expect(results(Kernel.or(array([true, false]), array([false, false]))) == [true, false])
        let column = Column(.boolean, .boolean(left))
        #expect(results(Kernel.isNull(column)) == pairs.map { $0.0 == nil })
        #expect(results(Kernel.isNotNull(column)) == pairs.map { $0.0 != nil })
        #expect(results(Kernel.isNull(Column(.void, .void(2)))) == [true, true])
    }
}
