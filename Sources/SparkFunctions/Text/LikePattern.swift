import SparkErrors

/// A LIKE pattern, compiled: `%` is any text, `_` one character.
struct LikePattern: Sendable {
    private enum Piece: Sendable {
        case any
        case one
        case literal([UInt8])
    }

    /// What most patterns are, and how they are matched without stepping through them.
    private enum Shape: Sendable {
        case exact([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
        case part([UInt8])
        /// `%a%b%`: these, one behind the other.
        case parts([[UInt8]])
        case general
    }

    private let pieces: [Piece]
    private let shape: Shape

    /// - Throws: INVALID_FORMAT for an escape character at the end or before an ordinary one.
    init(_ pattern: ByteSlice, escape: UInt8) throws(SQLError) {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        func flush() {
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = []
        }
        var index = pattern.startIndex
        while index < pattern.endIndex {
            let byte = pattern[index]
            index += 1
            if byte == escape {
                guard index < pattern.endIndex else { throw Self.invalid(.invalidFormatEscAtTheEnd, pattern) }
                let next = pattern[index]
                guard next == UInt8(ascii: "%") || next == UInt8(ascii: "_") || next == escape else {
                    let character = String(decoding: UTF8Text.slice(pattern[index...], from: 0, to: 1), as: UTF8.self)
                    throw Self.invalid(.invalidFormatEscInTheMiddle, pattern, ["char": SQLLiteral.quoted(character)])
                }
                literal.append(next)
                index += 1
            } else if byte == UInt8(ascii: "%") {
                flush()
                if case .any? = pieces.last {} else { pieces.append(.any) }
            } else if byte == UInt8(ascii: "_") {
                flush()
                pieces.append(.one)
            } else {
                literal.append(byte)
            }
        }
        flush()
        self.pieces = pieces
        shape =
            switch (pieces.count, pieces.first, pieces.dropFirst().first, pieces.dropFirst(2).first) {
            case (0, _, _, _): .exact([])
            case (1, .literal(let text)?, _, _): .exact(text)
            case (1, .any?, _, _): .prefix([])
            case (2, .literal(let text)?, .any?, _): .prefix(text)
            case (2, .any?, .literal(let text)?, _): .suffix(text)
            case (3, .any?, .literal(let text)?, .any?): .part(text)
            default: Self.parts(pieces).map { .parts($0) } ?? .general
            }
    }

    private static func parts(_ pieces: [Piece]) -> [[UInt8]]? {
        guard case .any? = pieces.first, case .any? = pieces.last else { return nil }
        var parts: [[UInt8]] = []
        for piece in pieces {
            switch piece {
            case .any: break
            case .one: return nil
            case .literal(let text): parts.append(text)
            }
        }
        return parts
    }

    private static func invalid(_ condition: ErrorCondition, _ pattern: ByteSlice, _ more: [String: String] = [:]) -> SQLError {
        let format = SQLLiteral.quoted(String(decoding: pattern, as: UTF8.self))
        return SQLError(condition, more.merging(["format": format]) { first, _ in first })
    }

    func matches(_ text: ByteSlice) -> Bool {
        switch shape {
        case .exact(let wanted): text.elementsEqual(wanted)
        case .prefix(let wanted): UTF8Text.hasPrefix(text, wanted[...])
        case .suffix(let wanted): UTF8Text.hasSuffix(text, wanted[...])
        case .part(let wanted): UTF8Text.firstIndex(of: wanted[...], in: text) != nil
        case .parts(let wanted): follow(wanted, in: text)
        case .general: general(text)
        }
    }

    private func follow(_ parts: [[UInt8]], in text: ByteSlice) -> Bool {
        var position = text.startIndex
        for part in parts {
            guard let found = UTF8Text.firstIndex(of: part[...], in: text, from: position) else { return false }
            position = found + part.count
        }
        return true
    }

    /// Back to the last `%` on a mismatch: no more than text × pattern steps.
    private func general(_ text: ByteSlice) -> Bool {
        var position = text.startIndex
        var piece = 0
        var retry: (piece: Int, position: Int)?
        var steps = 0
        while true {
            if case .literal(let wanted)? = piece < pieces.count ? pieces[piece] : nil { steps += wanted.count }
            steps += 8
            if steps > 1 << 20 {
                steps = 0
                if ExecutionMonitor.isOver { return false }
            }
            if piece < pieces.count {
                switch pieces[piece] {
                case .any:
                    piece += 1
                    if piece == pieces.count { return true }
                    retry = (piece, position)
                    continue
                case .one where position < text.endIndex:
                    position = min(position + UTF8Text.width(text[position]), text.endIndex)
                    piece += 1
                    continue
                case .literal(let wanted) where UTF8Text.hasPrefix(text[position...], wanted[...]):
                    position += wanted.count
                    piece += 1
                    continue
                default: break
                }
            } else if position == text.endIndex {
                return true
            }
            guard let last = retry, last.position < text.endIndex else { return false }
            let next = min(last.position + UTF8Text.width(text[last.position]), text.endIndex)
            retry = (last.piece, next)
            piece = last.piece
            position = next
        }
    }
}
