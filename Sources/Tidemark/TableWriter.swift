internal import ContractModel
internal import JSONBytes

/// Writes the members of CreateTable and UpdateTable.
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
enum TableWriter {
    /// Local indexes of a table.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    static let maximumLocalIndexes = 5

    static func write(_ specification: TableSpecification, into writer: inout RequestWriter) throws(ItemProblem) {
        let table = specification.table
        try write(specification.billing, into: &writer.json)
        var keys: [KeyAttribute] = [table.partitionKey] + one(table.sortKey)
        for index in table.indexes { keys += [index.partitionKey] + one(index.sortKey) }
        keys += specification.localIndexes.map(\.sortKey)
        try writeDefinitions(of: keys, into: &writer.json)
        write(table.partitionKey, table.sortKey, into: &writer.json)
        try writeIndexes(of: specification, into: &writer.json)
        if let warm = specification.warmThroughput { write(warm: warm, into: &writer.json) }
        if !specification.tags.isEmpty { write(tags: specification.tags, into: &writer.json) }
        if specification.isProtectedFromDeletion { writer.json.member("DeletionProtectionEnabled", true) }
        if let stream = specification.stream { write(.on(stream), into: &writer.json) }
        if specification.encryption != .awsOwned { write(specification.encryption, into: &writer.json) }
        if specification.tableClass != .standard {
            writer.json.member("TableClass", specification.tableClass.rawValue)
        }
    }

    static func write(_ change: TableChange, into writer: inout RequestWriter) throws(ItemProblem) {
        let start = writer.json.bytes.count
        if let billing = change.billing { try write(billing, into: &writer.json) }
        if !change.indexes.isEmpty { try write(change.indexes, into: &writer.json) }
        if let warm = change.warmThroughput { write(warm: warm, into: &writer.json) }
        if let flag = change.isProtectedFromDeletion { writer.json.member("DeletionProtectionEnabled", flag) }
        if let stream = change.stream { write(stream, into: &writer.json) }
        if let encryption = change.encryption { write(encryption, into: &writer.json) }
        if let tableClass = change.tableClass { writer.json.member("TableClass", tableClass.rawValue) }
        guard writer.json.bytes.count > start else {
            throw ItemProblem(reason: "the change of the table changes nothing: say what is to be changed")
        }
    }

