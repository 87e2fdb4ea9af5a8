import JSONBytes
import TestSupport
import Testing
import Tidemark

struct ItemCodecTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func itemsSurviveARoundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let item = Self.randomItem(depth: 0, using: &generator)
            #expect(try ItemCodec.decode(ItemCodec.encode(item)) == item)
        }
    }

    @Test func everyTypeHasItsWireForm() throws {
        let forms: [(AttributeValue, String)] = [
            ("é\"\u{1F600}\n", #"{"a":{"S":"é\"😀\n"}}"#), (.number("1.0"), #"{"a":{"N":"1.0"}}"#),
            (.binary([1, 2]), #"{"a":{"B":"AQI="}}"#), (.stringSet(["x", "y"]), #"{"a":{"SS":["x","y"]}}"#),
            (.numberSet(["1"]), #"{"a":{"NS":["1"]}}"#), (.binarySet([[1, 2]]), #"{"a":{"BS":["AQI="]}}"#),
            ([1, "b"], #"{"a":{"L":[{"N":"1"},{"S":"b"}]}}"#), (["k": true], #"{"a":{"M":{"k":{"BOOL":true}}}}"#),
            (false, #"{"a":{"BOOL":false}}"#), (nil, #"{"a":{"NULL":true}}"#),
        ]
        for (value, json) in forms {
            #expect(String(decoding: ItemCodec.encode(["a": value]), as: UTF8.self) == json)
            #expect(try ItemCodec.decode(Array(json.utf8)) == ["a": value])
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"a":1}"#, #"{"a":{}}"#, #"{"a":{"S":"x","N":"1"}}"#, #"{"a":{"S":1}}"#,
        #"{"a":{"N":1}}"#, #"{"a":{"N":"1x"}}"#, #"{"a":{"N":"1e999"}}"#, #"{"a":{"B":"*"}}"#,
        #"{"a":{"BOOL":"true"}}"#,
        #"{"a":{"NULL":false}}"#, #"{"a":{"X":"1"}}"#, #"{"a":{"SS":"x"}}"#, #"{"a":{"NS":["x"]}}"#,
        #"{"a":{"L":{}}}"#, #"{"a":{"S":"x"},"a":{"S":"y"}}"#, #"{"a":{"M":{"b":{"S":"1"},"b":{"S":"1"}}}}"#,
        #"{"a":{"S":"x"}} x"#, #"{"a":{"S":"x"},}"#,
    ])
    func anythingElseIsRefused(json: String) {
        #expect(throws: JSONError.self) { try ItemCodec.decode(Array(json.utf8)) }
    }

    @Test func nestingIsBounded() {
        let depth = 10_000
        let json = String(repeating: #"{"a":{"M":"#, count: depth) + "{}" + String(repeating: "}}", count: depth)
        #expect(throws: JSONError.self) { try ItemCodec.decode(Array(json.utf8)) }
    }

    @Test func theDeepestItemThatDynamoDBHoldsIsRead() throws {
        var value: AttributeValue = "end"
        for level in 0..<DynamoDBLimits.maximumNesting { value = level.isMultiple(of: 2) ? [value] : ["k": value] }
        #expect(try ItemCodec.decode(ItemCodec.encode(["a": value])) == ["a": value])
    }

    @Test(arguments: [UInt64(21), 22, 23]) func damagedBytesNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            var bytes = ItemCodec.encode(Self.randomItem(depth: 0, using: &generator))
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...min(3, bytes.count), using: &generator))
            if let item = try? ItemCodec.decode(bytes) {
                #expect(throws: Never.self) { try ItemCodec.decode(ItemCodec.encode(item)) }
            }
        }
    }

    static func randomItem(depth: Int, using generator: inout SeededGenerator) -> Item {
        var item: Item = [:]
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 6 : 3), using: &generator) {
            item[randomText(using: &generator)] = randomValue(depth: depth, using: &generator)
        }
        return item
    }

    static func randomValue(depth: Int, using generator: inout SeededGenerator) -> AttributeValue {
        func texts(_ make: () -> String) -> [String] { (0..<3).map { "\($0)" + make() } }
        switch Int.random(in: 0..<(depth < 4 ? 10 : 8), using: &generator) {
        case 0: return .string(randomText(using: &generator))
        case 1: return .number(Int64.random(in: .min ... .max, using: &generator))
        case 2: return .binary((0..<5).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        case 3: return .stringSet(["a", "b" + randomText(using: &generator)])
        case 4: return .numberSet(["\(Int32.random(in: .min ... .max, using: &generator)).5", "1E-7"])
        case 5: return .binarySet([[0], [255, UInt8.random(in: .min ... .max, using: &generator)]])
        case 6: return .bool(Bool.random(using: &generator))
        case 7: return .null
        case 8:
            return .list((0..<3).map { _ in randomValue(depth: depth + 1, using: &generator) })
        default: return .map(randomItem(depth: depth + 1, using: &generator))
        }
    }

    static func randomText(using generator: inout SeededGenerator) -> String {
        let alphabet = Array("aZ09 \"\\/\u{8}\u{1F}\u{7F}é漢😀\n\t{}[]:,#")
        return String(
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a"
            })
    }
}

struct ItemSizeTests {
    @Test func sizesFollowDynamoDBsRules() {
        let sizes: [(AttributeValue, Int)] = [
            ("", 0), ("é", 2), (12, 2), (-123, 4), (.binary([1, 2, 3]), 3), (true, 1), (nil, 1),
            (.stringSet(["a", "bc"]), 3), (.numberSet(["1", "2"]), 4), (.binarySet([[1], [2, 3]]), 3),
            ([], 3), (["a", true], 3 + 2 + 2), (["key": "v"], 3 + 1 + 3 + 1),
        ]
        for (value, size) in sizes { #expect(ItemSize.bytes(of: value) == size) }
        #expect(ItemSize.bytes(of: ["name": "value", "n": 1]) == 4 + 5 + 1 + 2)
    }
}
