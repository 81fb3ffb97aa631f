import Foundation

/// The date header's text (RFC 9110), made anew once a second. Real time, as in every HTTP server; the workspace's clock is elsewhere.
struct HTTPDate {
    private var second = 0
    private var text = ""

    var now: String {
        mutating get {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            if time.tv_sec != second {
                second = time.tv_sec
                text = Self.text(second)
            }
            return text
        }
    }

    private static func text(_ second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = days[Int(parts.tm_wday) % 7]
        let month = months[Int(parts.tm_mon) % 12]
        return "\(day), \(two(parts.tm_mday)) \(month) \(1900 + Int(parts.tm_year)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
