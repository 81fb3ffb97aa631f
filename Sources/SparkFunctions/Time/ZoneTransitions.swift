import Foundation
import Synchronization

/// When a region's clocks changed and will change. The only user of Foundation's time zones: it asks once a region, for the years 1800 to 2437;
/// later years repeat those 400 before them, as the Gregorian calendar does.
final class ZoneTransitions: Sendable {
    /// Seconds since 1970 at which an offset begins; the first is the beginning of time.
    private let starts: [Int]
    private let offsets: [Int]
    private let abbreviations: [String]

    private static let lastYear = 2437
    private static let cycleSeconds = 146_097 * 86_400
    private static let horizon = CivilDate(year: lastYear + 1, month: 1, day: 1).days * 86_400

    private static let cache = Mutex<[String: ZoneTransitions]>([:])

    /// nil if there is no such region.
    static func named(_ id: String) -> ZoneTransitions? {
        if let found = cache.withLock({ $0[id] }) { return found }
        guard id.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), id.utf8.count <= 64, let zone = zone(id) else { return nil }
        let made = ZoneTransitions(zone)
        return cache.withLock { zones in
            // Bounded: names come from statements.
            if zones.count >= 700 { zones.removeAll() }
            zones[id] = made
            return made
        }
    }

    private static func zone(_ id: String) -> TimeZone? {
        guard id.contains("/") || shortNames.contains(id) else {
            return javaShortIDs[id].flatMap { ZoneOffset.parse($0).flatMap { TimeZone(secondsFromGMT: $0) } ?? TimeZone(identifier: $0) }
        }
        guard TimeZone.knownTimeZoneIdentifiers.contains(id) || TimeZone(identifier: id) != nil else { return nil }
        return TimeZone(identifier: id)
    }

    /// Region names without a slash in the time zone database.
    private static let shortNames: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "Greenwich", "Hongkong", "Iceland", "Iran", "Israel",
        "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROK",
        "Singapore", "Turkey", "UCT", "Universal", "W-SU", "WET", "Zulu",
    ]

    /// Java's `ZoneId.SHORT_IDS`, which Spark accepts.
    private static let javaShortIDs: [String: String] = [
        "ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo",
        "AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns",
        "CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris",
        "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MIT": "Pacific/Apia", "NET": "Asia/Yerevan",
        "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico",
        "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh", "EST": "-05:00", "MST": "-07:00",
        "HST": "-10:00",
    ]

    private init(_ zone: TimeZone) {
        var starts = [Int.min]
        let first = CivilDate(year: 1800, month: 1, day: 1).days * 86_400
        func date(_ seconds: Int) -> Date { Date(timeIntervalSince1970: Double(seconds)) }
        var offsets = [zone.secondsFromGMT(for: date(first))]
        var abbreviations = [zone.abbreviation(for: date(first)) ?? ""]
        var now = date(first)
        // Two a year at most, but for a few decrees.
        for _ in 0..<3000 {
            guard let next = zone.nextDaylightSavingTimeTransition(after: now), next > now else { break }
            let seconds = Int(next.timeIntervalSince1970.rounded())
            if seconds >= Self.horizon { break }
            let offset = zone.secondsFromGMT(for: date(seconds))
            if offset != offsets[offsets.count - 1] {
                starts.append(seconds)
                offsets.append(offset)
                abbreviations.append(zone.abbreviation(for: date(seconds)) ?? "")
            }
            now = next
        }
        self.starts = starts
        self.offsets = offsets
        self.abbreviations = abbreviations
    }

    private static func folded(_ seconds: Int) -> Int {
        seconds < horizon ? seconds : horizon - cycleSeconds + (seconds - horizon).floorMod(cycleSeconds)
    }

    /// The last transition at or before an instant.
    private func index(at seconds: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= seconds { low = middle } else { high = middle }
        }
        return low
    }

    func offset(at seconds: Int) -> Int { offsets[index(at: Self.folded(seconds))] }

    func abbreviation(at seconds: Int) -> String { abbreviations[index(at: Self.folded(seconds))] }

    /// The offset by which a wall clock's time is to be read.
    func offset(atLocal local: Int) -> Int {
        let local = Self.folded(local)
        // The offset in force a day before is that before any transition near; the time is read by it unless the transition lies behind.
        var index = index(at: local - 86_400)
        while index + 1 < starts.count {
            let boundary = starts[index + 1]
            if local < boundary + offsets[index] { break }  // before the clock changes (the earlier reading in an overlap)
            if local < boundary + offsets[index + 1] { break }  // in the gap: the old offset moves it on
            index += 1
        }
        return offsets[index]
    }
}
