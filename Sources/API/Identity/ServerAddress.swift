/// Scheme, host and port of a base URL such as `http://127.0.0.1:8080` or `https://[::1]`.
struct ServerAddress: Hashable {
    var scheme: String
    var host: String
    var port: Int

    init(_ baseURL: String) {
        let parts = baseURL.split(separator: ":", maxSplits: 1).map(String.init)
        let isSecure = parts.first == "https"
        scheme = isSecure ? "https" : "http"
        port = isSecure ? 443 : 80
        let authority = (parts.count > 1 ? parts[1] : "").drop { $0 == "/" }.prefix { $0 != "/" }
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterAddress...].lastIndex(of: ":"), let number = Int(authority[authority.index(after: colon)...]) {
            host = String(authority[..<colon])
            port = number
        } else {
            host = String(authority)
        }
    }
}
