/// Writes one FlatBuffer, from its end to its beginning as the format wants it: what is referred to is written before what refers to it.
/// A place is its distance from the buffer's end. Source: the FlatBuffers binary format ("Internals" of its documentation).
struct FlatBufferBuilder {
    struct Place: Hashable {
        fileprivate let fromEnd: Int
    }

    /// The value of a table's field. Values that equal the schema's default may be left out.
    enum FieldValue {
        case bool(Bool)
        case byte(UInt8)
        case short(Int16)
        case int(Int32)
        case long(Int64)
        case reference(Place)
    }

    /// The bytes in reverse.
    private var reversed: [UInt8] = []

    /// Pads so that after `size` more bytes the distance from the end is a multiple of `alignment`.
    private mutating func align(_ alignment: Int, after size: Int = 0) {
        while (reversed.count + size) % alignment != 0 { reversed.append(0) }
    }

    private mutating func push<T: FixedWidthInteger>(_ value: T) {
        align(MemoryLayout<T>.size)
        withUnsafeBytes(of: value.bigEndian) { reversed.append(contentsOf: $0) }
    }

    private mutating func pushReference(_ place: Place) {
        align(4)
        push(UInt32(truncatingIfNeeded: reversed.count + 4 - place.fromEnd))
    }

    mutating func string(_ text: String) -> Place {
        let bytes = Array(text.utf8)
        align(4, after: bytes.count + 1)
        reversed.append(0)
        reversed.append(contentsOf: bytes.reversed())
        push(UInt32(truncatingIfNeeded: bytes.count))
        return Place(fromEnd: reversed.count)
    }

    mutating func vector(_ places: [Place]) -> Place {
        align(4)
        for place in places.reversed() { pushReference(place) }
        push(UInt32(truncatingIfNeeded: places.count))
        return Place(fromEnd: reversed.count)
    }

    /// A vector of structs of two 64-bit integers each.
    mutating func vector(pairs: [(Int64, Int64)]) -> Place {
        align(8)
        for (first, second) in pairs.reversed() {
            push(second)
            push(first)
        }
        push(UInt32(truncatingIfNeeded: pairs.count))
        return Place(fromEnd: reversed.count)
    }

    /// A table with its fields by their numbers; nil: absent.
    mutating func table(_ fields: [FieldValue?]) -> Place {
        let end = reversed.count
        var places = [Int](repeating: 0, count: fields.count)
        for index in fields.indices.reversed() {
            guard let field = fields[index] else { continue }
            switch field {
            case .bool(let value): push(value ? 1 as UInt8 : 0)
            case .byte(let value): push(value)
            case .short(let value): push(value)
            case .int(let value): push(value)
            case .long(let value): push(value)
            case .reference(let place): pushReference(place)
            }
            places[index] = reversed.count
        }
        push(0 as Int32)
        let start = reversed.count
        for place in places.reversed() { push(place == 0 ? 0 as UInt16 : UInt16(truncatingIfNeeded: start - place)) }
        push(UInt16(truncatingIfNeeded: start - end))
        push(UInt16(truncatingIfNeeded: (fields.count + 2) * 2))
        let distance = Int32(truncatingIfNeeded: reversed.count - start)
        withUnsafeBytes(of: distance.bigEndian) { reversed.replaceSubrange((start - 4)..<start, with: $0) }
        return Place(fromEnd: start)
    }

    /// The whole buffer; its length is a multiple of 8.
    consuming func finish(_ root: Place) -> [UInt8] {
        align(8, after: 4)
        pushReference(root)
        return reversed.reversed()
    }
}
