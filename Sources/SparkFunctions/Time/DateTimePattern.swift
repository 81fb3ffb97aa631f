import SparkErrors

/// A pattern of letters for dates and times, as Spark 3 and later read it: a part of `java.time.format.DateTimeFormatter`, in English.
struct DateTimePattern: Sendable {
    enum Item: Sendable, Equatable {
        case text(String)
        case field(Unicode.Scalar, Int)
        case optionalStart
        case optionalEnd
    }

    let pattern: String
    let items: [Item]

    private static let weekBased: Set<Unicode.Scalar> = ["Y", "W", "w", "u", "e", "c"]
    private static let unsupported: Set<Unicode.Scalar> = ["A", "B", "n", "N", "p"]
    private static let formattingOnly: Set<Unicode.Scalar> = ["E", "F", "q", "Q"]
    /// What Java's older SimpleDateFormat knew: a pattern of these alone once worked.
    private static let legacyLetters = Set("GyYMLwWDdFEuaHkKhmsSzZX".unicodeScalars)
    /// The most that a letter may be repeated.
    private static let limits: [Unicode.Scalar: Int] = [
        "G": 4, "y": 6, "M": 4, "L": 4, "d": 2, "D": 3, "E": 4, "a": 1, "h": 2, "H": 2, "k": 2, "K": 2, "m": 2, "s": 2, "S": 9, "V": 2, "z": 4,
        "O": 4,
        "X": 5, "x": 5, "Z": 5, "Q": 4, "q": 4, "F": 1,
    ]

    /// - Throws: INVALID_DATETIME_PATTERN or INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION.
    init(_ pattern: String, parsing: Bool) throws(SQLError) {
        self.pattern = pattern
        var items: [Item] = []
        var literal = ""
        var letters: Set<Unicode.Scalar> = []
        var malformed = false
        func flush() {
            if !literal.isEmpty { items.append(.text(literal)) }
            literal = ""
        }
        var rest = pattern.unicodeScalars[...]
        var depth = 0
        while let scalar = rest.popFirst() {
            switch scalar {
            case "'":
                if rest.first == "'" {
                    rest.removeFirst()
                    literal += "'"
                    continue
                }
                var closed = false
                while let inner = rest.popFirst() {
                    if inner == "'" {
                        if rest.first == "'" {
                            rest.removeFirst()
                            literal += "'"
                            continue
                        }
                        closed = true
                        break
                    }
                    literal.unicodeScalars.append(inner)
                }
                if !closed { malformed = true }
            case "[":
                flush()
                depth += 1
                items.append(.optionalStart)
            case "]":
                flush()
                depth -= 1
                if depth < 0 { malformed = true }
                items.append(.optionalEnd)
            case "{", "}", "#": malformed = true
            case "a"..."z", "A"..."Z":
                flush()
                var count = 1
                while rest.first == scalar {
                    rest.removeFirst()
                    count += 1
                }
                letters.insert(scalar)
                guard let limit = Self.limits[scalar], count <= limit, !(parsing && Self.formattingOnly.contains(scalar)),
                    !(scalar == "V" && count != 2),
                    !(scalar == "O" && count != 1 && count != 4)
                else {
                    malformed = true
                    continue
                }
                items.append(.field(scalar, count))
            default: literal.unicodeScalars.append(scalar)
            }
        }
        flush()
        if let fault = Self.fault(pattern, parsing: parsing) ?? (malformed ? Self.unrecognised(pattern) : nil) {
            // What Java's older formatter knew is told apart: it once worked.
            guard letters.isSubset(of: Self.legacyLetters), !pattern.contains("XXXX"), pattern.count(where: { $0 == "'" }).isMultiple(of: 2) else {
                throw fault
            }
            throw SQLError(
                .inconsistentBehaviorCrossVersionDatetimePatternRecognition,
                ["pattern": "'\(pattern)'", "config": SQLQuote.config("spark.sql.legacy.timeParserPolicy"), "docroot": Self.docroot])
        }
        self.items = items
    }

    private static let docroot = "https://spark.apache.org/docs/latest"

    private static func unrecognised(_ pattern: String) -> SQLError {
        SQLError(.invalidDatetimePatternWithSuggestion, ["pattern": "'\(pattern)'", "docroot": docroot])
    }

