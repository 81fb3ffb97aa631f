import CLZ4

/// LZ4's frame format.
package enum LZ4Frame {
    /// How coarse the search for repetitions is: the library's compression levels below zero.
    package enum Effort: Int32 {
        case usual = -1000
        /// Blocks are little more than stored: what goes over a loopback interface costs less to send than to pack.
        case least = -65_536
    }

    /// One frame; if the library fails, which it does only for want of memory, the bytes as they are: readers tell the two by the frame's first bytes.
    /// Blocks stand alone: their readers decode them faster so.
    package static func compress(_ bytes: [UInt8], _ effort: Effort = .usual) -> [UInt8] {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        // Readers need not guess how much to allocate.
        preferences.frameInfo.contentSize = UInt64(bytes.count)
        preferences.compressionLevel = effort.rawValue
        let bound = LZ4F_compressFrameBound(bytes.count, &preferences)
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, filled in
            let written = bytes.withUnsafeBytes { LZ4F_compressFrame(buffer.baseAddress, bound, $0.baseAddress, $0.count, &preferences) }
            filled = LZ4F_isError(written) == 0 ? written : 0
        }
        return frame.isEmpty ? bytes : frame
    }
}
