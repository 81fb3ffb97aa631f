package import Columnar
import JSON
package import SparkErrors

/// A VARIANT's value, decoded.
package indirect enum VariantNode: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case decimal(Int128, scale: Int)
    case float(Float)
    case double(Double)
    case string(String)
    case binary([UInt8])
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds, of an instant or of a wall clock.
    case timestamp(Int64)
    case timestampNTZ(Int64)
    case array([VariantNode])
    /// In the order of the fields' names.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: VariantNode

        package init(_ name: String, _ value: VariantNode) {
            self.name = name
            self.value = value
        }
    }

    /// From JSON: whole numbers and short decimals exactly, other numbers as DOUBLE. Of members with one name the last counts.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let bit): self = .boolean(bit)
        case .string(let text): self = .string(text)
        case .number(let digits): self = Self.number(digits)
        case .array(let items): self = .array(items.map { VariantNode($0) })
        case .object(let object): self = .object(Self.sorted(object.members.map { Member($0.name, VariantNode($0.value)) }))
        }
    }

    /// As a column of VARIANT holds it.
    var encoded: Value {
        let (metadata, value) = VariantEncoder.encode(self)
        return .structure([.binary(metadata), .binary(value)])
    }

    /// By the bytes of the names, as the encoding wants it.
    static func sorted(_ members: [Member]) -> [Member] {
        members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func number(_ digits: String) -> VariantNode {
        if let whole = Int64(digits) { return .integer(whole) }
        let isPlain = digits.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        if isPlain, digits.utf8.count <= 41, let parts = NumberParser.parts(Array(digits.utf8)[...]) {
            let scale = parts.fraction.count
            if scale <= 38, case .some(let unscaled?) = NumberParser.decimal(Array(digits.utf8)[...], scale: scale),
                DecimalMath.fits(unscaled, precision: 38)
            {
                return .decimal(unscaled, scale: scale)
            }
        }
        return .double(Double(digits) ?? .nan)
    }

    /// As JSON; times are shown in a zone.
    package func json(_ zone: SessionTimeZone) -> String {
        switch self {
        case .null: "null"
        case .boolean(let bit): bit ? "true" : "false"
        case .integer(let number): String(number)
        case .decimal(let digits, let scale): Self.trimmed(digits, scale)
        case .float(let number): number.isFinite ? NumberText.text(number) : Self.quoted(NumberText.text(number))
        case .double(let number): number.isFinite ? NumberText.text(number) : Self.quoted(NumberText.text(number))
        case .string(let text): Self.quoted(text)
        case .binary(let bytes): Self.quoted(String(decoding: Base64Text.encode(bytes[...], lines: false), as: UTF8.self))
        case .date(let days): Self.quoted(DateTimeText.date(days: Int(days)))
        case .timestamp(let micros): Self.quoted(Self.timestamp(micros, zone))
        case .timestampNTZ(let micros): Self.quoted(DateTimeText.timestamp(localMicros: micros))
        case .array(let items): "[" + items.map { $0.json(zone) }.joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { Self.quoted($0.name) + ":" + $0.value.json(zone) }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }

    private static func timestamp(_ micros: Int64, _ zone: SessionTimeZone) -> String {
        DateTimeText.timestamp(localMicros: zone.local(fromUTC: micros)) + ZoneOffset.text(zone.offset(atMicros: micros), zero: "+00:00")
    }

    /// A decimal without zeros at its end.
    static func trimmed(_ digits: Int128, _ scale: Int) -> String {
        var (digits, scale) = (digits, scale)
        while scale > 0, digits % 10 == 0 {
            digits /= 10
            scale -= 1
        }
        return NumberText.text(unscaled: digits, scale: scale)
    }

    /// From a value of SQL; structs and maps become objects.
    init(_ value: Value, _ type: DataType) {
        switch (value, type) {
        case (.null, _): self = .null
        case (.boolean(let bit), _): self = .boolean(bit)
        case (.integer(let days), .date): self = .date(Int32(truncatingIfNeeded: days))
        case (.integer(let micros), .timestamp): self = .timestamp(micros)
        case (.integer(let micros), .timestampNTZ): self = .timestampNTZ(micros)
        case (.integer(let number), _): self = .integer(number)
        case (.decimal(let digits), .decimal(let decimal)): self = .decimal(digits, scale: decimal.scale)
        case (.decimal(let digits), _): self = .decimal(digits, scale: 0)
        case (.float(let number), _): self = .float(number)
        case (.double(let number), _): self = .double(number)
        case (.string(let text), _): self = .string(text)
        case (.binary(let bytes), _): self = .binary(bytes)
        case (.list(let items), .array(let element, _)): self = .array(items.map { VariantNode($0, element) })
        case (.map(let entries), .map(_, let inner, _)):
            self = .object(
                Self.sorted(
                    entries.map { entry in
                        Member(Self.key(entry.key), VariantNode(entry.value, inner))
                    }))
        case (.structure(let parts), .variant): self = VariantColumn.decode(parts) ?? .null
        case (.structure(let parts), .structure(let fields)):
            self = .object(Self.sorted(zip(parts, fields).map { Member($1.name, VariantNode($0, $1.type)) }))
        default: self = .null
        }
    }

    private static func key(_ value: Value) -> String { if case .string(let text) = value { text } else { "" } }
}

/// A column of variants: two columns of binaries.
package struct VariantColumn: Sendable {
    let metadata: BytesArray
    let values: BytesArray

    package init?(_ column: Column) {
        guard case .structure(let parts) = column.values, parts.children.count == 2, case .bytes(let metadata) = parts.children[0].values,
            case .bytes(let values) = parts.children[1].values
        else { return nil }
        self.metadata = metadata
        self.values = values
    }

    /// The value in a row that is not null; nil if its bytes are malformed.
    package func node(_ row: Int) -> VariantNode? { VariantDecoder.decode(metadata: metadata[row], value: values[row]) }

    static func decode(_ parts: [Value]) -> VariantNode? {
        guard parts.count == 2, case .binary(let metadata) = parts[0], case .binary(let value) = parts[1] else { return nil }
        return VariantDecoder.decode(metadata: metadata[...], value: value[...])
    }

    /// Each variant's elements or members as a list of structs of position, name and value; of anything else, none.
    package static func entries(_ column: Column) throws(SQLError) -> Column {
        let entry = DataType.structure([Field("pos", .int), Field("key", .text), Field("value", .variant)])
        let type = DataType.array(element: entry, containsNull: false)
        guard let variants = VariantColumn(column) else { return .nulls(type, count: column.count) }
        var offsets: [Int32] = [0]
        var positions: [Int32] = []
        var names: [Value] = []
        var values: [VariantNode?] = []
        for row in 0..<column.count {
            switch column.isNull(row) ? nil : variants.node(row) {
            case .array(let items):
                for (position, item) in items.enumerated() {
                    positions.append(Int32(truncatingIfNeeded: position))
                    names.append(.null)
                    values.append(item)
                }
            case .object(let members):
                for (position, member) in members.enumerated() {
                    positions.append(Int32(truncatingIfNeeded: position))
                    names.append(.string(member.name))
                    values.append(member.value)
                }
            default: break
            }
            guard values.count <= Int(Int32.max) else { throw .tooLong(Int(Int32.max)) }
            offsets.append(Int32(truncatingIfNeeded: values.count))
        }
        let children = [Column(.int, .int32(PrimitiveArray(positions))), Column(.text, of: names), make(values)]
        let structs = Column(entry, .structure(StructArray(children: children, count: values.count)))
        return Column(type, .list(ListArray(offsets: offsets, child: structs)))
    }

    /// A column of the nodes; nil gives a null.
    package static func make(_ nodes: [VariantNode?]) -> Column {
        var metadata = BytesBuilder(capacity: nodes.count)
        var values = BytesBuilder(capacity: nodes.count)
        var validity = BitmapBuilder()
        for node in nodes {
            validity.append(node != nil)
            let encoded = node.map { VariantEncoder.encode($0) }
            metadata.append(encoded?.metadata ?? [])
            values.append(encoded?.value ?? [])
        }
        let children = [Column(.binary, .bytes(metadata.finish())), Column(.binary, .bytes(values.finish()))]
        return Column(.variant, .structure(StructArray(children: children, validity: validity.finishValidity(), count: nodes.count)))
    }
}
