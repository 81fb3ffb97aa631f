package import HTTPTypes

/// Finds the operation of a request: a frozen tree of path segments. Literal segments win over parameters, longer parts over shorter ones.
/// One trailing slash is tolerated; segments are percent-decoded one by one, so that an encoded slash stays inside its parameter.
package struct OperationIndex: Sendable {
    package enum Match: Sendable {
        case simulated(Operation, PathParameters)
        case known(KnownOperation)
        /// No such path, or not with this method: the real service makes no difference between the two.
        case unknown
    }

    fileprivate enum Target {
        case simulated(Int32)
        case known(Int32)
    }

    fileprivate struct Entry {
        let method: HTTPRequest.Method
        let target: Target
        let names: [String]
    }

    fileprivate struct Node {
        /// Positions in `literals` by hash, open addressing, -1 for free; a power of two in size.
        var buckets: [Int32] = []
        var literals: [(bytes: [UInt8], child: Int)] = []
        var parts: [(literals: [[UInt8]], child: Int)] = []
        var rests: [(prefix: [UInt8], child: Int)] = []
        var many: Int?
        var entries: [Entry] = []
    }

    private let operations: [Operation]
    private let known: [KnownOperation]
    private let nodes: [Node]

    package init(simulated operations: [Operation], known: [KnownOperation] = []) {
        self.operations = operations
        self.known = known
        var builder = Builder()
        for (position, operation) in operations.enumerated() {
            for path in [operation.path] + operation.aliases { builder.add(path, operation.method, .simulated(Int32(position))) }
        }
        for (position, operation) in known.enumerated() { builder.add(operation.path, operation.method, .known(Int32(position))) }
        nodes = builder.frozen()
    }

    /// The operation for a method and a path without its query.
    package func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        if let match = path.utf8.withContiguousStorageIfAvailable({ find(method, $0) }) { return match }
        return Array(path.utf8).withUnsafeBufferPointer { find(method, $0) }
    }

    /// The same, with the name of the call that a Thrift message holds: behind one path stand all operations of a SQL session.
    package func match(_ method: HTTPRequest.Method, _ path: String, body: [UInt8]) -> Match {
        let match = match(method, path)
        guard match.operationID?.hasPrefix("thrift.") == true, let name = ThriftMessage.name(of: body) else { return match }
        switch match {
        case .simulated(let operation, let parameters): return .simulated(operation.named("thrift.\(name)"), parameters)
        case .known(let operation):
            return .known(KnownOperation(id: "thrift.\(name)", method: operation.method, path: operation.path))
        case .unknown: return match
        }
    }

    private func find(_ method: HTTPRequest.Method, _ path: UnsafeBufferPointer<UInt8>) -> Match {
        guard path.first == slash else { return .unknown }
        var captures: [Range<Int>] = []
        captures.reserveCapacity(4)
        if let entry = entry(0, 1, path, method, &captures) { return result(entry, path, captures) }
        guard method == .head else { return .unknown }
        captures.removeAll(keepingCapacity: true)
        guard let entry = entry(0, 1, path, .get, &captures) else { return .unknown }
        return result(entry, path, captures)
    }

    private func result(_ entry: Entry, _ path: UnsafeBufferPointer<UInt8>, _ captures: [Range<Int>]) -> Match {
        switch entry.target {
        case .known(let position):
            return .known(known[Int(position)])
        case .simulated(let position):
            if captures.isEmpty { return .simulated(operations[Int(position)], .none) }
            let values = captures.map { PercentCoding.decode(UnsafeBufferPointer(rebasing: path[$0])) }
            return .simulated(operations[Int(position)], PathParameters(names: entry.names, values: values))
        }
    }

    /// `start` is the first byte of the next segment; it is the path's end if the path is used up, or one beyond it after a last slash.
    private func entry(
        _ nodeIndex: Int, _ start: Int, _ path: UnsafeBufferPointer<UInt8>, _ method: HTTPRequest.Method, _ captures: inout [Range<Int>]
    ) -> Entry? {
        // The node is not taken out of the array: that would count references to all that is in it.
        if start >= path.count {
            if let entry = nodes[nodeIndex].entries.first(where: { $0.method == method }) { return entry }
            guard let many = nodes[nodeIndex].many, start == path.count else { return nil }
            captures.append(path.count..<path.count)
            return nodes[many].entries.first { $0.method == method }
        }
        var end = start
        var isEncoded = false
        while end < path.count, path[end] != slash {
            if path[end] == percent { isEncoded = true }
            end += 1
        }
        let segment = UnsafeBufferPointer(rebasing: path[start..<end])
        let next = end + 1

        let literal =
            isEncoded
            ? Array(PercentCoding.decode(segment).utf8).withUnsafeBufferPointer { nodes[nodeIndex].literal($0) } : nodes[nodeIndex].literal(segment)
        if let literal, let entry = entry(literal, next, path, method, &captures) { return entry }

        let depth = captures.count
        for part in nodes[nodeIndex].parts.indices {
            if Node.split(segment, nodes[nodeIndex].parts[part].literals, offset: start, &captures),
                let entry = entry(nodes[nodeIndex].parts[part].child, next, path, method, &captures)
            {
                return entry
            }
            captures.removeLast(captures.count - depth)
        }
        for (prefix, child) in nodes[nodeIndex].rests where segment.elementsEqual(prefix) && end < path.count {
            captures.append(end..<path.count)
            if let entry = nodes[child].entries.first(where: { $0.method == method }) { return entry }
            captures.removeLast(captures.count - depth)
        }
        if let many = nodes[nodeIndex].many, start < end {
            var stop = path.count > start + 1 && path.last == slash ? path.count - 1 : path.count
            while stop > start {
                captures.append(start..<stop)
                if let entry = entry(many, stop + 1, path, method, &captures) { return entry }
                captures.removeLast(captures.count - depth)
                stop = path[start..<stop].lastIndex(of: slash) ?? start
            }
        }
        return nil
    }
}

