/// Thrift's compact protocol for files that no writer at hand makes.
indirect enum Thrift {
    case number(Int)
    case long(Int)
    case bytes([UInt8])
    case list(UInt8, [Thrift])
    case structure([(Int, Thrift)])

    static func text(_ text: String) -> Thrift { .bytes(Array(text.utf8)) }

    var bytes: [UInt8] {
        switch self {
        case .number(let value), .long(let value): Self.varint(UInt64(bitPattern: Int64(value << 1 ^ value >> 63)))
        case .bytes(let value): Self.varint(UInt64(value.count)) + value
        case .list(let type, let elements):
            (elements.count < 15 ? [UInt8(elements.count) << 4 | type] : [0xF0 | type] + Self.varint(UInt64(elements.count)))
                + elements.flatMap(\.bytes)
        case .structure(let fields): Self.fields(fields)
        }
    }

    private static func fields(_ fields: [(Int, Thrift)]) -> [UInt8] {
        var last = 0
        var result: [UInt8] = []
        for (id, value) in fields {
            let type: UInt8 =
                switch value {
                case .number: 5
                case .long: 6
                case .bytes: 8
                case .list: 9
                case .structure: 12
                }
            result.append(UInt8(id - last) << 4 | type)
            result += value.bytes
            last = id
        }
        return result + [0]
    }

    private static func varint(_ value: UInt64) -> [UInt8] { value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7) }
}

/// A file with one row group, each of whose columns is one page.
struct HandMade {
    struct Page {
        var type = 2
        var codec = 0
        var values: Int
        /// Levels and values.
        var body: [UInt8]
        /// Before compression.
        var size: Int?
        var encoding = 0
    }

    /// Elements behind the root: name, repetition (0 required, 1 optional, 2 repeated), type or number of children, converted type.
    var elements: [(name: String, repetition: Int, type: Int?, children: Int?, converted: Int?)]
    var rootChildren = 1
    var rows: Int
    var pages: [Page]

    var bytes: [UInt8] {
        var file = Array("PAR1".utf8)
        var columns: [Thrift] = []
        for page in pages {
            let header = Thrift.structure([
                (1, .number(0)), (2, .number(page.size ?? page.body.count)), (3, .number(page.body.count)),
                (5, .structure([(1, .number(page.values)), (2, .number(page.encoding)), (3, .number(3)), (4, .number(3))])),
            ]).bytes
            let start = file.count
            file += header + page.body
            columns.append(
                .structure([
                    (
                        3,
                        .structure([
                            (1, .number(page.type)), (2, .list(5, [])), (3, .list(8, [.text("c")])), (4, .number(page.codec)),
                            (5, .long(page.values)), (6, .long(header.count + page.body.count)), (7, .long(header.count + page.body.count)),
                            (9, .long(start)),
                        ])
                    )
                ]))
        }
        var schema: [Thrift] = [.structure([(4, .text("root")), (5, .number(rootChildren))])]
        for element in elements {
            var fields: [(Int, Thrift)] = []
            if let type = element.type { fields.append((1, .number(type))) }
            fields += [(3, .number(element.repetition)), (4, .text(element.name))]
            if let children = element.children { fields.append((5, .number(children))) }
            if let converted = element.converted { fields.append((6, .number(converted))) }
            schema.append(.structure(fields))
        }
        let footer = Thrift.structure([
            (1, .number(1)), (2, .list(12, schema)), (3, .long(rows)),
            (4, .list(12, [.structure([(1, .list(12, columns)), (2, .long(1)), (3, .long(rows))])])),
        ]).bytes
        return file + footer + (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) } + Array("PAR1".utf8)
    }
}
