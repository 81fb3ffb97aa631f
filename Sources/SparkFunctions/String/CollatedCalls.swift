import Columnar
import SparkErrors

/// What functions of strings do under UTF8_LCASE: where they compare they look at lower-case letters, and they give strings of that collation.
enum CollatedCalls {
    static func adapted(_ bound: BoundScalar, _ function: String, _ arguments: [ArgumentInfo]) -> BoundScalar {
        guard arguments.contains(where: { $0.type.isCaseless }) else { return bound }
        let type = following.contains(function) ? bound.returnType.caseless : bound.returnType
        let kernel: ScalarKernel?
        if let own = kernels[function] {
            kernel = { (columns, rowCount, context) throws(SQLError) in try own.run(columns, .text, rowCount, context) }
        } else if patterned.contains(function), arguments[0].type.isCaseless {
            kernel = bound.mappingArguments { (columns) throws(SQLError) in
                guard columns.count > 1 else { return columns }
                var columns = columns
                columns[1] = try Rows.map(columns[1], to: .text) { (pattern: ByteSlice) throws(SQLError) -> [UInt8]? in
                    pattern.isEmpty ? [] : Array("(?i)".utf8) + pattern
                }
                return columns
            }
        } else {
            kernel = nil
        }
        guard kernel != nil || type != bound.returnType else { return bound }
        return bound.returning(type, kernel)
    }

    /// Functions whose strings have the collation of their arguments.
    private static let following: Set<String> = [
        "array_join", "btrim", "concat", "||", "concat_ws", "conv", "elt", "hex", "initcap", "left", "lower", "lpad", "ltrim", "make_valid_utf8",
        "mask", "overlay", "regexp_extract", "regexp_extract_all", "regexp_replace", "regexp_substr", "repeat", "replace", "reverse", "right",
        "rpad", "rtrim", "sentences", "split", "split_part", "str_to_map", "substring", "substring_index", "translate", "trim", "upper",
    ]

    /// Functions whose second argument is a regular expression.
    private static let patterned: Set<String> = [
        "regexp_count", "regexp_extract", "regexp_extract_all", "regexp_instr", "regexp_replace", "regexp_substr", "rlike", "split",
    ]

    private static let kernels: [String: RowKernel] = [
        "find_in_set": findInSet, "instr": instr, "locate": locate, "replace": replace, "split_part": splitPart,
        "substring_index": substringIndex, "translate": translate, "trim": trim(left: true, right: true), "ltrim": trim(left: true, right: false),
        "rtrim": trim(left: false, right: true), "btrim": trim(left: true, right: true, charactersFirst: false),
    ]

