import JSONBytes
import Telemetry
import Testing
import Tidemark

private struct Address: Codable, Equatable {
    var city: String
    var lines: [String]?
}

private enum Status: String, Codable {
    case open, paid
}

private enum Payment: Codable, Equatable {
    case cash
    case card(number: String, months: Int)
    case transfer(String)
}

private struct Order: Codable, Equatable {
    var id = "o-1"
    var total = 42
    var status = Status.open
    var address = Address(city: "Bergen")
    var payment = Payment.card(number: "4", months: 3)
    var note: String?
    var tags: Set<String> = ["new"]
    var sizes: Set<Int> = []
    var raw: [UInt8] = [1, 2]
    var prices: [String: Double] = ["nok": 0.1]
    var maybe: [Int?] = [1, nil]
    var anything: AttributeValue = .number("1.10")

    enum CodingKeys: String, CodingKey {
        case id = "PK"
        case total, status, address, payment, note, tags, sizes, raw, prices, maybe, anything
    }
}

private class Animal: Codable {
    var name = "a"
}

private final class Dog: Animal {
    var age = 3

    override init() { super.init() }

    required init(from decoder: any Decoder) throws {
        age = try decoder.container(keyedBy: Keys.self).decode(Int.self, forKey: .age)
        try super.init(from: decoder.container(keyedBy: Keys.self).superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(age, forKey: .age)
        try super.encode(to: container.superEncoder())
    }

    enum Keys: CodingKey { case age }
}

/// Nested as deep as a value says.
private indirect enum Chain: Codable, Equatable {
    case end
    case link(Chain)

    init(depth: Int) {
        self = .end
        for _ in 0..<depth { self = .link(self) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        if case .link(let next) = self { try container.encode(next) }
    }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self = container.isAtEnd ? .end : .link(try container.decode(Chain.self))
    }
}

struct ItemCoderTests {
    private let coder = ItemCoder()

    /// The sentence of the error that the body throws.
    private func sentence(_ body: () throws(ItemCodingError) -> some Any) -> String {
        do throws(ItemCodingError) {
            _ = try body()
            return "nothing was thrown"
        } catch {
            return error.description
        }
    }

    @Test func everySortOfPropertyHasItsForm() throws {
        let item = try coder.encode(Order())
        #expect(
            item == [
                "PK": "o-1", "total": 42, "status": "open", "address": ["city": "Bergen"],
                "payment": ["card": ["number": "4", "months": 3]], "tags": .stringSet(["new"]), "raw": .binary([1, 2]),
                "prices": ["nok": .number("0.1")], "maybe": [1, nil], "anything": .number("1.10"),
            ])
        #expect(try coder.decode(Order.self, from: item) == Order())
    }

    @Test(arguments: [Payment.cash, .card(number: "1", months: 2), .transfer("x")])
    private func enumsWithValuesReadBack(payment: Payment) throws {
        let item = try coder.encode(["p": payment])
        #expect(try coder.decode([String: Payment].self, from: item) == ["p": payment])
    }

    @Test func optionalsWithoutAValueAreLeftOutOrNull() throws {
        #expect(try coder.encode(Order())["note"] == nil)
        let written = try ItemCoder(writesNulls: true).encode(Order())
        #expect(written["note"] == .null)
        #expect(try coder.decode(Order.self, from: written) == Order())
        var address = Address(city: "x", lines: ["a"])
        #expect(try coder.decode(Address.self, from: coder.encode(address)) == address)
        address.lines = nil
        #expect(try coder.decode(Address.self, from: ["city": "x", "lines": nil]) == address)
    }

    @Test func anEmptySetIsLeftOutWhereNothingIsLostByIt() throws {
        let sets: [String: Set<String>] = ["a": [], "b": ["x"]]
        let item = try coder.encode(sets)
        #expect(item == ["a": nil, "b": .stringSet(["x"])])
        #expect(try coder.decode([String: Set<String>].self, from: item) == sets)
        let listed = try coder.encode(["l": [Set<Int>(), [1]]])
        #expect(listed == ["l": [nil, .numberSet(["1"])]])
        #expect(try coder.decode([String: [Set<Int>]].self, from: listed) == ["l": [[], [1]]])
        #expect(try coder.encode(["s": Set([Status.open])]) == ["s": .stringSet(["open"])])
        #expect(try coder.encode(["s": Set([[UInt8(1)]])]) == ["s": .binarySet([[1]])])
        #expect(try coder.encode(["s": Set([true])]) == ["s": [true]])
    }

