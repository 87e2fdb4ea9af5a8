extension KeySchema {
    /// Checks the attributes of an item that are keys of an index. An item may lack them, and is then not in the index; one
    /// that has them must have them as DynamoDB takes keys.
    func checkIndexKeys(of item: Item) throws(ItemProblem) {
        for keys in indexes.values {
            if let value = item[keys.partition] {
                try RequestWriter.checkKey(
                    value, named: keys.partition, limit: DynamoDBLimits.maximumPartitionKeyBytes)
            }
            if let sort = keys.sort, let value = item[sort] {
                try RequestWriter.checkKey(value, named: sort, limit: DynamoDBLimits.maximumSortKeyBytes)
            }
        }
    }
}
