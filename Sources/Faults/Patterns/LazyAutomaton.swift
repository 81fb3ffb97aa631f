import Synchronization

/// Many globs and regular expressions as one machine, which reads a text once and says which of them match, at a cost that hardly depends
/// on how many there are.
///
/// The programs of all patterns run side by side; each set of places that they reach together is a state, and what a character does to a state is worked
/// out when it is first met and then looked up. The states known are bounded: when there are too many, all are forgotten.
final class LazyAutomaton: Sendable {
    fileprivate enum Instruction: Sendable {
        case scalar(UInt32)
        case folded(UInt32)
        case set(Int32, ignoringCase: Bool)
        case anyButNewline
        case any
        case jump(Int32)
        case fork(Int32, Int32)
        case assert(RegularExpression.Assertion)
        case match(Int32)
    }

    /// What the character before a place is to an assertion.
    private enum Before: UInt8, Sendable {
        case start, newline, word, other
    }

    private struct State: Sendable, Hashable {
        /// Ascending; places at which patterns may begin anywhere are left out, being part of every state.
        var places: [Int32]
        var before: Before
    }

    private struct Step {
        let target: Int32
        /// Patterns that match when this step is made.
        let matches: [Int32]
    }

    private struct Cache {
        var numbers: [State: Int32] = [:]
        var states: [State] = []
        /// The state before the first character; -1: not known.
        var start: Int32 = -1
        /// 129 a state: ASCII, and the text's end. -1: not worked out; else twice the target, plus one if patterns match.
        var table: [Int32] = []
        var matches: [Int: [Int32]] = [:]
        var beyondASCII: [UInt64: Step] = [:]
        var placeCount = 0
        /// Counts how often all was forgotten: numbers of states hold within one epoch.
        var epoch = 0
        /// Marks of the places visited and of the patterns found in the present step and run.
        var visited: [UInt32] = []
        var visit: UInt32 = 0
        var found: [UInt32] = []
        var run: UInt32 = 0
    }

    private static let symbols = 129
    private static let end = 128
    private static let maxStates = 4096
    private static let maxPlaces = 2_000_000
    /// Patterns beyond this are matched one by one.
    static let maxInstructions = 400_000

    private let program: [Instruction]
    private let sets: [ScalarSet]
    /// Places at which patterns may begin anywhere, and only at the text's start.
    private let anywhere: [Int32]
    private let atStart: [Int32]
    private let cache: Mutex<Cache>

    /// Collects patterns; each is numbered in the order of `add`.
    struct Builder {
        fileprivate var program: [Instruction] = []
        fileprivate var sets: [ScalarSet] = []
        fileprivate var anywhere: [Int32] = []
        fileprivate var atStart: [Int32] = []
        private(set) var count: Int32 = 0

        /// False if the machine would get too large.
        mutating func add(_ expression: RegularExpression) -> Bool {
            guard program.count + expression.program.count <= LazyAutomaton.maxInstructions else { return false }
            let base = Int32(program.count)
            let firstSet = Int32(sets.count)
            sets += expression.sets
            let ignoringCase = expression.ignoresCase
            for instruction in expression.program {
                switch instruction {
                case .scalar(let value): program.append(ignoringCase ? .folded(RegularExpression.folded(value)) : .scalar(value))
                case .set(let index): program.append(.set(firstSet + Int32(index), ignoringCase: ignoringCase))
                case .anyButNewline: program.append(.anyButNewline)
                case .any: program.append(.any)
                case .jump(let target): program.append(.jump(base + Int32(target)))
                case .fork(let first, let second): program.append(.fork(base + Int32(first), base + Int32(second)))
                case .assert(let assertion): program.append(.assert(assertion))
                case .match: program.append(.match(count))
                }
            }
            if expression.isAnchored { atStart.append(base) } else { anywhere.append(base) }
            count += 1
            return true
        }

        mutating func add(_ glob: Glob) -> Bool {
            guard program.count + glob.parts.reduce(3, { $0 + $1.count + 3 }) <= LazyAutomaton.maxInstructions else { return false }
            atStart.append(Int32(program.count))
            for (index, part) in glob.parts.enumerated() {
                if index > 0 {
                    let loop = Int32(program.count)
                    program += [.fork(loop + 1, loop + 3), .any, .jump(loop)]
                }
                program += String(decoding: part, as: UTF8.self).unicodeScalars.map { .scalar($0.value) }
            }
            program += [.assert(.textEnd), .match(count)]
            count += 1
            return true
        }
    }

    init(_ builder: Builder) {
        program = builder.program
        sets = builder.sets
        anywhere = builder.anywhere
        atStart = builder.atStart
        var cache = Cache()
        cache.visited = Array(repeating: 0, count: builder.program.count)
        cache.found = Array(repeating: 0, count: Int(builder.count))
        self.cache = Mutex(cache)
    }

