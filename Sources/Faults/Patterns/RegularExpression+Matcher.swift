/// Lays the tree out as a program.
struct RegularExpressionCompiler {
    private(set) var program: [RegularExpression.Instruction] = []
    private(set) var sets: [ScalarSet] = []

    mutating func append(_ instruction: RegularExpression.Instruction) throws(PatternError) {
        guard program.count < RegularExpression.maxInstructions else { throw PatternError("the regular expression is too large") }
        program.append(instruction)
    }

    mutating func emit(_ tree: RegularExpressionTree) throws(PatternError) {
        switch tree {
        case .empty: break
        case .scalar(let scalar): try append(.scalar(scalar))
        case .set(let set):
            try append(.set(sets.count))
            sets.append(set)
        case .any: try append(.any)
        case .anyButNewline: try append(.anyButNewline)
        case .assert(let assertion): try append(.assert(assertion))
        case .sequence(let items): for item in items { try emit(item) }
        case .alternatives(let branches): try emit(branches[...])
        case .repeated(let item, let low, let high): try emit(item, from: low, to: high)
        }
    }

    private mutating func emit(_ branches: ArraySlice<RegularExpressionTree>) throws(PatternError) {
        var exits: [Int] = []
        for (index, branch) in branches.enumerated() {
            if index == branches.count - 1 {
                try emit(branch)
                break
            }
            let fork = program.count
            try append(.fork(fork + 1, fork + 1))
            try emit(branch)
            exits.append(program.count)
            try append(.jump(0))
            program[fork] = .fork(fork + 1, program.count)
        }
        for exit in exits { program[exit] = .jump(program.count) }
    }

    private mutating func emit(_ item: RegularExpressionTree, from low: Int, to high: Int?) throws(PatternError) {
        for _ in 0..<low {
            let start = program.count
            try emit(item)
            // Nothing repeated is nothing; nested empty repetitions would otherwise take exponential time.
            if program.count == start { return }
        }
        guard let high else {
            let loop = program.count
            try append(.fork(loop + 1, loop + 1))
            try emit(item)
            try append(.jump(loop))
            program[loop] = .fork(loop + 1, program.count)
            return
        }
        var forks: [Int] = []
        for _ in low..<high {
            forks.append(program.count)
            try append(.fork(0, 0))
            try emit(item)
        }
        for fork in forks { program[fork] = .fork(fork + 1, program.count) }
    }
}

extension RegularExpression {
    /// Walks the text once, keeping the set of places of the program that some match could have reached.
    func isFound(in text: String) -> Bool {
        var current = ThreadSet(program.count)
        var next = ThreadSet(program.count)
        var stack: [Int] = []
        var previous: UInt32?
        var iterator = text.unicodeScalars.makeIterator()
        var scalar = iterator.next()?.value
        while true {
            if previous == nil || !isAnchored, follow(0, into: &current, &stack, previous, scalar) { return true }
            if isAnchored, current.count == 0 { return false }
            guard let value = scalar else { return false }
            let following = iterator.next()?.value
            let compared = ignoresCase ? Self.folded(value) : value
            next.removeAll()
            for index in 0..<current.count {
                let place = current.places[index]
                let steps =
                    switch program[place] {
                    case .scalar(let wanted): compared == (ignoresCase ? Self.folded(wanted) : wanted)
                    case .set(let index): sets[index].contains(value, ignoringCase: ignoresCase)
                    case .any: true
                    case .anyButNewline: value != 0x0A
                    case .jump, .fork, .assert, .match: false
                    }
                if steps, follow(place + 1, into: &next, &stack, value, following) { return true }
            }
            swap(&current, &next)
            previous = value
            scalar = following
        }
    }

    /// Adds all places that can be reached without reading. True if the match's end is among them.
    private func follow(
        _ start: Int, into threads: inout ThreadSet, _ stack: inout [Int], _ previous: UInt32?, _ following: UInt32?
    ) -> Bool {
        stack.removeAll(keepingCapacity: true)
        stack.append(start)
        while let place = stack.popLast() {
            guard threads.insert(place) else { continue }
            switch program[place] {
            case .match: return true
            case .jump(let target): stack.append(target)
            case .fork(let first, let second):
                stack.append(second)
                stack.append(first)
            case .assert(let assertion):
                if holds(assertion, previous, following) { stack.append(place + 1) }
            case .scalar, .set, .any, .anyButNewline: break
            }
        }
        return false
    }

    private func holds(_ assertion: Assertion, _ previous: UInt32?, _ following: UInt32?) -> Bool {
        switch assertion {
        case .textStart: previous == nil
        case .textEnd: following == nil
        case .lineStart: previous == nil || previous == 0x0A
        case .lineEnd: following == nil || following == 0x0A
        case .wordBoundary: Self.isWord(previous) != Self.isWord(following)
        case .noWordBoundary: Self.isWord(previous) == Self.isWord(following)
        }
    }

    private static func isWord(_ scalar: UInt32?) -> Bool {
        scalar.map { ScalarSet.word.contains($0, ignoringCase: false) } ?? false
    }

    /// A set of program places with constant-time insertion and clearing.
    private struct ThreadSet {
        private(set) var count = 0
        private(set) var places: [Int]
        /// Where a place stands in `places`; what lies behind `count` is from before.
        private var positions: [Int]

        init(_ capacity: Int) {
            places = Array(repeating: 0, count: capacity)
            positions = Array(repeating: 0, count: capacity)
        }

        mutating func insert(_ place: Int) -> Bool {
            let position = positions[place]
            guard position >= count || places[position] != place else { return false }
            positions[place] = count
            places[count] = place
            count += 1
            return true
        }

        mutating func removeAll() { count = 0 }
    }
}
