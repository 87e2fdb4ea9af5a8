import ContractModel
import TestSupport
import Testing
import Tidemark

struct AttributeValueTests {
    @Test func literalsMakeValues() {
        let item: Item = ["id": "o-1", "total": 42, "paid": true, "tags": ["a", 1], "at": ["lat": 1], "none": nil]
        #expect(item["id"] == .string("o-1"))
        #expect(item["total"] == .number("42"))
        #expect(item["paid"] == .bool(true))
        #expect(item["tags"] == .list([.string("a"), .number("1")]))
        #expect(item["at"] == .map(["lat": .number("1")]))
        let absent: AttributeValue = nil
        #expect(absent == .null)
        let name = "x"
        let text: AttributeValue = "order-\(name)"
        #expect(text.stringValue == "order-x")
    }

    @Test func numbersKeepTheirExactText() {
        let digits = "1234567890123456789012345678.9012345678"
        #expect(AttributeValue.number(digits).numberText == digits)
        #expect(AttributeValue.number(7).numberText == "7")
        #expect(AttributeValue.number(Int64.min).intValue == Int(Int64.min))
        #expect(AttributeValue.number(approximately: 0.1)?.numberText == "0.1")
        #expect(AttributeValue.number(approximately: .infinity) == nil)
    }

    @Test func everyTypeIsNamedAsOnTheWire() {
        let values: [AttributeValue] = [
            "s", 1, .binary([1]), .stringSet(["a"]), .numberSet(["1"]), .binarySet([[1]]), ["k": 1], [1], true, nil,
        ]
        #expect(values.map(\.type) == AttributeType.allCases)
    }
}

struct NumberTextTests {
    @Test(arguments: [
        ("0", 0, 1), ("-0.00", 0, 1), ("1", 1, 2), ("-1", 1, 3), ("100", 1, 2), ("0.001", 1, 2), ("12.5", 3, 3),
        ("1e10", 1, 2), ("+3.14E-5", 3, 3), (".5", 1, 2), ("5.", 1, 2), ("1234567890", 9, 6),
    ])
    func significantDigitsMakeTheSize(text: String, digits: Int, size: Int) {
        #expect(NumberText(text)?.significantDigits == digits)
        #expect(NumberText(text)?.sizeInBytes == size)
    }

    @Test(arguments: [
        "", "-", ".", "e5", "1e", "1e+", "0x1", " 1", "1 ", "1,5", "NaN", "Infinity", "1.2.3", "--1", "1e1.5", "١",
        "1e126", "1e-131", "1e999999999999999999999", "123456789012345678901234567890123456789",
    ])
    func whatDynamoDBCannotHoldIsNoNumber(text: String) {
        #expect(NumberText(text) == nil)
    }

    @Test(arguments: ["9.9999999999999999999999999999999999999E+125", "1E-130", "-9e125", "0e999", "1000e122"])
    func theEndsOfTheRangeAreNumbers(text: String) {
        #expect(NumberText(text) != nil)
    }
}

struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func theStandardsExamplesHold(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm 9", "Zg==Zg==", "Zm-_"])
    func anythingElseIsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func bytesSurviveARoundTrip() {
        var generator = SeededGenerator(seed: 11)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}
