import CodecProperties
import Foundation
import TestSupport
import Testing
import Tidemark

struct DynamoDBNumberTests {
    @Test(arguments: [
        ["1", "1.0", "1e0", "+1", "10E-1", "0.1e1", "0001.000"], ["0", "-0", "0.000", "0e99", "-0e-999"],
        ["-12.5", "-1.25e1", "-0012.50"], ["1e125", "1000e122", "0.01e127"], ["1e-130", "0.1e-129"],
    ])
    func spellingsOfOneNumberAreEqual(texts: [String]) throws {
        let numbers = try texts.map { try #require(DynamoDBNumber($0), "\($0)") }
        #expect(Set(numbers).count == 1)
        #expect(Set(numbers.map(\.description)).count == 1)
        #expect(Set(texts.map { AttributeValue.number($0).canonicalKey }).count == 1)
    }

    @Test(arguments: [
        ("0", "0"), ("1e2", "100"), ("-1.50", "-1.5"), ("1e-3", "0.001"), ("12345e-2", "123.45"), ("1e39", "1E+39"),
        ("1e40", "1E+40"), ("15e99", "1.5E+100"), ("-1e-130", "-1E-130"), ("1.5e-60", "1.5E-60"),
    ])
    func theCanonicalTextIsOne(text: String, canonical: String) {
        guard canonical != "1E+39" else {
            #expect(DynamoDBNumber(text)?.description == "1" + String(repeating: "0", count: 39))
            return
        }
        #expect(DynamoDBNumber(text)?.description == canonical)
    }

    /// Foundation's Decimal holds 38 digits and shares no code with ours.
    @Test(arguments: UInt64(1)...6)
    func orderAndWorthAreThoseOfDecimal(seed: UInt64) throws {
        var generator = ItemGenerator(seed: seed)
        var last: (ours: DynamoDBNumber, theirs: Decimal)?
        for _ in 0..<400 {
            // Decimal's own exponent ends at ±127 for the last digit.
            let text = generator.number()
            let ours = try #require(DynamoDBNumber(text), "seed \(seed): \(text)")
            let theirs = try #require(Decimal(string: text), "seed \(seed): \(text)")
            #expect(Decimal(string: ours.description) == theirs, "seed \(seed): \(text) became \(ours)")
            #expect(ours.isNegative == (theirs < 0), "seed \(seed): \(text)")
            #expect(ours.doubleValue == Double(text), "seed \(seed): \(text)")
            if let last {
                #expect((last.ours < ours) == (last.theirs < theirs), "seed \(seed): \(last.ours) and \(ours)")
                #expect((last.ours == ours) == (last.theirs == theirs), "seed \(seed): \(last.ours) and \(ours)")
            }
            last = (ours, theirs)
        }
    }

    @Test(arguments: UInt64(1)...4)
    func neighboursAreOrderedAndDiffer(seed: UInt64) throws {
        var generator = ItemGenerator(seed: seed)
        for _ in 0..<200 {
            let value =
                Int128(truncatingIfNeeded: generator.random.next()) << 40 | Int128(generator.random.next() >> 30)
            let shift = Int.random(in: -100...80, using: &generator.random)
            let (low, high) = ("\(value)e\(shift)", "\(value + 1)e\(shift)")
            let (left, right) = (try #require(DynamoDBNumber(low)), try #require(DynamoDBNumber(high)))
            #expect(left < right && !(right < left) && left != right, "seed \(seed): \(low)")
            let (minus, less) = (try #require(DynamoDBNumber("-" + low)), try #require(DynamoDBNumber("-" + high)))
            #expect(less < minus && minus < left, "seed \(seed): \(low)")
        }
    }

    @Test func integersAreExactOrNone() throws {
        #expect(DynamoDBNumber("1.20e1")?.integer(as: Int.self) == 12)
        #expect(DynamoDBNumber("1.5")?.integer(as: Int.self) == nil)
        #expect(DynamoDBNumber("-128")?.integer(as: Int8.self) == -128)
        #expect(DynamoDBNumber("128")?.integer(as: Int8.self) == nil)
        #expect(DynamoDBNumber("-1")?.integer(as: UInt.self) == nil)
        #expect(DynamoDBNumber("-0")?.integer(as: UInt.self) == 0)
        #expect(DynamoDBNumber("1e125")?.integer(as: UInt128.self) == nil)
        let digits = "99999999999999999999999999999999999999"
        #expect(DynamoDBNumber(digits)?.integer(as: Int128.self) == Int128(digits))
        for value in [Int64.min, -1, 0, 1, .max] {
            #expect(try #require(DynamoDBNumber(exactly: value)).integer(as: Int64.self) == value)
        }
        #expect(DynamoDBNumber(exactly: Int128.max) == nil)
        #expect(DynamoDBNumber(exactly: UInt64.max)?.integer(as: UInt64.self) == .max)
        #expect(AttributeValue.number("1.0").intValue == 1)
        #expect(AttributeValue.number("0.5").intValue == nil)
    }

    @Test func doublesComeBackAsTheyWere() {
        var generator = ItemGenerator(seed: 5)
        for _ in 0..<2_000 {
            let value = Double.random(in: -1e9...1e9, using: &generator.random)
            #expect(DynamoDBNumber(approximately: value)?.doubleValue == value)
        }
        for value in [Double.nan, .infinity, -.infinity, 1e300, .leastNonzeroMagnitude] {
            #expect(DynamoDBNumber(approximately: value) == nil)
        }
        #expect(DynamoDBNumber(approximately: -0.0) == DynamoDBNumber("0"))
    }

    @Test func exponentsOfAnyLengthNeitherOverflowNorTrap() {
        let zeros = String(repeating: "0", count: 200_000)
        #expect(NumberText("0.\(zeros)1e200001")?.exponent == 0)
        #expect(NumberText("1\(zeros)e-200000")?.exponent == 0)
        #expect(NumberText("1e\(zeros)7")?.exponent == 7)
        #expect(NumberText("1e-9223372036854775808") == nil)
        #expect(NumberText("1e9223372036854775807") == nil)
    }
}
