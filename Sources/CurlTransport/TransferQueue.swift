/// Transfers that wait for a connection, first come first served.
struct TransferQueue {
    private var items: [Transfer] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    /// The end of the first attempt's time among those that wait; the far end of time where none waits.
    var earliestDeadline: Int64 {
        items[head...].reduce(Int64.max) { min($0, $1.deadline) }
    }

    mutating func append(_ transfer: Transfer) {
        items.append(transfer)
    }

    mutating func popFirst() -> Transfer? {
        guard head < items.count else { return nil }
        let first = items[head]
        head += 1
        compact()
        return first
    }

    /// Whether it was waiting.
    mutating func remove(_ transfer: Transfer) -> Bool {
        guard let index = items[head...].firstIndex(where: { $0 === transfer }) else { return false }
        items.remove(at: index)
        return true
    }

    mutating func removeAll(where condition: (Transfer) -> Bool) -> [Transfer] {
        let removed = items[head...].filter(condition)
        if removed.isEmpty { return [] }
        items = items[head...].filter { !condition($0) }
        head = 0
        return Array(removed)
    }

    /// Drops the places of those that have left, once they are half of the list: constant cost each, on average.
    private mutating func compact() {
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 64 && head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
    }
}
