extension Column {
    /// The parts' rows one after the other. Every part has the layout of `type`, or is `void`; `canConcat` must hold.
    package static func concat(_ parts: [Column], type: DataType) -> Column {
        let parts = parts.filter { $0.count > 0 }
        if parts.isEmpty { return .nulls(type, count: 0) }
        if parts.count == 1, !parts[0].isVoid || type == .void { return parts[0].with(type: type) }
        // A column of the type `void` may lie beside others: its nulls take the layout of `type`. So do values of any other layout.
        let layout = type == .void ? parts[0].values : ColumnValues.nulls(type, count: 0)
        let values = parts.map { part in
            part.values.hasLayout(of: layout) ? part.values : Column(type, of: (0..<part.count).map { part.value(at: $0) }).values
        }
        return Column(type, .concat(values, type))
    }
}

extension RecordBatch {
    /// The batches' rows one after the other; all have columns laid out as `schema` says.
    package static func concat(_ batches: [RecordBatch], schema: Schema) -> RecordBatch {
        if batches.count == 1 { return RecordBatch(schema: schema, columns: batches[0].columns, rowCount: batches[0].rowCount) }
        let columns = schema.fields.indices.map { index in
            Column.concat(batches.map { $0.columns[index] }, type: schema.fields[index].type)
        }
        return RecordBatch(schema: schema, columns: columns, rowCount: batches.reduce(0) { $0 + $1.rowCount })
    }
}

extension ColumnValues {
    /// Whether the values are laid out in the same way, but for what is nested in them.
    fileprivate func hasLayout(of other: ColumnValues) -> Bool {
        switch (self, other) {
        case (.void, .void), (.boolean, .boolean), (.int8, .int8), (.int16, .int16), (.int32, .int32), (.int64, .int64), (.int128, .int128),
            (.float, .float), (.double, .double), (.bytes, .bytes), (.list, .list):
            true
        case (.structure(let array), .structure(let other)): array.children.count == other.children.count
        default: false
        }
    }

    /// The parts have one layout, and there is one at least.
    fileprivate static func concat(_ parts: [ColumnValues], _ type: DataType) -> ColumnValues {
        let count = parts.reduce(0) { $0 + $1.count }
        let validity = concatValidity(parts, count)
        func primitive<T>(_ array: (ColumnValues) -> PrimitiveArray<T>?) -> PrimitiveArray<T> {
            var values: [T] = []
            values.reserveCapacity(count)
            for part in parts { if let array = array(part) { values.append(contentsOf: array.values) } }
            return PrimitiveArray(values, validity: validity)
        }
        switch parts[0] {
        case .void: return .void(count)
        case .boolean:
            let bits = Bitmap.concat(
                parts.compactMap { part in part.asBoolean.map { ($0.values, $0.count) } }, count: count)
            return .boolean(BooleanArray(bits, validity: validity))
        case .int8: return .int8(primitive(\.asInt8))
        case .int16: return .int16(primitive(\.asInt16))
        case .int32: return .int32(primitive(\.asInt32))
        case .int64: return .int64(primitive(\.asInt64))
        case .int128: return .int128(primitive(\.asInt128))
        case .float: return .float(primitive(\.asFloat))
        case .double: return .double(primitive(\.asDouble))
        case .bytes:
            let arrays = parts.compactMap(\.asBytes)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(arrays.reduce(0) { $0 + Int($1.offsets[$1.count] - $1.offsets[0]) })
            for array in arrays { bytes.append(contentsOf: array.bytes[Int(array.offsets[0])..<Int(array.offsets[array.count])]) }
            return .bytes(BytesArray(offsets: concatOffsets(arrays.map(\.offsets), count), bytes: bytes, validity: validity))
        case .list:
            let arrays = parts.compactMap(\.asList)
            let children = arrays.map { $0.child.slice(Int($0.offsets[0])..<Int($0.offsets[$0.count])) }
            let child = Column.concat(children, type: type.listChildType ?? arrays[0].child.type)
            return .list(ListArray(offsets: concatOffsets(arrays.map(\.offsets), count), child: child, validity: validity))
        case .structure(let first):
            let arrays = parts.compactMap(\.asStructure)
            var types = first.children.map(\.type)
            if case .structure(let fields) = type, fields.count == types.count { types = fields.map(\.type) }
            let children = types.indices.map { index in Column.concat(arrays.map { $0.children[index] }, type: types[index]) }
            return .structure(StructArray(children: children, validity: validity, count: count))
        }
    }

    private static func concatValidity(_ parts: [ColumnValues], _ count: Int) -> Bitmap? {
        if case .void = parts[0] { return nil }
        let bitmaps = parts.map { ($0.validity, $0.count) }
        if bitmaps.allSatisfy({ $0.0 == nil }) { return nil }
        return Bitmap.concat(bitmaps, count: count).asValidity
    }

    private static func concatOffsets(_ parts: [[Int32]], _ count: Int) -> [Int32] {
        var result: [Int32] = [0]
        result.reserveCapacity(count + 1)
        var base = 0
        for offsets in parts {
            let shift = base - Int(offsets[0])
            base = shift + Int(offsets[offsets.count - 1])
            precondition(base <= Int(Int32.max), "a column of byte strings or lists holds at most 2^31 - 1 bytes or elements")
            for offset in offsets.dropFirst() { result.append(Int32(truncatingIfNeeded: Int(offset) + shift)) }
        }
        return result
    }
}

extension Bitmap {
    /// Bitmaps one after the other; nil stands for that many ones.
    fileprivate static func concat(_ parts: [(Bitmap?, Int)], count: Int) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        var written = 0
        for (part, length) in parts {
            let shift = UInt64(written & 63)
            var index = written >> 6
            for position in 0..<(length + 63) / 64 {
                let bits = length - position << 6
                let word = part?.words[position] ?? (bits >= 64 ? .max : (1 << UInt64(bits)) - 1)
                words[index] |= word << shift
                if shift != 0, index + 1 < words.count { words[index + 1] |= word >> (64 - shift) }
                index += 1
            }
            written += length
        }
        return Bitmap(words: words, count: count)
    }
}