    /// What Spark looks for before Java does: letters and lengths, outside of quotes.
    private static func fault(_ pattern: String, parsing: Bool) -> SQLError? {
        for (index, part) in pattern.split(separator: "'", omittingEmptySubsequences: false).enumerated() where index.isMultiple(of: 2) {
            for scalar in part.unicodeScalars where scalar.properties.isAlphabetic {
                if weekBased.contains(scalar) {
                    return SQLError(.inconsistentBehaviorCrossVersionDatetimeWeekBasedPattern, ["c": String(scalar)])
                }
                if unsupported.contains(scalar) || (parsing && formattingOnly.contains(scalar)) {
                    return SQLError(.invalidDatetimePatternIllegalCharacter, ["pattern": pattern, "c": String(scalar)])
                }
            }
            let tooLong = ["GGGGG", "MMMMM", "LLLLL", "EEEEE", "QQQQQ", "qqqqq", "yyyyyyy"]
            if tooLong.contains(where: { part.contains($0) }) { return SQLError(.invalidDatetimePatternLength, ["pattern": pattern]) }
        }
        return nil
    }

    var hasEra: Bool { items.contains { if case .field("G", _) = $0 { true } else { false } } }

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    // MARK: Formatting

    /// `local` is the wall clock's reading at the instant `utc` in the zone.
    func format(local: Int64, utc: Int64, _ zone: SessionTimeZone) -> String {
        let value = CivilDateTime(micros: local)
        var text = ""
        for item in items {
            switch item {
            case .text(let literal): text += literal
            case .optionalStart, .optionalEnd: continue
            case .field(let letter, let count): text += field(letter, count, value, utc, zone)
            }
        }
        return text
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value.magnitude)
        return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private func field(_ letter: Unicode.Scalar, _ count: Int, _ value: CivilDateTime, _ utc: Int64, _ zone: SessionTimeZone) -> String {
        switch letter {
        case "G": return count == 4 ? (value.date.year > 0 ? "Anno Domini" : "Before Christ") : (value.date.year > 0 ? "AD" : "BC")
        case "y":
            let year = hasEra && value.date.year <= 0 ? 1 - value.date.year : value.date.year
            if count == 2 { return Self.padded(year.floorMod(100), 2) }
            let text = Self.padded(year, count)
            return count >= 4 && year > 0 && text.utf8.count > count ? "+" + text : text
        case "M", "L":
            if count < 3 { return Self.padded(value.date.month, count) }
            let name = Self.months[value.date.month - 1]
            return count == 3 ? String(name.prefix(3)) : name
        case "d": return Self.padded(value.date.day, count)
        case "D": return Self.padded(value.date.dayOfYear, count)
        case "E":
            let name = Self.days[value.date.isoDayOfWeek - 1]
            return count < 4 ? String(name.prefix(3)) : name
        case "F": return String((value.date.day - 1) % 7 + 1)
        case "Q", "q":
            let quarter = (value.date.month - 1) / 3 + 1
            if count < 3 { return Self.padded(quarter, count) }
            return count == 3 ? "Q\(quarter)" : ["1st", "2nd", "3rd", "4th"][quarter - 1] + " quarter"
        case "a": return value.hour < 12 ? "AM" : "PM"
        case "h": return Self.padded((value.hour + 11) % 12 + 1, count)
        case "H": return Self.padded(value.hour, count)
        case "K": return Self.padded(value.hour % 12, count)
        case "k": return Self.padded(value.hour == 0 ? 24 : value.hour, count)
        case "m": return Self.padded(value.minute, count)
        case "s": return Self.padded(value.second, count)
        case "S": return String((Self.padded(value.microOfSecond, 6) + "000").prefix(count))
        case "V": return zone.id
        case "z": return ZoneNames.name(zone, at: utc, long: count == 4)
        default: return offset(letter, count, zone.offset(atMicros: utc))
        }
    }

    private func offset(_ letter: Unicode.Scalar, _ count: Int, _ seconds: Int) -> String {
        let sign = seconds < 0 ? "-" : "+"
        let (hours, minutes, rest) = (Int(seconds.magnitude) / 3600, Int(seconds.magnitude) / 60 % 60, Int(seconds.magnitude) % 60)
        func two(_ value: Int) -> String { ZoneOffset.twoDigits(value) }
        switch (letter, count) {
        case ("O", _), ("Z", 4):
            if seconds == 0 { return "GMT" }
            var text = "GMT" + sign + (letter == "O" && count == 1 ? "\(hours)" : two(hours))
            if minutes != 0 || rest != 0 || !(letter == "O" && count == 1) { text += ":" + two(minutes) }
            if rest != 0 { text += ":" + two(rest) }
            return text
        case ("X", _) where seconds == 0: return "Z"
        case ("Z", 5) where seconds == 0: return "Z"
        case ("X", 1), ("x", 1): return sign + two(hours) + (minutes == 0 ? "" : two(minutes))
        case ("X", 2), ("x", 2), ("Z", 1...3): return sign + two(hours) + two(minutes)
        case ("X", 3), ("x", 3): return sign + two(hours) + ":" + two(minutes)
        case ("X", 4), ("x", 4): return sign + two(hours) + two(minutes) + (rest == 0 ? "" : two(rest))
        default: return sign + two(hours) + ":" + two(minutes) + (rest == 0 ? "" : ":" + two(rest))
        }
    }
}

