import ContractModel
import TestSupport
import Testing
import Tidemark

/// What must hold of keys and fields for any values, with seeds that are printed.
struct LayoutPropertyTests {
    private static let alphabet = ["a", "b", "#", "_", "ü", "1", "{", "}", "RIDE#", "\u{10FFFF}", " "]

    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }.joined()
    }

    /// Templates of one to three holes with any text around them; braces in literals are left to KeyTemplate's own tests.
    private static func template(_ random: inout SeededGenerator) -> KeyTemplate {
        var text = ""
        let literals = ["", "#", "##", "A#", "-", "X"]
        for hole in 0..<Int.random(in: 1...3, using: &random) {
            text += (literals.randomElement(using: &random) ?? "") + "{f\(hole)}"
        }
        return KeyTemplate(text + (literals.randomElement(using: &random) ?? ""))
    }

    @Test(arguments: UInt64(0)..<4) func whatIsStoredReadsBackOrIsRefused(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var stored = 0
        for _ in 0..<2_500 {
            let template = Self.template(&random)
            let names = template.placeholders
            let layout = EntityLayout(
                table: "T", entity: "E", fields: names.map { EntityLayout.Field(name: $0, type: .S, isStored: false) },
                keys: [EntityLayout.Key(attribute: "PK", role: .partition, rule: KeyRule(template))])
            var fields: Item = [:]
            for name in names { fields[name] = .string(Self.text(&random)) }
            do {
                let item = try layout.stored(fields)
                guard template.adjacentHoles == nil else { continue }
                stored += 1
                #expect(layout.fields(of: item) == fields, "seed \(seed): \(template.source) with \(fields)")
            } catch {
                let texts = fields.compactMapValues(\.stringValue)
                #expect(template.ambiguity(of: texts) != nil, "seed \(seed): \(template.source) with \(fields)")
            }
        }
        #expect(stored > 500)
    }

    @Test(arguments: UInt64(0)..<4) func aCategoryReadsBackWhateverIsMissing(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            var fields: Item = ["category_name": .string("n" + Self.text(&random))]
            if Bool.random(using: &random) { fields["category_id"] = .string("i" + Self.text(&random)) }
            if Bool.random(using: &random) {
                fields["parent_id"] = .string("p" + Self.text(&random))
                fields["parent_name"] = .string("q" + Self.text(&random))
            }
            if Bool.random(using: &random) { fields["path"] = .string("r" + Self.text(&random)) }
            let item = try LayoutTests.layout.stored(fields)
            #expect(LayoutTests.layout.fields(of: item) == fields, "seed \(seed): \(fields)")
            #expect(item["PK"] == (fields["parent_id"] == nil ? "ROOT" : fields["parent_name"]))
        }
    }

    @Test(arguments: UInt64(0)..<4) func anUpdateLeavesTheIndexAsAPutWould(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let layout = EntityLayout(
            table: "T", entity: "E",
            fields: ["id", "a", "b"].map { EntityLayout.Field(name: $0, type: .S) },
            keys: [
                EntityLayout.Key(attribute: "PK", role: .partition, rule: KeyRule(KeyTemplate("{id}"))),
                EntityLayout.Key(attribute: "I", role: .index, rule: KeyRule(KeyTemplate("{a}#{b}"))),
                EntityLayout.Key(
                    attribute: "J", role: .index,
                    rule: KeyRule(
                        condition: KeyRule.Condition(field: "a", isAbsent: true), value: KeyTemplate("NONE"),
                        otherwise: KeyTemplate("{b}"))),
            ])
        /// The item after the update, applied here instead of in DynamoDB; nil where it is refused.
        func applying(_ set: Item, _ removed: [String], to item: Item) -> Item? {
            guard let change = try? layout.change(set: set, removing: removed, of: ["id": "1"]) else { return nil }
            var item = item.merging(change.set) { $1 }
            for name in change.removed { item[name] = nil }
            return item
        }
        var done = 0
        for _ in 0..<2_000 {
            var fields: Item = ["id": "1"]
            for name in ["a", "b"] where Bool.random(using: &random) { fields[name] = .string("\(name)0") }
            let before = try layout.stored(fields)
            var (set, removed): (Item, [String]) = ([:], [])
            for name in ["a", "b"] {
                switch Int.random(in: 0..<3, using: &random) {
                case 0: set[name] = .string("\(name)1")
                case 1: removed.append(name)
                default: break
                }
            }
            for (name, value) in set { fields[name] = value }
            for name in removed { fields[name] = nil }
            guard let after = applying(set, removed, to: before) else { continue }
            done += 1
            #expect(after == (try layout.stored(fields)), "seed \(seed): \(before) set \(set) removed \(removed)")
        }
        #expect(done > 800)
    }
}
