/// Moving instants along the calendar of a zone. Every function gives nil beyond Int64.
enum TimestampMath {
    static func adding(months: Int, to micros: Int64, _ zone: SessionTimeZone) -> Int64? {
        let local = CivilDateTime(micros: zone.local(fromUTC: micros))
        return CivilDateTime(local.date.adding(months: months), microOfDay: local.microOfDay).micros.map { zone.utc(fromLocal: $0) }
    }

    /// Whole days are the wall clock's; the rest is time that passes.
    static func adding(micros amount: Int64, to micros: Int64, _ zone: SessionTimeZone) -> Int64? {
        let days = amount / Micros.perDay
        var start = micros
        if days != 0, zone.fixedOffset == nil {
            guard let moved = adding(days: days, to: micros, zone) else { return nil }
            start = moved
            let (sum, overflow) = start.addingReportingOverflow(amount - days * Micros.perDay)
            return overflow ? nil : sum
        }
        let (sum, overflow) = start.addingReportingOverflow(amount)
        return overflow ? nil : sum
    }

    static func adding(days: Int64, to micros: Int64, _ zone: SessionTimeZone) -> Int64? {
        let (shift, overflow) = days.multipliedReportingOverflow(by: Micros.perDay)
        if overflow { return nil }
        let (local, over) = zone.local(fromUTC: micros).addingReportingOverflow(shift)
        return over ? nil : zone.utc(fromLocal: local)
    }
}
