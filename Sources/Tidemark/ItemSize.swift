/// Why a value cannot be stored, found before anything is sent. It names attributes, never their values.
struct ItemProblem: Error, Equatable {
    /// Half a sentence: "attribute 'total' is not a number that DynamoDB can hold".
    var reason: String
}

/// An item's size by DynamoDB's rules, and whether DynamoDB can hold it at all.
///
/// Names and values in bytes; a list or map 3 bytes and 1 for each element; a set the sum of its members; a truth value
/// or null 1. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
public enum ItemSize {
    /// Bytes of the item, names included. A number's size is AWS's approximation; a text that is no number counts 1.
    public static func bytes(of item: Item) -> Int {
        item.reduce(0) { $0 + $1.key.utf8.count + bytes(of: $1.value) }
    }

    /// Bytes of the value.
    public static func bytes(of value: AttributeValue) -> Int {
        switch value {
        case .string(let text): text.utf8.count
        case .number(let text): numberBytes(text)
        case .binary(let bytes): bytes.count
        case .stringSet(let texts): texts.reduce(0) { $0 + $1.utf8.count }
        case .numberSet(let texts): texts.reduce(0) { $0 + numberBytes($1) }
        case .binarySet(let blobs): blobs.reduce(0) { $0 + $1.count }
        case .list(let elements): elements.reduce(3) { $0 + 1 + bytes(of: $1) }
        case .map(let members): members.reduce(3) { $0 + 1 + $1.key.utf8.count + bytes(of: $1.value) }
        case .bool, .null: 1
        }
    }

    private static func numberBytes(_ text: String) -> Int { NumberText(text)?.sizeInBytes ?? 1 }

    // MARK: Checks

    /// The item's size, once every value in it is one that DynamoDB can hold.
    static func checkedBytes(of item: Item) throws(ItemProblem) -> Int {
        for (name, value) in item { try check(value, of: name, depth: 0) }
        let size = bytes(of: item)
        guard size <= DynamoDBLimits.maximumItemBytes else {
            throw ItemProblem(
                reason:
                    "the item has \(size) bytes, more than DynamoDB's \(DynamoDBLimits.maximumItemBytes): split it, "
                    + "or keep the large part elsewhere")
        }
        return size
    }

    /// Checks a value that an expression uses.
    static func check(_ value: AttributeValue, of name: String, depth: Int) throws(ItemProblem) {
        switch value {
        case .string, .binary, .bool, .null: break
        case .number(let text): try check(number: text, of: name)
        case .stringSet(let texts): try check(set: texts, of: name)
        case .binarySet(let blobs): try check(set: blobs, of: name)
        case .numberSet(let texts):
            try check(set: texts, of: name)
            for text in texts { try check(number: text, of: name) }
        case .list(let elements):
            try check(depth: depth + 1, of: name)
            for element in elements { try check(element, of: name, depth: depth + 1) }
        case .map(let members):
            try check(depth: depth + 1, of: name)
            for member in members.values { try check(member, of: name, depth: depth + 1) }
        }
    }

    private static func check(number text: String, of name: String) throws(ItemProblem) {
        guard NumberText(text) == nil else { return }
        throw ItemProblem(
            reason: "attribute '\(name)' is not a number that DynamoDB can hold: at most 38 digits, 1E-130 to 9.99E+125"
        )
    }

    private static func check<Element: Hashable>(set: [Element], of name: String) throws(ItemProblem) {
        guard !set.isEmpty else {
            throw ItemProblem(reason: "attribute '\(name)' is an empty set, which DynamoDB refuses: leave it out")
        }
        guard Set(set).count == set.count else {
            throw ItemProblem(reason: "attribute '\(name)' is a set that has a member twice")
        }
    }

    private static func check(depth: Int, of name: String) throws(ItemProblem) {
        guard depth <= DynamoDBLimits.maximumNesting else {
            throw ItemProblem(
                reason: "attribute '\(name)' is nested deeper than DynamoDB's \(DynamoDBLimits.maximumNesting) levels")
        }
    }
}
