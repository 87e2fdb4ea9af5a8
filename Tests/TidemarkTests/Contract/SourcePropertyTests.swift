import ContractModel
import TestSupport
import Testing
import Tidemark

/// Rows become items and the same rows again, for values that seeds choose.
struct SourcePropertyTests {
    /// A value of a column's type, NULL now and then, and the contract's type that holds it.
    private static func value(_ type: SourceType, _ random: inout SeededGenerator) -> SourceValue {
        if Int.random(in: 0..<8, using: &random) == 0 { return .null }
        switch type {
        case .integer: return .integer(Int128(Int64.random(in: .min ... .max, using: &random)))
        case .decimal(let scale): return .decimal(decimal(scale: scale, &random))
        case .double: return .double(Double.random(in: -1e9...1e9, using: &random))
        case .text: return .text(text(&random))
        case .bytes:
            return .bytes(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        case .boolean: return Bool.random(using: &random) ? .integer(1) : .integer(0)
        case .date:
            let date = SourceDate(
                secondsSince1970: Int.random(in: -60_000_000_000...200_000_000_000, using: &random),
                microsecond: Bool.random(using: &random) ? 0 : Int.random(in: 0..<1_000_000, using: &random))
            return date.map(SourceValue.date) ?? .null
        case .json: return .json(#"{"a":[1.10,"x",null,true]}"#)
        }
    }

    private static func decimal(scale: Int, _ random: inout SeededGenerator) -> String {
        let whole = Int.random(in: 1...38 - scale, using: &random)
        var digits = String(Int.random(in: 1...9, using: &random))
        for _ in 1..<whole { digits += String(Int.random(in: 0...9, using: &random)) }
        if whole == 1, Bool.random(using: &random) { digits = "0" }
        let fraction = (0..<scale).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        return (Bool.random(using: &random) && digits != "0" ? "-" : "") + digits + (scale > 0 ? "." + fraction : "")
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let pieces = ["a", "Z", "#", "ü", "0", " ", "\"", "\n", "👋", "NULL"]
        return (0..<Int.random(in: 1...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "a" }
            .joined()
    }

    private static let columns: [(SourceType, AttributeType)] = [
        (.integer, .N), (.integer, .S), (.decimal(scale: 0), .N), (.decimal(scale: 2), .N), (.decimal(scale: 18), .N),
        (.decimal(scale: 18), .S), (.double, .N), (.text, .S), (.bytes, .B), (.boolean, .BOOL), (.boolean, .N),
        (.date, .S), (.json, .M), (.json, .S),
    ]

    @Test(arguments: UInt64(0)..<6) func columnsOfEveryTypeComeBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var attributes = [ContractAttribute(name: "id", type: .N, sourceColumns: ["id"])]
            var row: SourceRow = ["id": .integer(Int128(Int.random(in: 1...9_999, using: &random)))]
            var types: [String: SourceType] = ["id": .integer]
            for (number, column) in Self.columns.shuffled(using: &random).prefix(6).enumerated() {
                let name = "c\(number)"
                attributes.append(ContractAttribute(name: "a\(number)", type: column.1, sourceColumns: [name]))
                row[name] = Self.value(column.0, &random)
                types[name] = column.0
            }
            let entity = ContractEntity(name: "T", sourceTable: "t", attributes: attributes)
            let table = ContractTable(name: "T", partitionKey: KeyAttribute(name: "id", type: .N), entities: [entity])
            let mapping = SourceMapping(table: table, entity: entity)
            let restored = try mapping.restore(try mapping.item(from: row), types: types)
            #expect(restored.row == row, "seed \(seed)")
            #expect(restored.lost.isEmpty)
        }
    }

    private static let formats: [(ContractTransformation, AttributeType)] = [
        (.dateFormat(DateFormat("ISO8601"), source: nil), .S), (.dateFormat(DateFormat("epoch"), source: nil), .N),
        (.dateFormat(DateFormat("epoch_ms"), source: nil), .N),
        (.dateFormat(DateFormat("%Y-%m-%d %H:%i:%s.%f"), source: nil), .S),
        (.dateFormat(DateFormat("yyyyMMddHHmmss"), source: nil), .S),
    ]

    @Test(arguments: UInt64(0)..<4) func datesComeBackFromEveryFormatThatHoldsThem(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            guard case .date(let whole) = Self.value(.date, &random) else { continue }
            let (transformation, type) = try #require(Self.formats.randomElement(using: &random))
            guard case .dateFormat(let format, _) = transformation else { continue }
            // What a format cuts off cannot come back.
            var microsecond = whole.microsecond
            if format.source == "epoch" || format.source == "yyyyMMddHHmmss" { microsecond = 0 }
            if format.source == "epoch_ms" { microsecond = microsecond / 1_000 * 1_000 }
            let date = try #require(SourceDate(secondsSince1970: whole.secondsSince1970, microsecond: microsecond))
            let entity = ContractEntity(
                name: "T", sourceTable: "t",
                attributes: [
                    ContractAttribute(name: "id", type: .S, sourceColumns: ["id"]),
                    ContractAttribute(name: "a", type: type, sourceColumns: ["c"], transformation: transformation),
                ])
            let table = ContractTable(name: "T", partitionKey: KeyAttribute(name: "id"), entities: [entity])
            let mapping = SourceMapping(table: table, entity: entity)
            let item = try mapping.item(from: ["id": .text("1"), "c": .date(date)])
            let restored = try mapping.restore(item, types: ["c": .date])
            #expect(restored.row["c"] == .date(date), "seed \(seed): \(date) as \(format.source)")
        }
    }

    @Test(arguments: UInt64(0)..<4) func sumsAndProductsAreThoseOfWholeNumbers(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let values = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int.random(in: -9_999_999...9_999_999, using: &random)
            }
            let rows = values.map { value -> SourceRow in
                let text =
                    (value < 0 ? "-" : "")
                    + "\(value.magnitude / 100).\(value.magnitude % 100 < 10 ? "0" : "")\(value.magnitude % 100)"
                return ["t": .integer(1), "v": .decimal(text)]
            }
            let mapping = try SourceMappingTests.mapping(
                #"{"name": "a", "type": "N", "source_table": "t", "source_column": "id", "calculation": {"type": "aggregate", "target_table": "l", "join_condition": "l.t = t.id", "operation": "SUM", "select_column": "l.v * 100"}}"#
            )
            let item = try mapping.item(from: ["id": .integer(1)], related: ["l": rows])
            #expect(
                item["a"]?.exactNumber == DynamoDBNumber(exactly: values.reduce(0, +) * 1), "seed \(seed): \(values)")
        }
    }
}
