import CLZ4

/// LZ4's frame format.
package enum LZ4Frame {
    /// One frame; if the library fails, which it does only for want of memory, the bytes as they are: readers tell the two by the frame's first bytes.
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let bound = LZ4F_compressFrameBound(bytes.count, nil)
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, filled in
            let written = bytes.withUnsafeBytes { LZ4F_compressFrame(buffer.baseAddress, bound, $0.baseAddress, $0.count, nil) }
            filled = LZ4F_isError(written) == 0 ? written : 0
        }
        return frame.isEmpty ? bytes : frame
    }
}
