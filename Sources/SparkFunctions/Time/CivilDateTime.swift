/// A wall clock's reading, without a zone.
package struct CivilDateTime: Sendable, Hashable {
    package var date: CivilDate
    /// 0..<86 400 000 000.
    package var microOfDay: Int64

    package init(_ date: CivilDate, microOfDay: Int64) {
        self.date = date
        self.microOfDay = microOfDay
    }

    /// From microseconds since its 1970-01-01T00:00.
    package init(micros: Int64) {
        date = CivilDate(days: Int(micros.floorDiv(Micros.perDay)))
        microOfDay = micros.floorMod(Micros.perDay)
    }

    /// nil if it lies outside of Int64.
    package var micros: Int64? {
        let (day, overflow) = Int64(date.days).multipliedReportingOverflow(by: Micros.perDay)
        if overflow { return nil }
        let (sum, over) = day.addingReportingOverflow(microOfDay)
        return over ? nil : sum
    }

    package var hour: Int { Int(microOfDay / Micros.perHour) }
    package var minute: Int { Int(microOfDay / Micros.perMinute % 60) }
    package var second: Int { Int(microOfDay / Micros.perSecond % 60) }
    package var microOfSecond: Int { Int(microOfDay % Micros.perSecond) }
}