/// English names of zones, as far as they are known; others are shown by their offset.
enum ZoneNames {
    /// Regions to the names of standard and summer time.
    private static let names: [String: (String, String, String, String)] = {
        let groups: [([String], (String, String, String, String))] = [
            (
                ["America/Los_Angeles", "US/Pacific", "PST8PDT", "America/Vancouver", "America/Tijuana", "PST"],
                ("PST", "PDT", "Pacific Standard Time", "Pacific Daylight Time")
            ),
            (["America/Denver", "US/Mountain", "MST7MDT", "America/Boise"], ("MST", "MDT", "Mountain Standard Time", "Mountain Daylight Time")),
            (["America/Phoenix", "US/Arizona"], ("MST", "MST", "Mountain Standard Time", "Mountain Standard Time")),
            (
                ["America/Chicago", "US/Central", "CST6CDT", "America/Winnipeg", "CST"],
                ("CST", "CDT", "Central Standard Time", "Central Daylight Time")
            ),
            (
                ["America/New_York", "US/Eastern", "EST5EDT", "America/Toronto", "America/Detroit"],
                ("EST", "EDT", "Eastern Standard Time", "Eastern Daylight Time")
            ),
            (["Europe/London", "GB"], ("GMT", "BST", "Greenwich Mean Time", "British Summer Time")),
            (
                [
                    "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Vienna", "Europe/Zurich", "Europe/Amsterdam",
                    "Europe/Brussels",
                    "Europe/Prague", "Europe/Warsaw", "Europe/Stockholm", "Europe/Copenhagen", "Europe/Oslo", "Europe/Budapest", "CET", "ECT",
                ], ("CET", "CEST", "Central European Standard Time", "Central European Summer Time")
            ),
            (
                ["Europe/Athens", "Europe/Helsinki", "Europe/Kiev", "Europe/Kyiv", "EET"],
                ("EET", "EEST", "Eastern European Standard Time", "Eastern European Summer Time")
            ),
            (["Europe/Moscow"], ("MSK", "MSD", "Moscow Standard Time", "Moscow Summer Time")),
            (["Asia/Tokyo", "Japan", "JST"], ("JST", "JDT", "Japan Standard Time", "Japan Daylight Time")),
            (["Asia/Kolkata", "Asia/Calcutta", "IST"], ("IST", "IST", "India Standard Time", "India Standard Time")),
            (["Asia/Shanghai", "PRC", "CTT"], ("CST", "CDT", "China Standard Time", "China Daylight Time")),
            (["Asia/Seoul", "ROK"], ("KST", "KDT", "Korean Standard Time", "Korean Daylight Time")),
            (["UTC", "Etc/UTC", "UCT", "Zulu", "Etc/UCT", "Universal"], ("UTC", "UTC", "Coordinated Universal Time", "Coordinated Universal Time")),
            (["GMT", "Etc/GMT", "Greenwich"], ("GMT", "GMT", "Greenwich Mean Time", "Greenwich Mean Time")),
        ]
        var names: [String: (String, String, String, String)] = [:]
        for (regions, group) in groups { for region in regions { names[region] = group } }
        return names
    }()

    static func name(_ zone: SessionTimeZone, at utc: Int64, long: Bool) -> String {
        guard let known = names[zone.id] else { return zone.fixedOffset == nil ? ZoneOffset.text(zone.offset(atMicros: utc)) : zone.id }
        let summer = zone.isSummer(atMicros: utc)
        return long ? (summer ? known.3 : known.2) : (summer ? known.1 : known.0)
    }
}

extension SessionTimeZone {
    /// Whether clocks are ahead of where they stand at some other time within half a year.
    func isSummer(atMicros micros: Int64) -> Bool {
        let now = offset(atMicros: micros)
        return offset(atMicros: micros &- 183 &* Micros.perDay) < now || offset(atMicros: micros &+ 183 &* Micros.perDay) < now
    }
}
