import CodecProperties
import JSONBytes
import Testing
import Tidemark

struct ItemSizeTests {
    @Test func sizesFollowDynamoDBsRules() {
        let sizes: [(AttributeValue, Int)] = [
            ("", 0), ("é", 2), (12, 2), (-123, 4), (.binary([1, 2, 3]), 3), (true, 1), (nil, 1),
            (.stringSet(["a", "bc"]), 3), (.numberSet(["1", "2"]), 4), (.binarySet([[1], [2, 3]]), 3),
            ([], 3), (["a", true], 3 + 2 + 2), (["key": "v"], 3 + 1 + 3 + 1), ([:], 3), ([[]], 3 + 1 + 3),
            (.number("not a number"), 1),
        ]
        for (value, size) in sizes { #expect(ItemSize.bytes(of: value) == size) }
        #expect(ItemSize.bytes(of: ["name": "value", "n": 1]) == 4 + 5 + 1 + 2)
    }

    @Test(arguments: UInt64(1)...6)
    func sizesAreThoseOfAnIndependentReckoning(seed: UInt64) throws {
        var generator = ItemGenerator(seed: seed)
        for _ in 0..<200 {
            let item = generator.item()
            #expect(ItemSize.bytes(of: item) == reckoned(item), "seed \(seed): \(item)")
            let parts = item.map { ItemSize.bytes(of: [$0.key: $0.value]) }
            #expect(ItemSize.bytes(of: item) == parts.reduce(0, +), "seed \(seed): \(item)")
            #expect(
                ItemSize.bytes(of: .map(item)) == 3 + item.count + ItemSize.bytes(of: item), "seed \(seed): \(item)")
        }
    }

    private static let refused: [(AttributeValue, String)] = [
        (.stringSet([]), "empty set"), (.numberSet([]), "empty set"), (.binarySet([]), "empty set"),
        (.stringSet(["a", "b", "a"]), "twice"), (.binarySet([[1], [1]]), "twice"), (.numberSet(["1", "1.0"]), "twice"),
        (.numberSet(["10", "2", "1e1"]), "twice"), (.numberSet(["1", "x"]), "not a number"),
        ([.number("1e126")], "not a"),
    ]

    @Test(arguments: refused)
    func whatDynamoDBRefusesIsRefusedBeforeItIsSent(value: AttributeValue, reason: String) async throws {
        for value in [value, ["in": value], [value]] {
            let harness = try Harness { _, _ in answer("{}") }
            let error = await #expect(throws: TidemarkError.self) {
                try await harness.client.putItem(table: "T", item: ["id": "1", "v": value])
            }
            #expect(error?.code == .validation)
            #expect(error.map { "\($0)" }?.contains(reason) == true, "\(String(describing: error))")
            #expect(harness.transport.requests.isEmpty)
        }
    }

    @Test func whatDynamoDBHoldsIsSent() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        var nested: AttributeValue = ""
        for _ in 0..<DynamoDBLimits.maximumNesting { nested = [nested] }
        let held: [AttributeValue] = [
            "", .binary([]), .stringSet([""]), .binarySet([[]]), .numberSet(["1", "-1", "1e1"]), [], [:], nested,
            // One letter in two spellings is two strings to DynamoDB.
            .stringSet(["\u{E9}", "e\u{301}"]),
            .string(String(repeating: "x", count: DynamoDBLimits.maximumItemBytes - 4)),
        ]
        for value in held { try await harness.client.putItem(table: "T", item: ["id": "1", "v": value]) }
        for value in [
            [nested], AttributeValue.string(String(repeating: "x", count: DynamoDBLimits.maximumItemBytes - 3)),
        ] {
            await #expect(throws: TidemarkError.self) {
                try await harness.client.putItem(table: "T", item: ["id": "1", "v": value])
            }
        }
        #expect(harness.transport.requests.count == held.count)
    }

    /// By the words of the documentation, from the wire's form rather than from values.
    private func reckoned(_ item: Item) -> Int {
        guard case .object(let members)? = try? JSONValue.parse(ItemCodec.encode(item)) else { return -1 }
        return members.map { Array($0.name.utf8).count + reckoned($0.value) }.reduce(0, +)
    }

    private func reckoned(_ typed: JSONValue) -> Int {
        guard let member = typed.objectValue?.first else { return -1 }
        let value = member.value
        let texts = value.arrayValue?.compactMap(\.stringValue) ?? [value.stringValue].compactMap { $0 }
        switch member.name {
        case "S", "SS": return texts.map(\.utf8.count).reduce(0, +)
        case "N", "NS": return texts.map(reckoned(number:)).reduce(0, +)
        case "B", "BS":
            return texts.map { $0.utf8.count / 4 * 3 - $0.filter { $0 == "=" }.count }.reduce(0, +)
        case "L": return 3 + (value.arrayValue ?? []).map { 1 + reckoned($0) }.reduce(0, +)
        case "M":
            return 3 + (value.objectValue ?? []).map { 1 + $0.name.utf8.count + reckoned($0.value) }.reduce(0, +)
        default: return 1
        }
    }

    private func reckoned(number text: String) -> Int {
        let mantissa = text.prefix { $0 != "e" && $0 != "E" }.filter(\.isNumber)
        let significant = String(mantissa.drop { $0 == "0" }.reversed().drop { $0 == "0" })
        guard !significant.isEmpty else { return 1 }
        return Int((Double(significant.count) / 2).rounded(.up)) + 1 + (text.hasPrefix("-") ? 1 : 0)
    }
}

struct CapacityUnitsTests {
    @Test(arguments: [
        ("0", 0), ("0.5", 500), ("1", 1_000), ("1.0", 1_000), ("12.3456", 12_346), ("0.0005", 1), ("0.00049", 0),
        ("0.1234", 123), ("99999999999.5", 99_999_999_999_500), ("1e1", 10_000), ("0.30000000000000004", 300),
        ("-0", 0),
        ("999999999999.999", 999_999_999_999_999),
    ])
    func unitsAreThousandths(text: String, thousandths: UInt64) throws {
        #expect(try read(text) == thousandths)
    }

    @Test(arguments: ["-1", "1000000000000", "1e12", "1e400", "true", "\"1\"", "[]"])
    func whatIsNoSensibleNumberIsRefused(text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    private func read(_ text: String) throws -> UInt64 {
        var scanner = JSONScanner(Array(#"{"TableName":"T","CapacityUnits":\#(text)}"#.utf8))
        return try CapacityReader(isWrite: false).read(from: &scanner)[0].tableUnits.readMilliUnits
    }
}