    static func write(tags: [String: String], into json: inout JSONWriter) {
        json.key("Tags")
        json.beginArray()
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            json.member("Key", name)
            json.member("Value", value)
            json.endObject()
        }
        json.endArray()
    }

    // MARK: Indexes

    private static func writeIndexes(
        of specification: TableSpecification, into json: inout JSONWriter
    ) throws(ItemProblem) {
        let table = specification.table
        let named = Set(specification.indexThroughput.keys).union(specification.indexWarmThroughput.keys)
        for name in named.sorted() where table.index(named: name) == nil {
            throw ItemProblem(reason: "capacity is given for the index '\(name)', which the table does not have")
        }
        if !table.indexes.isEmpty {
            json.key("GlobalSecondaryIndexes")
            json.beginArray()
            for index in table.indexes {
                json.beginObject()
                write(index, into: &json)
                if case .provisioned(let own) = specification.billing {
                    try write(specification.indexThroughput[index.name] ?? own, into: &json)
                }
                if let warm = specification.indexWarmThroughput[index.name] { write(warm: warm, into: &json) }
                json.endObject()
            }
            json.endArray()
        }
        guard !specification.localIndexes.isEmpty else { return }
        guard specification.localIndexes.count <= maximumLocalIndexes, table.sortKey != nil else {
            throw ItemProblem(
                reason: "a table has at most \(maximumLocalIndexes) local indexes, and none without a sort key")
        }
        json.key("LocalSecondaryIndexes")
        json.beginArray()
        for index in specification.localIndexes {
            json.beginObject()
            json.member("IndexName", index.name)
            write(table.partitionKey, index.sortKey, into: &json)
            write(index.projection, into: &json)
            json.endObject()
        }
        json.endArray()
    }

    private static func write(_ index: ContractIndex, into json: inout JSONWriter) {
        json.member("IndexName", index.name)
        write(index.partitionKey, index.sortKey, into: &json)
        write(index.projection, into: &json)
    }

    private static func write(
        _ changes: [TableChange.IndexChange], into json: inout JSONWriter
    ) throws(ItemProblem) {
        var keys: [KeyAttribute] = []
        for case .create(let index, _, _) in changes { keys += [index.partitionKey] + one(index.sortKey) }
        if !keys.isEmpty { try writeDefinitions(of: keys, into: &json) }
        json.key("GlobalSecondaryIndexUpdates")
        json.beginArray()
        for change in changes {
            json.beginObject()
            switch change {
            case .create(let index, let throughput, let warm):
                json.key("Create")
                json.beginObject()
                write(index, into: &json)
                if let throughput { try write(throughput, into: &json) }
                if let warm { write(warm: warm, into: &json) }
            case .update(let name, let throughput):
                json.key("Update")
                json.beginObject()
                json.member("IndexName", name)
                try write(throughput, into: &json)
            case .warm(let name, let throughput):
                json.key("Update")
                json.beginObject()
                json.member("IndexName", name)
                write(warm: throughput, into: &json)
            case .delete(let name):
                json.key("Delete")
                json.beginObject()
                json.member("IndexName", name)
            }
            json.endObject()
            json.endObject()
        }
        json.endArray()
    }

    // MARK: Parts

    private static func one(_ key: KeyAttribute?) -> [KeyAttribute] { key.map { [$0] } ?? [] }

    private static func write(_ billing: TableBilling, into json: inout JSONWriter) throws(ItemProblem) {
        switch billing {
        case .onDemand: json.member("BillingMode", "PAY_PER_REQUEST")
        case .provisioned(let throughput):
            json.member("BillingMode", "PROVISIONED")
            try write(throughput, into: &json)
        }
    }

    private static func write(_ throughput: Throughput, into json: inout JSONWriter) throws(ItemProblem) {
        guard throughput.reads >= 1, throughput.writes >= 1 else {
            throw ItemProblem(reason: "a capacity has at least 1 read unit and 1 write unit a second")
        }
        json.key("ProvisionedThroughput")
        json.beginObject()
        json.member("ReadCapacityUnits", throughput.reads)
        json.member("WriteCapacityUnits", throughput.writes)
        json.endObject()
    }

    /// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_WarmThroughput.html
    private static func write(warm throughput: Throughput, into json: inout JSONWriter) {
        json.key("WarmThroughput")
        json.beginObject()
        json.member("ReadUnitsPerSecond", throughput.reads)
        json.member("WriteUnitsPerSecond", throughput.writes)
        json.endObject()
    }

    private static func write(_ stream: TableChange.StreamChange, into json: inout JSONWriter) {
        json.key("StreamSpecification")
        json.beginObject()
        switch stream {
        case .on(let view):
            json.member("StreamEnabled", true)
            json.member("StreamViewType", view.rawValue)
        case .off: json.member("StreamEnabled", false)
        }
        json.endObject()
    }

    private static func write(_ encryption: TableEncryption, into json: inout JSONWriter) {
        json.key("SSESpecification")
        json.beginObject()
        switch encryption {
        case .awsOwned: json.member("Enabled", false)
        case .awsManaged:
            json.member("Enabled", true)
            json.member("SSEType", "KMS")
        case .customerManaged(let key):
            json.member("Enabled", true)
            json.member("SSEType", "KMS")
            json.member("KMSMasterKeyId", key)
        }
        json.endObject()
    }

    /// Every key attribute once, with its one type.
    private static func writeDefinitions(
        of keys: [KeyAttribute], into json: inout JSONWriter
    ) throws(ItemProblem) {
        var types: [String: AttributeType] = [:]
        var order: [String] = []
        for key in keys {
            guard key.type.isAllowedInKey else {
                throw ItemProblem(
                    reason: "the key attribute '\(key.name)' has the type \(key.type.rawValue): use S, N or B")
            }
            if let known = types.updateValue(key.type, forKey: key.name) {
                guard known == key.type else {
                    throw ItemProblem(
                        reason: "the key attribute '\(key.name)' has the types \(known.rawValue) and "
                            + "\(key.type.rawValue): it can have one only")
                }
            } else {
                order.append(key.name)
            }
        }
        json.key("AttributeDefinitions")
        json.beginArray()
        for name in order {
            json.beginObject()
            json.member("AttributeName", name)
            json.member("AttributeType", types[name]?.rawValue ?? "S")
            json.endObject()
        }
        json.endArray()
    }

    private static func write(_ partition: KeyAttribute, _ sort: KeyAttribute?, into json: inout JSONWriter) {
        json.key("KeySchema")
        json.beginArray()
        for (key, type) in [(partition, "HASH")] + (sort.map { [($0, "RANGE")] } ?? []) {
            json.beginObject()
            json.member("AttributeName", key.name)
            json.member("KeyType", type)
            json.endObject()
        }
        json.endArray()
    }

    private static func write(_ projection: Projection, into json: inout JSONWriter) {
        json.key("Projection")
        json.beginObject()
        switch projection {
        case .all: json.member("ProjectionType", "ALL")
        case .keysOnly: json.member("ProjectionType", "KEYS_ONLY")
        case .include(let names):
            json.member("ProjectionType", "INCLUDE")
            json.key("NonKeyAttributes")
            json.beginArray()
            for name in names { json.string(name) }
            json.endArray()
        }
        json.endObject()
    }
}
