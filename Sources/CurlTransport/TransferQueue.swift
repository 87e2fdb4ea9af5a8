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

    /// Puts one back that had its turn.
    mutating func prepend(_ transfer: Transfer) { items.insert(transfer, at: head) }

    mutating func popFirst() -> Transfer? {
        guard head < items.count else { return nil }
        let first = items[head]
        head += 1
        compact()
        return first
    }

    func contains(where condition: (Transfer) -> Bool) -> Bool { items[head...].contains(where: condition) }

    /// The first that meets the condition.
    mutating func popFirst(where condition: (Transfer) -> Bool) -> Transfer? {
        guard let index = items[head...].firstIndex(where: condition) else { return nil }
        if index == head { return popFirst() }
        return items.remove(at: index)
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

/// How many transfers each scheme, host and port has, against the most that one may have.
struct HostLimit {
    private let maximum: Int
    private var counts: [String: Int] = [:]

    init(_ maximum: Int) {
        self.maximum = maximum
    }

    func isReached(by transfer: Transfer) -> Bool { counts[transfer.origin, default: 0] >= maximum }

    mutating func began(_ transfer: Transfer) { counts[transfer.origin, default: 0] += 1 }

    mutating func ended(_ transfer: Transfer) {
        let count = counts[transfer.origin, default: 1] - 1
        counts[transfer.origin] = count > 0 ? count : nil
    }
}
