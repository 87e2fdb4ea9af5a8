import Foundation
import TestSupport
import Testing
import Tidemark
import TidemarkFoundation

private enum Kind: String, Codable, CaseIterable {
    case plain, fancy
}

private indirect enum Shape: Codable, Hashable {
    case dot
    case circle(radius: Int)
    case group([Shape])
}

/// A type with every sort of property.
private struct Rich: Codable, Hashable {
    var text: String
    var flag: Bool
    var small: Int8
    var large: Int64
    var unsigned: UInt64
    var huge: Int128
    var real: Double
    var narrow: Float
    var decimal: Decimal
    var date: Date
    @EpochSeconds var expires: Date
    var data: Data
    var bytes: [UInt8]
    var uuid: UUID
    var kind: Kind
    var shape: Shape
    var note: String?
    var inner: Inner?
    var names: Set<String>
    var numbers: Set<Int>
    var blobs: Set<Data>
    var kinds: Set<Kind>
    var list: [[Int?]]
    var map: [String: Decimal]
    var byNumber: [Int: String]

    struct Inner: Codable, Hashable {
        var depth: Int
        var others: [Inner]
    }
}

extension SeededGenerator {
    fileprivate mutating func some<Value>(_ most: Int, _ make: (inout SeededGenerator) -> Value) -> [Value] {
        (0..<Int.random(in: 0...most, using: &self)).map { _ in make(&self) }
    }

    fileprivate mutating func text() -> String {
        let scalars: [ClosedRange<UInt32>] = [0x20...0x7e, 0...0x1f, 0xa0...0x2ff, 0x1f600...0x1f64f, 0xe000...0xffff]
        return String(
            String.UnicodeScalarView(
                some(8) { generator in
                    let range = scalars[Int.random(in: 0..<scalars.count, using: &generator)]
                    return Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? "x"
                }))
    }

    fileprivate mutating func bytes() -> [UInt8] { some(12) { UInt8.random(in: .min ... .max, using: &$0) } }

    /// Up to 38 digits with the point anywhere.
    fileprivate mutating func decimal() -> Decimal {
        let digits = (0..<Int.random(in: 1...38, using: &self)).map { _ in String(Int.random(in: 0...9, using: &self)) }
        let exponent = Int.random(in: -60...60, using: &self)
        let text = (Bool.random(using: &self) ? "-" : "") + digits.joined() + "e\(exponent)"
        return Decimal(string: text) ?? 0
    }

    fileprivate mutating func real() -> Double {
        let value = Double(bitPattern: next())
        return value.isFinite && abs(value) < 1e125 && (value == 0 || abs(value) > 1e-120) ? value : nextUnit()
    }

    /// To the microsecond or to the last bit, from a thousand years ago to a thousand from now.
    fileprivate mutating func date() -> Date {
        let interval = (nextUnit() - 0.5) * 6.3e10
        let far = abs(interval) < 1e7 ? interval + 1e8 : interval
        return Date(timeIntervalSinceReferenceDate: Bool.random(using: &self) ? far : (far * 1e6).rounded() / 1e6)
    }

    fileprivate mutating func shape(depth: Int = 3) -> Shape {
        switch Int.random(in: 0..<(depth > 0 ? 3 : 2), using: &self) {
        case 0: .dot
        case 1: .circle(radius: Int.random(in: -9...9, using: &self))
        default: .group(some(3) { $0.shape(depth: depth - 1) })
        }
    }

    fileprivate mutating func inner(depth: Int = 3) -> Rich.Inner {
        Rich.Inner(depth: depth, others: depth == 0 ? [] : some(2) { $0.inner(depth: depth - 1) })
    }

    fileprivate mutating func rich() -> Rich {
        Rich(
            text: text(), flag: Bool.random(using: &self), small: .random(in: .min ... .max, using: &self),
            large: .random(in: .min ... .max, using: &self), unsigned: .random(in: .min ... .max, using: &self),
            huge: Int128(next()) * Int128(next() >> 4), real: real(), narrow: Float(nextUnit()), decimal: decimal(),
            date: date(), expires: Date(timeIntervalSince1970: Double(Int.random(in: 0...4_000_000_000, using: &self))),
            data: Data(bytes()), bytes: bytes(), uuid: UUID(), kind: Bool.random(using: &self) ? .plain : .fancy,
            shape: shape(), note: Bool.random(using: &self) ? nil : text(),
            inner: Bool.random(using: &self) ? nil : inner(), names: Set(some(4) { $0.text() }),
            numbers: Set(some(4) { Int.random(in: .min ... .max, using: &$0) }),
            blobs: Set(some(3) { Data($0.bytes()) }),
            kinds: Set(Kind.allCases.filter { _ in Bool.random(using: &self) }),
            list: some(3) { $0.some(3) { Bool.random(using: &$0) ? nil : Int.random(in: 0...9, using: &$0) } },
            map: Dictionary(some(3) { ($0.text(), $0.decimal()) }, uniquingKeysWith: { $1 }),
            byNumber: Dictionary(some(3) { (Int.random(in: 0...99, using: &$0), $0.text()) }, uniquingKeysWith: { $1 }))
    }
}

