import DeltaTable
import Testing

@Suite struct DistinctBoundTests {
    @Test func whatStatisticsNameBoundsTheDistinctValues() throws {
        let fixture = Fixture()
        try fixture.create()
        #expect(try fixture.table.snapshot().distinctBound(column: 0) == nil)
        let first = try fixture.append([Fixture.batch([(5, "a"), (9, "b"), (nil, "c")])])
        #expect(first.distinctBound(column: 0) == 5)
        #expect(first.distinctBound(column: 1) == nil)
        #expect(first.distinctBound(column: 2) == nil)
        #expect(try fixture.append([Fixture.batch([(-90, "d")])]).distinctBound(column: 0) == 100)
        #expect(try fixture.append([Fixture.batch([(.min, "d"), (.max, "e")])]).distinctBound(column: 0) == 18446744073709551616)
    }
}