extension OperationIndex.Match {
    /// The operation's id, simulated or not.
    package var operationID: String? {
        switch self {
        case .simulated(let operation, _): operation.id
        case .known(let operation): operation.id
        case .unknown: nil
        }
    }
}

private let slash = UInt8(ascii: "/")
private let percent = UInt8(ascii: "%")

private func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash ^ hash >> 29
}

extension OperationIndex.Node {
    /// The child of a literal segment.
    fileprivate func literal(_ segment: UnsafeBufferPointer<UInt8>) -> Int? {
        guard !buckets.isEmpty else { return nil }
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: hash(segment)) & mask
        while buckets[bucket] >= 0 {
            let position = Int(buckets[bucket])
            if literals[position].bytes.count == segment.count, literals[position].bytes.elementsEqual(segment) { return literals[position].child }
            bucket = (bucket + 1) & mask
        }
        return nil
    }

    /// Splits a segment at its literal parts and notes what lies between them; every parameter takes at least one byte, the first ones as few as possible.
    fileprivate static func split(_ segment: UnsafeBufferPointer<UInt8>, _ literals: [[UInt8]], offset: Int, _ captures: inout [Range<Int>])
        -> Bool
    {
        guard let first = literals.first, let last = literals.last, segment.starts(with: first),
            segment.count >= first.count + last.count + literals.count - 1
        else { return false }
        guard segment[(segment.count - last.count)...].elementsEqual(last) else { return false }
        let limit = segment.count - last.count
        var from = first.count
        for between in literals.dropFirst().dropLast() {
            var to = from + 1
            while to + between.count <= limit, !segment[to..<(to + between.count)].elementsEqual(between) { to += 1 }
            guard to + between.count < limit else { return false }
            captures.append((offset + from)..<(offset + to))
            from = to + between.count
        }
        guard from < limit else { return false }
        captures.append((offset + from)..<(offset + limit))
        return true
    }

    fileprivate mutating func freeze() {
        // The longest literal text first: `{x}:run` is tried before `{x}`.
        parts.sort { left, right in
            let lengths = (left.literals.reduce(0) { $0 + $1.count }, right.literals.reduce(0) { $0 + $1.count })
            return lengths.0 != lengths.1 ? lengths.0 > lengths.1 : left.literals.count > right.literals.count
        }
        guard !literals.isEmpty else { return }
        var size = 4
        while size < literals.count * 2 { size *= 2 }
        buckets = Array(repeating: -1, count: size)
        for (position, literal) in literals.enumerated() {
            var bucket = Int(truncatingIfNeeded: hash(literal.bytes)) & (size - 1)
            while buckets[bucket] >= 0 { bucket = (bucket + 1) & (size - 1) }
            buckets[bucket] = Int32(position)
        }
    }
}

extension OperationIndex {
    private struct Builder {
        var nodes = [Node()]

        mutating func add(_ path: String, _ method: HTTPRequest.Method, _ target: Target) {
            let pattern = RoutePattern(path)
            var node = 0
            for segment in pattern.segments { node = child(of: node, segment) }
            // The first one stays: simulated operations come before the known ones.
            if nodes[node].entries.contains(where: { $0.method == method }) { return }
            nodes[node].entries.append(Entry(method: method, target: target, names: pattern.names))
        }

        private mutating func child(of node: Int, _ segment: RoutePattern.Segment) -> Int {
            let new = nodes.count
            switch segment {
            case .literal(let bytes):
                if let known = nodes[node].literals.first(where: { $0.bytes == bytes }) { return known.child }
                nodes[node].literals.append((bytes, new))
            case .parts(let literals):
                if let known = nodes[node].parts.first(where: { $0.literals == literals }) { return known.child }
                nodes[node].parts.append((literals, new))
            case .rest(let prefix):
                if let known = nodes[node].rests.first(where: { $0.prefix == prefix }) { return known.child }
                nodes[node].rests.append((prefix, new))
            case .many:
                if let known = nodes[node].many { return known }
                nodes[node].many = new
            }
            nodes.append(Node())
            return new
        }

        func frozen() -> [Node] {
            nodes.map { node in
                var node = node
                node.freeze()
                return node
            }
        }
    }
}
