/// A partition key that a request touches, with the capacity that it is expected to take.
package struct TouchedKey: Sendable {
    /// The table.
    var table: String
    /// The index whose key it is; "" for the table's own.
    var index: String = ""
    /// The key attribute's name; "" where it does not matter.
    var attribute: String = ""
    /// The key.
    var value: AttributeValue
    /// Expected capacity in thousandths of a unit: by the item's size where that is known, else one unit.
    var weight: UInt64 = TouchedKey.oneUnit

    /// One unit in thousandths.
    static let oneUnit: UInt64 = 1_000

    /// What one block of a read takes: half a unit where it need not be consistent.
    static func readBlock(consistent: Bool) -> UInt64 { consistent ? oneUnit : oneUnit / 2 }

    /// What writing an item of that size takes.
    static func writeWeight(itemBytes: Int) -> UInt64 {
        UInt64(max(1, (itemBytes + DynamoDBLimits.writeBlockBytes - 1) / DynamoDBLimits.writeBlockBytes)) * oneUnit
    }

    /// What reading an item of that size takes at most.
    static func readWeight(itemBytes: Int) -> UInt64 {
        UInt64(max(1, (itemBytes + DynamoDBLimits.readBlockBytes - 1) / DynamoDBLimits.readBlockBytes)) * oneUnit
    }

    /// Divides a total in the proportion of the weights so that the parts sum up to it exactly.
    package static func split(_ total: UInt64, by weights: [UInt64]) -> [UInt64] {
        var weightLeft = weights.reduce(UInt64(0)) { $0 &+ $1 }
        guard weightLeft > 0 else {
            return weights.indices.map { $0 == weights.startIndex ? total : 0 }
        }
        var left = total
        return weights.map { weight in
            let product = left.multipliedFullWidth(by: weight)
            let part = weight >= weightLeft ? left : weightLeft.dividingFullWidth(product).quotient
            left -= part
            weightLeft -= min(weight, weightLeft)
            return part
        }
    }
}

extension KeySchema {
    /// The partition keys of the table and of every index that an item to be written has.
    static func touchedKeys(
        ofItem item: Item, in table: String, schema: KeySchema?, weight: UInt64
    ) -> [TouchedKey] {
        guard let schema else {
            guard let name = guessPartitionKey(of: item), let value = item[name] else { return [] }
            return [TouchedKey(table: table, attribute: name, value: value, weight: weight)]
        }
        var keys: [TouchedKey] = []
        if let value = item[schema.table.partition] {
            keys.append(
                TouchedKey(table: table, attribute: schema.table.partition, value: value, weight: weight))
        }
        for (index, names) in schema.indexes {
            guard let value = item[names.partition], names.sort.map({ item[$0] != nil }) ?? true else { continue }
            keys.append(
                TouchedKey(
                    table: table, index: index, attribute: names.partition, value: value, weight: weight))
        }
        return keys
    }

    /// The partition key of a key.
    static func touchedKeys(
        ofKey key: Item, in table: String, schema: KeySchema?, weight: UInt64 = TouchedKey.oneUnit
    ) -> [TouchedKey] {
        guard let name = schema?.table.partition ?? guessPartitionKey(of: key), let value = key[name] else { return [] }
        return [TouchedKey(table: table, attribute: name, value: value, weight: weight)]
    }
}
