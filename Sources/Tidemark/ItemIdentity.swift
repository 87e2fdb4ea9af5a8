/// Which item a request is about: its table and its key, numbers by their value ("1" and "1.0" are one key).
struct ItemIdentity: Hashable {
    var table: String
    var key: Item

    init(table: String, key: Item) {
        self.table = table
        self.key = key.mapValues(\.keyIdentity)
    }
}

extension AttributeValue {
    /// The same for two values that are one key to DynamoDB; of no use but to be compared.
    package var keyIdentity: AttributeValue {
        guard case .number(let text) = self, let number = NumberText(text) else { return self }
        let mantissa = text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        let zero = UInt8(ascii: "0")
        var digits = mantissa.filter { (zero...UInt8(ascii: "9")).contains($0) }.drop { $0 == zero }
        while digits.last == zero { digits.removeLast() }
        guard !digits.isEmpty else { return .number("0") }
        return .number(
            (number.isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self) + "e\(number.exponent)")
    }
}

/// Finds the item that a batch or transaction names twice, which DynamoDB would refuse with the whole request.
///
/// The key of an item to be put is known by the table's schema, else by the keys that the request has for other items
/// of the table. Where nothing shows it, the service has to find out.
struct ItemIdentities {
    typealias SchemaOf = (String) -> KeySchema?

    private var seen: Set<ItemIdentity> = []
    private var keyNames: [String: [String]] = [:]

    /// - Parameters:
    ///   - tables: all tables of the request.
    ///   - keys: the keys in the request, by which a table without a schema shows its key attributes.
    init(tables: some Sequence<String>, keys: some Sequence<(table: String, key: Item)>, schema: SchemaOf) {
        for table in tables where keyNames[table] == nil {
            guard let known = schema(table)?.table else { continue }
            keyNames[table] = [known.partition] + (known.sort.map { [$0] } ?? [])
        }
        for entry in keys where keyNames[entry.table] == nil { keyNames[entry.table] = Array(entry.key.keys) }
    }

    /// Whether the request has not named this item before, as far as is known.
    mutating func insert(table: String, item: Item) -> Bool {
        guard let names = keyNames[table] else { return true }
        var key: Item = [:]
        for name in names { key[name] = item[name] }
        return seen.insert(ItemIdentity(table: table, key: key)).inserted
    }

    // MARK: Requests

    static func checkDistinct(_ gets: [BatchGet]) throws(ItemProblem) {
        var seen: Set<ItemIdentity> = []
        for get in gets {
            for key in get.keys where !seen.insert(ItemIdentity(table: get.table, key: key)).inserted {
                throw ItemProblem(reason: "a key of table '\(get.table)' stands twice in the batch: ask for it once")
            }
        }
    }

    static func checkDistinct(_ writes: [BatchWrite], schema: SchemaOf) throws(ItemProblem) {
        var identities = ItemIdentities(
            tables: writes.map(\.table),
            keys: writes.compactMap { write in
                if case .delete(let key) = write.action { (write.table, key) } else { nil }
            }, schema: schema)
        for write in writes where !identities.insert(table: write.table, item: write.item) {
            throw ItemProblem(
                reason: "two writes of the batch are about one item of table '\(write.table)': a batch has no order, "
                    + "so keep the last one only")
        }
    }

    static func checkDistinct(_ writes: [TransactWrite], schema: SchemaOf) throws(ItemProblem) {
        var identities = ItemIdentities(
            tables: writes.map(\.table),
            keys: writes.compactMap { write in
                if case .put = write.action { nil } else { (write.table, write.item) }
            }, schema: schema)
        for write in writes where !identities.insert(table: write.table, item: write.item) {
            throw ItemProblem(
                reason: "two parts of the transaction are about one item of table '\(write.table)': make them one, "
                    + "with the check as its condition")
        }
    }
}

extension BatchWrite {
    /// The item or the key.
    var item: Item {
        switch action {
        case .put(let item), .delete(let item): item
        }
    }
}

extension TransactWrite {
    /// The item or the key.
    fileprivate var item: Item {
        switch action {
        case .put(let item), .update(let item, _), .delete(let item), .check(let item): item
        }
    }
}
