internal import Synchronization

/// How many attempts of a table's reads or writes were answered within the window, counted without a lock while nothing is
/// wrong. The same parts of the window as `CircuitWindow`.
///
/// A word a part: its number, and how many. An answer that is counted while its part is replaced may be lost, or count in the
/// next: of some hundreds of milliseconds, one.
///
/// Sendable because nothing but atomic words is reached through the pointer.
final class AnswerCounts: @unchecked Sendable {
    /// So many are counted in one part: no carry reaches the part's number.
    private static let mostOfAPart: UInt32 = 1 << 31

    /// The number of a part, wrapped to 32 bits, and how many were counted in it.
    private struct Word {
        let bits: UInt64
        var number: UInt32 { UInt32(bits >> 32) }
        var count: UInt32 { UInt32(truncatingIfNeeded: bits) }

        init(_ bits: UInt64) { self.bits = bits }

        /// How many parts later that one is.
        func age(at number: UInt32) -> Int32 { Int32(bitPattern: number &- self.number) }
    }

    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        words = .allocate(capacity: CircuitWindow.parts)
        for part in 0..<CircuitWindow.parts { (words + part).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: CircuitWindow.parts)
        words.deallocate()
    }

    /// Counts one.
    @inline(__always)
    func add(part: UInt64) {
        let (word, number) = (words + Int(part % UInt64(CircuitWindow.parts)), UInt32(truncatingIfNeeded: part))
        let old = Word(word.pointee.load(ordering: .relaxed))
        guard old.number == number, old.count > 0 else { return begin(number, in: word, insteadOf: old) }
        if old.count < AnswerCounts.mostOfAPart { word.pointee.add(1, ordering: .relaxed) }
    }

    private func begin(_ number: UInt32, in word: UnsafeMutablePointer<Atomic<UInt64>>, insteadOf old: Word) {
        // An attempt that was told of a whole window late does not bring its part back.
        guard old.count == 0 || old.age(at: number) != -Int32(CircuitWindow.parts) else { return }
        let exchange = word.pointee.compareExchange(
            expected: old.bits, desired: UInt64(number) << 32 | 1, ordering: .relaxed)
        if !exchange.exchanged, Word(exchange.original).number == number { word.pointee.add(1, ordering: .relaxed) }
    }

    /// Answers within the window whose last part that is.
    func sum(part: UInt64) -> Int {
        (0..<CircuitWindow.parts).reduce(0) { sum, place in
            let word = Word(words[place].load(ordering: .relaxed))
            let isWithin = abs(Int(word.age(at: UInt32(truncatingIfNeeded: part)))) < CircuitWindow.parts
            return sum + (isWithin ? Int(word.count) : 0)
        }
    }

    func clear() {
        for part in 0..<CircuitWindow.parts { words[part].store(0, ordering: .relaxed) }
    }
}

/// The counts of a client's tables, found without a lock. They are kept as long as the client: of a bounded number of tables.
///
/// Sendable because nothing but atomic words is reached through the pointer, and what they point to stays until the end.
final class AnswerDirectory: @unchecked Sendable {
    /// More tables than one client asks. Of any beyond them the answers count from the table's first failure on.
    static let maximumTables = 256

    private final class Entry: Sendable {
        let table: String
        let reads = AnswerCounts()
        let writes = AnswerCounts()

        init(table: String) { self.table = table }
    }

    /// Twice the tables, so that a search ends soon; a power of two.
    private static let places = 512

    private let entries: UnsafeMutablePointer<Atomic<Unmanaged<Entry>?>>
    private let made = Lock(0)
    private let isFull = Atomic(false)

    init() {
        entries = .allocate(capacity: AnswerDirectory.places)
        for place in 0..<AnswerDirectory.places { (entries + place).initialize(to: Atomic(nil)) }
    }

    deinit {
        for place in 0..<AnswerDirectory.places { entries[place].load(ordering: .acquiring)?.release() }
        entries.deinitialize(count: AnswerDirectory.places)
        entries.deallocate()
    }

    /// The counts of a circuit, made where there are none; nil where there are too many tables.
    @inline(__always)
    func counts(of key: CircuitKey) -> AnswerCounts? {
        var place = AnswerDirectory.place(of: key.table)
        while let entry = entries[place].load(ordering: .acquiring) {
            let entry = entry.takeUnretainedValue()
            if entry.table == key.table { return key.isWrite ? entry.writes : entry.reads }
            place = (place + 1) & (AnswerDirectory.places - 1)
        }
        return isFull.load(ordering: .relaxed) ? nil : make(key)
    }

    private func make(_ key: CircuitKey) -> AnswerCounts? {
        made.withLock { made in
            var place = AnswerDirectory.place(of: key.table)
            // Another call may have made it meanwhile.
            while let entry = entries[place].load(ordering: .acquiring)?.takeUnretainedValue() {
                if entry.table == key.table { return key.isWrite ? entry.writes : entry.reads }
                place = (place + 1) & (AnswerDirectory.places - 1)
            }
            guard made < AnswerDirectory.maximumTables else { return nil }
            made += 1
            isFull.store(made == AnswerDirectory.maximumTables, ordering: .relaxed)
            let entry = Entry(table: key.table)
            entries[place].store(.passRetained(entry), ordering: .releasing)
            return key.isWrite ? entry.writes : entry.reads
        }
    }

    /// FNV-1a: names of tables are short, and their owner's.
    @inline(__always)
    private static func place(of table: String) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        // Byte by byte through the string's own view costs several times as much.
        table.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (places - 1)
    }
}
