import HTTPTypes
import JSON

/// Reads stub mappings of WireMock: one, or several under `mappings`.
///
/// What WireMock answers more requests with than a cassette can tell is refused by name; what a cassette matches more narrowly is noted.
/// Sources: https://wiremock.org/docs/stubbing, /docs/request-matching, /docs/stateful-behaviour, /docs/record-playback
struct WireMockImport {
    /// The bytes of a file under `__files`.
    typealias Files = (String) throws(CassetteError) -> [UInt8]

    /// A mapping that a cassette can hold.
    struct Stub {
        var entry: ImportSource.Entry
        /// Scenario, the state in which it answers, and the state after that.
        var scenario: (name: String, from: String?, to: String?)?
        /// Two stubs with one key answer the same requests.
        var key: [String]
    }

    private var source = ImportSource()
    private(set) var stubs: [Stub] = []
    private let files: Files

    init(files: @escaping Files) { self.files = files }

    /// Reads one file.
    mutating func read(_ bytes: [UInt8], file: String) throws(CassetteError) {
        let document = try ImportCursor(parsing: bytes, file: file)
        let mappings: [ImportCursor]
        do throws(ImportProblem) {
            mappings = try document.child("mappings")?.elements() ?? [document]
        } catch {
            throw CassetteError(file: file, "\(error.place): \(error.message)")
        }
        for mapping in mappings {
            do throws(ImportProblem) {
                stubs.append(try stub(mapping))
            } catch {
                source.problems.append(error)
            }
        }
    }

    private mutating func note(_ cursor: ImportCursor, _ message: String) {
        source.notes.append(ImportProblem(file: cursor.file, place: cursor.place, message: message))
    }

    // MARK: Mappings

    private static let ignored: Set<String> = [
        "id", "uuid", "name", "persistent", "metadata", "insertionIndex", "request", "response", "scenarioName", "requiredScenarioState",
        "newScenarioState", "priority",
    ]

    private mutating func stub(_ mapping: ImportCursor) throws(ImportProblem) -> Stub {
        for (name, value) in try mapping.members() where !Self.ignored.contains(name) && !value.value.isNull {
            throw value.problem("'\(name.prefix(60))' cannot be represented")
        }
        if let priority = mapping.child("priority"), priority.value.intValue != 5 {
            throw priority.problem("priorities cannot be represented: a request has one recorded answer")
        }
        let request = try WireMockRequest(try mapping.required("request"))
        for (cursor, message) in request.notes { note(cursor, message) }
        var stub = Stub(entry: try response(try mapping.required("response"), request, mapping), scenario: nil, key: request.key)
        if let scenario = mapping.child("scenarioName") {
            stub.scenario = (
                try scenario.text(), try mapping.child("requiredScenarioState")?.text(), try mapping.child("newScenarioState")?.text()
            )
        }
        return stub
    }

    private static let refused = [
        "fault": "faults are for scenario files", "proxyBaseUrl": "a cassette does not forward",
        "transformers": "answers made by templates cannot be represented",
        "transformerParameters": "answers made by templates cannot be represented", "delayDistribution": "random delays are for scenario files",
        "chunkedDribbleDelay": "slow bodies are for scenario files",
    ]

    private func response(
        _ response: ImportCursor, _ request: WireMockRequest, _ mapping: ImportCursor
    ) throws(ImportProblem) -> ImportSource.Entry {
        var raw = RawExchange(
            operation: nil, method: request.method, path: request.path, query: request.query, requestHeaders: request.headers,
            requestBody: request.body, status: 200)
        for (name, value) in try response.members() where !value.value.isNull {
            switch name {
            case "status": raw.status = try value.status()
            case "statusMessage", "fromConfiguredStub", "serveEventListeners": break
            case "headers":
                for (name, header) in try value.members() {
                    for text in header.value.arrayValue == nil ? [header] : try header.elements() {
                        try raw.responseHeaders.add(name, try text.text(), text)
                    }
                }
            case "body": raw.responseBody = Array(try value.text().utf8)
            case "jsonBody": raw.responseBody = value.value.encoded()
            case "base64Body":
                guard let bytes = Base64.decode(try value.text().utf8) else { throw value.problem("is no base64") }
                raw.responseBody = bytes
            case "bodyFileName":
                let name = try value.text()
                do throws(CassetteError) {
                    raw.responseBody = try files(name)
                } catch {
                    throw value.problem(error.message)
                }
            case "fixedDelayMilliseconds":
                guard let delay = value.value.intValue, delay >= 0 else { throw value.problem("expected a whole number") }
                raw.milliseconds = delay
            default:
                if value.value.arrayValue?.isEmpty == true || value.value.objectValue?.isEmpty == true { break }
                throw value.problem(Self.refused[name] ?? "'\(name.prefix(60))' cannot be represented")
            }
        }
        do {
            raw.responseBody = try raw.responseHeaders.removeEncoding(raw.responseBody)
        } catch {
            throw response.problem(error.message)
        }
        return .init(raw: raw, authority: nil, file: mapping.file, place: mapping.place)
    }

    // MARK: Order

    /// All that was read, scenarios in the order of their states.
    func finished() -> ImportSource {
        var source = source
        var seen: [[String]: ImportSource.Entry] = [:]
        var done: Set<String> = []
        for stub in stubs {
            if let scenario = stub.scenario {
                guard done.insert(scenario.name).inserted else { continue }
                do throws(ImportProblem) {
                    for stub in try Self.chain(stubs.filter { $0.scenario?.name == scenario.name }) {
                        if seen[stub.key] == nil || stub.scenario?.name == scenario.name { source.entries.append(stub.entry) }
                    }
                    seen[stub.key] = stub.entry
                } catch {
                    source.problems.append(error)
                }
            } else if let first = seen[stub.key] {
                source.problems.append(
                    ImportProblem(
                        file: stub.entry.file, place: stub.entry.place,
                        message: "answers the same requests as \(first.file) \(first.place); WireMock gives the newer answer, a cassette both in turn"
                    ))
            } else {
                seen[stub.key] = stub.entry
                source.entries.append(stub.entry)
            }
        }
        return source
    }

    /// The answers to one request in turn, which is what recordings of WireMock hold; all other uses of states are refused.
    private static func chain(_ stubs: [Stub]) throws(ImportProblem) -> [Stub] {
        guard let first = stubs.first else { return [] }
        func problem(_ stub: Stub, _ message: String) -> ImportProblem {
            ImportProblem(file: stub.entry.file, place: stub.entry.place + ".scenarioName", message: message)
        }
        if let other = stubs.first(where: { $0.key != first.key }) {
            throw problem(other, "a scenario over several requests cannot be represented: a cassette's answers follow each other request by request")
        }
        var chain: [Stub] = []
        var state = "Started"
        while let next = stubs.first(where: { ($0.scenario?.from ?? "Started") == state }), chain.count < stubs.count {
            chain.append(next)
            guard let to = next.scenario?.to, to != state else { break }
            state = to
        }
        guard chain.count == stubs.count else { throw problem(first, "the states of this scenario are no simple sequence") }
        return chain
    }
}
