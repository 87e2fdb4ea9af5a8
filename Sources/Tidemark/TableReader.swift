internal import ContractModel
internal import JSONBytes

/// Writes CreateTable's members. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
enum TableWriter {
    static func write(_ table: ContractTable, into writer: inout RequestWriter) throws(ItemProblem) {
        writer.json.member("BillingMode", "PAY_PER_REQUEST")
        try writeDefinitions(of: table, into: &writer.json)
        write(table.partitionKey, table.sortKey, into: &writer.json)
        guard !table.indexes.isEmpty else { return }
        writer.json.key("GlobalSecondaryIndexes")
        writer.json.beginArray()
        for index in table.indexes {
            writer.json.beginObject()
            writer.json.member("IndexName", index.name)
            write(index.partitionKey, index.sortKey, into: &writer.json)
            write(index.projection, into: &writer.json)
            writer.json.endObject()
        }
        writer.json.endArray()
    }

    /// Every key attribute once, with its one type.
    private static func writeDefinitions(of table: ContractTable, into json: inout JSONWriter) throws(ItemProblem) {
        var types: [String: AttributeType] = [:]
        var order: [String] = []
        var keys: [KeyAttribute] = [table.partitionKey]
        if let sort = table.sortKey { keys.append(sort) }
        for index in table.indexes {
            keys.append(index.partitionKey)
            if let sort = index.sortKey { keys.append(sort) }
        }
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

/// Reads the answers about tables. They are off the hot path, so that a tree will do.
enum TableReader {
    static func readNames(_ bytes: [UInt8]) throws(JSONError) -> TableNames {
        let body = try JSONValue.parse(bytes)
        return TableNames(
            names: (body["TableNames"]?.arrayValue ?? []).compactMap(\.stringValue),
            last: body["LastEvaluatedTableName"]?.stringValue)
    }

    static func read(_ bytes: [UInt8]) throws(JSONError) -> TableDescription {
        let body = try JSONValue.parse(bytes)
        guard let table = body["Table"] ?? body["TableDescription"], table.objectValue != nil else {
            throw JSONError(offset: 0, in: bytes, reason: "a table's description was expected")
        }
        var types: [String: AttributeType] = [:]
        for definition in table["AttributeDefinitions"]?.arrayValue ?? [] {
            guard let name = definition["AttributeName"]?.stringValue else { continue }
            types[name] = AttributeType(rawValue: definition["AttributeType"]?.stringValue ?? "")
        }
        var description = TableDescription()
        description.name = table["TableName"]?.stringValue ?? ""
        description.status = table["TableStatus"]?.stringValue ?? ""
        description.itemCount = table["ItemCount"]?.intValue ?? 0
        description.billingMode = table["BillingModeSummary"]?["BillingMode"]?.stringValue
        let keys = readKeys(table["KeySchema"], types: types)
        description.table = ContractTable(
            name: description.name, partitionKey: keys.partition ?? KeyAttribute(name: ""), sortKey: keys.sort)
        for index in table["GlobalSecondaryIndexes"]?.arrayValue ?? [] {
            guard let name = index["IndexName"]?.stringValue else { continue }
            description.indexStatus[name] = index["IndexStatus"]?.stringValue ?? "ACTIVE"
            let keys = readKeys(index["KeySchema"], types: types)
            guard let partition = keys.partition else { continue }
            description.table.indexes.append(
                ContractIndex(
                    name: name, partitionKey: partition, sortKey: keys.sort,
                    projection: readProjection(index["Projection"])))
        }
        return description
    }

    private static func readKeys(
        _ schema: JSONValue?, types: [String: AttributeType]
    ) -> (partition: KeyAttribute?, sort: KeyAttribute?) {
        var keys: (partition: KeyAttribute?, sort: KeyAttribute?)
        for element in schema?.arrayValue ?? [] {
            guard let name = element["AttributeName"]?.stringValue else { continue }
            let key = KeyAttribute(name: name, type: types[name] ?? .S)
            if element["KeyType"]?.stringValue == "RANGE" { keys.sort = key } else { keys.partition = key }
        }
        return keys
    }

    private static func readProjection(_ value: JSONValue?) -> Projection {
        switch value?["ProjectionType"]?.stringValue {
        case "KEYS_ONLY": .keysOnly
        case "INCLUDE": .include((value?["NonKeyAttributes"]?.arrayValue ?? []).compactMap(\.stringValue))
        default: .all
        }
    }
}
