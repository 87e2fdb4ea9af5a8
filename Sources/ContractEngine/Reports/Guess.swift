internal import ContractModel

/// Something concluded by rule, since no document says it, and for what.
public struct Guess: Sendable, Equatable {
    /// What was concluded and from what, as a sentence without its end.
    public var text: String
    /// The patterns that it concerns; empty where it is about the contract itself.
    public var patterns: [String]
    /// Where the contract leaves it open; nil for a guess about patterns.
    public var place: String?

    /// What was taken to be meant where patterns, rates and tables are written in a way that could mean something else, each with
    /// its place.
    public static func readings(in document: ContractDocument) -> [Guess] {
        let sources = document.sources
        let rows = (sources.reading?.patterns ?? []) + (sources.listing?.rows ?? [])
        let inRows = rows.flatMap { row in row.amounts.map { ($0, row.file, $0.position ?? row.position) } }
        let inOverlay = (sources.overlay?.amounts ?? []).map {
            ($0, sources.overlay?.file ?? "", $0.position ?? Position(line: 1))
        }
        let amounts = (inRows + inOverlay).compactMap { amount, file, position in
            amount.guess.map { Guess(text: $0, patterns: [], place: place(file, position)) }
        }
        return amounts + tables(in: sources)
    }

    /// What is said of whole tables of the documents of patterns and of the model.
    private static func tables(in sources: DocumentSources) -> [Guess] {
        let areOne = sources.listing?.file == sources.model?.file
        let listing = sources.listing.map { [($0.file, $0.remarks + (areOne ? [] : $0.mappings))] } ?? []
        let model = sources.model.map { [($0.file, $0.remarks)] } ?? []
        return (listing + model).flatMap { file, remarks in
            remarks.map { Guess(text: $0.text, patterns: [], place: place(file, Position(line: $0.line))) }
        }
    }

    private static func place(_ file: String, _ position: Position) -> String {
        ([file, String(position.line)] + [position.column].compactMap { $0.map(String.init) }).joined(separator: ":")
    }

    /// What deletes all that its documents' words speak of, and which.
    static func deletions(in document: ContractDocument) -> [Guess] {
        let patterns = document.patterns.filter { $0.operations.contains { $0.operation == "DeleteItem" } }
        guard !patterns.isEmpty else { return [] }
        let reader = OperationAccessReader(document)
        return patterns.flatMap { pattern in
            reader.work(of: pattern).steps.filter { $0.way == .partition && $0.operation.isWrite }.map { step in
                let reasons =
                    step.reasons + [step.refusal.map { "nothing is generated of it: \($0)" }].compactMap(\.self)
                return Guess(text: reasons.joined(separator: "; "), patterns: [pattern.id])
            }
        }
    }

    /// Every guess of a document, each text once: those about the contract first.
    public static func all(in document: ContractDocument) -> [Guess] {
        let reading = (document.sources.reading?.marks.guesses ?? []).map { guess in
            let place = "\(document.contractFile):\(guess.position.line):\(guess.position.column ?? 1)"
            let text = guess.text.hasSuffix(".") ? String(guess.text.dropLast()) : guess.text
            return Guess(text: text, patterns: [], place: place)
        }
        var order: [String] = []
        var patterns: [String: [String]] = [:]
        for pattern in document.patterns {
            for guess in pattern.operations.compactMap(\.guess) {
                for part in guess.split(separator: ";").map(\.trimmed) where patterns[part]?.last != pattern.id {
                    if patterns[part] == nil { order.append(part) }
                    patterns[part, default: []].append(pattern.id)
                }
            }
        }
        return reading + order.map { Guess(text: $0, patterns: patterns[$0] ?? []) }
    }
}
