public import ContractModel
internal import JSONBytes

/// Writes one item straight into a request, without a dictionary in between. Made for generated code.
///
/// What has no value is left out. What cannot be stored is remembered, and refused before anything is sent: nothing here
/// throws, so that a type's `write(into:)` is a plain list of its attributes.
public struct ItemWriter {
    private var json: JSONWriter
    private var sizeInBytes = 0
    private var keys: [(name: StaticString, value: AttributeValue)] = []
    private var refusal: Refusal?

    /// The first thing that is wrong.
    private enum Refusal {
        case breach(String)
        case problem(String)
    }

    init(reserving capacity: Int = 768) {
        json = JSONWriter(reserving: capacity)
        json.beginObject()
        keys.reserveCapacity(6)
    }

    // MARK: Attributes

    /// Writes a text, S.
    public mutating func string(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        begin(name)
        json.lead(#"{"S":"#)
        json.string(value)
        json.trail("}")
        sizeInBytes += value.utf8.count
    }

    /// Writes a whole number, N.
    public mutating func integer(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        write(number: String(value), as: name)
        // A byte for each two digits without the zeros at the end, one for the exponent, one for a minus.
        var rest = value.magnitude
        var digits = 0
        while rest > 0, rest % 10 == 0 { rest /= 10 }
        while rest > 0 {
            rest /= 10
            digits += 1
        }
        sizeInBytes += digits == 0 ? 1 : (digits + 1) / 2 + 1 + (value < 0 ? 1 : 0)
    }

    /// Writes a whole number of another width, N.
    public mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: Value?) {
        guard let value else { return }
        number(name, text: String(value))
    }

    /// Writes a number, N.
    public mutating func number(_ name: StaticString, _ value: DynamoDBNumber?) {
        guard let value else { return }
        number(name, text: value.description)
    }

    private mutating func number(_ name: StaticString, text: String) {
        guard let number = NumberText(text) else {
            return refuse(.problem("attribute '\(name)' is not a number that DynamoDB can hold"))
        }
        write(number: text, as: name)
        sizeInBytes += number.sizeInBytes
    }