    @Test func aSuperclassHasAPlaceOfItsOwn() throws {
        let dog = Dog()
        dog.name = "rex"
        let item = try coder.encode(dog)
        #expect(item == ["age": 3, "super": ["name": "rex"]])
        let read = try coder.decode(Dog.self, from: item)
        #expect(read.name == "rex" && read.age == 3)
    }

    @Test func integersAreExactInWhateverFormTheyStand() throws {
        func read<Number: Codable & Equatable>(_ text: String, _ type: Number.Type) -> Number? {
            try? coder.decode([String: Number].self, from: ["n": .number(text)])["n"]
        }
        #expect(read("9223372036854775807", Int64.self) == .max)
        #expect(read("-9223372036854775808", Int64.self) == .min)
        #expect(read("9223372036854775808", Int64.self) == nil)
        #expect(read("-128e0", Int8.self) == -128 && read("128", Int8.self) == nil)
        #expect(read("1.2E3", Int.self) == 1_200 && read("100.00", Int.self) == 100 && read("0.5", Int.self) == nil)
        #expect(read("-1", UInt.self) == nil && read("-0", UInt.self) == 0 && read("-0.0", UInt.self) == 0)
        #expect(read("99999999999999999999999999999999999999", Int128.self) != nil)
        #expect(read("1e125", Int.self) == nil)
        #expect(read("1e39", Double.self) == 1e39 && read("1e39", Float.self) == nil)
        #expect(read("nan", Double.self) == nil && read("0x10", Double.self) == nil)
        let large = Int128("-12345678901234567890123456789012345678")
        #expect(try coder.encode(["n": large]) == ["n": .number("-12345678901234567890123456789012345678")])
    }

    @Test func anErrorSaysWhereAndWhatAndShowsNoValue() {
        let item: Item = ["city": "Bergen", "lines": ["a", 7]]
        #expect(
            sentence { () throws(ItemCodingError) in try coder.decode(Address.self, from: item) }
                == "attribute 'lines[1]' is N, and String takes S")
        #expect(
            sentence { () throws(ItemCodingError) in try coder.decode([String: Address].self, from: ["a": ["x": 1]]) }
                == "attribute 'a.city' is missing")
        #expect(
            sentence { () throws(ItemCodingError) in
                try coder.decode([String: Status].self, from: ["s": "secret"])
            } == "attribute 's' has a value that its type does not take")
        #expect(
            sentence { () throws(ItemCodingError) in try coder.decode([String: [Int]].self, from: ["s": 1]) }
                == "attribute 's' is N, and Array<Int> takes L")
        #expect(
            sentence { () throws(ItemCodingError) in try coder.decode([String: Int8].self, from: ["s": 300]) }
                == "attribute 's' is a number that Int8 cannot hold")
        #expect(
            sentence { () throws(ItemCodingError) in try coder.decode([String: String].self, from: ["s": nil]) }
                == "attribute 's' is NULL, and String takes S")
        for number in [Double.nan, .infinity, -.infinity, 1e126, 1e-131] {
            let text = sentence { () throws(ItemCodingError) in try coder.encode(["a": [number]]) }
            #expect(text.hasPrefix("attribute 'a[0]' is not a number that DynamoDB can hold"))
        }
        let notAnItem = sentence { () throws(ItemCodingError) in try coder.encode([1]) }
        #expect(notAnItem.hasPrefix("the item is no item: Array<Int> is written as L"))
        #expect(sentence { () throws(ItemCodingError) in try coder.encode(["n": Int128.max]) }.contains("'n' is not"))
    }

    @Test func nestingEndsWhereDynamoDBsDoes() throws {
        let deepest = try coder.encode(["c": Chain(depth: 31)])
        #expect(try coder.decode([String: Chain].self, from: deepest) == ["c": Chain(depth: 31)])
        for depth in [32, 100, 3_000] {
            let text = sentence { () throws(ItemCodingError) in try coder.encode(["c": Chain(depth: depth)]) }
            #expect(text.contains("nested deeper than DynamoDB's 32 levels"), "\(text)")
        }
        var value: AttributeValue = []
        for _ in 0..<1_000 { value = [value] }
        let text = sentence { () throws(ItemCodingError) in try coder.decode([String: Chain].self, from: ["c": value]) }
        #expect(text.contains("nested deeper"), "\(text)")
    }

    @Test func aTypeThatWritesTwoKindsOfValueIsRefused() {
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(1)
                var map = encoder.container(keyedBy: Dog.Keys.self)
                try map.encode(1, forKey: .age)
            }
        }
        let text = sentence { () throws(ItemCodingError) in try coder.encode(["t": Twice()]) }
        #expect(text.contains("'t' is written by Twice as values of two kinds"), "\(text)")
        struct Forever: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(Forever())
            }
        }
        #expect(sentence { () throws(ItemCodingError) in try coder.encode(Forever()) }.contains("nested deeper"))
    }

    @Test func containersOpenedByHandAreFilledInAnyOrder() throws {
        struct ByHand: Encodable {
            func encode(to encoder: any Encoder) throws {
                var map = encoder.container(keyedBy: Dog.Keys.self)
                var list = map.nestedUnkeyedContainer(forKey: .age)
                var inner = list.nestedContainer(keyedBy: Dog.Keys.self)
                try list.encode("after")
                try inner.encode(1, forKey: .age)
                try list.encodeNil()
                var deeper = list.nestedUnkeyedContainer()
                try deeper.encode(true)
                // The same place, opened once more.
                var again = map.nestedUnkeyedContainer(forKey: .age)
                try again.encode("last")
            }
        }
        #expect(try coder.encode(ByHand()) == ["age": [["age": 1], "after", nil, [true], "last"]])
    }

    @Test func whatATypesOwnCodingThrowsIsKeptAndNotShown() {
        struct Secret: Error {}
        struct Failing: Codable {
            init() {}
            init(from decoder: any Decoder) throws { throw Secret() }
            func encode(to encoder: any Encoder) throws { throw Secret() }
        }
        do throws(ItemCodingError) {
            _ = try coder.encode(["a": Failing()])
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.underlying is Secret && error.description.contains("its type threw Secret"))
        }
    }

    @Test func aTypesOwnCodingFindsItsUserInfo() throws {
        struct Asking: Codable {
            static let key = CodingUserInfoKey(rawValue: "unit")
            var unit = ""
            init() {}
            init(from decoder: any Decoder) throws {
                unit = Asking.key.flatMap { decoder.userInfo[$0] as? String } ?? ""
            }
        }
        let key = try #require(Asking.key)
        #expect(try ItemCoder(userInfo: [key: "m"]).decode(Asking.self, from: [:]).unit == "m")
    }
}

