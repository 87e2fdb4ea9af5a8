import CodecProperties
import JSONBytes
import Testing
import Tidemark

struct ItemCodecTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func itemsSurviveARoundTrip(seed: UInt64) throws {
        var generator = ItemGenerator(seed: seed)
        for _ in 0..<200 {
            let item = generator.item()
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

    @Test func namesAndTypesMayBeEscaped() throws {
        #expect(try ItemCodec.decode(Array(#"{"\u0061":{"\u0053":"\u0062"}}"#.utf8)) == ["a": "b"])
    }

    @Test func unicodeIsKeptCharacterByCharacter() throws {
        let texts = ["e\u{301}", "\u{0}", "\u{FEFF}", "\u{10FFFF}", "👩‍👩‍👧‍👦", "\u{2028}", String(repeating: "é", count: 9)]
        for text in texts {
            let item = try ItemCodec.decode(ItemCodec.encode([text: .string(text)]))
            #expect(item.first.map { Array($0.key.utf8) } == Array(text.utf8))
            #expect(item.first?.value.stringValue.map { Array($0.utf8) } == Array(text.utf8))
        }
    }
}
