import Columnar
import SparkErrors

/// The functions that search in strings, for strings of UTF8_LCASE.
enum CaselessKernels {
    /// nil for functions that treat such strings as any others.
    static func kernel(of function: String, returning type: DataType) -> ScalarKernel? {
        switch function {
        case "contains": test { $0.firstRange(of: $1) != nil }
        case "startswith": test { $0.hasPrefix($1) }
        case "endswith": test { $0.hasSuffix($1) }
        case "instr":
            { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], arguments[1], to: type) { (text: ByteSlice, part: ByteSlice) throws(SQLError) -> Int32? in
                    position(of: part, in: text, from: 1)
                }
            }
        case "locate":
            { (arguments, rowCount, _) throws(SQLError) in
                let starts = arguments.count > 2 ? arguments[2] : Column(repeating: .integer(1), type: .int, count: rowCount)
                return try Rows.map(arguments[0], arguments[1], starts, to: type) {
                    (part: ByteSlice, text: ByteSlice, start: Int32) throws(SQLError) -> Int32? in position(of: part, in: text, from: Int(start))
                }
            }
        case "find_in_set":
            { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], arguments[1], to: type) { (text: ByteSlice, list: ByteSlice) throws(SQLError) -> Int32? in
                    if text.contains(UInt8(ascii: ",")) { return 0 }
                    let wanted = CaselessText(text)
                    let parts = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                    return Int32(truncatingIfNeeded: (parts.firstIndex { CaselessText($0) == wanted } ?? -1) + 1)
                }
            }
        case "replace": replace
        case "substring_index": substringIndex
        case "split_part": splitPart
        case "translate": translate
        case "trim": trim(left: true, right: true, charactersFirst: true)
        case "ltrim": trim(left: true, right: false, charactersFirst: true)
        case "rtrim": trim(left: false, right: true, charactersFirst: true)
        case "btrim": trim(left: true, right: true, charactersFirst: false)
        case "str_to_map": stringToMap
        default: nil
        }
    }

    private static func test(_ body: @escaping @Sendable (CaselessText, CaselessText) -> Bool) -> ScalarKernel {
        { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], to: .boolean) { (text: ByteSlice, part: ByteSlice) throws(SQLError) -> Bool? in
                body(CaselessText(text), CaselessText(part))
            }
        }
    }

    /// The position, from 1, of a part at or behind a position from 1; 0 if there is none.
    private static func position(of part: ByteSlice, in text: ByteSlice, from start: Int) -> Int32 {
        if start < 1 { return 0 }
        if part.isEmpty { return 1 }
        let skipped = UTF8Text.slice(text, from: 0, to: start - 1)
        let caseless = CaselessText(text)
        guard let found = caseless.firstRange(of: CaselessText(part), from: caseless.index(at: skipped.endIndex)) else { return 0 }
        return Int32(truncatingIfNeeded: UTF8Text.count(text[..<caseless.place(found.lowerBound)]) + 1)
    }

    private static let replace: ScalarKernel = { (arguments, rowCount, _) throws(SQLError) in
        let replacements = arguments.count > 2 ? arguments[2] : Column(repeating: .string(""), type: .text, count: rowCount)
        return try Rows.map(arguments[0], arguments[1], replacements, to: .text) {
            (text: ByteSlice, search: ByteSlice, by: ByteSlice) throws(SQLError) -> [UInt8]? in
            if search.isEmpty { return Array(text) }
            var result: [UInt8] = []
            for (index, part) in CaselessText(text).split(by: CaselessText(search)).enumerated() {
                if index > 0 { result.append(contentsOf: by) }
                result.append(contentsOf: part)
                if result.count > Limits.stringBytes { throw .tooLong(Limits.stringBytes) }
            }
            return result
        }
    }

    private static let substringIndex: ScalarKernel = { (arguments, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], arguments[2], to: .text) {
            (bytes: ByteSlice, delimiter: ByteSlice, count: Int32) throws(SQLError) -> ByteSlice? in
            if count == 0 || delimiter.isEmpty { return bytes.prefix(0) }
            let text = CaselessText(bytes)
            let part = CaselessText(delimiter)
            // Matches may overlap: each begins behind the last one's begin, or ends before its end.
            if count > 0 {
                var start = 0
                for round in 1...Int(count) {
                    guard let found = text.firstRange(of: part, from: start) else { return bytes }
                    if round == Int(count) { return bytes[..<text.place(found.lowerBound)] }
                    start = found.lowerBound + 1
                }
                return bytes
            }
            var end = text.count
            for round in 1...Int(count.magnitude) {
                guard let found = text.lastRange(of: part, before: end) else { return bytes }
                if round == Int(count.magnitude) { return bytes[text.place(found.upperBound)...] }
                end = found.upperBound - 1
            }
            return bytes
        }
    }

    private static let splitPart: ScalarKernel = { (arguments, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], arguments[2], to: .text) {
            (text: ByteSlice, delimiter: ByteSlice, number: Int32) throws(SQLError) -> ByteSlice? in
            if number == 0 { throw SQLError(.invalidIndexOfZero) }
            let parts = CaselessText(text).split(by: CaselessText(delimiter))
            let index = number > 0 ? Int(number) - 1 : parts.count + Int(number)
            return parts.indices.contains(index) ? parts[index] : text.prefix(0)
        }
    }

    private static let translate: ScalarKernel = { (arguments, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], arguments[2], to: .text) { (text: String, from: String, to: String) throws(SQLError) -> String? in
            var map: [UInt32: Unicode.Scalar?] = [:]
            var targets = to.unicodeScalars[...]
            for scalar in from.unicodeScalars {
                let target = targets.popFirst()
                let key = CaselessCharacter.folded(scalar)
                if map[key] == nil { map[key] = .some(target) }
            }
            let scalars = Array(text.unicodeScalars)
            var result = String.UnicodeScalarView()
            var index = 0
            while index < scalars.count {
                if let found = CaselessCharacter.match(scalars, at: index, { map[$0] != nil }) {
                    if let target = map[found.key] ?? nil { result.append(target) }
                    index += found.length
                } else {
                    result.append(scalars[index])
                    index += 1
                }
            }
            return String(result)
        }
    }

    private static func trim(left: Bool, right: Bool, charactersFirst: Bool) -> ScalarKernel {
        { (arguments, rowCount, _) throws(SQLError) in
            let isBlank = arguments.count == 1
            let sets = isBlank ? Column(repeating: .string(" "), type: .text, count: rowCount) : arguments[charactersFirst ? 0 : 1]
            return try Rows.map(arguments[isBlank || !charactersFirst ? 0 : 1], sets, to: .text) {
                (text: String, set: String) throws(SQLError) -> String? in
                let wanted = Set(set.unicodeScalars.map(CaselessCharacter.folded))
                let scalars = Array(text.unicodeScalars)
                var range = 0..<scalars.count
                if left {
                    while !range.isEmpty, let found = CaselessCharacter.match(scalars, at: range.lowerBound, wanted.contains) {
                        range = min(range.lowerBound + found.length, range.upperBound)..<range.upperBound
                    }
                }
                if right {
                    while !range.isEmpty, let found = CaselessCharacter.match(scalars, before: range.upperBound, wanted.contains) {
                        range = range.lowerBound..<max(range.upperBound - found.length, range.lowerBound)
                    }
                }
                var result = String.UnicodeScalarView()
                result.append(contentsOf: scalars[range])
                return String(result)
            }
        }
    }

    /// The delimiters are text here, not regular expressions.
    private static let stringToMap: ScalarKernel = { (arguments, rowCount, _) throws(SQLError) in
        let text = DataType.string(.utf8LCase)
        let type = DataType.map(key: text, value: text, valueContainsNull: true)
        let validity = Kernel.combinedValidity(arguments)
        guard let texts = ByteSlice.source(arguments[0]) else { return .nulls(type, count: rowCount) }
        func delimiter(_ index: Int, _ row: Int, _ standard: String) -> CaselessText {
            guard arguments.count > index, let source = ByteSlice.source(arguments[index]) else { return CaselessText(Array(standard.utf8)[...]) }
            return CaselessText(source[row])
        }
        var keys = BytesBuilder()
        var values = BytesBuilder()
        var offsets: [Int32] = [0]
        for row in 0..<rowCount {
            if validity?[row] ?? true {
                let inner = delimiter(2, row, ":")
                for pair in CaselessText(texts[row]).split(by: delimiter(1, row, ",")) {
                    let whole = CaselessText(pair)
                    guard !inner.isEmpty, let found = whole.firstRange(of: inner) else {
                        keys.append(pair)
                        values.appendNull()
                        continue
                    }
                    keys.append(pair[..<whole.place(found.lowerBound)])
                    values.append(pair[whole.place(found.upperBound)...])
                }
            }
            offsets.append(Int32(truncatingIfNeeded: keys.count))
        }
        return try MapKernels.make(
            Column(text, .bytes(keys.finish())), Column(text, .bytes(values.finish())), offsets: offsets, validity: validity, type)
    }
}
