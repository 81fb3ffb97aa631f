import Jobs
import SparkFunctions
import Testing

@Suite struct CronTests {
    /// Milliseconds of a time in UTC, seconds given.
    private func next(_ text: String, after seconds: Int64, zone: String = "UTC") -> Int64? {
        guard let cron = QuartzCron(text), let zone = SessionTimeZone(zone) else { return nil }
        return cron.next(after: seconds * 1_000, in: zone).map { $0 / 1_000 }
    }

    @Test(arguments: [
        // 2026-01-01T00:00:00Z is a Thursday.
        ("0 0 12 * * ?", 1_767_268_800 as Int64), ("0 15 22 * * ?", 1_767_305_700), ("0/10 * * * * ?", 1_767_225_610),
        ("0 0/5 14 * * ?", 1_767_276_000), ("0 0 0 ? * MON-FRI", 1_767_312_000), ("0 0 0 L * ?", 1_769_817_600),
        ("0 0 0 LW * ?", 1_769_731_200), ("0 0 0 ? * 6L", 1_769_731_200), ("0 0 0 ? * 6#3", 1_768_521_600),
        ("0 0 0 15W * ?", 1_768_435_200), ("0 0 0 1 1 ? 2028", 1_830_297_600), ("0 0 0 29 2 ?", 1_835_395_200),
        ("59 59 23 31 12 ? 2026", 1_798_761_599), ("0 0 22-2 * * ?", 1_767_229_200), ("0 0 0 ? JAN,JUN SUN", 1_767_484_800),
    ])
    func theNextTimeIsThatOfQuartz(_ text: String, _ expected: Int64) {
        #expect(next(text, after: 1_767_225_600) == expected)
    }

    @Test func timesFollowTheZonesClock() {
        // 09:00 in Berlin is 08:00 UTC in winter and 07:00 in summer.
        #expect(next("0 0 9 * * ?", after: 1_767_225_600, zone: "Europe/Berlin") == 1_767_254_400)
        #expect(next("0 0 9 * * ?", after: 1_782_864_000, zone: "Europe/Berlin") == 1_782_889_200)
        // 2026-03-29: the clocks of Berlin skip the hour after two; 02:30 becomes 03:30, which is 01:30 UTC.
        #expect(next("0 30 2 * * ?", after: 1_774_738_800, zone: "Europe/Berlin") == 1_774_747_800)
        // 2026-10-25: 02:30 comes twice, and counts once.
        let first = next("0 30 2 * * ?", after: 1_792_886_400, zone: "Europe/Berlin")
        #expect(first == 1_792_888_200)
        #expect(next("0 30 2 * * ?", after: 1_792_888_200, zone: "Europe/Berlin") == 1_792_978_200)
    }

    @Test(arguments: [
        "", "0 30 2,7,11,15 * * *", "@daily", "0 0 12 * *", "60 0 0 * * ?", "0 0 24 * * ?", "0 0 0 32 * ?", "0 0 0 ? * ?", "0 0 0 1 * 2",
        "0 0 0 ? * 8", "0 0 0 ? * MON#6", "0 0 0 ? FOO MON", "0 0 0 ? * MON 1969", "a b c d e f", "0/0 * * * * ?", "0 0 0 -1 * ?", "0 0 0 1, * ?",
    ])
    func whatIsNoScheduleIsRefused(_ text: String) { #expect(QuartzCron(text) == nil) }

    @Test func aScheduleWithoutFutureHasNoNextTime() {
        #expect(next("0 0 0 1 1 ? 2020", after: 1_767_225_600) == nil)
        #expect(next("0 0 0 31 2 ?", after: 1_767_225_600) == nil)
    }
}
