/// Copies byte strings to where they lie one behind the other. Most are short: those are moved in whole words, more bytes than they have, as far as
/// there is memory on both sides; what is moved too much is overwritten by the next.
enum StringCopy {
    /// Bytes that the target has behind the last string, so that words may be written there.
    static let slack = 48

    /// Where strings end that lie at `starts[i]..<starts[i + 1] - gap`, counted on from `total`.
    static func ends(_ starts: [Int32], _ range: Range<Int>, gap: Int, _ room: UnsafeMutableBufferPointer<Int32>, _ total: inout Int) {
        starts.withUnsafeBufferPointer { starts in
            var end = total
            for (place, index) in range.enumerated() {
                end += Int(starts[index + 1]) - Int(starts[index]) - gap
                room.initializeElement(at: place, to: Int32(truncatingIfNeeded: end))
            }
            total = end
        }
    }

    /// Where strings of a dictionary end, counted on from `total`; the indices must lie in it.
    static func ends(
        _ starts: [Int32], at indices: [UInt32], _ range: Range<Int>, _ room: UnsafeMutableBufferPointer<Int32>, _ total: inout Int
    ) {
        starts.withUnsafeBufferPointer { starts in
            indices.withUnsafeBufferPointer { indices in
                var end = total
                for (place, position) in range.enumerated() {
                    let index = Int(indices[position])
                    end += Int(starts[index + 1]) - Int(starts[index])
                    room.initializeElement(at: place, to: Int32(truncatingIfNeeded: end))
                }
                total = end
            }
        }
    }

    /// Strings that begin at `base + starts[i]`, to `ends[k]..<ends[k + 1]`; the target has the slack behind the last end.
    static func copy(
        _ bytes: [UInt8], _ base: Int, _ starts: [Int32], _ range: Range<Int>, _ ends: ArraySlice<Int32>, _ target: UnsafeMutableRawBufferPointer
    ) {
        guard let to = target.baseAddress else { return }
        bytes.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            starts.withUnsafeBufferPointer { starts in
                ends.withUnsafeBufferPointer { ends in
                    for (place, index) in range.enumerated() {
                        let start = base + Int(starts[index])
                        copy(from + start, to + Int(ends[place]), Int(ends[place + 1]) - Int(ends[place]), readable: bytes.count - start)
                    }
                }
            }
        }
    }

    /// Strings of a dictionary, to `ends[k]..<ends[k + 1]`.
    static func copy(
        _ bytes: [UInt8], _ starts: [Int32], at indices: [UInt32], _ range: Range<Int>, _ ends: ArraySlice<Int32>,
        _ target: UnsafeMutableRawBufferPointer
    ) {
        guard let to = target.baseAddress else { return }
        bytes.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            starts.withUnsafeBufferPointer { starts in
                indices.withUnsafeBufferPointer { indices in
                    ends.withUnsafeBufferPointer { ends in
                        for (place, position) in range.enumerated() {
                            let start = Int(starts[Int(indices[position])])
                            copy(from + start, to + Int(ends[place]), Int(ends[place + 1]) - Int(ends[place]), readable: bytes.count - start)
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func copy(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ count: Int, readable: Int) {
        typealias Word = SIMD16<UInt8>
        guard count <= slack, readable >= slack else {
            to.copyMemory(from: from, byteCount: count)
            return
        }
        to.storeBytes(of: from.loadUnaligned(as: Word.self), as: Word.self)
        // Lengths differ from string to string: one question that is hard to foretell costs more than a word too many.
        guard count > 16 else { return }
        to.storeBytes(of: from.loadUnaligned(fromByteOffset: 16, as: Word.self), toByteOffset: 16, as: Word.self)
        to.storeBytes(of: from.loadUnaligned(fromByteOffset: 32, as: Word.self), toByteOffset: 32, as: Word.self)
    }
}
