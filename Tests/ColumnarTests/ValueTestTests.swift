import Columnar
import Testing

@Suite struct ValueTestTests {
    private func known(_ least: Value?, _ greatest: Value?, nulls: Int? = 0, count: Int? = 10) -> ValueTest.Known {
        .init(least: least, greatest: greatest, nullCount: nulls, count: count)
    }

    @Test func whatBoundsExclude() {
        let range = known(.integer(10), .integer(20))
        for (comparison, value, isExcluded) in [
            (Comparison.equal, 9, true), (.equal, 10, false), (.equal, 20, false), (.equal, 21, true), (.less, 10, true), (.less, 11, false),
            (.lessOrEqual, 9, true), (.lessOrEqual, 10, false), (.greater, 20, true), (.greater, 19, false), (.greaterOrEqual, 21, true),
            (.greaterOrEqual, 20, false), (.notEqual, 10, false),
        ] as [(Comparison, Int64, Bool)] {
            #expect(ValueTest.compare(comparison, .integer(value)).excludes(range) == isExcluded, "\(comparison) \(value)")
            #expect(!ValueTest.compare(comparison, .integer(value)).excludes(known(nil, nil)))
        }
        #expect(ValueTest.isIn([.integer(1), .integer(30)]).excludes(range) && !ValueTest.isIn([.integer(1), .integer(15)]).excludes(range))
        #expect(ValueTest.isIn([]).excludes(range))
    }

    @Test func whatNullsAndNaNExclude() {
        #expect(ValueTest.isNull.excludes(known(nil, nil)) && !ValueTest.isNull.excludes(known(nil, nil, nulls: 1)))
        #expect(!ValueTest.isNull.excludes(known(nil, nil, nulls: nil)))
        let nulls = known(nil, nil, nulls: 10)
        #expect(ValueTest.isNotNull.excludes(nulls) && ValueTest.compare(.equal, .integer(1)).excludes(nulls))
        #expect(!ValueTest.isNotNull.excludes(known(nil, nil, nulls: nil, count: nil)))
        // NaN lies outside of the bounds, and above them.
        let doubles = known(.double(1), .double(2))
        #expect(!ValueTest.compare(.greater, .double(5)).excludes(doubles) && ValueTest.compare(.less, .double(0)).excludes(doubles))
        #expect(!ValueTest.compare(.equal, .double(.nan)).excludes(doubles) && ValueTest.compare(.equal, .double(3)).excludes(doubles))
        // Values of another kind settle nothing.
        #expect(!ValueTest.compare(.equal, .string("a")).excludes(doubles))
        let words = known(.string("b"), .string("é"))
        #expect(ValueTest.compare(.equal, .string("a")).excludes(words) && ValueTest.compare(.equal, .string("éa")).excludes(words))
        #expect(!ValueTest.compare(.equal, .string("z")).excludes(words))
    }
}