    private static let findInSet = RowKernel { (arguments, _, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], to: .int) { (text: ByteSlice, list: ByteSlice) throws(SQLError) -> Int32? in
            if text.contains(UInt8(ascii: ",")) { return 0 }
            let wanted = CaselessText(text).scalars
            let parts = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            return Int32((parts.firstIndex { CaselessText($0).scalars == wanted } ?? -1) + 1)
        }
    }

    private static func position(_ part: ByteSlice, _ text: ByteSlice, _ position: Int) -> Int32 {
        if position < 1 { return 0 }
        let start = UTF8Text.slice(text, from: 0, to: position - 1)
        if part.isEmpty { return UTF8Text.count(text) >= position - 1 || position == 1 ? Int32(truncatingIfNeeded: position) : 0 }
        let behind = text[start.endIndex...]
        let caseless = CaselessText(behind)
        guard let found = caseless.firstRange(of: CaselessText(part).scalars) else { return 0 }
        return Int32(truncatingIfNeeded: UTF8Text.count(text[..<caseless.offset(found.lowerBound)]) + 1)
    }

    private static let instr = RowKernel { (arguments, _, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], to: .int) { (text: ByteSlice, part: ByteSlice) throws(SQLError) -> Int32? in position(part, text, 1)
        }
    }

    private static let locate = RowKernel { (arguments, _, _, _) throws(SQLError) in
        if arguments.count == 2 {
            return try Rows.map(arguments[0], arguments[1], to: .int) { (part: ByteSlice, text: ByteSlice) throws(SQLError) -> Int32? in
                position(part, text, 1)
            }
        }
        return try Rows.map(arguments[0], arguments[1], arguments[2], to: .int) {
            (part: ByteSlice, text: ByteSlice, start: Int32) throws(SQLError) -> Int32? in position(part, text, Int(start))
        }
    }

    private static let replace = RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
        let replacements = arguments.count > 2 ? arguments[2] : Column(repeating: .string(""), type: .text, count: rowCount)
        return try Rows.map(arguments[0], arguments[1], replacements, to: type) {
            (text: ByteSlice, search: ByteSlice, by: ByteSlice) throws(SQLError) -> [UInt8]? in
            if search.isEmpty { return Array(text) }
            let (caseless, wanted) = (CaselessText(text), CaselessText(search).scalars)
            var result: [UInt8] = []
            var start = 0
            while let found = caseless.firstRange(of: wanted, from: start) {
                result.append(contentsOf: text[caseless.offset(start)..<caseless.offset(found.lowerBound)])
                result.append(contentsOf: by)
                start = found.upperBound
                if result.count > Limits.stringBytes { throw .tooLong(Limits.stringBytes) }
            }
            return result + text[caseless.offset(start)...]
        }
    }

    private static let splitPart = RowKernel { (arguments, type, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], arguments[2], to: type) {
            (text: ByteSlice, delimiter: ByteSlice, number: Int32) throws(SQLError) -> ByteSlice? in
            if number == 0 { throw SQLError(.invalidIndexOfZero) }
            let (caseless, wanted) = (CaselessText(text), CaselessText(delimiter).scalars)
            var parts: [ByteSlice] = []
            var start = 0
            while !wanted.isEmpty, let found = caseless.firstRange(of: wanted, from: start) {
                parts.append(text[caseless.offset(start)..<caseless.offset(found.lowerBound)])
                start = found.upperBound
            }
            parts.append(text[caseless.offset(start)...])
            let index = number > 0 ? Int(number) - 1 : parts.count + Int(number)
            return parts.indices.contains(index) ? parts[index] : text.prefix(0)
        }
    }

    private static let substringIndex = RowKernel { (arguments, type, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], arguments[2], to: type) {
            (text: ByteSlice, delimiter: ByteSlice, count: Int32) throws(SQLError) -> ByteSlice? in
            if count == 0 || delimiter.isEmpty { return text.prefix(0) }
            let (caseless, wanted) = (CaselessText(text), CaselessText(delimiter).scalars)
            if count > 0 {
                var start = 0
                for round in 1...Int(count) {
                    guard let found = caseless.firstRange(of: wanted, from: start) else { return text }
                    if round == Int(count) { return text[..<caseless.offset(found.lowerBound)] }
                    start = found.lowerBound + 1
                }
                return text
            }
            var end = caseless.scalars.count
            for round in 1...Int(count.magnitude) {
                guard let found = caseless.lastRange(of: wanted, from: end) else { return text }
                if round == Int(count.magnitude) { return text[caseless.offset(found.upperBound)...] }
                end = found.lowerBound - 1
            }
            return text
        }
    }

    private static let translate = RowKernel { (arguments, type, _, _) throws(SQLError) in
        try Rows.map(arguments[0], arguments[1], arguments[2], to: type) {
            (text: ByteSlice, from: ByteSlice, to: ByteSlice) throws(SQLError) -> [UInt8]? in
            var map: [[UInt32]: ByteSlice] = [:]
            var targets = UTF8Text.characters(to)[...]
            for character in UTF8Text.characters(from) {
                let target = targets.popFirst() ?? []
                let folded = CaselessText.folded(character)
                if map[folded] == nil { map[folded] = target }
            }
            return UTF8Text.characters(text).flatMap { map[CaselessText.folded($0)] ?? $0 }
        }
    }

    private static func trim(left: Bool, right: Bool, charactersFirst: Bool = true) -> RowKernel {
        RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            let blanks = Column(repeating: .string(" "), type: .text, count: rowCount)
            let (texts, sets) =
                arguments.count == 1 ? (arguments[0], blanks) : charactersFirst ? (arguments[1], arguments[0]) : (arguments[0], arguments[1])
            return try Rows.map(texts, sets, to: type) { (text: ByteSlice, set: ByteSlice) throws(SQLError) -> ByteSlice? in
                let wanted = Set(UTF8Text.characters(set).map(CaselessText.folded))
                var parts = UTF8Text.characters(text)[...]
                if left { parts = parts.drop { wanted.contains(CaselessText.folded($0)) } }
                if right { while let last = parts.last, wanted.contains(CaselessText.folded(last)) { parts.removeLast() } }
                guard let first = parts.first, let last = parts.last else { return text.prefix(0) }
                return text[first.startIndex..<last.endIndex]
            }
        }
    }
}

extension DataType {
    /// STRING COLLATE UTF8_LCASE, or an array of it.
    fileprivate var isCaseless: Bool {
        switch self {
        case .string(.utf8LCase): true
        case .array(let element, _): element.isCaseless
        default: false
        }
    }

    /// With UTF8_LCASE in the place of the default collation.
    fileprivate var caseless: DataType {
        switch self {
        case .string(.utf8Binary): .string(.utf8LCase)
        case .array(let element, let containsNull): .array(element: element.caseless, containsNull: containsNull)
        case .map(let key, let value, let containsNull): .map(key: key.caseless, value: value.caseless, valueContainsNull: containsNull)
        default: self
        }
    }
}

extension Column {
    /// The same values under a type that differs in collations alone.
    fileprivate func relabelled(_ type: DataType) -> Column {
        switch (type, values) {
        case (.array(let element, _), .list(let list)):
            return Column(type, .list(ListArray(offsets: list.offsets, child: list.child.relabelled(element), validity: list.validity)))
        case (.map(let key, let value, _), .list(let list)):
            guard case .structure(let entries) = list.child.values, entries.children.count == 2,
                case .structure(let fields) = list.child.type, fields.count == 2
            else { return with(type: type) }
            let children = [entries.children[0].relabelled(key), entries.children[1].relabelled(value)]
            let childType = DataType.structure(zip(fields, [key, value]).map { Field($0.name, $1, nullable: $0.nullable) })
            let child = Column(childType, .structure(StructArray(children: children, validity: entries.validity, count: entries.count)))
            return Column(type, .list(ListArray(offsets: list.offsets, child: child, validity: list.validity)))
        default: return with(type: type)
        }
    }
}

extension BoundScalar {
    /// The same with another kernel, or its own, whose results have this type but for collations.
    fileprivate func returning(_ type: DataType, _ other: ScalarKernel?) -> BoundScalar {
        let run = other ?? kernelOverAll
        return BoundScalar(argumentTypes, returns: type, nullable: nullable, deterministic: deterministic, sql: sql) {
            (arguments, rowCount, context) throws(SQLError) in try run(arguments, rowCount, context).relabelled(type)
        }
    }

    /// The kernel over arguments that are changed before.
    fileprivate func mappingArguments(_ change: @escaping @Sendable ([Column]) throws(SQLError) -> [Column]) -> ScalarKernel {
        let run = kernelOverAll
        return { (arguments, rowCount, context) throws(SQLError) in try run(try change(arguments), rowCount, context) }
    }
}
