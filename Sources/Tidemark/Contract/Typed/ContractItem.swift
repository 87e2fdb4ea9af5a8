public import ContractModel
internal import JSONBytes

/// A type that is read from items, whole ones or what an index holds of them.
public protocol ProjectedItem: Sendable {
    /// Reads an item. Attributes that the type does not have are skipped.
    ///
    /// - Throws: where an attribute is missing or of another type: the error names it.
    init(from item: inout ItemReader) throws(ItemCodingError)
}

/// A type whose values are one kind of item of a migration contract. `tidemark generate` makes such types.
public protocol ContractItem: ProjectedItem {
    /// The table with its keys and indexes.
    static var table: ContractTable { get }
    /// The fields of the kind of item, and the keys that are made of them.
    static var layout: EntityLayout { get }
    /// What no two items may share.
    static var uniqueConstraints: [UniqueConstraint] { get }

    /// Writes all attributes, those that are keys of the table and of its indexes included.
    func write(into item: inout ItemWriter)
}

extension ContractItem {
    /// None.
    public static var uniqueConstraints: [UniqueConstraint] { [] }

    /// The item as it is stored, keys of indexes included.
    ///
    /// - Throws: `contract` where a key cannot be made, `validation` where DynamoDB does not take the item.
    public func item() throws(TidemarkError) -> Item {
        let json = try ItemEncoder<Self>().encode(self).json
        do {
            return try ItemCodec.decode(json)
        } catch {
            throw TidemarkError(code: .validation, message: "the item cannot be stored: \(error.description)")
        }
    }
}

/// Writes values of a type as items, with what is known of their table kept beside.
package struct ItemEncoder<Value: ContractItem>: Sendable {
    let schema: KeySchema

    /// An encoder, which serves any number of values.
    package init() { schema = KeySchema(Value.table) }

    /// The item's bytes for the wire.
    ///
    /// - Throws: `contract` where a key cannot be made, `validation` where DynamoDB does not take the item.
    package func bytes(of value: Value) throws(TidemarkError) -> [UInt8] { try encode(value).json }

    /// The item's size by DynamoDB's rules, as it is counted while the item is written.
    package func sizeInBytes(of value: Value) throws(TidemarkError) -> Int { try encode(value).sizeInBytes }

    func encode(_ value: Value) throws(TidemarkError) -> EncodedItem {
        var writer = ItemWriter()
        value.write(into: &writer)
        return try writer.finish(schema: schema, layout: { Value.layout })
    }
}

extension ProjectedItem {
    /// The value that a stored item is.
    ///
    /// - Throws: where an attribute is missing or of another type: the error names it.
    public init(item: Item) throws(ItemCodingError) { self = try Self.decode(ItemCodec.encode(item)) }

    init(wholeItem reader: inout ItemReader) throws(ItemCodingError) {
        try reader.begin()
        try self.init(from: &reader)
    }

    /// The value of an item's bytes from the wire.
    package static func decode(_ bytes: [UInt8]) throws(ItemCodingError) -> Self {
        var reader = ItemReader(JSONScanner(bytes))
        return try Self(wholeItem: &reader)
    }
}

/// What a read of one value found.
struct TypedGetOutput<Value: ProjectedItem>: CallOutput {
    var report = CallReport()
    var value: Value?
    /// Why the item is no such value; the call itself succeeded.
    var problem: ItemCodingError?
    var sizeInBytes = 0

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        value != nil || problem != nil ? (1, sizeInBytes) : (0, 0)
    }
}

/// What a page of a query or scan found.
struct TypedPageOutput<Value: ProjectedItem>: CallOutput {
    var report = CallReport()
    var values: [Value] = []
    var problem: ItemCodingError?
    /// The item of which the problem is.
    var unreadable: Item?
    var sizeInBytes = 0
    var count = 0
    var scannedCount = 0
    var lastKey: Item?

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) { (count, sizeInBytes) }
}

extension ProjectedItem {
    /// Reads the scanner's next value; one that is an item, but not of this type, is gone past and told.
    static func read(
        from scanner: inout JSONScanner, sizeInBytes: inout Int
    ) throws(JSONError) -> Result<Self, ItemCodingError> {
        var reader = ItemReader(scanner)
        do throws(ItemCodingError) {
            let value = try Self(wholeItem: &reader)
            scanner = reader.scanner
            sizeInBytes += reader.sizeInBytes
            return .success(value)
        } catch {
            if let malformed = reader.malformed { throw malformed }
            sizeInBytes += ItemSize.bytes(of: try ItemCodec.readItem(from: &scanner))
            return .failure(error)
        }
    }
}

extension TypedGetOutput {
    init(_ response: [UInt8]) throws(JSONError) {
        try ResponseReader.read(response) { name, scanner throws(JSONError) in
            switch name {
            case "Item":
                switch try Value.read(from: &scanner, sizeInBytes: &sizeInBytes) {
                case .success(let value): self.value = value
                case .failure(let error): problem = error
                }
            case "ConsumedCapacity": report.consumed = try CapacityReader(isWrite: false).read(from: &scanner)
            default: return false
            }
            return true
        }
    }
}

extension TypedPageOutput {
    /// - Parameter kind: tells other kinds of items, which are gone past; nil where there are none.
    init(_ response: [UInt8], of kind: KindCheck? = nil) throws(JSONError) {
        try ResponseReader.read(response) { name, scanner throws(JSONError) in
            switch name {
            case "Items":
                try scanner.beginArray()
                while try scanner.nextElement() {
                    let start = scanner
                    if let kind {
                        let item = try ItemCodec.readItem(from: &scanner)
                        guard kind.isOwn(item) else {
                            sizeInBytes += ItemSize.bytes(of: item)
                            continue
                        }
                        scanner = start
                    }
                    switch try Value.read(from: &scanner, sizeInBytes: &sizeInBytes) {
                    case .success(let value): values.append(value)
                    case .failure(let error) where problem == nil:
                        problem = ItemCodingError(
                            path: error.path, reason: "of item \(values.count + 1) \(error.reason)")
                        var again = start
                        unreadable = try ItemCodec.readItem(from: &again)
                    case .failure: break
                    }
                }
            case "Count": count = try scanner.readCount()
            case "ScannedCount": scannedCount = try scanner.readCount()
            case "LastEvaluatedKey": lastKey = try ItemCodec.readItem(from: &scanner)
            case "ConsumedCapacity": report.consumed = try CapacityReader(isWrite: false).read(from: &scanner)
            default: return false
            }
            return true
        }
    }
}
