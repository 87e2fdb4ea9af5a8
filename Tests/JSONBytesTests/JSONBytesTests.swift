import Foundation
import JSONBytes
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct JSONBytesTests {
    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "01", "1.", "-", "1e", "tru", "nul", "\"a", "\"\\x\"", "\"\\u12\"",
        "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "1 2", "[1 2]", "{\"a\":1,\"a\":2}", "+1", ".5",
        "NaN", "{a:1}",
        "[1}", "{\"a\":1]", ",", "]",
    ])
    func malformedTextIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes(text)) }
        #expect(throws: JSONError.self) { try LocatedJSON.parse(bytes(text)) }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xC3, 0x28, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0x5C, 0x6E, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func nestingIsBounded() throws {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes(deep)) }
        #expect(throws: JSONError.self) {
            var scanner = JSONScanner(bytes(String(repeating: "[", count: 100_000)))
            try scanner.skipValue()
        }
        _ = try JSONValue.parse(bytes(deep), maximumDepth: 200)
    }

    @Test func numbersKeepTheirText() throws {
        let digits = "-12345678901234567890123456789012345678.5E-20"
        #expect(try JSONValue.parse(bytes(digits)) == .number(digits))
    }

    @Test func escapesAreResolved() throws {
        let value = try JSONValue.parse(bytes(#""a\"\\\/\b\f\n\r\té\ud83d\ude00☃""#))
        #expect(value.stringValue == "a\"\\/\u{8}\u{C}\n\r\té😀☃")
    }

    @Test func writerAndParserAgree() throws {
        let text = #"{"a":[1,2.5,-0.001,true,null,"x\"\\\n\u0001☃"],"b":{},"c":[],"d":{"e":[[]]}}"#
        let value = try JSONValue.parse(bytes(text))
        var writer = JSONWriter()
        writer.value(value)
        #expect(writer.text == text)
        #expect(try JSONValue.parse(writer.bytes) == value)
    }

    @Test func doublesAreWrittenShortestAndReadBackExactly() throws {
        var state: UInt64 = 2_026
        for _ in 0..<2_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: state)
            var writer = JSONWriter()
            writer.number(number)
            let value = try JSONValue.parse(writer.bytes)
            #expect(number.isFinite ? value.doubleValue == number : value == .null, "\(number)")
        }
        var writer = JSONWriter()
        writer.number(5.0)
        #expect(writer.text == "5")
    }

    private func written(_ number: Double) -> String {
        var writer = JSONWriter()
        writer.number(number)
        return writer.text
    }

    /// Short decimals have a way of their own, which must give what Swift's own description does.
    @Test func shortDecimalsAreWrittenAsTheyAreDescribed() {
        var state: UInt64 = 11
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let digits = Double(state >> 12) / pow(10, Double(state % 13))
            for number in [digits, digits / 1e6, (digits / 1e4).rounded() / 1e3, -digits, digits.nextUp] {
                let isWhole = number.rounded() == number && number.magnitude < 0x1p53
                #expect(written(number) == (isWhole ? String(Int64(number)) : number.description))
            }
        }
        let edges: [Double] = [
            0.0001, 0.000_123, 0.000_099, 0.1, 0.000_001, 999_999_999.999_999, 123_456_789.000_001, 0.3, 1.5,
        ]
        for number in edges + edges.map(-) { #expect(written(number) == number.description) }
        #expect([0.0, -0.0, 5, -12, 0x1p53 - 1].map(written) == ["0", "0", "5", "-12", "9007199254740991"])
    }

    @Test func integersOfEveryWidthAreWrittenWhole() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.number(Int64.min)
        writer.number(UInt64.max)
        writer.number(Int8(-1))
        writer.number(0)
        writer.number(Int128(UInt64.max) * 10)
        writer.endArray()
        #expect(writer.text == "[-9223372036854775808,18446744073709551615,-1,0,184467440737095516150]")
    }

    @Test func positionsAndPointersNameTheValue() throws {
        let tree = try LocatedJSON.parse(bytes("{\n  \"a/b\": [1,\n    {\"c\": true}]\n}"))
        let flag = try #require(tree["a/b"]?.arrayValue?[1]["c"])
        #expect(flag.line == 3)
        #expect(flag.column == 11)
        #expect(flag.pointer == "/a~1b/1/c")
    }

    @Test func errorsNameLineAndColumn() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(bytes("{\n \"a\": 1\n \"b\": 2}")) }
        #expect(error?.line == 3)
        #expect(error?.column == 2)
        #expect(error?.description == "line 3, column 2: a comma or '}' was expected")
    }

    @Test func everyCutOfADocumentIsRefusedWithoutACrash() {
        let text = bytes(#"{"tables":[{"name":"é\n","size":12.5e3,"on":true,"none":null}]}"#)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue.parse(Array(text[..<length])) }
        }
    }
}
