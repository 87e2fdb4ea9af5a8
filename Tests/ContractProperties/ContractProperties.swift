internal import ContractEngine
internal import ContractModel
internal import JSONBytes
internal import TestSupport

/// What must hold of any bytes that call themselves a contract or a document beside one.
package enum ContractProperties {
    /// Reads and lints that many damaged documents; says how many could be read, and the first thing that did not hold.
    package static func run(rounds: Range<UInt64>, seed: UInt64) -> (read: UInt64, violation: String?) {
        var read: UInt64 = 0
        for round in rounds {
            var random = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ round)
            var mutator = DocumentMutator(seed: seed ^ (round &* 0xD134_2543_DE82_EF95))
            var texts = Seeds.all[Int(round % UInt64(Seeds.all.count))]
            let damaged = Int.random(in: texts.indices, using: &random)
            texts[damaged].bytes = mutator.mutated(texts[damaged].bytes, changes: 6)
            switch verdict(on: texts) {
            case .read: read += 1
            case .refused: break
            case .violation(let text): return (read, "round \(round): \(text)")
            }
            if let broken = templateViolation(&random) { return (read, "round \(round): \(broken)") }
        }
        return (read, nil)
    }

    /// What became of a set of documents.
    enum Verdict {
        case read
        case refused
        case violation(String)
    }

    private static func verdict(on texts: [SourceText]) -> Verdict {
        func named(_ stem: String) -> SourceText? { texts.first { $0.name.hasPrefix(stem) } }
        do throws(ContractError) {
            let document = try ContractDocument.read(
                contract: named("contract") ?? texts[0], patterns: named("patterns"), model: named("model"),
                mapping: named("mapping"), interfaces: named("interfaces"))
            let report = LintReport(document)
            let text = report.text() + ContractReport(document).text()
            func steers(_ scalar: Unicode.Scalar) -> Bool {
                scalar.value < 0x20 && scalar.value != 9 && scalar.value != 10 || scalar.value == 0x7F
            }
            if let place = text.unicodeScalars.firstIndex(where: steers) {
                let code = String(text.unicodeScalars[place].value, radix: 16)
                return .violation("the control character U+\(code) in a report, after '\(text[..<place].suffix(80))'")
            }
            for json in [report.json(), report.sarif(), ContractReport(document).json()] {
                guard (try? JSONValue.parse(Array(json.utf8))) != nil else {
                    return .violation("a report that is no JSON")
                }
            }
            let isPlaced = report.findings.allSatisfy { $0.line >= 1 && !$0.message.isEmpty && !$0.advice.isEmpty }
            return isPlaced ? .read : .violation("a finding without place, message or advice")
        } catch {
            guard !error.problems.isEmpty, error.problems.allSatisfy({ !$0.text.isEmpty && !$0.file.isEmpty }) else {
                return .violation("an error without its problem")
            }
            return .refused
        }
    }

    /// `parse(render(x))` is `x` exactly where the template says that nothing is ambiguous.
    static func templateViolation(_ random: inout SeededGenerator) -> String? {
        let pieces = ["{a}", "{b}", "{c}", "#", "-", "X#", "{", "}", "ORDER#", "{a"]
        let source = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
        let letters = ["1", "#", "-", "X", "é", "O", ""]
        let template = KeyTemplate(source)
        var used: [String: String] = [:]
        for name in template.placeholders {
            used[name] = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                letters.randomElement(using: &random) ?? ""
            }
            .joined()
        }
        guard let key = template.render(used) else { return "\(source) cannot be rendered" }
        let parsed = template.parse(key)
        let ambiguity = template.ambiguity(of: used)
        guard (parsed == used) == (ambiguity == nil) else {
            return
                "\(source) with \(used): \(key) is taken apart as \(parsed ?? [:]), ambiguity \(String(describing: ambiguity))"
        }
        return nil
    }
}

/// Damages documents in ways that bring their readers into trouble.
struct DocumentMutator {
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-0", "1e999", "{a}", "#", "|", "| ", "|---|\n",
            "\n", "\t",
            "AP1-999", "AP", "**", "`", "\"join\":{", "\"type\":\"chain\"", "\"pk\"", "\"attributes\":[]", "CONCAT(",
            "'", "(", " IS NULL",
            "&a ", "*a", "- ", "\u{1B}[31m", "%Y", "%", "<", "NaN", "//", "{{", "}}",
        ].map { Array($0.utf8) } + [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0]]

    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func mutated(_ bytes: [UInt8], changes: Int) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...changes, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 4 where Int.random(in: 0..<8, using: &random) == 0: bytes.removeLast(bytes.count - place)
            default:
                let piece = DocumentMutator.pieces[Int.random(in: DocumentMutator.pieces.indices, using: &random)]
                bytes.insert(contentsOf: piece, at: place)
            }
        }
        return bytes
    }
}
