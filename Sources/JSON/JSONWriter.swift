/// Writes compact JSON without a tree. Commas are placed by the writer; that names and values alternate is the caller's duty.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// A value has ended, so that whatever comes next but an end needs a comma.
    private var wantsComma = false

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Room for so many bytes in all.
    package mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    package consuming func finish() -> [UInt8] { bytes }

    @inline(__always)
    private mutating func separate() {
        if wantsComma { bytes.append(UInt8(ascii: ",")) }
        wantsComma = true
    }

    package mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        wantsComma = false
    }

    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        wantsComma = true
    }

    package mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        wantsComma = false
    }

    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        wantsComma = true
    }

    package mutating func name(_ name: String) {
        separate()
        Self.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        wantsComma = false
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    package mutating func string(_ value: String) {
        separate()
        Self.append(value, to: &bytes)
    }

    /// Bytes that are UTF-8; ill-formed parts are replaced by U+FFFD.
    package mutating func string(utf8 value: ArraySlice<UInt8>) {
        let isPlain = value.withUnsafeBufferPointer { JSONBytes.plainRun($0, from: 0) == $0.count }
        guard isPlain else { return string(String(decoding: value, as: UTF8.self)) }
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func int(_ value: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A number's text, which must be a number by JSON's grammar.
    package mutating func number(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// JSON has no infinities and no NaN: they are written as null.
    package mutating func double(_ value: Double) {
        if value.isFinite { number(value.description) } else { null() }
    }

    /// A value that is JSON text already.
    package mutating func raw(_ text: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.bool(bool)
        case .number(let text): number(text)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    package mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        self.name(name)
        int(value)
    }

    package mutating func member(_ name: String, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }
}

extension JSONWriter {
    /// The quoted string. Only quotes, backslashes and control characters are escaped.
    static func append(_ string: String, to output: inout [UInt8]) {
        var string = string
        output.append(UInt8(ascii: "\""))
        string.withUTF8 { text in
            var runStart = 0
            var position = 0
            while position < text.count {
                position = JSONBytes.plainRun(text, from: position)
                guard position < text.count else { break }
                let byte = text[position]
                position += 1
                if byte >= 0x80 { continue }
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart..<(position - 1)]))
                runStart = position
                appendEscape(of: byte, to: &output)
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart..<text.count]))
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(byte >> 4 == 0 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 15
            output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension JSONValue {
    /// Compact: no white space, members in order, numbers by their own text.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.value(self)
        return writer.finish()
    }

    /// Compact, as a string.
    package var text: String { String(decoding: encoded(), as: UTF8.self) }

    /// With two spaces of indentation a level, one member or element a line, and `: ` behind names.
    package var prettyText: String {
        var output: [UInt8] = []
        appendPretty(to: &output, indentation: 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func appendPretty(to output: inout [UInt8], indentation: Int) {
        func newLine(_ level: Int) {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(indentation + 1)
                element.appendPretty(to: &output, indentation: indentation + 1)
            }
            newLine(indentation)
            output.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(indentation + 1)
                JSONWriter.append(member.name, to: &output)
                output.append(contentsOf: ": ".utf8)
                member.value.appendPretty(to: &output, indentation: indentation + 1)
            }
            newLine(indentation)
            output.append(UInt8(ascii: "}"))
        default: output.append(contentsOf: encoded())
        }
    }
}
