import Foundation
import JSONBytes
import TestSupport
import Testing

/// Our parser against Foundation's, which shares no code with it.
///
/// Where they differ by intent, the generator and the mutations keep away or the test says so: Foundation takes a byte
/// order mark and UTF-16 and UTF-32; of a name that stands twice it keeps one; it holds numbers as Doubles or Decimals.
struct FoundationAgreementTests {
    @Test(arguments: UInt64(1)...8)
    func generatedDocumentsHaveTheSameValue(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<150 {
            let document = generator.document()
            let ours = try #require(
                try? JSONValue.parse(document), "seed \(seed): \(String(decoding: document, as: UTF8.self))")
            let theirs = try foundation(document)
            let same = isSame(ours, theirs)
            #expect(same, "seed \(seed): \(String(decoding: document, as: UTF8.self))")
        }
    }

    @Test(arguments: UInt64(11)...18)
    func damagedDocumentsAreTakenAndRefusedAlike(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        var refused = 0
        for _ in 0..<600 {
            let document = generator.damaged(generator.document())
            let text = "seed \(seed): \(document)"
            guard let theirs = try? foundation(document) else {
                refused += 1
                // Out of a Double's range is Foundation's own limit.
                if let ours = try? JSONValue.parse(document) { #expect(hasHugeNumber(ours), "\(text)") }
                continue
            }
            do {
                let ours = try JSONValue.parse(document)
                let same = isSame(ours, theirs)
                #expect(same, "\(text)")
            } catch {
                refused += 1
                #expect(error.reason.hasSuffix("stands twice"), "\(error), \(text)")
            }
        }
        #expect((100...590).contains(refused), "seed \(seed): the damage is too much or too little, \(refused)")
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "names that stand twice"), ("\u{FEFF}[]", "a byte order mark"),
    ])
    func whatFoundationTakesAndWeRefuse(text: String, why: String) throws {
        #expect(throws: Never.self) { try foundation(Array(text.utf8)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    // MARK: Pieces

    private func foundation(_ bytes: [UInt8]) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    private func isSame(_ ours: JSONValue, _ theirs: Any?) -> Bool {
        switch ours {
        case .null: theirs is NSNull
        case .bool(let flag): (theirs as? Bool) == flag
        case .number(let text):
            (theirs as? NSNumber).map { $0.doubleValue == Double(text) || $0.decimalValue == Decimal(string: text) }
                ?? false
        case .string(let text): (theirs as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
        case .array(let elements):
            (theirs as? [Any]).map { $0.count == elements.count && zip(elements, $0).allSatisfy(isSame) } ?? false
        case .object(let members):
            (theirs as? [String: Any]).map { theirs in
                theirs.count == members.count && members.allSatisfy { isSame($0.value, theirs[$0.name]) }
            } ?? false
        }
    }

    private func hasHugeNumber(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let text): Double(text)?.isFinite != true || Double(text)?.isNormal != true
        case .array(let elements): elements.contains(where: hasHugeNumber)
        case .object(let members): members.contains { hasHugeNumber($0.value) }
        default: false
        }
    }
}
