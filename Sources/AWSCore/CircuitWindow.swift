/// What a table's attempts came to lately: counted in tenths of the window, so that it slides instead of starting anew, and holds
/// the last nine tenths and what has passed of the tenth. A value.
struct CircuitWindow: Sendable {
    /// Parts of the window.
    static let parts = 10

    private struct Part {
        var number: UInt64
        var failures = 0
        var answers = 0
    }

    private let clock: CircuitWindowClock
    /// The parts that are not empty, oldest first.
    private var filled: [Part] = []

    init(_ clock: CircuitWindowClock) { self.clock = clock }

    /// Failed attempts within the window.
    func failures(now: UInt64) -> Int { current(now).reduce(0) { $0 + $1.failures } }

    /// Attempts within the window that were answered.
    func answers(now: UInt64) -> Int { current(now).reduce(0) { $0 + $1.answers } }

    mutating func addFailure(now: UInt64) { edit(now) { $0.failures += 1 } }

    mutating func addAnswer(now: UInt64) { edit(now) { $0.answers += 1 } }

    mutating func clear() { filled.removeAll(keepingCapacity: true) }

    private func current(_ now: UInt64) -> [Part] {
        let part = clock.part(at: now)
        return filled.filter { $0.number + UInt64(CircuitWindow.parts) > part }
    }

    private mutating func edit(_ now: UInt64, _ change: (inout Part) -> Void) {
        let number = clock.part(at: now)
        // Two attempts that end in different parts may be told of in the other order.
        if filled.last.map({ number > $0.number }) ?? true {
            filled.removeAll { $0.number + UInt64(CircuitWindow.parts) <= number }
            filled.append(Part(number: number))
        }
        change(&filled[filled.count - 1])
    }
}

/// Which part of a window a moment belongs to.
struct CircuitWindowClock: Sendable {
    private let nanosecondsAPart: UInt64

    init(_ window: Duration) {
        let nanoseconds = UInt64(max(0, min(window / .nanoseconds(1), 9e18)))
        nanosecondsAPart = max(1, nanoseconds / UInt64(CircuitWindow.parts))
    }

    @inline(__always)
    func part(at now: UInt64) -> UInt64 { now / nanosecondsAPart }
}
