internal import ContractModel
internal import JSONBytes

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
        description.sizeInBytes = table["TableSizeBytes"]?.intValue ?? 0
        description.arn = table["TableArn"]?.stringValue
        description.billingMode = table["BillingModeSummary"]?["BillingMode"]?.stringValue
        description.throughput = readThroughput(table["ProvisionedThroughput"])
        description.warmThroughput = readWarmThroughput(table["WarmThroughput"])
        description.isProtectedFromDeletion = table["DeletionProtectionEnabled"]?.boolValue ?? false
        description.tableClass = TableClass(rawValue: table["TableClassSummary"]?["TableClass"]?.stringValue ?? "")
        let stream = table["StreamSpecification"]
        if stream?["StreamEnabled"]?.boolValue ?? false {
            description.stream = StreamView(rawValue: stream?["StreamViewType"]?.stringValue ?? "")
            description.streamARN = table["LatestStreamArn"]?.stringValue
        }
        let keys = readKeys(table["KeySchema"], types: types)
        description.table = ContractTable(
            name: description.name, partitionKey: keys.partition ?? KeyAttribute(name: ""), sortKey: keys.sort)
        for index in table["GlobalSecondaryIndexes"]?.arrayValue ?? [] {
            guard let name = index["IndexName"]?.stringValue else { continue }
            description.indexStatus[name] = index["IndexStatus"]?.stringValue ?? "ACTIVE"
            description.indexThroughput[name] = readThroughput(index["ProvisionedThroughput"])
            description.indexWarmThroughput[name] = readWarmThroughput(index["WarmThroughput"])
            let keys = readKeys(index["KeySchema"], types: types)
            guard let partition = keys.partition else { continue }
            description.table.indexes.append(
                ContractIndex(
                    name: name, partitionKey: partition, sortKey: keys.sort,
                    projection: readProjection(index["Projection"])))
        }
        for index in table["LocalSecondaryIndexes"]?.arrayValue ?? [] {
            guard let name = index["IndexName"]?.stringValue,
                let sort = readKeys(index["KeySchema"], types: types).sort
            else { continue }
            description.localIndexes.append(
                LocalIndex(name: name, sortKey: sort, projection: readProjection(index["Projection"])))
        }
        return description
    }

    /// What a table by request has is zeros, which are none.
    private static func readThroughput(_ value: JSONValue?) -> Throughput? {
        guard let reads = value?["ReadCapacityUnits"]?.intValue, let writes = value?["WriteCapacityUnits"]?.intValue,
            reads > 0, writes > 0
        else { return nil }
        return Throughput(reads: reads, writes: writes)
    }

    /// Local servers tell zeros, which mean nothing.
    private static func readWarmThroughput(_ value: JSONValue?) -> Throughput? {
        guard let reads = value?["ReadUnitsPerSecond"]?.intValue, let writes = value?["WriteUnitsPerSecond"]?.intValue,
            reads > 0, writes > 0
        else { return nil }
        return Throughput(reads: reads, writes: writes)
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
