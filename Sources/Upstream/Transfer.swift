import CCurl
import HTTPTypes

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// One exchange under way. Lives on curl's thread alone: libcurl calls back into it through a pointer.
final class Transfer {
    let id: Int
    private let handle: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let body: [UInt8]
    private let maxBodyBytes: Int
    private let continuation: CheckedContinuation<Result<UpstreamResponse, UpstreamError>, Never>

    private var headers = HTTPFields()
    private var headerBytes = 0
    private var received: [UInt8] = []
    private var failure: UpstreamError?
    private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))

    /// An answer's headers end the transfer when they are larger.
    private static let maxHeaderBytes = 256 << 10

    init?(
        id: Int, _ request: UpstreamRequest, maxBodyBytes: Int,
        _ continuation: CheckedContinuation<Result<UpstreamResponse, UpstreamError>, Never>
    ) {
        guard let handle = curl_easy_init() else { return nil }
        self.id = id
        self.handle = handle
        self.maxBodyBytes = maxBodyBytes
        self.continuation = continuation
        body = request.body
        configure(request)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
    }

    var easy: UnsafeMutableRawPointer { handle }

    private func configure(_ request: UpstreamRequest) {
        ccurl_set_string(handle, CURLOPT_URL, request.url)
        ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        // Anything else (file:, ftp:) would be a way out of the allowed hosts.
        ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 15)
        // Ten minutes without a byte: the real service answers or closes long before.
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, 600)
        ccurl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        if request.method == .head { ccurl_set_long(handle, CURLOPT_NOBODY, 1) }
        let sendsBody = !body.isEmpty || request.method == .post || request.method == .put || request.method == .patch
        if sendsBody {
            ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            // Copied by libcurl: the array's storage is only promised for the call.
            body.withUnsafeBytes { bytes in
                let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
                var empty: UInt8 = 0
                withUnsafeMutablePointer(to: &empty) { _ = ccurl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start ?? UnsafeMutableRawPointer($0)) }
            }
            ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        for field in request.headers where field.name != .contentLength {
            // libcurl drops a header that ends in a colon; with a semicolon it sends it empty.
            let line = field.value.isEmpty ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)"
            headerList = curl_slist_append(headerList, line) ?? headerList
        }
        // What libcurl would add by itself.
        for name in ["Expect", "Accept", "Content-Type", "User-Agent"] where !request.headers.contains(where: { $0.name.rawName.lowercased() == name.lowercased() }) {
            headerList = curl_slist_append(headerList, name + ":") ?? headerList
        }
        ccurl_set_list(handle, CURLOPT_HTTPHEADER, headerList)
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_callback(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            Transfer.from(context)?.receive(data, size * count) ?? 0
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        ccurl_set_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            Transfer.from(context)?.receiveHeader(data, size * count) ?? 0
        }
        ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        ccurl_set_pointer(handle, CURLOPT_PRIVATE, context)
        errorText.withUnsafeMutableBufferPointer { _ = ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, $0.baseAddress) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func receive(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let data else { return 0 }
        guard received.count + count <= maxBodyBytes else {
            failure = UpstreamError(.tooLarge, "the answer's body is larger than \(maxBodyBytes) bytes")
            return 0
        }
        data.withMemoryRebound(to: UInt8.self, capacity: count) { received.append(contentsOf: UnsafeBufferPointer(start: $0, count: count)) }
        return count
    }

    private func receiveHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let data else { return 0 }
        headerBytes += count
        guard headerBytes <= Self.maxHeaderBytes else {
            failure = UpstreamError(.badAnswer, "the answer's headers are larger than \(Self.maxHeaderBytes) bytes")
            return 0
        }
        let line = data.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
        // A new head: what came before was an interim answer (100, 103).
        if line.hasPrefix("HTTP/") {
            headers = HTTPFields()
        } else if let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append(HTTPField(name: name, value: String(value.prefix { $0 != "\r" && $0 != "\n" && $0 != "\r\n" })))
        }
        return count
    }

    /// Ends the exchange with libcurl's result.
    func finish(_ code: CURLcode) {
        if let failure { return continuation.resume(returning: .failure(failure)) }
        guard code == CURLE_OK else { return continuation.resume(returning: .failure(error(code))) }
        var status = 0
        ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        guard (200...599).contains(status) else {
            return continuation.resume(returning: .failure(UpstreamError(.badAnswer, "the answer's status is \(status)")))
        }
        continuation.resume(returning: .success(UpstreamResponse(status: status, headers: Hop.strip(headers), body: received)))
    }

    func fail(_ error: UpstreamError) { continuation.resume(returning: .failure(error)) }

    private func error(_ code: CURLcode) -> UpstreamError {
        let detail = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: return UpstreamError(.unreachable, text)
        case CURLE_OPERATION_TIMEDOUT: return UpstreamError(.timedOut, text)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM:
            return UpstreamError(.tls, text)
        default: return UpstreamError(.badAnswer, text)
        }
    }
}