extension Rich {
    /// The item as a person would write it down.
    var expected: Item {
        func set(_ values: [AttributeValue], _ make: ([AttributeValue]) -> AttributeValue) -> AttributeValue? {
            values.isEmpty ? nil : make(values)
        }
        var item: Item = [
            "text": .string(text), "flag": .bool(flag), "small": .number(small), "large": .number(large),
            "unsigned": .number(unsigned), "huge": .number(huge), "real": .number("\(real)"),
            "narrow": .number("\(narrow)"), "decimal": .number("\(decimal)"),
            "expires": .number(Int(expires.timeIntervalSince1970)), "data": .binary(Array(data)),
            "bytes": .binary(bytes), "uuid": .string(uuid.uuidString), "kind": .string(kind.rawValue),
            "shape": shape.expected, "list": .list(list.map { .list($0.map { $0.map { .number($0) } ?? .null }) }),
            "map": .map(map.mapValues { .number("\($0)") }),
            "byNumber": .map(
                Dictionary(uniqueKeysWithValues: byNumber.map { ("\($0)", AttributeValue.string($1)) })),
        ]
        item["note"] = note.map { .string($0) }
        item["inner"] = inner?.expected
        if !names.isEmpty { item["names"] = .stringSet(names.sorted()) }
        if !numbers.isEmpty { item["numbers"] = .numberSet(numbers.map { "\($0)" }.sorted()) }
        if !blobs.isEmpty {
            item["blobs"] = .binarySet(blobs.map { Array($0) }.sorted { $0.lexicographicallyPrecedes($1) })
        }
        if !kinds.isEmpty { item["kinds"] = .stringSet(kinds.map(\.rawValue).sorted()) }
        return item
    }
}

extension Rich.Inner {
    fileprivate var expected: AttributeValue { ["depth": .number(depth), "others": .list(others.map(\.expected))] }
}

extension Shape {
    fileprivate var expected: AttributeValue {
        switch self {
        case .dot: ["dot": [:]]
        case .circle(let radius): ["circle": ["radius": .number(radius)]]
        case .group(let shapes): ["group": ["_0": .list(shapes.map(\.expected))]]
        }
    }
}

struct RoundTripTests {
    private let coder = ItemCoder()

    @Test(arguments: 1...10) func aRichValueSurvivesTheItemAndTheWire(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let rich = generator.rich()
            let item = try coder.encode(rich)
            #expect(try coder.decode(Rich.self, from: item) == rich, "seed \(seed)")
            let wired = try ItemCodec.decode(ItemCodec.encode(item))
            #expect(try coder.decode(Rich.self, from: wired) == rich, "seed \(seed)")
            let nulled = try ItemCoder(writesNulls: true).encode(rich)
            #expect(try coder.decode(Rich.self, from: nulled) == rich, "seed \(seed)")
        }
    }

    @Test(arguments: 21...30) func anItemIsWhatAPersonWouldWrite(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let rich = generator.rich()
            var item = try coder.encode(rich)
            let date = item.removeValue(forKey: "date")?.stringValue ?? ""
            for (name, value) in item {
                switch value {
                case .stringSet(let members): item[name] = .stringSet(members.sorted())
                case .numberSet(let members): item[name] = .numberSet(members.sorted())
                case .binarySet(let members):
                    item[name] = .binarySet(members.sorted { $0.lexicographicallyPrecedes($1) })
                default: break
                }
            }
            #expect(item == rich.expected, "seed \(seed)")
            // Foundation's own formatter, whole seconds only; before 1582 it takes another calendar than ISO 8601 does.
            guard rich.date.timeIntervalSince1970 > -12_000_000_000 else { continue }
            let whole = Date(timeIntervalSinceReferenceDate: rich.date.timeIntervalSinceReferenceDate.rounded(.down))
            #expect(date.prefix(19) == whole.formatted(.iso8601).prefix(19), "seed \(seed)")
        }
    }

    @Test(arguments: 31...40) func decimalsKeepEveryDigit(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let digits = (0..<38).map { _ in String(Int.random(in: 1...9, using: &generator)) }.joined()
            let point = Int.random(in: 1...37, using: &generator)
            let number = String(digits.prefix(point)) + "." + String(digits.dropFirst(point))
            let value = try coder.decode([String: Decimal].self, from: ["n": .number(number)])
            #expect(try coder.encode(value) == ["n": .number(number)], "seed \(seed): \(number)")
        }
    }
}