    /// Calls back with the number of each pattern that matches, once.
    func collect(_ text: String, _ body: (Int32) -> Void) {
        cache.withLock { cache in
            cache.run &+= 1
            if cache.run == 0 {
                cache.found = Array(repeating: 0, count: cache.found.count)
                cache.run = 1
            }
            var state = cache.start
            if state < 0 {
                state = number(of: State(places: atStart, before: .start), &cache)
                cache.start = state
            }
            for scalar in text.unicodeScalars {
                let symbol = scalar.value
                state = symbol < 128 ? advance(state, Int(symbol), symbol, &cache, body) : advance(state, beyondASCII: symbol, &cache, body)
            }
            _ = advance(state, Self.end, nil, &cache, body)
        }
    }

    private func advance(_ state: Int32, _ symbol: Int, _ scalar: UInt32?, _ cache: inout Cache, _ body: (Int32) -> Void) -> Int32 {
        let slot = Int(state) * Self.symbols + symbol
        let known = cache.table[slot]
        if known >= 0 {
            if known & 1 == 1 { report(cache.matches[slot] ?? [], &cache, body) }
            return known >> 1
        }
        let epoch = cache.epoch
        let step = work(state, scalar, &cache)
        report(step.matches, &cache, body)
        // Unless all states were forgotten meanwhile.
        if cache.epoch == epoch {
            cache.table[slot] = step.target << 1 | (step.matches.isEmpty ? 0 : 1)
            if !step.matches.isEmpty { cache.matches[slot] = step.matches }
        }
        return step.target
    }

    private func advance(_ state: Int32, beyondASCII scalar: UInt32, _ cache: inout Cache, _ body: (Int32) -> Void) -> Int32 {
        let key = UInt64(UInt32(bitPattern: state)) << 32 | UInt64(scalar)
        if let step = cache.beyondASCII[key] {
            report(step.matches, &cache, body)
            return step.target
        }
        let epoch = cache.epoch
        let step = work(state, scalar, &cache)
        report(step.matches, &cache, body)
        if cache.epoch == epoch, cache.beyondASCII.count < Self.maxStates { cache.beyondASCII[key] = step }
        return step.target
    }

    private func report(_ matches: [Int32], _ cache: inout Cache, _ body: (Int32) -> Void) {
        for pattern in matches where cache.found[Int(pattern)] != cache.run {
            cache.found[Int(pattern)] = cache.run
            body(pattern)
        }
    }

    private func number(of state: State, _ cache: inout Cache) -> Int32 {
        if let known = cache.numbers[state] { return known }
        if cache.states.count >= Self.maxStates || cache.placeCount > Self.maxPlaces {
            cache.numbers = [:]
            cache.states = []
            cache.start = -1
            cache.table = []
            cache.matches = [:]
            cache.beyondASCII = [:]
            cache.placeCount = 0
            cache.epoch += 1
        }
        let number = Int32(cache.states.count)
        cache.numbers[state] = number
        cache.states.append(state)
        cache.placeCount += state.places.count
        cache.table += repeatElement(-1, count: Self.symbols)
        return number
    }

    // MARK: One step, worked out

    private func work(_ number: Int32, _ scalar: UInt32?, _ cache: inout Cache) -> Step {
        let state = cache.states[Int(number)]
        cache.visit &+= 1
        if cache.visit == 0 {
            cache.visited = Array(repeating: 0, count: cache.visited.count)
            cache.visit = 1
        }
        let folded = scalar.map(RegularExpression.folded)
        var matches: [Int32] = []
        var next: [Int32] = []
        var stack: [Int32] = []
        for start in [state.places, anywhere] {
            for place in start {
                stack.append(place)
                while let place = stack.popLast() {
                    guard cache.visited[Int(place)] != cache.visit else { continue }
                    cache.visited[Int(place)] = cache.visit
                    let steps: Bool
                    switch program[Int(place)] {
                    case .match(let pattern):
                        matches.append(pattern)
                        continue
                    case .jump(let target):
                        stack.append(target)
                        continue
                    case .fork(let first, let second):
                        stack.append(second)
                        stack.append(first)
                        continue
                    case .assert(let assertion):
                        if Self.holds(assertion, state.before, scalar) { stack.append(place + 1) }
                        continue
                    case .scalar(let wanted): steps = scalar == wanted
                    case .folded(let wanted): steps = folded == wanted
                    case .set(let set, let ignoringCase):
                        steps = scalar.map { sets[Int(set)].contains($0, ignoringCase: ignoringCase) } ?? false
                    case .any: steps = scalar != nil
                    case .anyButNewline: steps = scalar != nil && scalar != 0x0A
                    }
                    if steps { next.append(place + 1) }
                }
            }
        }
        next.sort()
        let before: Before = scalar.map { $0 == 0x0A ? .newline : Self.isWord($0) ? .word : .other } ?? .other
        return Step(target: self.number(of: State(places: next, before: before), &cache), matches: matches)
    }

    private static func holds(_ assertion: RegularExpression.Assertion, _ before: Before, _ following: UInt32?) -> Bool {
        switch assertion {
        case .textStart: before == .start
        case .textEnd: following == nil
        case .lineStart: before == .start || before == .newline
        case .lineEnd: following == nil || following == 0x0A
        case .wordBoundary: (before == .word) != (following.map(isWord) ?? false)
        case .noWordBoundary: (before == .word) == (following.map(isWord) ?? false)
        }
    }

    private static func isWord(_ scalar: UInt32) -> Bool { ScalarSet.word.contains(scalar, ignoringCase: false) }
}
