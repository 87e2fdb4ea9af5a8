internal import ContractEngine
internal import ContractModel

/// What is done to an item with unique values.
enum UniqueWrite {
    case store
    case change
    case delete
}

extension MethodSource {
    /// What the pattern is, what it does in DynamoDB, how often, and what the documents say of it.
    func documentation(_ text: inout SwiftText) {
        let summary = SwiftText.prose(method.pattern.summary)
        text.doc("\(method.pattern.id)\(summary.isEmpty ? "" : ": " + summary).", "")
        var words = method.calls
        if let items = operation.itemsPerCall, items > 1 { words += ", about \(Self.rounded(items)) items a call" }
        if let rate = method.pattern.peakRPS {
            words += ", \(Self.number(rate)) \(rate == 1 ? "call" : "calls") a second at peak"
        }
        text.doc(words + ".")
        let notes = method.pattern.notes.map(SwiftText.prose).filter { !$0.isEmpty }
        let different = notes.indices.filter { !notes[..<$0].contains(notes[$0]) }.map { notes[$0] }
        if !different.isEmpty { text.doc("", "By the documents: \(different.joined(separator: "; ")).") }
        if operation.isWrite, plan.guarded.isEmpty, Self.speakOfUniqueness(notes) {
            text.doc(
                "",
                "- Important: The contract names no lookup item (`unique_constraints`): nothing here keeps such values unique."
            )
        }
        let asked = method.step.asked
        let place = asked.index.map { " of the index `\($0)`" } ?? ""
        if !method.step.lacks.isEmpty {
            let source =
                method.step.source.map {
                    ". `\(SwiftText.prose($0))` has \(Self.named(method.step.handedIn)) by that: read it there first"
                } ?? ""
            let knows = method.step.knows.isEmpty ? "no such value" : Self.named(method.step.knows)
            text.doc(
                "",
                "- Note: By the documents it is \(asked.operation)\(place), which needs \(Self.named(method.step.lacks)); its "
                    + "caller knows \(knows)\(source).")
        }
        if case .scan(let property) = method.way {
            text.doc(
                "",
                "- Note: By the documents it is \(asked.operation)\(place); its caller knows `\(property.field.name)`, of which no "
                    + "key and no index is made.")
        }
        if method.isScan {
            let whole = method.scannedIndex.map { "all of the index `\($0)`" } ?? "the whole table"
            text.doc("", "- Important: No key or index serves it: \(whole) is read, and paid for, on every call.")
        }
        if let guess = operation.guess {
            text.doc("", "- Note: Concluded, not written down: \(SwiftText.prose(guess)).")
        }
        if !method.others.isEmpty {
            let places = method.others.map { "`\($0)`" }.joined(separator: " and ")
            text.doc("", "The same transaction also \(operation.isWrite ? "writes to" : "reads from") \(places).")
        }
    }

    /// That a write keeps the places of unique values.
    func uniqueness(of verb: UniqueWrite, _ text: inout SwiftText) {
        guard !plan.guarded.isEmpty else { return }
        let names = plan.guarded.map { constraint in
            constraint.attributes.map { "`\($0)`" }.joined(separator: " with ")
        }
        let how =
            switch verb {
            case .change:
                "where one changes, the item is read first, and changed in one transaction with the items that hold the places"
            case .store:
                "the item in place is read first, and where one changes it is stored in one transaction with the items that "
                    + "hold the places"
            case .delete:
                "the item is read first, and deleted in one transaction with the items that hold the places"
            }
        text.doc("", "\(names.joined(separator: " and ")) \(names.count > 1 ? "are" : "is") unique: \(how).")
        if verb != .delete {
            text.doc("It throws `conditionFailed` where a value is taken; the error's `takenAttributes` say which.")
        }
    }

    /// Whether words promise that values are unique.
    private static func speakOfUniqueness(_ notes: [String]) -> Bool {
        !Set(notes.flatMap(SwiftName.words)).isDisjoint(with: ["unique", "uniqueness"])
    }

    private static func named(_ values: [String]) -> String {
        values.map { "`\(SwiftText.prose($0))`" }.joined(separator: " and ")
    }

    /// "1.67" of items that several operations share.
    private static func rounded(_ value: Double) -> String { number((value * 100).rounded() / 100) }

    private static func number(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

extension MethodPlan {
    /// The calls that the method makes: "Query of the index `GSI3` of `Users`, then UpdateItem".
    var calls: String {
        let operations = step.calls.map(\.operation)
        let first = operations.first ?? operation
        let place = first.index.map { "the index `\($0)` of `\(first.table)`" } ?? "`\(first.table)`"
        return (["\(first.operation) of \(place)"] + operations.dropFirst().map(\.operation)).joined(
            separator: ", then ")
    }

    /// The same in a word or two, for a list of patterns.
    var outline: String {
        let operations = step.calls.map(\.operation)
        let first = operations.first ?? operation
        let whole = scannedIndex.map { "all of \($0)" } ?? "the whole table"
        var words = first.operation == "Scan" ? "Scan: reads \(whole)" : first.operation
        if case .index(let index) = way { words += " of \(index.name)" }
        let range = step.openTime.map { "; taken for a stretch of \($0), by guess" } ?? ""
        return ([words] + operations.dropFirst().map(\.operation)).joined(separator: ", then ") + range
    }
}