    private mutating func write(number text: String, as name: StaticString) {
        begin(name)
        json.lead(#"{"N":"#)
        json.string(text)
        json.trail("}")
    }

    /// Writes true or false, BOOL.
    public mutating func bool(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        begin(name)
        json.lead(#"{"BOOL":"#)
        json.bool(value)
        json.trail("}")
        sizeInBytes += 1
    }

    /// Writes bytes, B.
    public mutating func binary(_ name: StaticString, _ value: [UInt8]?) {
        self.value(name, value.map(AttributeValue.binary))
    }

    /// Writes named values, M.
    public mutating func map(_ name: StaticString, _ value: [String: AttributeValue]?) {
        self.value(name, value.map(AttributeValue.map))
    }

    /// Writes values in order, L.
    public mutating func list(_ name: StaticString, _ value: [AttributeValue]?) {
        self.value(name, value.map(AttributeValue.list))
    }

    /// Writes a set of texts, SS; an empty one is left out.
    public mutating func stringSet(_ name: StaticString, _ value: Set<String>?) {
        guard let value, !value.isEmpty else { return }
        self.value(name, .stringSet(value.sorted()))
    }

    /// Writes a set of numbers, NS; an empty one is left out.
    public mutating func numberSet(_ name: StaticString, _ value: Set<DynamoDBNumber>?) {
        guard let value, !value.isEmpty else { return }
        self.value(name, .numberSet(value.sorted().map(\.description)))
    }

    /// Writes a set of binaries, BS; an empty one is left out.
    public mutating func binarySet(_ name: StaticString, _ value: Set<[UInt8]>?) {
        guard let value, !value.isEmpty else { return }
        self.value(name, .binarySet(value.sorted { $0.lexicographicallyPrecedes($1) }))
    }

    /// Writes a value of any type.
    public mutating func value(_ name: StaticString, _ value: AttributeValue?) {
        guard let value else { return }
        do {
            sizeInBytes += try ItemSize.checkedBytes(of: value, named: "\(name)")
        } catch {
            return refuse(.problem(error.reason))
        }
        begin(name)
        ItemCodec.write(value, into: &json)
    }

    /// Looks at a text or number that has to be a date in a contract's form.
    public mutating func checkDate(
        _ name: StaticString, _ value: String?, in format: DateFormat, isMoment: Bool = false
    ) {
        guard let value, let flaw = format.flaw(of: value, isMoment: isMoment) else { return }
        refuse(.breach("attribute '\(name)' is \(flaw)"))
    }

    /// Looks at a text that has to be a number in a contract's form.
    public mutating func checkNumber(_ name: StaticString, _ value: String?, in format: NumberFormat) {
        guard let value, let flaw = format.flaw(of: value) else { return }
        refuse(.breach("attribute '\(name)' is \(flaw)"))
    }

    // MARK: Keys

    /// Writes a text that is a key of the table or of an index.
    public mutating func key(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        keys.append((name, .string(value)))
        string(name, value)
    }

    /// Writes a whole number that is a key of the table or of an index.
    public mutating func integerKey<Value: FixedWidthInteger>(_ name: StaticString, _ value: Value?) {
        guard let value else { return }
        keys.append((name, .number(String(value))))
        integer(name, value)
    }

    /// Writes a number that is a key of the table or of an index.
    public mutating func numberKey(_ name: StaticString, _ value: DynamoDBNumber?) {
        guard let value else { return }
        keys.append((name, .number(value.description)))
        number(name, value)
    }

    /// Writes bytes that are a key of the table or of an index.
    public mutating func binaryKey(_ name: StaticString, _ value: [UInt8]?) {
        guard let value else { return }
        keys.append((name, .binary(value)))
        binary(name, value)
    }

    /// A value that a key is put together of: it must not be empty, nor hold what parts it from the next one.
    public mutating func part(_ field: StaticString, _ value: String, before separator: StaticString = "") -> String {
        if value.isEmpty {
            refuse(.breach("a key is made of '\(field)', which is empty"))
        } else if separator.utf8CodeUnitCount > 0, value.holds(separator) {
            refuse(
                .breach(
                    "a key is made of '\(field)', whose value holds '\(separator)': keys of different items would be one"
                ))
        }
        return value
    }

    /// A key for an item of which one field decides what it is: the text that stands for no value must not be a value.
    public mutating func part(_ field: StaticString, _ value: String, insteadOf text: StaticString) -> String {
        if value == "\(text)" {
            refuse(.breach("a key is made of '\(field)', whose value is '\(text)', which stands for none"))
        }
        return part(field, value)
    }

    /// Notes that a field that a key needs has no value.
    public mutating func missing(_ field: StaticString, for key: StaticString) {
        refuse(.breach("'\(key)' is made of '\(field)', which has no value"))
    }

    // MARK: Pieces

    private mutating func refuse(_ refusal: Refusal) { if self.refusal == nil { self.refusal = refusal } }

    private mutating func begin(_ name: StaticString) {
        json.key(of: name)
        sizeInBytes += name.utf8CodeUnitCount
    }

    /// The item's bytes, once they are ones that DynamoDB and the contract take.
    mutating func finish(schema: KeySchema, layout: () -> EntityLayout) throws(TidemarkError) -> EncodedItem {
        json.endObject()
        switch refusal {
        case .breach(let reason): throw TidemarkError(code: .contract, message: "\(layout().place): \(reason)")
        case .problem(let reason): throw TidemarkError(code: .validation, message: reason)
        case nil: break
        }
        guard sizeInBytes <= DynamoDBLimits.maximumItemBytes else {
            throw TidemarkError(
                code: .validation,
                message:
                    "the item has \(sizeInBytes) bytes, more than DynamoDB's \(DynamoDBLimits.maximumItemBytes): split "
                    + "it, or keep the large part elsewhere")
        }
        let item = EncodedItem(json: json.take(), sizeInBytes: sizeInBytes, keys: keys)
        do {
            try item.checkKeys(schema)
        } catch {
            throw TidemarkError(code: .validation, message: error.reason)
        }
        return item
    }
}

/// An item as it goes over the wire, with its keys beside it.
struct EncodedItem {
    let json: [UInt8]
    let sizeInBytes: Int
    let keys: [(name: StaticString, value: AttributeValue)]

    func key(named name: String) -> AttributeValue? { keys.first { $0.name.equals(name) }?.value }

    fileprivate func checkKeys(_ schema: KeySchema) throws(ItemProblem) {
        guard key(named: schema.table.partition) != nil, schema.table.sort.map({ key(named: $0) != nil }) ?? true else {
            return try checkEachKey(schema)
        }
        for (_, value) in keys {
            guard case .string(let text) = value, (1...DynamoDBLimits.maximumSortKeyBytes).contains(text.utf8.count)
            else {
                return try checkEachKey(schema)
            }
        }
    }

    /// Looks at each key by itself, for what is wrong with one of them, where most items have nothing but short texts.
    private func checkEachKey(_ schema: KeySchema) throws(ItemProblem) {
        try RequestWriter.checkKey(
            key(named: schema.table.partition), named: schema.table.partition,
            limit: DynamoDBLimits.maximumPartitionKeyBytes)
        if let sort = schema.table.sort {
            try RequestWriter.checkKey(key(named: sort), named: sort, limit: DynamoDBLimits.maximumSortKeyBytes)
        }
        for keys in schema.indexes.values {
            if let value = key(named: keys.partition) {
                try RequestWriter.checkKey(
                    value, named: keys.partition, limit: DynamoDBLimits.maximumPartitionKeyBytes)
            }
            if let sort = keys.sort, let value = key(named: sort) {
                try RequestWriter.checkKey(value, named: sort, limit: DynamoDBLimits.maximumSortKeyBytes)
            }
        }
    }

    /// The partition keys of the table and of every index that the item is in.
    func touchedKeys(in table: String, _ schema: KeySchema) -> [TouchedKey] {
        let weight = TouchedKey.writeWeight(itemBytes: sizeInBytes)
        var touched: [TouchedKey] = []
        if let value = key(named: schema.table.partition) {
            touched.append(TouchedKey(table: table, attribute: schema.table.partition, value: value, weight: weight))
        }
        for (index, names) in schema.indexes {
            guard let value = key(named: names.partition), names.sort.map({ key(named: $0) != nil }) ?? true else {
                continue
            }
            touched.append(
                TouchedKey(table: table, index: index, attribute: names.partition, value: value, weight: weight))
        }
        return touched
    }
}

extension StaticString {
    @inline(__always)
    fileprivate func equals(_ text: String) -> Bool {
        guard text.utf8.count == utf8CodeUnitCount else { return false }
        let isSame = text.utf8.withContiguousStorageIfAvailable { text in
            text.indices.allSatisfy { text[$0] == utf8Start[$0] }
        }
        return isSame ?? withUTF8Buffer { $0.elementsEqual(text.utf8) }
    }
}

extension String {
    fileprivate func holds(_ text: StaticString) -> Bool {
        let wanted = text.withUTF8Buffer { Array($0) }
        let own = Array(utf8)
        guard own.count >= wanted.count else { return false }
        return (0...own.count - wanted.count).contains { own[$0...].starts(with: wanted) }
    }
}
