/// Values of fixed width with their validity. A value under a zero validity bit is unspecified and must not be read as data.
package struct PrimitiveArray<Element: BitwiseCopyable & Sendable>: Sendable {
    package let values: [Element]
    /// nil: no value is null.
    package let validity: Bitmap?

    package init(_ values: [Element], validity: Bitmap? = nil) {
        precondition(validity == nil || validity?.count == values.count)
        self.values = values
        self.validity = validity
    }

    package var count: Int { values.count }
}

/// Booleans, a bit each.
package struct BooleanArray: Sendable {
    package let values: Bitmap
    package let validity: Bitmap?

    package init(_ values: Bitmap, validity: Bitmap? = nil) {
        precondition(validity == nil || validity?.count == values.count)
        self.values = values
        self.validity = validity
    }

    package var count: Int { values.count }

    /// True where the value is true and not null: what a filter keeps.
    package var trueBits: Bitmap {
        guard let validity else { return values }
        return values & validity
    }
}

/// Byte strings (UTF-8 text or binary), one behind the other: value `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
package struct BytesArray: Sendable {
    /// One more than there are values; ascending; the first need not be zero.
    package let offsets: [Int32]
    package let bytes: [UInt8]
    package let validity: Bitmap?

    package init(offsets: [Int32], bytes: [UInt8], validity: Bitmap? = nil) {
        precondition(!offsets.isEmpty && Int(offsets[offsets.count - 1]) <= bytes.count)
        precondition(validity == nil || validity?.count == offsets.count - 1)
        self.offsets = offsets
        self.bytes = bytes
        self.validity = validity
    }

    package var count: Int { offsets.count - 1 }

    package subscript(_ index: Int) -> ArraySlice<UInt8> { bytes[Int(offsets[index])..<Int(offsets[index + 1])] }

    package func string(at index: Int) -> String { String(decoding: self[index], as: UTF8.self) }
}

/// Lists of a child column's values. ARRAY has its elements as child; MAP a struct column of (key, value).
package struct ListArray: Sendable {
    package let offsets: [Int32]
    package let child: Column
    package let validity: Bitmap?

    package init(offsets: [Int32], child: Column, validity: Bitmap? = nil) {
        precondition(!offsets.isEmpty && Int(offsets[offsets.count - 1]) <= child.count)
        precondition(validity == nil || validity?.count == offsets.count - 1)
        self.offsets = offsets
        self.child = child
        self.validity = validity
    }

    package var count: Int { offsets.count - 1 }

    package func range(_ index: Int) -> Range<Int> { Int(offsets[index])..<Int(offsets[index + 1]) }
}

package struct StructArray: Sendable {
    package let children: [Column]
    package let validity: Bitmap?
    package let count: Int

    package init(children: [Column], validity: Bitmap? = nil, count: Int) {
        precondition(children.allSatisfy { $0.count == count } && (validity == nil || validity?.count == count))
        self.children = children
        self.validity = validity
        self.count = count
    }
}
