/// What happens by itself, in the order of its time; of things at one time, the one that was planned first.
struct EventQueue {
    enum Kind: Hashable {
        /// An attempt's planned next step.
        case step
        case taskTimeout
        case runTimeout
        /// A run has waited in its job's queue for too long.
        case queueExpiry
        /// A trigger begins a run.
        case fire
        /// The job that a trigger waits for has ended a run.
        case completion
        /// Work that is no run of a job is due.
        case scheduled
        /// A run, or an attempt, takes longer than its health rules allow.
        case slowRun
        case slowTask
    }

    struct Event {
        let at: Int64
        let order: Int
        let kind: Kind
        /// Of an attempt, a run or a job, or the place of a document with a schedule.
        let id: Int
        /// The stamp of what it is for; another one means that the event is void.
        let stamp: Int
    }

    private var heap: [Event] = []
    private var order = 0

    var first: Event? { heap.first }
    var isEmpty: Bool { heap.isEmpty }

    private static func precedes(_ left: Event, _ right: Event) -> Bool { (left.at, left.order) < (right.at, right.order) }

    mutating func add(_ kind: Kind, _ id: Int, at: Int64, stamp: Int) {
        order += 1
        heap.append(Event(at: at, order: order, kind: kind, id: id, stamp: stamp))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.precedes(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Event? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && Self.precedes(heap[child], heap[least]) { least = child }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
