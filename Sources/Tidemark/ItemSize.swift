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
        var sum = 0
        for (name, value) in item { sum += name.utf8.count + bytes(of: value) }
        return sum
    }

    /// Bytes of the value.
    public static func bytes(of value: AttributeValue) -> Int {
        switch value {
        case .string(let text): return text.utf8.count
        case .number(let text): return numberBytes(text)
        case .binary(let bytes): return bytes.count
        case .bool, .null: return 1
        case .stringSet(let texts): return texts.reduce(0) { $0 + $1.utf8.count }
        case .numberSet(let texts): return texts.reduce(0) { $0 + numberBytes($1) }
        case .binarySet(let blobs): return blobs.reduce(0) { $0 + $1.count }
        case .list(let elements):
            var sum = 3 + elements.count
            for element in elements { sum += bytes(of: element) }
            return sum
        case .map(let members): return 3 + members.count + bytes(of: members)
        }
    }

    private static func numberBytes(_ text: String) -> Int { NumberText(text)?.sizeInBytes ?? 1 }

    // MARK: Checks

    /// The item's size, once every value in it is one that DynamoDB can hold.
    static func checkedBytes(of item: Item) throws(ItemProblem) -> Int {
        var size = 0
        for (name, value) in item { size += name.utf8.count + (try checkedBytes(of: value, named: name)) }
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
        _ = try checkedBytes(of: value, named: name, depth: depth)
    }

    /// The value's size, once it and all that is in it are such that DynamoDB can hold them.
    static func checkedBytes(
        of value: AttributeValue, named name: String, depth: Int = 0
    ) throws(ItemProblem) -> Int {
        switch value {
        case .string, .binary, .bool, .null: return bytes(of: value)
        case .number(let text): return try checkedBytes(ofNumber: text, named: name)
        case .stringSet(let texts):
            try check(set: texts, named: name) { Set(texts.lazy.map { Array($0.utf8) }).count }
            return bytes(of: value)
        case .binarySet(let blobs):
            try check(set: blobs, named: name) { Set(blobs).count }
            return bytes(of: value)
        case .numberSet(let texts):
            var sum = 0
            for text in texts { sum += try checkedBytes(ofNumber: text, named: name) }
            try check(set: texts, named: name) { Set(texts.lazy.map(DynamoDBNumber.init)).count }
            return sum
        case .list(let elements):
            try check(depth: depth + 1, named: name)
            var sum = 3 + elements.count
            for element in elements { sum += try checkedBytes(of: element, named: name, depth: depth + 1) }
            return sum
        case .map(let members):
            try check(depth: depth + 1, named: name)
            var sum = 3 + members.count
            for (key, member) in members {
                sum += key.utf8.count + (try checkedBytes(of: member, named: name, depth: depth + 1))
            }
            return sum
        }
    }

    private static func checkedBytes(ofNumber text: String, named name: String) throws(ItemProblem) -> Int {
        guard let number = NumberText(text) else {
            throw ItemProblem(
                reason: "attribute '\(name)' is not a number that DynamoDB can hold: at most 38 digits, "
                    + "1E-130 to 9.99E+125")
        }
        return number.sizeInBytes
    }

    /// - Parameter distinct: how many members differ for DynamoDB, to which "1" and "1.0" are one number, and two
    ///   spellings of one character, which Swift holds equal, two texts.
    private static func check<Element>(
        set: [Element], named name: String, distinct: () -> Int
    ) throws(ItemProblem) {
        guard !set.isEmpty else {
            throw ItemProblem(reason: "attribute '\(name)' is an empty set, which DynamoDB refuses: leave it out")
        }
        guard set.count == 1 || distinct() == set.count else {
            throw ItemProblem(reason: "attribute '\(name)' is a set that has a member twice")
        }
    }

    private static func check(depth: Int, named name: String) throws(ItemProblem) {
        guard depth <= DynamoDBLimits.maximumNesting else {
            throw ItemProblem(
                reason: "attribute '\(name)' is nested deeper than DynamoDB's \(DynamoDBLimits.maximumNesting) levels")
        }
    }
}