struct TypedCallTests {
    private struct Line: Codable, Equatable {
        var id: String
        var total: Int
    }

    @Test func valuesArePutGotAndQueried() async throws {
        let stored = #"{"id":{"S":"1"},"total":{"N":"2"}}"#
        let harness = try Harness { _, number in
            switch number {
            case 1: answer("{}")
            case 2: answer(#"{"Item":\#(stored)}"#)
            case 3: answer("{}")
            default: answer(#"{"Items":[\#(stored)],"Count":1,"ScannedCount":3,"LastEvaluatedKey":{"id":{"S":"1"}}}"#)
            }
        }
        let line = Line(id: "1", total: 2)
        try await harness.client.put(line, into: "T", condition: .notExists("id"))
        #expect(try harness.body()["Item"]?["total"]?["N"]?.stringValue == "2")
        #expect(try await harness.client.get(Line.self, from: "T", key: ["id": "1"]) == line)
        #expect(try await harness.client.get(Line.self, from: "T", key: ["id": "2"]) == nil)
        let page = try await harness.client.query(Line.self, from: "T", keyCondition: "id" == "1")
        #expect(page.items == [line] && page.scannedCount == 3 && page.lastKey == ["id": "1"])
    }

    @Test func aValueThatCannotBeStoredIsRefusedAndMeasured() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.put(["id": Double.nan], into: "T")
        }
        #expect(
            error.code == .validation && error.table == "T" && error.message.contains("attribute 'id' is not a number"))
        #expect(harness.transport.requests.isEmpty)
        #expect(try harness.counters().values.first?.calls(.validation) == 1)
    }

    @Test func anItemThatIsNoSuchValueIsNamedAndTheCallCountsAsASuccess() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"Items":[{"id":{"S":"1"},"total":{"N":"2"}},{"id":{"S":"s3cret"},"total":{"S":"s3cret"}}]}"#)
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.query(
                Line.self, from: "T", keyCondition: "id" == "1", options: .pattern("AP1"))
        }
        #expect(error.code == .decoding && error.table == "T" && error.pattern == "AP1" && error.operation == "Query")
        #expect(error.message == "item 2 is no Line: attribute 'total' is S, and Int takes N")
        #expect(!"\(error)".contains("s3cret"))
        #expect(try harness.counters().values.first?.calls(.success) == 1)
    }
}
