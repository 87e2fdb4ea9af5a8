package import JSONBytes

/// Capacity in thousandths of a unit, so that halves and sums stay exact.
public struct CapacityUnits: Sendable, Hashable {
    /// Read capacity in thousandths of a unit.
    public var readMilliUnits: UInt64
    /// Write capacity in thousandths of a unit.
    public var writeMilliUnits: UInt64

    /// None unless said.
    public init(readMilliUnits: UInt64 = 0, writeMilliUnits: UInt64 = 0) {
        self.readMilliUnits = readMilliUnits
        self.writeMilliUnits = writeMilliUnits
    }

    /// Both together, never more than the largest number.
    public static func + (left: CapacityUnits, right: CapacityUnits) -> CapacityUnits {
        CapacityUnits(
            readMilliUnits: saturating(left.readMilliUnits, right.readMilliUnits),
            writeMilliUnits: saturating(left.writeMilliUnits, right.writeMilliUnits))
    }

    private static func saturating(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    var isZero: Bool { readMilliUnits == 0 && writeMilliUnits == 0 }
}

/// What a call consumed on one table and its indexes, as DynamoDB says.
public struct ConsumedCapacity: Sendable, Hashable {
    /// The table.
    public var table: String
    /// The share of the table itself.
    public var tableUnits: CapacityUnits
    /// The shares of its indexes by name.
    public var indexUnits: [String: CapacityUnits]

    /// Puts the parts together.
    public init(table: String, tableUnits: CapacityUnits, indexUnits: [String: CapacityUnits] = [:]) {
        self.table = table
        self.tableUnits = tableUnits
        self.indexUnits = indexUnits
    }

    /// The table and all of its indexes together.
    public var total: CapacityUnits { indexUnits.values.reduce(tableUnits, +) }
}

/// Reads `ConsumedCapacity`. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
package struct CapacityReader {
    /// Whether plain `CapacityUnits` are write units: an operation's answer gives reads and writes apart only in
    /// transactions.
    var isWrite: Bool

    /// Reads what a reading or a writing operation consumed.
    package init(isWrite: Bool) { self.isWrite = isWrite }

    /// One table's, or a list of tables'.
    package func read(from scanner: inout JSONScanner) throws(JSONError) -> [ConsumedCapacity] {
        guard try scanner.peekKind() == .array else { return [try readTable(from: &scanner)] }
        var tables: [ConsumedCapacity] = []
        try scanner.beginArray()
        while try scanner.nextElement() { tables.append(try readTable(from: &scanner)) }
        return tables
    }

    private func readTable(from scanner: inout JSONScanner) throws(JSONError) -> ConsumedCapacity {
        var consumed = ConsumedCapacity(table: "", tableUnits: CapacityUnits())
        var whole = Shares()
        var tableShare: Shares?
        try scanner.beginObject()
        while let name = try scanner.nextName() {
            switch name {
            case "TableName": consumed.table = try scanner.readString()
            case "Table": tableShare = try readShares(from: &scanner)
            case "GlobalSecondaryIndexes", "LocalSecondaryIndexes":
                try scanner.beginObject()
                while let index = try scanner.nextKey() {
                    consumed.indexUnits[index] = units(try readShares(from: &scanner))
                }
            default: try whole.read(name, from: &scanner)
            }
        }
        if let tableShare {
            consumed.tableUnits = units(tableShare)
        } else {
            let indexes = consumed.indexUnits.values.reduce(CapacityUnits(), +)
            let all = units(whole)
            consumed.tableUnits = CapacityUnits(
                readMilliUnits: all.readMilliUnits - min(indexes.readMilliUnits, all.readMilliUnits),
                writeMilliUnits: all.writeMilliUnits - min(indexes.writeMilliUnits, all.writeMilliUnits))
        }
        return consumed
    }

    private struct Shares {
        var units: UInt64?
        var read: UInt64?
        var write: UInt64?

        mutating func read(_ name: JSONName, from scanner: inout JSONScanner) throws(JSONError) {
            switch name {
            case "CapacityUnits": units = try milliUnits(from: &scanner)
            case "ReadCapacityUnits": read = try milliUnits(from: &scanner)
            case "WriteCapacityUnits": write = try milliUnits(from: &scanner)
            default: try scanner.skipValue()
            }
        }

        private func milliUnits(from scanner: inout JSONScanner) throws(JSONError) -> UInt64 {
            guard try scanner.peekKind() != .null else {
                try scanner.readNull()
                return 0
            }
            guard let units = MilliUnits.read(try scanner.readNumberBytes()) else {
                throw scanner.error("capacity units that are no sensible number")
            }
            return units
        }
    }

    private func readShares(from scanner: inout JSONScanner) throws(JSONError) -> Shares {
        var shares = Shares()
        try scanner.beginObject()
        while let name = try scanner.nextName() { try shares.read(name, from: &scanner) }
        return shares
    }

    private func units(_ shares: Shares) -> CapacityUnits {
        // Emulators send zeros here beside a plain sum that is not.
        let apart = CapacityUnits(readMilliUnits: shares.read ?? 0, writeMilliUnits: shares.write ?? 0)
        guard apart.isZero else { return apart }
        let plain = shares.units ?? 0
        return isWrite ? CapacityUnits(writeMilliUnits: plain) : CapacityUnits(readMilliUnits: plain)
    }
}

/// Capacity units as DynamoDB writes them, in thousandths.
enum MilliUnits {
    /// Units from which on an answer is held for nonsense.
    private static let bound: UInt64 = 1_000_000_000_000

    /// The JSON number in thousandths, rounded half up; nil below zero and from `bound` on.
    static func read(_ text: ArraySlice<UInt8>) -> UInt64? {
        if text.count <= 15, let units = readPlain(text) { return units < bound * 1_000 ? units : nil }
        guard let number = Double(String(decoding: text, as: UTF8.self)), number >= 0, number < Double(bound) else {
            return nil
        }
        return UInt64((number * 1_000).rounded())
    }

    /// Digits with a point at most, exactly; nil for anything else. Fifteen digits times a thousand do not overflow.
    private static func readPlain(_ text: ArraySlice<UInt8>) -> UInt64? {
        var units: UInt64 = 0
        var decimals: Int?
        var roundsUp = false
        for byte in text {
            if byte == UInt8(ascii: "."), decimals == nil {
                decimals = 0
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            if let place = decimals {
                decimals = place + 1
                if place == 3 { roundsUp = digit >= 5 }
                if place >= 3 { continue }
            }
            units = units * 10 + UInt64(digit)
        }
        for _ in min(decimals ?? 0, 3)..<3 { units *= 10 }
        return units + (roundsUp ? 1 : 0)
    }
}
