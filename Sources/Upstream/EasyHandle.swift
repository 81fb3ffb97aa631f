import CCurl

/// A transfer set up as libcurl wants it. Belongs to the driver's thread; must be freed.
struct EasyHandle {
    let easy: UnsafeMutableRawPointer
    let transfer: Transfer
    private let headers: UnsafeMutablePointer<curl_slist>?
    /// libcurl writes here what has failed.
    private let errorBuffer: UnsafeMutablePointer<CChar>

    /// `spare`: a handle that another transfer gave back. Nil if libcurl refuses an option or has no memory.
    init?(_ transfer: Transfer, reusing spare: UnsafeMutableRawPointer? = nil) {
        guard let easy = spare ?? ccurl_easy_init() else { return nil }
        self.easy = easy
        self.transfer = transfer
        var list: UnsafeMutablePointer<curl_slist>?
        for line in transfer.request.headerLines { list = ccurl_slist_append(list, line) ?? list }
        headers = list
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        guard setUp() else {
            free()
            return nil
        }
    }

    func free() {
        ccurl_easy_cleanup(easy)
        release()
    }

    /// The handle without anything of this transfer, for another one.
    func reset() -> UnsafeMutableRawPointer {
        ccurl_easy_reset(easy)
        release()
        return easy
    }

    private func release() {
        ccurl_slist_free_all(headers)
        errorBuffer.deallocate()
    }

    /// Empty if libcurl has nothing to say.
    var errorText: String { String(cString: errorBuffer) }

    private func setUp() -> Bool {
        let request = transfer.request
        let options = transfer.options
        // The handle does not keep the transfer alive; the driver does, as long as the handle exists.
        let context = UnsafeRawPointer(Unmanaged.passUnretained(transfer).toOpaque())
        var codes = [
            ccurl_set_http_only(easy),
            ccurl_set_string(easy, CURLOPT_URL, request.url),
            ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 1),
            ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
            ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0),
            ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1),
            ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2),
            ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1),
            ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(options.connectTimeout)),
            ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1),
            ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, Self.milliseconds(options.idleTimeout) / 1000)),
            // The header list asks for no encoding; what comes encoded all the same is undone.
            ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "identity"),
            ccurl_set_long(easy, CURLOPT_BUFFERSIZE, 64 << 10),
            ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorBuffer),
            ccurl_set_list(easy, CURLOPT_HTTPHEADER, headers),
            ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeader),
            ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context),
            ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody),
            ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context),
        ]
        if let file = options.authorityFile { codes.append(ccurl_set_string(easy, CURLOPT_CAINFO, file)) }
        if let folder = options.authorityFolder { codes.append(ccurl_set_string(easy, CURLOPT_CAPATH, folder)) }
        if !options.usesProxies || request.isLoopback { codes.append(ccurl_set_string(easy, CURLOPT_PROXY, "")) }
        codes += method(request)
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func method(_ request: Transfer.Request) -> [CURLcode] {
        if request.method == "HEAD" { return [ccurl_set_long(easy, CURLOPT_NOBODY, 1)] }
        if let upload = request.upload {
            // A body that streams can be sent once: not on a connection that may turn out to be dead.
            return [
                ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1),
                ccurl_set_long(easy, CURLOPT_UPLOAD, 1),
                ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, upload.length.map { curl_off_t($0) } ?? -1),
                ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 64 << 10),
                ccurl_set_read_callback(easy, readBody),
                ccurl_set_pointer(easy, CURLOPT_READDATA, UnsafeRawPointer(Unmanaged.passUnretained(upload).toOpaque())),
                ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method),
            ]
        }
        var codes: [CURLcode] = []
        // These methods send a length of 0 for no body; the others send nothing.
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            codes.append(ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
            codes.append(
                request.body.withUnsafeBytes { bytes in
                    // An empty array has no address, and libcurl takes none for "read the body from a callback".
                    bytes.baseAddress.map { ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0) }
                        ?? ccurl_set_string(easy, CURLOPT_COPYPOSTFIELDS, "")
                })
        }
        codes.append(ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method))
        return codes
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(clamping: min(max(seconds, 0), 1_000_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

/// What libcurl calls on the driver's thread. Any other number than that of the bytes ends the transfer.
private let receiveHeader: ccurl_data_callback = { data, size, count, context in
    guard let data, let context else { return 0 }
    let total = size * count
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return data.withMemoryRebound(to: UInt8.self, capacity: total) { bytes in
        transfer.receive(headerLine: UnsafeBufferPointer(start: bytes, count: total)) ? total : 0
    }
}

private let receiveBody: ccurl_data_callback = { data, size, count, context in
    guard let data, let context else { return 0 }
    let total = size * count
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return data.withMemoryRebound(to: UInt8.self, capacity: total) { bytes in
        switch transfer.receive(body: UnsafeBufferPointer(start: bytes, count: total)) {
        case .taken: total
        case .pause: Int(CURL_WRITEFUNC_PAUSE)
        }
    }
}

private let readBody: ccurl_data_callback = { target, size, count, context in
    guard let target, let context else { return Int(CURL_READFUNC_ABORT) }
    let upload = Unmanaged<UpstreamUpload>.fromOpaque(context).takeUnretainedValue()
    return switch upload.read(into: UnsafeMutableRawBufferPointer(start: target, count: size * count)) {
    case .bytes(let count): count
    case .pause: Int(CURL_READFUNC_PAUSE)
    case .end: 0
    case .abort: Int(CURL_READFUNC_ABORT)
    }
}
